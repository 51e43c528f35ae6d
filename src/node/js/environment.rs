//! Node environments (the main thread or a worker): which are alive, and what is kept for each.

use napi::{Env, Result, sys};
use std::{any::Any, cell::RefCell, rc::Rc};

struct Environment {
    raw: sys::napi_env,
    /// At most one of each type.
    values: Vec<Rc<dyn Any>>,
    on_close: Vec<Box<dyn FnOnce()>>,
}

thread_local! {
    static ALIVE: RefCell<Vec<Environment>> = const { RefCell::new(Vec::new()) };
}

/// Registers an environment until it ends.
pub(super) fn register(raw: sys::napi_env) -> Result<()> {
    if is_alive(raw) {
        return Ok(());
    }
    ALIVE.with(|all| all.borrow_mut().push(Environment { raw, values: Vec::new(), on_close: Vec::new() }));
    Env::from_raw(raw).add_env_cleanup_hook(raw as usize, close).map(drop)
}

/// Whether calls of napi are legal: the environment is registered and has not ended.
pub(super) fn is_alive(raw: sys::napi_env) -> bool {
    ALIVE.try_with(|all| all.borrow().iter().any(|one| one.raw == raw)).unwrap_or(false)
}

/// The value of that type, if one is kept.
pub(crate) fn get<T: 'static>(raw: sys::napi_env) -> Option<Rc<T>> {
    let find = |all: &RefCell<Vec<Environment>>| {
        let all = all.borrow();
        let values = &all.iter().find(|one| one.raw == raw)?.values;
        values.iter().find_map(|value| value.clone().downcast().ok())
    };
    ALIVE.try_with(find).ok().flatten()
}

/// The value of that type, made at the first use.
pub(crate) fn get_or_init<T: 'static, E: From<napi::Error>>(
    raw: sys::napi_env,
    make: impl FnOnce() -> std::result::Result<T, E>,
) -> std::result::Result<Rc<T>, E> {
    if let Some(made) = get(raw) {
        return Ok(made);
    }
    register(raw)?;
    let made = Rc::new(make()?);
    change(raw, |one| one.values.push(made.clone()));
    Ok(made)
}

/// Runs work when an environment ends, before what is kept for it is dropped.
pub(super) fn on_close(raw: sys::napi_env, work: impl FnOnce() + 'static) {
    change(raw, |one| one.on_close.push(Box::new(work)));
}

fn change(raw: sys::napi_env, work: impl FnOnce(&mut Environment)) {
    ALIVE.with(|all| all.borrow_mut().iter_mut().find(|one| one.raw == raw).map(work));
}

/// Runs while napi calls are still legal: every future, and what is kept of JavaScript, is dropped here.
fn close(raw: usize) {
    let ended = ALIVE.with(|all| {
        let mut all = all.borrow_mut();
        all.iter().position(|one| one.raw as usize == raw).map(|index| all.remove(index))
    });
    if let Some(ended) = ended {
        ended.on_close.into_iter().for_each(|work| work());
    }
}
