//! The two kinds of exports.

use super::{
    js::{JsRef, Outcome, promise},
    options::Options,
};
use napi::Env;
use std::future::Future;

/// A synchronous export: what fails is thrown.
pub(super) fn sync(env: &Env, work: impl FnOnce() -> Outcome<JsRef>) -> napi::Result<JsRef> {
    work().map_err(|fail| fail.throw(env))
}

/// An asynchronous export on an options object: what fails rejects, be it an option of the wrong type.
pub(super) fn asynchronous<F>(
    env: &Env,
    options: JsRef,
    work: impl FnOnce(Options) -> F + 'static,
) -> napi::Result<JsRef>
where
    F: Future<Output = Outcome<JsRef>> + 'static,
{
    promise(env, async move { work(Options::of(options, "options")?).await })
}
