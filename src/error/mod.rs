//! The error of this package: a stable code, a message, a hint, the daemon's refusal, the cause.
//!
//! A message is one statement of what happened, a hint one imperative sentence: the next step. Both end without a full
//! stop. Five messages have the next step in them, as the contract fixes their whole sentences: those of
//! `RuntimeRequired`, `RuntimeCancelled`, `RuntimeInstallerMissing`, and of a missing or broken manifest of the asset
//! (`AssetMissing`, `AssetInvalid`). Where an error is a part of another text, [`Error::with_hint_text`] joins them.

mod code;
mod response;

pub use code::Code;
#[cfg(test)]
pub(crate) use response::refused_with;
pub use response::{ErrorResponse, FieldError};

use std::{
    borrow::Cow,
    error::Error as StdError,
    fmt, io,
    path::{Path, PathBuf},
};

/// Result of everything in the core.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// What to do about an error of the operating system, where the same always helps.
pub fn next_step(cause: &io::Error) -> Option<&'static str> {
    // ENFILE and EMFILE on every Unix.
    let is_files = cfg!(unix) && matches!(cause.raw_os_error(), Some(23 | 24));
    is_files.then_some("Let this process open more files: ulimit -n 1024")
}

/// The next step where the environment of the daemon is damaged.
pub const REBUILD: &str = "Rebuild the environment with: ktx runtime install --force";

type Cause = Box<dyn StdError + Send + Sync>;

/// An error of this package. Displays as its message alone; the cause is its `source()`.
///
/// Its own hint wins over that of its cause, and that over the one of its code.
#[derive(Debug)]
pub struct Error {
    code: Code,
    message: Cow<'static, str>,
    more: Option<Box<More>>,
}

/// The optional parts of an error, boxed so that results stay small.
#[derive(Debug, Default)]
struct More {
    hint: Option<Cow<'static, str>>,
    status: Option<u16>,
    response: Option<ErrorResponse>,
    cause: Option<Cause>,
}

/// What hosts read of a daemon that could not be started, beside the sentence.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StartFailure {
    /// The reason, with the last lines of the log.
    pub detail: String,
    /// Path of the daemon's log of errors.
    pub stderr_log: PathBuf,
}

impl fmt::Display for StartFailure {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.detail)
    }
}

impl StdError for StartFailure {}

impl Error {
    /// An error with a message: one statement of what happened, and to what; no full stop at the end.
    pub fn new(code: Code, message: impl Into<Cow<'static, str>>) -> Self {
        Self { code, message: message.into(), more: None }
    }

    /// Adds what caused it.
    #[must_use]
    pub fn caused_by(mut self, cause: impl Into<Cause>) -> Self {
        self.more.get_or_insert_default().cause = Some(cause.into());
        self
    }

    /// Adds the next step: one imperative sentence without a full stop.
    #[must_use]
    pub fn with_hint(mut self, hint: impl Into<Cow<'static, str>>) -> Self {
        self.more.get_or_insert_default().hint = Some(hint.into());
        self
    }

    /// The next step: the error's own, else that of its code ([`Code::hint`]).
    pub fn hint(&self) -> Option<&str> {
        self.own_hint().or(self.code.hint())
    }

    /// The next step that was given to this error.
    pub(crate) fn own_hint(&self) -> Option<&str> {
        self.more.as_ref()?.hint.as_deref()
    }

    /// `<message>. <hint>`, for a warning or a report, which are one text; the hint of the code is left out.
    pub fn with_hint_text(&self) -> String {
        self.own_hint().map_or_else(|| self.message.to_string(), |hint| format!("{}. {hint}", self.message))
    }

    /// An error with the hint of another one, where that has its own.
    #[must_use]
    pub fn with_hint_of(self, other: &Self) -> Self {
        match other.own_hint() {
            Some(hint) => self.with_hint(hint.to_owned()),
            None => self,
        }
    }

    /// Adds the HTTP status of the answer, and the daemon's refusal where its body is one.
    #[must_use]
    pub fn with_answer(mut self, status: Option<u16>, response: Option<ErrorResponse>) -> Self {
        let more = self.more.get_or_insert_default();
        (more.status, more.response) = (status, response);
        self
    }

