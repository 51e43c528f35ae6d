//! Node environments (the main thread or a worker): which are alive, and the values stored for each.

use napi::{Env, Result, sys};
use std::{any::Any, cell::RefCell, rc::Rc};

struct Environment {
    raw: sys::napi_env,
    /// At most one of each type.
    values: Vec<Rc<dyn Any>>,
    on_close: Vec<Box<dyn FnOnce()>>,
}

thread_local! {
    static ENVIRONMENTS: RefCell<Vec<Environment>> = const { RefCell::new(Vec::new()) };
}

/// Registers an environment until it is closed.
pub(super) fn register(raw: sys::napi_env) -> Result<()> {
    if is_alive(raw) {
        return Ok(());
    }
    ENVIRONMENTS.with(|environments| {
        environments.borrow_mut().push(Environment { raw, values: Vec::new(), on_close: Vec::new() })
    });
    Env::from_raw(raw).add_env_cleanup_hook(raw as usize, close).map(drop)
}

/// Whether napi calls are allowed: the environment is registered and has not been closed.
pub(super) fn is_alive(raw: sys::napi_env) -> bool {
    ENVIRONMENTS
        .try_with(|environments| environments.borrow().iter().any(|environment| environment.raw == raw))
        .unwrap_or(false)
}

/// The stored value of a type, if any.
pub(crate) fn get<T: 'static>(raw: sys::napi_env) -> Option<Rc<T>> {
    let find = |environments: &RefCell<Vec<Environment>>| {
        let environments = environments.borrow();
        let values = &environments.iter().find(|environment| environment.raw == raw)?.values;
        values.iter().find_map(|value| value.clone().downcast().ok())
    };
    ENVIRONMENTS.try_with(find).ok().flatten()
}

/// The stored value of a type, created at its first use.
pub(crate) fn get_or_init<T: 'static, E: From<napi::Error>>(
    raw: sys::napi_env,
    make: impl FnOnce() -> std::result::Result<T, E>,
) -> std::result::Result<Rc<T>, E> {
    if let Some(value) = get(raw) {
        return Ok(value);
    }
    register(raw)?;
    let value = Rc::new(make()?);
    with_environment(raw, |environment| environment.values.push(value.clone()));
    Ok(value)
}

/// Runs work when an environment is closed, before its values are dropped.
pub(super) fn on_close(raw: sys::napi_env, work: impl FnOnce() + 'static) {
    with_environment(raw, |environment| environment.on_close.push(Box::new(work)));
}

fn with_environment(raw: sys::napi_env, work: impl FnOnce(&mut Environment)) {
    ENVIRONMENTS
        .with(|environments| environments.borrow_mut().iter_mut().find(|environment| environment.raw == raw).map(work));
}

/// Closes an environment: drops all its futures and values, while napi calls are still allowed.
fn close(raw: usize) {
    let ended = ENVIRONMENTS.with(|environments| {
        let mut environments = environments.borrow_mut();
        environments
            .iter()
            .position(|environment| environment.raw as usize == raw)
            .map(|index| environments.remove(index))
    });
    if let Some(ended) = ended {
        ended.on_close.into_iter().for_each(|work| work());
    }
}
