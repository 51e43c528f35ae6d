//! Errors of connections.

use crate::{
    error::{Code, Error},
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
    Error::new(Code::ConnectionFailed, format!("Cannot read the connection {connection_id}: {reason}")).wrapping(error)
}
