//! The native transport on a daemon that may die between two calls.

use super::Trace;
use crate::{
    error::{Code, Error, Result},
    http::{self, Call, Limits},
};
use bytes::Bytes;
use std::time::{Duration, Instant};

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

/// Posts to the daemon. If it is not there any more, it is resolved anew and asked once more: every endpoint only reads
/// or computes. A daemon that took too long is not asked again, but looked at before the next call.
pub async fn post_to<S: BaseUrlSource>(
    source: &S,
    path: &str,
    payload: String,
    limits: Limits,
    trace: &Trace,
) -> Result<String, S::Error> {
    let payload = Bytes::from(payload);
    let (id, mut repeats) = (trace.next_id(), Repeats::within(limits));
    loop {
        // Resolving may install and start; that must not lie on the stack of every caller.
        let base_url = Box::pin(source.base_url()).await?;
        let (call, began) = (post(source, &base_url, path, payload.clone(), limits)?.with_id(&id), Instant::now());
        let result = call.send().await;
        trace.finished(&id, path, began, result.as_ref().err());
        match result {
            Err(error) if repeats.allow(&error, &base_url) => {}
            other => return Ok(other?),
        }
    }
}

/// How often a call is made again.
struct Repeats {
    began: Instant,
    limit: Duration,
    failed: u32,
    last: Option<String>,
}

impl Repeats {
    fn within(limits: Limits) -> Self {
        Self { began: Instant::now(), limit: limits.total, failed: 0, last: None }
    }

    fn allow(&mut self, error: &Error, base_url: &str) -> bool {
        if !is_gone(error, base_url) {
            return false;
        }
        let is_same = self.last.replace(base_url.to_owned()).is_some_and(|last| last == base_url);
        // A daemon that had ended before anything was sent: to look again costs nothing, as long as each is another.
        if error.code() == Code::HttpConnect && http::is_gone(base_url) && !is_same {
            return self.began.elapsed() < self.limit;
        }
        self.failed += 1;
        // After two calls that were lost the look replaces a daemon that runs and says that it is healthy.
        let is_stuck = is_same && error.code() == Code::HttpLost && !http::is_gone(base_url);
        self.failed <= 1 || (self.failed == 2 && is_stuck)
    }
}

fn post<S: BaseUrlSource>(source: &S, base_url: &str, path: &str, payload: Bytes, limits: Limits) -> Result<Call> {
    Ok(Call::post(base_url, path, payload, limits)?.with_token_if_unknown(source.token()))
}

fn is_gone(error: &Error, base_url: &str) -> bool {
    match error.code() {
        Code::HttpConnect | Code::HttpLost => true,
        // It does not know its own token, or its environment is damaged.
        Code::HttpStatus => http::is_down(base_url),
        _ => false,
    }
}
