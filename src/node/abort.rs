//! Cancellation by `AbortSignal`s of the host.

use super::js::{self, Fail, JsRef, Outcome};
use std::future::Future;

/// Runs work until an optional `AbortSignal` fires; then drops the work and fails with the signal's reason.
pub(super) async fn until_aborted<T>(signal: Option<JsRef>, work: impl Future<Output = Outcome<T>>) -> Outcome<T> {
    let aborted = abort_reason(signal)?;
    tokio::select! {
        biased;
        reason = aborted => Err(reason),
        outcome = work => outcome,
    }
}

/// Listens to an optional `AbortSignal`; the future completes with its reason when it fires.
pub(super) fn abort_reason(signal: Option<JsRef>) -> Outcome<impl Future<Output = Fail>> {
    let aborted = signal.map(|signal| js::listen_for_abort(&signal)).transpose()?;
    Ok(async move {
        match aborted {
            Some(aborted) => aborted.await.map_or_else(|fail| fail, Fail::Js),
            None => std::future::pending().await,
        }
    })
}
