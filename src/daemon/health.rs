//! The health check: `GET /health`.

use crate::{
    error::Error,
    http::{Call, Limits, call_name},
};
use serde::Deserialize;
use std::time::Duration;

const PATH: &str = "/health";

/// The daemon answers health checks while it runs other requests, so a slow answer means that it hangs.
const LIMITS: Limits = Limits { connect: Duration::from_secs(2), total: Duration::from_secs(5), max_bytes: 64 * 1024 };

/// The response of `/health`.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Health {
    /// `healthy` if the daemon is usable.
    pub status: String,
    /// Version of the CLI that it was started for.
    #[serde(default)]
    pub version: Option<String>,
    /// Features that it supports.
    #[serde(default)]
    pub features: Vec<String>,
    /// Random id of this daemon process.
    #[serde(default)]
    pub instance: Option<String>,
}

impl Health {
    /// Parses a response.
    ///
    /// Errors: the reason why it is not a health response.
    pub fn parse(json: &str) -> Result<Self, String> {
        serde_json::from_str(json).map_err(|error| format!("it is not a health response: {error}"))
    }

    /// The reason why this daemon is not usable: unhealthy, another version or another instance; `None` if it is.
    pub(super) fn unusable_reason(&self, version: &str, instance: Option<&str>) -> Option<String> {
        if self.status != "healthy" {
            return Some(format!("its status is {}", self.status));
        }
        if let Some(found) = self.version.as_deref().filter(|found| *found != version) {
            return Some(format!("it is for CLI {found}, current CLI is {version}"));
        }
        if self.version.is_none() {
            return Some("it does not report its version".to_owned());
        }
        match (self.instance.as_deref(), instance) {
            (Some(found), Some(expected)) if found != expected => Some("another daemon listens on its port".to_owned()),
            _ => None,
        }
    }
}

/// Makes a health check, with a token that the daemon then verifies.
///
/// Errors: the reason why there is no health response.
pub(super) async fn check(base_url: &str, token: Option<&str>) -> Result<Health, String> {
    let call = Call::get(base_url, PATH, LIMITS).map_err(|error| error.to_string())?;
    let call = call.with_token(token.map(str::to_owned));
    let text = call.send().await.map_err(|error| reason(&error))?;
    Health::parse(&text)
}

/// The message of an error, with the `detail` in place of the whole body of an error response.
fn reason(error: &Error) -> String {
    match (error.status(), error.response()) {
        (Some(status), Some(response)) => {
            format!("{} failed with {status}: {}", call_name(PATH), response.detail)
        }
        _ => error.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::{Code, ErrorResponse};

    #[test]
    fn reason_quotes_the_detail_of_an_error_response() {
        let error = Error::new(Code::HttpStatus, "a body");
        let refused = error.with_response(Some(503), Some(ErrorResponse::from_detail("It is {damaged}")));
        assert_eq!(reason(&refused), "KTX managed daemon HTTP /health failed with 503: It is {damaged}");
        assert_eq!(reason(&Error::new(Code::HttpTimeout, "timed out")), "timed out");
    }
}
