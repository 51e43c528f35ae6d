//! The binding to Node, and the only place that names napi. Each function converts, calls and converts back.

#![expect(unreachable_pub, reason = "exports are reached from JavaScript")]

mod bundle;
mod daemon;
mod embeddings;
mod ensure;
mod facade;
mod http;
mod ingest;
mod install;
mod js;
mod layout;
mod limits;
mod log;
mod managed;
mod options;
mod policy;
mod project;
mod provision;
mod routing;
mod runner;
mod runtime;
mod semantic;
mod semantic_layer;
mod ways;

use js::{Fail, JsRef, Outcome, promise};
use napi::Env;
use options::Options;
use std::future::Future;

#[napi_derive::module_init]
fn use_own_runtime() {
    if let Ok(runtime) = limits::runtime() {
        napi::bindgen_prelude::create_custom_tokio_runtime(runtime);
    }
}

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
    let aborted = reason_of(signal)?;
    tokio::select! {
        biased;
        reason = aborted => Err(reason),
        outcome = work => outcome,
    }
}

/// Completes when an optional `AbortSignal` fires, with its reason; listens from now on.
fn reason_of(signal: Option<JsRef>) -> Outcome<impl Future<Output = Fail>> {
    let aborted = signal.map(|signal| js::aborted(&signal)).transpose()?;
    Ok(async move {
        match aborted {
            Some(aborted) => aborted.await.map_or_else(|fail| fail, Fail::Js),
            None => std::future::pending().await,
        }
    })
}

/// Writes to one of the streams of an `io` object.
fn write(io: &JsRef, stream: &str, text: &str) -> Outcome<()> {
    io.get(stream)?.method("write", &[JsRef::string(&io.env(), text)]).map(drop)
}
