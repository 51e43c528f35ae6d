//! Waiting for JavaScript: promises, timers and abort signals, as Rust futures.

use super::{
    Fail, JsRef, Outcome,
    executor::Loop,
    value::{argument, check, passing},
};
use napi::{Env, JsValue, bindgen_prelude::Unknown, sys};
use std::{
    cell::{Cell, RefCell},
    collections::HashMap,
    future::Future,
    pin::Pin,
    ptr,
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
    if let Some(this) = Loop::alive(raw) {
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

/// What every `await` calls. JavaScript makes the functions for `then`: it takes a small part of the time that it takes
/// an addon.
const THEN: &str = "(promise, number, fulfilled, rejected) => {
  promise.then((value) => fulfilled(number, value), (reason) => rejected(number, reason));
}";

/// Hands what promises come to over to who waits, known by a number.
pub(super) struct Settlers {
    then: JsRef,
    fulfilled: JsRef,
    rejected: JsRef,
    waiting: RefCell<HashMap<u32, Shared>>,
    next: Cell<u32>,
}

impl Settlers {
    pub(super) fn of(env: &Env) -> Outcome<Self> {
        let then = JsRef::new(env.raw(), env.run_script::<_, Unknown<'_>>(THEN)?.raw())?;
        let fulfilled = Self::settler(env, Ok)?;
        let rejected = Self::settler(env, |reason| Err(Fail::Js(reason)))?;
        Ok(Self { then, fulfilled, rejected, waiting: RefCell::default(), next: Cell::default() })
    }

    /// `(number, value) => {}`
    fn settler(env: &Env, wrap: fn(JsRef) -> Outcome<JsRef>) -> napi::Result<JsRef> {
        let raw = env.raw();
        JsRef::function(env, "", move |context| {
            let (number, value) = (context.get::<u32>(0)?, argument(context, 1)?);
            let this = Loop::alive(raw).and_then(|this| this.settlers().ok());
            if let Some(slot) = this.and_then(|this| this.waiting.borrow_mut().remove(&number)) {
                fill(raw, &slot, wrap(value));
            }
            Ok(JsRef::undefined(context.env))
        })
    }

    /// Calls `then` of a promise, which may settle at once if it is not an honest one.
    fn wait_for(self: Rc<Self>, env: sys::napi_env, promise: sys::napi_value) -> Outcome<JsAwait> {
        let (number, slot) = (self.next.get(), Shared::default());
        self.next.set(number.wrapping_add(1));
        self.waiting.borrow_mut().insert(number, slot.clone());
        let waiting = JsAwait { slot, settlers: self.clone(), number };
        let args = [promise, passing(env, number)?, self.fulfilled.raw(), self.rejected.raw()];
        self.then.call_raw(passing(env, ())?, &args)?;
        Ok(waiting)
    }
}

/// `await` of any value.
pub(super) struct JsAwait {
    slot: Shared,
    settlers: Rc<Settlers>,
    number: u32,
}

impl JsAwait {
    pub(super) fn new(value: &JsRef) -> Outcome<Self> {
        let env = value.env();
        let (mut is_promise, mut promise) = (false, value.raw());
        // SAFETY: on the JavaScript thread of a live environment, with room for every result.
        unsafe {
            check(sys::napi_is_promise(env.raw(), promise, &raw mut is_promise))?;
            if !is_promise {
                // As `Promise.resolve` does, also for what merely has a `then`.
                let (mut deferred, mut resolved) = (ptr::null_mut(), ptr::null_mut());
                check(sys::napi_create_promise(env.raw(), &raw mut deferred, &raw mut resolved))?;
                check(sys::napi_resolve_deferred(env.raw(), deferred, promise))?;
                promise = resolved;
            }
        }
        Loop::of(env.raw())?.settlers()?.wait_for(env.raw(), promise)
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
        if Loop::alive(env.raw()).is_some() {
            let name = JsRef::string(&env, "abort");
            let _ = self.signal.method("removeEventListener", &[name, self.listener.clone()]);
        }
    }
}
