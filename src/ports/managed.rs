//! The native transport on a daemon that may die between two calls.

use super::Trace;
use crate::{
    error::{Code, Error, Result},
    http::{self, Call, Limits},
    retry::{DaemonFailure, DaemonRetry},
};
use bytes::Bytes;
use std::time::Instant;

/// Says where the daemon is.
#[expect(async_fn_in_trait, reason = "orchestration stays on one thread, so futures need not be Send")]
pub trait BaseUrlSource {
    /// What it fails with.
    type Error: From<Error>;

    /// The base URL to use now.
    async fn base_url(&self) -> Result<String, Self::Error>;

    /// What requests must carry where this process does not know the daemon.
    fn token(&self) -> Option<&str> {
        None
    }
}

/// Posts to the daemon. If it is lost, it is resolved again and the call repeated, as [`DaemonRetry`] allows. A call that
/// took too long is not repeated; the daemon is probed before the next one.
pub async fn post_to<S: BaseUrlSource>(
    source: &S,
    path: &str,
    payload: String,
    limits: Limits,
    trace: &Trace,
) -> Result<String, S::Error> {
    let payload = Bytes::from(payload);
    let id = trace.next_id();
    let mut retry = DaemonRetry::within(limits.total);
    loop {
        // Boxed: resolving may install and start, whose futures are too large for the stack of every caller.
        let base_url = Box::pin(source.base_url()).await?;
        let (call, began) = (post(source, &base_url, path, payload.clone(), limits)?.with_id(&id), Instant::now());
        let result = call.send().await;
        trace.finished(&id, path, began, result.as_ref().err());
        match result {
            Err(error) if failure_of(&error, &base_url).is_some_and(|failure| retry.allows(&base_url, failure)) => {}
            other => return Ok(other?),
        }
    }
}

fn post<S: BaseUrlSource>(source: &S, base_url: &str, path: &str, payload: Bytes, limits: Limits) -> Result<Call> {
    Ok(Call::post(base_url, path, payload, limits)?.with_token_if_unknown(source.token()))
}

/// How a failed call has lost its daemon; `None` where the daemon is not to blame.
fn failure_of(error: &Error, base_url: &str) -> Option<DaemonFailure> {
    match error.code() {
        Code::HttpConnect if http::is_gone(base_url) => Some(DaemonFailure::Ended),
        Code::HttpLost if !http::is_gone(base_url) => Some(DaemonFailure::Stuck),
        Code::HttpConnect | Code::HttpLost => Some(DaemonFailure::Lost),
        // It does not know its own token, or its environment is damaged.
        Code::HttpStatus if http::is_down(base_url) => Some(DaemonFailure::Lost),
        _ => None,
    }
}
