//! What the daemon says when it refuses a request, in its own sentence.

use crate::error::{Code, Error};
use serde::Deserialize;

/// The daemon's canonical error.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Refusal {
    /// One sentence without a full stop.
    pub detail: String,
    /// The daemon's stable code; a one-shot command tells none.
    pub code: Option<String>,
}

impl Refusal {
    /// The refusal that an error of the transport quotes, if it quotes one.
    pub fn of(error: &Error) -> Option<Self> {
        if error.code() != Code::HttpStatus {
            return None;
        }
        let message = error.to_string();
        let mut refusal = Self::from_body(&message).or_else(|| Self::from_command(&message))?;
        refusal.detail = refusal.detail.trim_end_matches('.').to_owned();
        Some(refusal)
    }

    /// The error of a request that nothing is wrong with, if the daemon says that the fault is its own.
    pub fn fault_of_daemon(error: Error) -> Result<Error, Error> {
        let Some(Self { detail, code }) = Self::of(&error) else { return Err(error) };
        match code.as_deref() {
            Some("environment_damaged") => {
                let message = format!("{detail}. Build it anew with: ktx runtime install --force");
                Ok(Error::new(Code::HttpStatus, message).caused_by(error))
            }
            Some("internal_error") => Ok(error),
            _ => Err(error),
        }
    }

    fn from_body(message: &str) -> Option<Self> {
        serde_json::from_str(message.get(message.find('{')?..)?).ok()
    }

    fn from_command(message: &str) -> Option<Self> {
        let (_, detail) = message.split_once(" failed: ktx-daemon: ")?;
        Some(Self { detail: detail.to_owned(), code: None })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refusal(message: &'static str) -> Option<(String, Option<String>)> {
        Refusal::of(&Error::new(Code::HttpStatus, message)).map(|refusal| (refusal.detail, refusal.code))
    }

    #[test]
    fn the_sentence_of_the_daemon_is_found() {
        let message = r#"KTX managed daemon HTTP /x failed with 400: {"detail":"It is down.","code":"x"}"#;
        assert_eq!(refusal(message), Some(("It is down".into(), Some("x".into()))));
        assert_eq!(refusal("ktx-daemon a failed: ktx-daemon: It is {down}"), Some(("It is {down}".into(), None)));
        assert_eq!(refusal("failed with 500: <html>"), None);
    }

    #[test]
    fn a_fault_of_the_daemon_is_told_from_one_of_the_request() {
        let fault = |code: &str| {
            let message = format!(r#"x failed with 500: {{"detail":"The environment is damaged","code":"{code}"}}"#);
            Refusal::fault_of_daemon(Error::new(Code::HttpStatus, message)).map(|error| error.to_string())
        };
        let damaged = "The environment is damaged. Build it anew with: ktx runtime install --force";
        assert_eq!(fault("environment_damaged").unwrap(), damaged);
        assert!(fault("internal_error").unwrap().contains("internal_error"));
        assert!(fault("introspection_failed").is_err());
        assert!(Refusal::fault_of_daemon(Error::new(Code::HttpLost, "lost")).is_err());
        let message = r#"KTX managed daemon HTTP /x failed with 400: {"detail":"It is down.","code":"x"}"#;
        assert_eq!(Refusal::of(&Error::new(Code::HttpConnect, message)), None);
    }
}
