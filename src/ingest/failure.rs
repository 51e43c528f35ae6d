//! Errors of a run: an [`Error`] of this crate, or one of the host.

use crate::error::{Code, Error, Result};
use std::fmt;

/// An error of a run: an [`Error`] of this crate, or one of the host.
pub trait RunFailure: From<Error> + fmt::Display {
    /// Maps an error of this crate. An error of the host is returned unchanged, as the same object.
    #[must_use]
    fn map_core_error(self, change: impl FnOnce(Error) -> Error) -> Self;

    /// Returns the code of an error of this crate.
    fn code(&self) -> Option<Code> {
        None
    }

    /// Returns the message, followed by the hint of an error of this crate if it has its own, as one text for a report.
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

/// Converts the error of a result to the error type of a run.
pub(crate) fn convert_error<T, E: From<Error>>(result: Result<T>) -> Result<T, E> {
    result.map_err(E::from)
}
