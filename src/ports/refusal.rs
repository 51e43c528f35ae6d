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
        assert_eq!(Refusal::of(&Error::new(Code::HttpConnect, message)), None);
    }
}
