//! Promises, timers and abort signals of JavaScript as Rust futures.

use super::{
    environment,
    executor::Executor,
    types::{Fail, JsRef, Outcome},
    value::{argument, to_scoped_value},
};
use napi::{Env, JsValue, sys};
use std::{
    cell::{Cell, RefCell},
    collections::HashMap,
    future::Future,
    pin::Pin,
    rc::Rc,
    task::{Context, Poll, Waker},
};

/// The state of a future that JavaScript completes.
#[derive(Default)]
struct Slot {
    outcome: Option<Outcome<JsRef>>,
    waker: Option<Waker>,
}

type Shared = Rc<RefCell<Slot>>;

fn complete(raw: sys::napi_env, slot: &Shared, outcome: Outcome<JsRef>) {
    if let Some(this) = environment::get::<Executor>(raw) {
        this.run(|| {
            let mut slot = slot.borrow_mut();
            slot.outcome = Some(outcome);
            if let Some(waker) = slot.waker.take() {
                waker.wake();
            }
        });
    }
}

fn poll(slot: &Shared, context: &Context<'_>) -> Poll<Outcome<JsRef>> {
    let mut slot = slot.borrow_mut();
    match slot.outcome.take() {
        Some(outcome) => Poll::Ready(outcome),
        None => {
            slot.waker = Some(context.waker().clone());
            Poll::Pending
        }
    }
}

/// Creates a JavaScript function that completes the slot with its first argument.
fn completer_function(env: &Env, slot: &Shared) -> napi::Result<JsRef> {
    let (slot, raw) = (slot.clone(), env.raw());
    JsRef::function(env, "", move |context| {
        complete(raw, &slot, Ok(argument(context, 0)?));
        Ok(JsRef::undefined(context.env))
    })
}

/// The function that every `await` calls. Values that are not promises are converted by `Promise.resolve`, including
/// thenables. The callbacks of `then` are created in JavaScript, which is much faster than creating them in an addon.
const THEN_SCRIPT: &str = "((resolve) => (value, isPromise, number, fulfilled, rejected) => {
  const promise = isPromise ? value : resolve(value);
  promise.then((value) => fulfilled(number, value), (reason) => rejected(number, reason));
})(Promise.resolve.bind(Promise))";

/// Completes futures that await promises; each has a number.
struct Settlers {
    then: JsRef,
    fulfilled: JsRef,
    rejected: JsRef,
    pending: RefCell<HashMap<u32, Shared>>,
    next: Cell<u32>,
}

impl Settlers {
    fn new(env: &Env) -> Outcome<Self> {
        let then = env.run_script::<_, JsRef>(THEN_SCRIPT)?;
        let fulfilled = Self::settler(env, Ok)?;
        let rejected = Self::settler(env, |reason| Err(Fail::Js(reason)))?;
        Ok(Self { then, fulfilled, rejected, pending: RefCell::default(), next: Cell::default() })
    }

    /// `(number, value) => {}`
    fn settler(env: &Env, wrap: fn(JsRef) -> Outcome<JsRef>) -> napi::Result<JsRef> {
        let raw = env.raw();
        JsRef::function(env, "", move |context| {
            let (number, value) = (context.get::<u32>(0)?, argument(context, 1)?);
            let settlers = environment::get::<Settlers>(raw);
            if let Some(slot) = settlers.and_then(|settlers| settlers.pending.borrow_mut().remove(&number)) {
                complete(raw, &slot, wrap(value));
            }
            Ok(JsRef::undefined(context.env))
        })
    }

    /// Calls `then` of a promise; one that is not built in may settle synchronously.
    fn wait_for(self: Rc<Self>, env: &Env, value: &JsRef) -> Outcome<JsAwait> {
        let (number, slot) = (self.next.get(), Shared::default());
        self.next.set(number.wrapping_add(1));
        self.pending.borrow_mut().insert(number, slot.clone());
        let future = JsAwait { slot, settlers: self.clone(), number };
        let value = value.unknown()?;
        let (is_promise, number) = (to_scoped_value(env, value.is_promise()?)?, to_scoped_value(env, number)?);
        let args = [value.raw(), is_promise, number, self.fulfilled.raw(), self.rejected.raw()];
        self.then.call_raw(to_scoped_value(env, ())?, &args)?;
        Ok(future)
    }
}

/// `await` of any value.
struct JsAwait {
    slot: Shared,
    settlers: Rc<Settlers>,
    number: u32,
}

impl JsRef {
    /// `await value`
    pub(crate) async fn wait(&self) -> Outcome<JsRef> {
        let env = self.env();
        environment::get_or_init(env.raw(), || Settlers::new(&env))?.wait_for(&env, self)?.await
    }

    /// `await this(...args)`
    pub(crate) async fn call_async(&self, args: &[JsRef]) -> Outcome<JsRef> {
        self.call(args)?.wait().await
    }
}

impl Drop for JsAwait {
    fn drop(&mut self) {
        self.settlers.pending.borrow_mut().remove(&self.number);
    }
}

impl Future for JsAwait {
    type Output = Outcome<JsRef>;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        poll(&self.slot, context)
    }
}

/// Waits by the current global `setTimeout`, so that fake timers of tests control it.
pub(crate) async fn sleep(env: &Env, milliseconds: f64) -> Outcome<()> {
    let slot = Shared::default();
    let wake = completer_function(env, &slot)?;
    JsRef::global(env)?.method("setTimeout", &[wake, JsRef::number(env, milliseconds)])?;
    std::future::poll_fn(|context| poll(&slot, context)).await.map(drop)
}

/// Completes with the reason of an `AbortSignal` when it fires. Other handlers of the signal are not affected.
pub(crate) struct Aborted {
    slot: Shared,
    signal: JsRef,
    listener: JsRef,
}

/// Listens to an `AbortSignal`, which may have fired already.
pub(crate) fn listen_for_abort(signal: &JsRef) -> Outcome<Aborted> {
    let (env, slot) = (signal.env(), Shared::default());
    if signal.get("aborted")?.is_truthy() {
        slot.borrow_mut().outcome = Some(signal.get("reason"));
    }
    let (filled, source, raw) = (slot.clone(), signal.clone(), env.raw());
    let listener = JsRef::function(&env, "", move |context| {
        complete(raw, &filled, source.get("reason"));
        Ok(JsRef::undefined(context.env))
    })?;
    signal.method("addEventListener", &[JsRef::string(&env, "abort"), listener.clone()])?;
    Ok(Aborted { slot, signal: signal.clone(), listener })
}

impl Future for Aborted {
    type Output = Outcome<JsRef>;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        poll(&self.slot, context)
    }
}

impl Drop for Aborted {
    fn drop(&mut self) {
        let env = self.signal.env();
        if environment::is_alive(env.raw()) {
            let name = JsRef::string(&env, "abort");
            let _ = self.signal.method("removeEventListener", &[name, self.listener.clone()]);
        }
    }
}
