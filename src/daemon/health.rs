//! What `/health` says.

use crate::{
    error::Error,
    http::{Call, Limits, call_name},
};
use serde::Deserialize;
use std::time::Duration;

const PATH: &str = "/health";

/// Longest wait for a health answer: the daemon answers it in the middle of everything else.
const LIMITS: Limits = Limits { connect: Duration::from_secs(2), total: Duration::from_secs(5), max_bytes: 64 * 1024 };

/// An answer of `/health`.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Health {
    /// `healthy`.
    pub status: String,
    /// Version that it was started for.
    #[serde(default)]
    pub version: Option<String>,
    /// What it can do.
    #[serde(default)]
    pub features: Vec<String>,
    /// Which daemon it is.
    #[serde(default)]
    pub instance: Option<String>,
}

impl Health {
    /// Reads an answer; the reason says why it is none.
    pub fn parse(json: &str) -> Result<Self, String> {
        serde_json::from_str(json).map_err(|error| format!("it is not a health answer: {error}"))
    }

    /// Why this is not the healthy daemon that is wanted.
    pub(super) fn refusal(&self, version: &str, instance: Option<&str>) -> Option<String> {
        if self.status != "healthy" {
            return Some(format!("it says that it is {}", self.status));
        }
        if let Some(found) = self.version.as_deref().filter(|found| *found != version) {
            return Some(format!("it is for CLI {found}, current CLI is {version}"));
        }
        if self.version.is_none() {
            return Some("it does not say which version it is".to_owned());
        }
        match (self.instance.as_deref(), instance) {
            (Some(found), Some(wanted)) if found != wanted => Some("another daemon answers there".to_owned()),
            _ => None,
        }
    }
}

/// Asks a daemon how it is, and whether it knows a token; the reason says why it does not answer.
pub(super) async fn ask(base_url: &str, token: Option<&str>) -> Result<Health, String> {
    let call = Call::get(base_url, PATH, LIMITS).map_err(|error| error.to_string())?;
    let call = call.with_token(token.map(str::to_owned));
    let text = call.send().await.map_err(|error| reason(&error))?;
    Health::parse(&text)
}

/// The message with the daemon's own sentence in place of the whole body of its refusal.
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
    fn a_refusal_is_the_daemons_own_sentence() {
        let error = Error::new(Code::HttpStatus, "a body");
        let refused = error.with_answer(Some(503), Some(ErrorResponse::of("It is {damaged}")));
        assert_eq!(reason(&refused), "KTX managed daemon HTTP /health failed with 503: It is {damaged}");
        assert_eq!(reason(&Error::new(Code::HttpTimeout, "timed out")), "timed out");
    }
}