    /// Adds an error of ours as the cause; its status, refusal and hint count for this one, too.
    #[must_use]
    pub fn explaining(mut self, cause: Self) -> Self {
        let hint = self.own_hint().or(cause.own_hint()).map(|hint| hint.to_owned().into());
        let more = self.more.get_or_insert_default();
        (more.hint, more.status, more.response) = (hint, cause.status(), cause.response().cloned());
        self.caused_by(cause)
    }

    /// Tells a refusal of the request from a fault of the daemon.
    ///
    /// Errors: the error itself where the daemon did not refuse, or where its refusal says that the fault is its own; of
    /// a damaged environment that is the daemon's sentence.
    pub fn into_refusal(self) -> Result<(ErrorResponse, Self)> {
        match self.response().cloned() {
            Some(response) if response.is_environment_damaged() => {
                Err(Self::new(self.code, response.detail).with_hint(REBUILD).explaining(self))
            }
            Some(response) if !response.is_fault_of_daemon() => Ok((response, self)),
            _ => Err(self),
        }
    }

    /// The same error with each text changed, and without its cause.
    #[must_use]
    pub fn map_texts(&self, change: impl Fn(&str) -> String) -> Self {
        let more = self.more.as_ref().map(|more| {
            let hint = more.hint.as_deref().map(|hint| change(hint).into());
            let response = more.response.as_ref().map(|response| response.map_texts(&change));
            Box::new(More { hint, status: more.status, response, cause: None })
        });
        Self { code: self.code, message: change(&self.message).into(), more }
    }

    /// The HTTP status of the answer, where there was one outside of 200 to 299.
    pub fn status(&self) -> Option<u16> {
        self.more.as_ref()?.status
    }

    /// The refusal of the daemon, where it answered with one.
    pub fn response(&self) -> Option<&ErrorResponse> {
        self.more.as_ref()?.response.as_ref()
    }

    /// A file operation that failed: `Cannot <action> <path>: <reason>`.
    pub fn io(action: &str, path: &Path, cause: io::Error) -> Self {
        let error = Self::new(Code::FileIo, format!("Cannot {action} {}: {cause}", path.display()));
        match next_step(&cause) {
            Some(next) => error.with_hint(next).caused_by(cause),
            None => error.caused_by(cause),
        }
    }

    /// A daemon that could not be started.
    pub fn daemon_start(failure: StartFailure) -> Self {
        let StartFailure { detail, stderr_log } = &failure;
        let message = format!("KTX Python daemon failed to start: {detail}. stderr: {}", stderr_log.display());
        Self::new(Code::DaemonStartFailed, message).caused_by(failure)
    }

    /// What is known of a daemon that could not be started.
    pub fn start_failure(&self) -> Option<&StartFailure> {
        self.source()?.downcast_ref()
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
        self.more.as_ref()?.cause.as_deref().map(|cause| cause as _)
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
    fn an_io_error_names_the_path_and_keeps_its_cause() {
        let error = Error::io("read", Path::new("/x y"), io::Error::from(io::ErrorKind::NotFound));
        assert!(error.to_string().starts_with("Cannot read /x y: "));
        assert!(error.source().is_some_and(|cause| cause.is::<io::Error>()));
    }

    #[cfg(unix)]
    #[test]
    fn too_many_open_files_have_a_next_step_and_other_reasons_have_none() {
        let error = |code| Error::io("open", Path::new("/x"), io::Error::from_raw_os_error(code));
        assert_eq!(error(24).hint(), Some("Let this process open more files: ulimit -n 1024"));
        assert!(error(24).to_string().ends_with("(os error 24)"));
        assert_eq!(error(13).hint(), Code::FileIo.hint());
    }

    #[test]
    fn the_own_hint_wins_over_that_of_the_cause_and_that_over_the_one_of_the_code() {
        let plain = || Error::new(Code::LockTimeout, "outer");
        let cause = || Error::new(Code::HttpStatus, "inner").with_hint("of the cause");
        assert_eq!(plain().hint(), Code::LockTimeout.hint());
        assert_eq!(plain().explaining(Error::new(Code::HttpStatus, "inner")).hint(), Code::LockTimeout.hint());
        assert_eq!(plain().explaining(cause()).hint(), Some("of the cause"));
        assert_eq!(plain().with_hint("own").explaining(cause()).hint(), Some("own"));
        assert_eq!(plain().with_hint_of(&cause()).hint(), Some("of the cause"));
        assert_eq!(Error::new(Code::RuntimeRequired, "x").hint(), None);
    }

    #[test]
    fn one_text_has_the_own_hint_and_not_that_of_the_code() {
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
