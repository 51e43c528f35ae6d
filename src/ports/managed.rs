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

    /// What requests must carry where this process does not know the daemon.
    fn token(&self) -> Option<&str> {
        None
    }
}

/// Posts to the daemon. If nobody listens there any more, the daemon is resolved anew and asked once more.
pub async fn post_to<S: BaseUrlSource>(
    source: &S,
    path: &str,
    payload: String,
    limits: Limits,
) -> Result<String, S::Error> {
    let call = async |payload| {
        let call = Call::post(&source.base_url().await?, path, payload, limits)?;
        Ok::<_, S::Error>(call.with_token_if_unknown(source.token()))
    };
    match call(payload.clone()).await?.send().await {
        Err(error) if error.code() == Code::HttpConnect => Ok(call(payload).await?.send().await?),
        other => Ok(other?),
    }
}
