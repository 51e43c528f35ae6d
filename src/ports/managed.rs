//! The native transport on a daemon that may die between two calls.

use crate::{
    error::{Code, Error, Result},
    http::{self, Call, Limits},
};
use bytes::Bytes;

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
) -> Result<String, S::Error> {
    // Whoever resolves may install and start; that must not lie on the stack of every caller.
    let base_url = Box::pin(source.base_url()).await?;
    let payload = Bytes::from(payload);
    match post(source, &base_url, path, payload.clone(), limits)?.send().await {
        Err(error) if is_gone(&error, &base_url) => {
            let base_url = Box::pin(source.base_url()).await?;
            Ok(post(source, &base_url, path, payload, limits)?.send().await?)
        }
        other => Ok(other?),
    }
}

fn post<S: BaseUrlSource>(source: &S, base_url: &str, path: &str, payload: Bytes, limits: Limits) -> Result<Call> {
    Ok(Call::post(base_url, path, payload, limits)?.with_token_if_unknown(source.token()))
}

fn is_gone(error: &Error, base_url: &str) -> bool {
    match error.code() {
        Code::HttpConnect | Code::HttpLost => true,
        // It does not know its own token.
        Code::HttpStatus => http::is_dead(base_url),
        _ => false,
    }
}
