//! The error type of this package: a stable code, a message, a hint, the daemon's error response and the cause.
//!
//! A message states what happened; a hint is the next step, one imperative sentence. Both end without a full stop. Five
//! messages contain the next step, as the contract fixes their texts: those of `RuntimeRequired`, `RuntimeCancelled`,
//! `RuntimeInstallerMissing`, and of a missing or invalid manifest of the asset (`AssetMissing`, `AssetInvalid`). Where
//! an error is a part of another text, [`Error::with_hint_text`] joins message and hint.

mod code;
mod response;

pub use code::Code;
#[cfg(test)]
pub(crate) use response::rejected_with;
pub use response::{ErrorResponse, FieldError};

use std::{
    borrow::Cow,
    error::Error as StdError,
    fmt, io,
    path::{Path, PathBuf},
};

/// Result with the error type of this package.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// The hint for an error of the operating system: too many open files.
pub fn os_error_hint(cause: &io::Error) -> Option<&'static str> {
    // ENFILE and EMFILE on every Unix.
    let is_files = cfg!(unix) && matches!(cause.raw_os_error(), Some(23 | 24));
    is_files.then_some("Let this process open more files: ulimit -n 1024")
}

/// The hint for a damaged environment.
pub const REBUILD_HINT: &str = "Rebuild the environment with: ktx runtime install --force";

type Cause = Box<dyn StdError + Send + Sync>;

/// An error of this package. `Display` shows the message only; the cause is `source()`.
///
/// An explicit hint takes precedence over that of the cause, and that over the default hint of the code.
#[derive(Debug)]
pub struct Error {
    code: Code,
    message: Cow<'static, str>,
    details: Option<Box<Details>>,
}

/// The optional parts of an error, boxed so that results stay small.
#[derive(Debug, Default)]
struct Details {
    hint: Option<Cow<'static, str>>,
    status: Option<u16>,
    response: Option<ErrorResponse>,
    cause: Option<Cause>,
}

/// Properties of the error of a failed daemon start.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StartFailure {
    /// The reason, with the last lines of the log.
    pub detail: String,
    /// Path of the log of the daemon's standard error.
    pub stderr_log: PathBuf,
}

impl fmt::Display for StartFailure {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.detail)
    }
}

impl StdError for StartFailure {}

impl Error {
    /// Creates an error. The message states what happened, and to what, without a full stop.
    pub fn new(code: Code, message: impl Into<Cow<'static, str>>) -> Self {
        Self { code, message: message.into(), details: None }
    }

    /// Sets the cause.
    #[must_use]
    pub fn caused_by(mut self, cause: impl Into<Cause>) -> Self {
        self.details.get_or_insert_default().cause = Some(cause.into());
        self
    }

    /// Sets the explicit hint: the next step, one imperative sentence without a full stop.
    #[must_use]
    pub fn with_hint(mut self, hint: impl Into<Cow<'static, str>>) -> Self {
        self.details.get_or_insert_default().hint = Some(hint.into());
        self
    }

    /// The hint: the explicit one, or the default of the code ([`Code::hint`]).
    pub fn hint(&self) -> Option<&str> {
        self.explicit_hint().or(self.code.hint())
    }

    /// The hint that was set on this error.
    pub(crate) fn explicit_hint(&self) -> Option<&str> {
        self.details.as_ref()?.hint.as_deref()
    }

    /// `<message>. <hint>`, for warnings and reports. The default hint of the code is left out.
    pub fn with_hint_text(&self) -> String {
        self.explicit_hint().map_or_else(|| self.message.to_string(), |hint| format!("{}. {hint}", self.message))
    }

    /// Sets the hint to the explicit one of another error, if it has one.
    #[must_use]
    pub fn with_hint_from(self, other: &Self) -> Self {
        match other.explicit_hint() {
            Some(hint) => self.with_hint(hint.to_owned()),
            None => self,
        }
    }

    /// Sets the HTTP status and the error response of the daemon.
    #[must_use]
    pub fn with_response(mut self, status: Option<u16>, response: Option<ErrorResponse>) -> Self {
        let details = self.details.get_or_insert_default();
        (details.status, details.response) = (status, response);
        self
    }

    /// Sets an error of this package as the cause, and inherits its status, error response and hint.
    #[must_use]
    pub fn wrapping(mut self, cause: Self) -> Self {
        let hint = self.explicit_hint().or(cause.explicit_hint()).map(|hint| hint.to_owned().into());
        let details = self.details.get_or_insert_default();
        (details.hint, details.status, details.response) = (hint, cause.status(), cause.response().cloned());
        self.caused_by(cause)
    }

