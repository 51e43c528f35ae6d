//! Errors of connections.

use crate::{
    error::{Code, Error},
    redact::Redactor,
    shell,
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
    let correction = correction(&error);
    let failed = Error::new(Code::ConnectionFailed, format!("Cannot read the connection {connection_id}: {reason}"));
    let failed = failed.wrapping(error);
    match correction {
        Some(it) => failed.with_hint(format!("{it} with: ktx connection edit {}", shell::quote(connection_id))),
        None => failed,
    }
}

/// What to correct after a failed login or session; `None` if the daemon has a hint of its own.
pub fn correction(error: &Error) -> Option<&'static str> {
    let response = error.response().filter(|response| response.hint.is_none())?;
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
