//! `AbortSignal`s of the host.

use super::js::{self, Fail, JsRef, Outcome};
use std::future::Future;

/// Runs work until an optional `AbortSignal` fires; then the work is dropped and the signal's reason thrown.
pub(super) async fn until_aborted<T>(signal: Option<JsRef>, work: impl Future<Output = Outcome<T>>) -> Outcome<T> {
    let aborted = reason_of(signal)?;
    tokio::select! {
        biased;
        reason = aborted => Err(reason),
        outcome = work => outcome,
    }
}

/// Completes when an optional `AbortSignal` fires, with its reason; listens from now on.
pub(super) fn reason_of(signal: Option<JsRef>) -> Outcome<impl Future<Output = Fail>> {
    let aborted = signal.map(|signal| js::aborted(&signal)).transpose()?;
    Ok(async move {
        match aborted {
            Some(aborted) => aborted.await.map_or_else(|fail| fail, Fail::Js),
            None => std::future::pending().await,
        }
    })
}