    /// Returns the error response if the daemon rejected the request.
    ///
    /// Errors: the error itself if there is no error response or it reports a fault of the daemon; for a damaged
    /// environment, an error with the detail of the response.
    pub fn into_rejection(self) -> Result<(ErrorResponse, Self)> {
        match self.response().cloned() {
            Some(response) if response.is_environment_damaged() => {
                Err(Self::new(self.code, response.detail).with_hint(REBUILD_HINT).wrapping(self))
            }
            Some(response) if !response.is_daemon_fault() => Ok((response, self)),
            _ => Err(self),
        }
    }

    /// Maps all texts of the error and removes its cause.
    #[must_use]
    pub fn map_texts(&self, change: impl Fn(&str) -> String) -> Self {
        let details = self.details.as_ref().map(|details| {
            let hint = details.hint.as_deref().map(|hint| change(hint).into());
            let response = details.response.as_ref().map(|response| response.map_texts(&change));
            Box::new(Details { hint, status: details.status, response, cause: None })
        });
        Self { code: self.code, message: change(&self.message).into(), details }
    }

    /// The HTTP status, if it was outside of 200 to 299.
    pub fn status(&self) -> Option<u16> {
        self.details.as_ref()?.status
    }

    /// The error response of the daemon, if any.
    pub fn response(&self) -> Option<&ErrorResponse> {
        self.details.as_ref()?.response.as_ref()
    }

    /// Creates the error of a failed file operation: `Cannot <action> <path>: <reason>`.
    pub fn io(action: &str, path: &Path, cause: io::Error) -> Self {
        let error = Self::new(Code::FileIo, format!("Cannot {action} {}: {cause}", path.display()));
        match os_error_hint(&cause) {
            Some(hint) => error.with_hint(hint).caused_by(cause),
            None => error.caused_by(cause),
        }
    }

    /// Creates the error of a failed start; `title` names the process.
    pub fn start(code: Code, title: &str, failure: StartFailure) -> Self {
        let StartFailure { detail, stderr_log } = &failure;
        let message = format!("{title} failed to start: {detail}. stderr: {}", stderr_log.display());
        Self::new(code, message).caused_by(failure)
    }

    /// The properties of a failed start of the daemon, if this is one.
    pub fn start_failure(&self) -> Option<&StartFailure> {
        if self.code == Code::DaemonStartFailed { self.source()?.downcast_ref() } else { None }
    }

    /// The stable code.
    pub fn code(&self) -> Code {
        self.code
    }
}

impl fmt::Display for Error {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.message)
    }
}

impl StdError for Error {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        self.details.as_ref()?.cause.as_deref().map(|cause| cause as _)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_sorted_and_unique() {
        let texts: Vec<_> = Code::ALL.iter().map(|code| code.as_str()).collect();
        assert!(texts.is_sorted_by(|left, right| left < right), "{texts:?}");
    }

    #[test]
    fn io_error_names_the_path_and_has_a_cause() {
        let error = Error::io("read", Path::new("/x y"), io::Error::from(io::ErrorKind::NotFound));
        assert!(error.to_string().starts_with("Cannot read /x y: "));
        assert!(error.source().is_some_and(|cause| cause.is::<io::Error>()));
    }

    #[cfg(unix)]
    #[test]
    fn too_many_open_files_have_a_hint_and_other_errors_have_the_default() {
        let error = |code| Error::io("open", Path::new("/x"), io::Error::from_raw_os_error(code));
        assert_eq!(error(24).hint(), Some("Let this process open more files: ulimit -n 1024"));
        assert!(error(24).to_string().ends_with("(os error 24)"));
        assert_eq!(error(13).hint(), Code::FileIo.hint());
    }

    #[test]
    fn explicit_hint_precedes_that_of_the_cause_and_the_default_of_the_code() {
        let plain = || Error::new(Code::LockTimeout, "outer");
        let cause = || Error::new(Code::HttpStatus, "inner").with_hint("of the cause");
        assert_eq!(plain().hint(), Code::LockTimeout.hint());
        assert_eq!(plain().wrapping(Error::new(Code::HttpStatus, "inner")).hint(), Code::LockTimeout.hint());
        assert_eq!(plain().wrapping(cause()).hint(), Some("of the cause"));
        assert_eq!(plain().with_hint("own").wrapping(cause()).hint(), Some("own"));
        assert_eq!(plain().with_hint_from(&cause()).hint(), Some("of the cause"));
        assert_eq!(Error::new(Code::RuntimeRequired, "x").hint(), None);
    }

    #[test]
    fn hint_text_has_the_explicit_hint_and_not_the_default() {
        let error = || Error::new(Code::LockTimeout, "It is held");
        assert_eq!(error().with_hint_text(), "It is held");
        assert_eq!(error().with_hint("End the holder").with_hint_text(), "It is held. End the holder");
    }

    #[test]
    fn hints_of_codes_are_one_sentence_without_a_full_stop() {
        for hint in Code::ALL.iter().filter_map(|code| code.hint()) {
            assert!(hint.starts_with(char::is_uppercase) && !hint.ends_with('.') && !hint.contains(". "), "{hint}");
        }
    }
}
