//! Errors for refusals of the daemon.

use crate::{
    error::{Code, Error},
    ingest::RunFailure,
};

/// Maps a refusal of the daemon to [`Code::PolicyDenied`] or [`Code::SemanticInvalid`], unless it is about a fault of
/// the daemon itself.
pub(crate) fn map_rejection<E: RunFailure>(error: E) -> E {
    error.map_core_error(|error| match error.into_rejection() {
        Ok((response, error)) if response.is_policy_denied() => {
            Error::new(Code::PolicyDenied, response.detail).wrapping(error)
        }
        Ok((response, error)) => Error::new(Code::SemanticInvalid, response.detail).wrapping(error),
        Err(error) => error,
    })
}
