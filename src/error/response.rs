//! Error responses of the daemon.

use serde::{Deserialize, Serialize};

/// The body of an error response.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ErrorResponse {
    /// One sentence without a full stop.
    pub detail: String,
    /// The daemon's stable code, one of `ErrorCode` in `ktx_daemon/errors.py`; `None` if only a sentence was printed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code: Option<String>,
    /// The next step, one sentence.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hint: Option<String>,
    /// All invalid fields of the request.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub errors: Vec<FieldError>,
}

/// An invalid field of a request.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FieldError {
    /// The path of the field, such as `items[0].key`.
    pub path: String,
    /// The reason.
    pub message: String,
}

impl ErrorResponse {
    /// The code of a daemon whose own files are missing or cannot be imported.
    const ENVIRONMENT_DAMAGED: &str = "environment_damaged";

    /// The code of an unexpected failure of the daemon.
    const INTERNAL_ERROR: &str = "internal_error";

    /// The code of a query that may read what the data policy denies.
    const POLICY_DENIED: &str = "policy_denied";

    /// Parses the body of a response; `None` if it is not an error body.
    pub fn parse(body: &[u8]) -> Option<Self> {
        let mut parsed: Self = serde_json::from_slice(body).ok()?;
        parsed.detail = parsed.detail.trim_end_matches('.').to_owned();
        Some(parsed)
    }

    /// An error that is a single sentence, as one-shot commands of older daemons print it.
    pub fn from_detail(detail: &str) -> Self {
        Self { detail: detail.trim_end_matches('.').to_owned(), ..Self::default() }
    }

    /// Whether the environment of the daemon is damaged, so that no further call can succeed.
    pub fn is_environment_damaged(&self) -> bool {
        self.code.as_deref() == Some(Self::ENVIRONMENT_DAMAGED)
    }

    /// Whether the daemon is at fault and not the request.
    pub fn is_daemon_fault(&self) -> bool {
        self.is_environment_damaged() || self.code.as_deref() == Some(Self::INTERNAL_ERROR)
    }

    /// Whether the data policy denies what the request may read.
    pub fn is_policy_denied(&self) -> bool {
        self.code.as_deref() == Some(Self::POLICY_DENIED)
    }

    /// Maps all texts that users read.
    #[must_use]
    pub fn map_texts(&self, change: &impl Fn(&str) -> String) -> Self {
        let errors =
            self.errors.iter().map(|error| FieldError { path: change(&error.path), message: change(&error.message) });
        Self {
            detail: change(&self.detail),
            code: self.code.clone(),
            hint: self.hint.as_deref().map(change),
            errors: errors.collect(),
        }
    }
}

/// The error of a call whose response has status 400 and that body.
#[cfg(test)]
pub(crate) fn rejected_with(body: &str) -> super::Error {
    let error = super::Error::new(super::Code::HttpStatus, format!("failed: {body}"));
    error.with_response(Some(400), ErrorResponse::parse(body.as_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::schemas::definition;

    #[test]
    fn error_body_is_parsed() {
        let body = br#"{"detail":"It is down.","code":"x","hint":"Start it","errors":[{"path":"a","message":"b"}]}"#;
        let parsed = ErrorResponse::parse(body).unwrap();
        assert_eq!((parsed.detail.as_str(), parsed.code.as_deref()), ("It is down", Some("x")));
        assert_eq!((parsed.hint.as_deref(), parsed.errors[0].path.as_str()), (Some("Start it"), "a"));
        assert_eq!(ErrorResponse::parse(b"<html>"), None);
        assert_eq!(ErrorResponse::parse(b"{}"), None);
    }

    #[test]
    fn faults_of_the_daemon_are_recognised_by_their_code() {
        let is_fault = |code: &str| {
            let response = ErrorResponse { code: Some(code.into()), ..ErrorResponse::default() };
            response.is_daemon_fault()
        };
        assert!(is_fault("environment_damaged") && is_fault("internal_error"));
        assert!(!is_fault("introspection_failed"));
    }

    #[test]
    fn types_match_the_schema() {
        let body = definition("error", "ErrorBody").ignoring(&["id"]);
        body.assert_kept_by::<ErrorResponse>();
        definition("error", "FieldError").assert_kept_by::<FieldError>();
        let codes = [ErrorResponse::ENVIRONMENT_DAMAGED, ErrorResponse::INTERNAL_ERROR, ErrorResponse::POLICY_DENIED];
        for code in codes {
            assert!(body.values_of("code", &[]).contains(code), "{code}");
        }
    }
}
