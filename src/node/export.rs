//! Wrappers of exported functions.

use super::{
    js::{JsRef, Outcome, promise},
    options::Options,
};
use napi::Env;
use std::future::Future;

/// Runs a synchronous export; a failure is thrown.
pub(super) fn sync(env: &Env, work: impl FnOnce() -> Outcome<JsRef>) -> napi::Result<JsRef> {
    work().map_err(|fail| fail.throw(env))
}

/// Runs an asynchronous export with an options object. All failures reject the promise, including options of the wrong
/// type.
pub(super) fn asynchronous<F>(
    env: &Env,
    options: JsRef,
    work: impl FnOnce(Options) -> F + 'static,
) -> napi::Result<JsRef>
where
    F: Future<Output = Outcome<JsRef>> + 'static,
{
    promise(env, async move { work(Options::new(options, "options")?).await })
}
