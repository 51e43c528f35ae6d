//! The native transport on a daemon that may die between two calls.

use crate::{
    error::{Code, Error},
    http::{Call, Limits},
};

/// Says where the daemon is.
#[expect(async_fn_in_trait, reason = "orchestration stays on one thread, so futures need not be Send")]
pub trait BaseUrlSource {
    /// What it fails with.
    type Error: From<Error>;

    /// The base URL to use now.
    async fn base_url(&self) -> Result<String, Self::Error>;
}

/// Posts to the daemon. A call that got no answer is made again, once: where nobody listens any more, to the daemon
/// as it is resolved anew. Every endpoint only reads or computes, so that doing it twice does no harm.
pub async fn post_to<S: BaseUrlSource>(
    source: &S,
    path: &str,
    payload: String,
    limits: Limits,
) -> Result<String, S::Error> {
    let (mut was_lost, mut was_refused) = (false, false);
    loop {
        let base_url = source.base_url().await?;
        let error = match Call::post(&base_url, path, payload.clone(), limits)?.send().await {
            Ok(answer) => return Ok(answer),
            Err(error) => error,
        };
        let first_time = match error.code() {
            Code::HttpConnect => !std::mem::replace(&mut was_refused, true),
            Code::HttpLost => !std::mem::replace(&mut was_lost, true),
            _ => false,
        };
        if !first_time {
            return Err(error.into());
        }
    }
}
