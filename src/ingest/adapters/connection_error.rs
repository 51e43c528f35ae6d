//! Errors of connections.

use crate::{
    error::{Code, Error, ErrorResponse},
    redact::Redactor,
};

/// Converts a refusal of the daemon to an error of the connection. Other errors are not about the connection, and are
/// returned unchanged.
pub(super) fn connection_error(connection_id: &str, redactor: &Redactor, error: Error) -> Error {
    let error = redactor.error(error);
    if error.code() != Code::HttpStatus {
        return error;
    }
    let (reason, error) = match error.into_rejection() {
        Ok((response, error)) => (response.detail, error),
        Err(fault) if fault.response().is_some() => return fault,
        Err(error) => (error.to_string(), error),
    };
    let hint = error.response().filter(|response| response.hint.is_none()).and_then(|response| hint(response));
    let failed = Error::new(Code::ConnectionFailed, format!("Cannot read the connection {connection_id}: {reason}"));
    let failed = failed.wrapping(error);
    match hint {
        Some(hint) => failed.with_hint(format!("{hint} with: ktx connection edit {connection_id}")),
        None => failed,
    }
}

/// The next step for a failed login or session, without the command.
fn hint(response: &ErrorResponse) -> Option<&'static str> {
    Some(match response.code.as_deref()? {
        "authentication_failed" => "Correct the user or the password",
        "host_not_found" => "Correct the host",
        "connection_failed" | "connection_timeout" => {
            "Check that the server runs and can be reached from here, or correct host and port"
        }
        "database_not_found" => "Correct the database",
        "schema_not_found" => "Correct the schemas",
        "tls_failed" => "Correct sslmode or the certificates",
        _ => return None,
    })
}
