//! What the daemon says of a database, as an error of its connection.

use crate::{
    error::{Code, Error},
    ingest::failure::Scrubber,
    ports::Refusal,
};

/// What the daemon refused is about the connection; what else goes wrong is about the daemon.
pub(super) fn connection_error(connection_id: &str, scrubber: &Scrubber, error: Error) -> Error {
    let error = scrubber.error(error);
    if error.code() != Code::HttpStatus {
        return error;
    }
    let error = match Refusal::fault_of_daemon(error) {
        Ok(fault) => return fault,
        Err(error) => error,
    };
    let reason = Refusal::of(&error).map_or_else(|| error.to_string(), |refusal| refusal.detail);
    Error::new(Code::ConnectionFailed, format!("Cannot read the connection {connection_id}: {reason}")).caused_by(error)
}
