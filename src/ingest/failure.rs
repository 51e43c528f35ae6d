//! Errors of a run, which may be ours or the host's.

use crate::error::{Code, Error, Result};
use std::fmt;

/// What a run needs to know of an error that may be ours or the host's.
pub trait RunFailure: From<Error> + fmt::Display {
    /// Changes an error of ours; one of the host's stays the same object.
    #[must_use]
    fn map_core_error(self, change: impl FnOnce(Error) -> Error) -> Self;

    /// The code of an error of ours.
    fn code(&self) -> Option<Code> {
        None
    }

    /// Its message, and its hint where an error of ours has one of its own, as one text for a report.
    fn text(&self) -> String {
        self.to_string()
    }
}

impl RunFailure for Error {
    fn map_core_error(self, change: impl FnOnce(Error) -> Error) -> Self {
        change(self)
    }

    fn code(&self) -> Option<Code> {
        Some(Self::code(self))
    }

    fn text(&self) -> String {
        self.with_hint_text()
    }
}

/// Shortens `Result` handling where both sides of a step can fail.
pub(crate) fn convert_error<T, E: From<Error>>(result: Result<T>) -> Result<T, E> {
    result.map_err(E::from)
}
