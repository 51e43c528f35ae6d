//! A daemon's refusal of a database, as an error of its connection.

use crate::{
    error::{Code, Error},
    redact::Redactor,
};

/// A refusal of the daemon is about the connection; every other failure is about the daemon.
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
