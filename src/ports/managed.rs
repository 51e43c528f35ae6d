//! The HTTP transport: resolves the daemon for each call and retries after the daemon was lost.

use super::Trace;
use crate::{
    error::{Code, Error, Result},
    http::{self, Call, Limits},
    retry::{DaemonFailure, DaemonRetry},
};
use bytes::Bytes;
use std::time::Instant;

/// Resolves the base URL of the daemon.
#[expect(async_fn_in_trait, reason = "orchestration stays on one thread, so futures need not be Send")]
pub trait BaseUrlSource {
    /// Error type of the resolution.
    type Error: From<Error>;

    /// The base URL for the next call.
    async fn base_url(&self) -> Result<String, Self::Error>;

    /// The bearer token for a daemon that is not in the registry.
    fn token(&self) -> Option<&str> {
        None
    }
}

/// Posts to the daemon. If the daemon is lost, it is resolved again and the call is retried as [`DaemonRetry`] allows.
/// A call that timed out is not retried, but the daemon is probed before the next one.
pub async fn post_with_retry<S: BaseUrlSource>(
    source: &S,
    path: &str,
    payload: String,
    limits: Limits,
    trace: &Trace,
) -> Result<String, S::Error> {
    let payload = Bytes::from(payload);
    let id = trace.next_id();
    let mut retry = DaemonRetry::with_timeout(limits.total);
    loop {
        // Boxed, as the futures of an installation and a start are too large for the stacks of all callers.
        let base_url = Box::pin(source.base_url()).await?;
        let (call, began) = (post(source, &base_url, path, payload.clone(), limits)?.with_id(&id), Instant::now());
        let result = call.send().await;
        trace.log_call(&id, path, began, result.as_ref().err());
        match result {
            Err(error)
                if classify_failure(&error, &base_url)
                    .is_some_and(|failure| retry.should_retry(&base_url, failure)) => {}
            other => return Ok(other?),
        }
    }
}

fn post<S: BaseUrlSource>(source: &S, base_url: &str, path: &str, payload: Bytes, limits: Limits) -> Result<Call> {
    Ok(Call::post(base_url, path, payload, limits)?.with_fallback_token(source.token()))
}

/// How a failed call lost its daemon; `None` for other failures.
fn classify_failure(error: &Error, base_url: &str) -> Option<DaemonFailure> {
    match error.code() {
        Code::HttpConnect if http::has_process_ended(base_url) => Some(DaemonFailure::Ended),
        Code::HttpLost if !http::has_process_ended(base_url) => Some(DaemonFailure::Stuck),
        Code::HttpConnect | Code::HttpLost => Some(DaemonFailure::Lost),
        // The daemon rejected its own token, or its environment is damaged.
        Code::HttpStatus if http::is_down(base_url) => Some(DaemonFailure::Lost),
        _ => None,
    }
}
