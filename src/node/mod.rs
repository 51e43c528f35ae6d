//! The binding to Node, and the only place that names napi. Each function converts, calls and converts back.

#![expect(unreachable_pub, reason = "exports are reached from JavaScript")]
#![expect(missing_docs, reason = "index.d.ts documents what JavaScript sees")]

mod daemon;
mod embeddings;
mod ensure;
mod facade;
mod http;
mod install;
mod js;
mod layout;
mod options;
mod policy;
mod runtime;
mod semantic;

use js::{JsRef, Outcome, promise};
use napi::Env;
use options::Options;
use std::future::Future;

/// A synchronous export: what fails is thrown.
fn sync(env: &Env, work: impl FnOnce() -> Outcome<JsRef>) -> napi::Result<JsRef> {
    js::prepare(env)?;
    work().map_err(|fail| fail.throw(env))
}

/// An asynchronous export on an options object: what fails rejects, be it an option of the wrong type.
fn asynchronous<F>(env: &Env, options: JsRef, work: impl FnOnce(Options) -> F + 'static) -> napi::Result<JsRef>
where
    F: Future<Output = Outcome<JsRef>> + 'static,
{
    promise(env, async move { work(Options::of(options, "options")?).await })
}

/// Runs work until an optional `AbortSignal` fires; then the work is dropped and the signal's reason thrown.
async fn until_aborted<T>(signal: Option<JsRef>, work: impl Future<Output = Outcome<T>>) -> Outcome<T> {
    let Some(signal) = signal else { return work.await };
    let aborted = js::aborted(&signal)?;
    tokio::select! {
        biased;
        reason = aborted => Err(js::Fail::Js(reason?)),
        outcome = work => outcome,
    }
}

/// Writes to one of the streams of an `io` object.
fn write(io: &JsRef, stream: &str, text: &str) -> Outcome<()> {
    io.get(stream)?.method("write", &[JsRef::string(&io.env(), text)?]).map(drop)
}
