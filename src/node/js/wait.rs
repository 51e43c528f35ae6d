//! Waiting for JavaScript: promises, timers and abort signals, as Rust futures.

use super::{
    environment,
    executor::Executor,
    types::{Fail, JsRef, Outcome},
    value::{argument, passing},
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

/// Filled from JavaScript, awaited from Rust.
#[derive(Default)]
struct Slot {
    outcome: Option<Outcome<JsRef>>,
    waker: Option<Waker>,
}

type Shared = Rc<RefCell<Slot>>;

fn fill(raw: sys::napi_env, slot: &Shared, outcome: Outcome<JsRef>) {
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

/// A function that fills the slot with its first argument.
fn filler(env: &Env, slot: &Shared) -> napi::Result<JsRef> {
    let (slot, raw) = (slot.clone(), env.raw());
    JsRef::function(env, "", move |context| {
        fill(raw, &slot, Ok(argument(context, 0)?));
        Ok(JsRef::undefined(context.env))
    })
}

/// What every `await` calls; other values than promises are awaited as `Promise.resolve` does, also what merely has a
/// `then`. JavaScript makes the functions for `then`: it takes a small part of the time that it takes an addon.
const THEN: &str = "((resolve) => (value, isPromise, number, fulfilled, rejected) => {
  const promise = isPromise ? value : resolve(value);
  promise.then((value) => fulfilled(number, value), (reason) => rejected(number, reason));
})(Promise.resolve.bind(Promise))";

/// Completes the futures that wait for promises; each has a number.
struct Settlers {
    then: JsRef,
    fulfilled: JsRef,
    rejected: JsRef,
    waiting: RefCell<HashMap<u32, Shared>>,
    next: Cell<u32>,
}

impl Settlers {
    fn new(env: &Env) -> Outcome<Self> {
        let then = env.run_script::<_, JsRef>(THEN)?;
        let fulfilled = Self::settler(env, Ok)?;
        let rejected = Self::settler(env, |reason| Err(Fail::Js(reason)))?;
        Ok(Self { then, fulfilled, rejected, waiting: RefCell::default(), next: Cell::default() })
    }

    /// `(number, value) => {}`
    fn settler(env: &Env, wrap: fn(JsRef) -> Outcome<JsRef>) -> napi::Result<JsRef> {
        let raw = env.raw();
        JsRef::function(env, "", move |context| {
            let (number, value) = (context.get::<u32>(0)?, argument(context, 1)?);
            let settlers = environment::get::<Settlers>(raw);
            if let Some(slot) = settlers.and_then(|settlers| settlers.waiting.borrow_mut().remove(&number)) {
                fill(raw, &slot, wrap(value));
            }
            Ok(JsRef::undefined(context.env))
        })
    }

    /// Calls `then` of a promise, which may settle at once if its `then` is not the language's.
    fn wait_for(self: Rc<Self>, env: &Env, value: &JsRef) -> Outcome<JsAwait> {
        let (number, slot) = (self.next.get(), Shared::default());
        self.next.set(number.wrapping_add(1));
        self.waiting.borrow_mut().insert(number, slot.clone());
        let waiting = JsAwait { slot, settlers: self.clone(), number };
        let value = value.unknown()?;
        let (is_promise, number) = (passing(env, value.is_promise()?)?, passing(env, number)?);
        let args = [value.raw(), is_promise, number, self.fulfilled.raw(), self.rejected.raw()];
        self.then.call_raw(passing(env, ())?, &args)?;
        Ok(waiting)
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
        self.settlers.waiting.borrow_mut().remove(&self.number);
    }
}

impl Future for JsAwait {
    type Output = Outcome<JsRef>;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        poll(&self.slot, context)
    }
}

/// Waits by the `setTimeout` of this moment, so that a test's fake timers drive it.
pub(crate) async fn sleep(env: &Env, milliseconds: f64) -> Outcome<()> {
    let slot = Shared::default();
    let wake = filler(env, &slot)?;
    JsRef::global(env)?.method("setTimeout", &[wake, JsRef::number(env, milliseconds)])?;
    std::future::poll_fn(|context| poll(&slot, context)).await.map(drop)
}

/// Completes when an `AbortSignal` fires, with its reason. The signal's own handlers stay as they are.
pub(crate) struct Aborted {
    slot: Shared,
    signal: JsRef,
    listener: JsRef,
}

/// Listens to a signal, which may have fired already.
pub(crate) fn aborted(signal: &JsRef) -> Outcome<Aborted> {
    let (env, slot) = (signal.env(), Shared::default());
    if signal.get("aborted")?.is_truthy() {
        slot.borrow_mut().outcome = Some(signal.get("reason"));
    }
    let (filled, source, raw) = (slot.clone(), signal.clone(), env.raw());
    let listener = JsRef::function(&env, "", move |context| {
        fill(raw, &filled, source.get("reason"));
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
