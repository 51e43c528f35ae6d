//! Requests to the daemon.

use crate::error::Error;

/// Posts a JSON object to a path of the daemon and gives back the text of the answer.
#[allow(async_fn_in_trait, reason = "orchestration runs on one thread, so that the futures need not be Send")]
pub trait JsonRunner {
    /// What a failing request raises; a host's own errors pass through unchanged.
    type Error: From<Error>;

    /// One request; `path` begins with a slash.
    async fn request(&self, path: &str, payload: String) -> Result<String, Self::Error>;
}
