//! Waiting for JavaScript: promises, timers and abort signals, as Rust futures.

use super::{Fail, JsRef, Outcome, executor::Loop, value::argument, value::check};
use napi::{Env, sys};
use std::{
    cell::RefCell,
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
fn filler(env: &Env, slot: &Shared, wrap: fn(JsRef) -> Outcome<JsRef>) -> napi::Result<JsRef> {
    let (slot, raw) = (slot.clone(), env.raw());
    JsRef::function(env, "", move |context| {
        fill(raw, &slot, wrap(argument(context, 0)?));
        JsRef::undefined(context.env)
    })
}

/// `await` of any value.
pub(super) struct JsAwait(Shared);

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
        let slot = Shared::default();
        let handlers = [filler(&env, &slot, Ok)?, filler(&env, &slot, |reason| Err(Fail::Js(reason)))?];
        JsRef::new(env.raw(), promise)?.method("then", &handlers)?;
        Ok(Self(slot))
    }
}

impl Future for JsAwait {
    type Output = Outcome<JsRef>;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        poll(&self.0, context)
    }
}

/// Waits by the `setTimeout` of this moment, so that a test's fake timers drive it.
pub(crate) async fn sleep(env: &Env, milliseconds: f64) -> Outcome<()> {
    let slot = Shared::default();
    let wake = filler(env, &slot, Ok)?;
    JsRef::global(env)?.method("setTimeout", &[wake, JsRef::number(env, milliseconds)?])?;
    JsAwait(slot).await.map(drop)
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
        JsRef::undefined(context.env)
    })?;
    signal.method("addEventListener", &[JsRef::string(&env, "abort")?, listener.clone()])?;
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
        if Loop::alive(env.raw()).is_some()
            && let Ok(name) = JsRef::string(&env, "abort")
        {
            let _ = self.signal.method("removeEventListener", &[name, self.listener.clone()]);
        }
    }
}
