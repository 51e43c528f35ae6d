//! The error of this package: a stable code, one sentence, the next step, the daemon's refusal, the cause.

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
    /// An error with a sentence that says what happened, to what, and what to do next; no full stop at the end.
    pub fn new(code: Code, message: impl Into<Cow<'static, str>>) -> Self {
        Self { code, message: message.into(), more: None }
    }

    /// Adds what caused it.
    #[must_use]
    pub fn caused_by(mut self, cause: impl Into<Cause>) -> Self {
        self.more.get_or_insert_default().cause = Some(cause.into());
        self
    }

    /// Adds the next step, one sentence, where the message does not say it.
    #[must_use]
    pub fn with_hint(mut self, hint: impl Into<Cow<'static, str>>) -> Self {
        self.more.get_or_insert_default().hint = Some(hint.into());
        self
    }

    /// The next step, where the message does not say it.
    pub fn hint(&self) -> Option<&str> {
        self.more.as_ref()?.hint.as_deref()
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
        let hint = self.hint().or(cause.hint()).map(|hint| hint.to_owned().into());
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
        let next = next_step(&cause).map_or_else(String::new, |next| format!(". {next}"));
        Self::new(Code::FileIo, format!("Cannot {action} {}: {cause}{next}", path.display())).caused_by(cause)
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
        let error = |code| Error::io("open", Path::new("/x"), io::Error::from_raw_os_error(code)).to_string();
        assert!(error(24).ends_with("(os error 24). Let this process open more files: ulimit -n 1024"));
        assert!(error(13).ends_with("(os error 13)"));
    }
}
