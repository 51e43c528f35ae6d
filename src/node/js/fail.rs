//! Constructors and messages of [`Fail`].

use super::types::Fail;
use crate::error::{Code, Error};

impl std::fmt::Display for Fail {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str(&self.message())
    }
}

impl Fail {
    /// A defect of this package.
    pub(crate) fn internal(text: &str) -> Self {
        Self::Core(Error::new(Code::Internal, format!("Internal error of @kaelio/ktx: {text}")))
    }

    /// The failure of a panic: a limit of the operating system, or a defect of this package.
    pub(crate) fn panic(text: &str) -> Self {
        crate::node::limits::from_panic(text).map_or_else(|| Self::internal(text), Self::Core)
    }

    /// An argument of the wrong type.
    pub(crate) fn argument(text: impl Into<String>) -> Self {
        Self::Core(Error::new(Code::ArgumentInvalid, text.into()))
    }

    /// Wraps this failure as the cause of an error.
    pub(crate) fn into_cause_of(self, error: Error) -> Self {
        match self {
            Self::Js(value) => Self::Caused(error, value),
            Self::Core(cause) | Self::Caused(cause, _) => Self::Core(error.caused_by(cause)),
            Self::Napi(cause) => Self::Core(error.caused_by(cause.reason.to_string())),
        }
    }

    /// The message, for use in another message.
    pub(crate) fn message(&self) -> String {
        match self {
            Self::Core(error) | Self::Caused(error, _) => error.to_string(),
            Self::Napi(error) => error.reason.to_string(),
            Self::Js(value) => {
                let message = value.get("message").ok().filter(|message| !message.is_nullish());
                let text = message.unwrap_or_else(|| value.clone());
                text.text().unwrap_or_else(|_| "the host failed".to_owned())
            }
        }
    }
}
