//! Request ids, which appear in both logs, in an HTTP header and in the sessions of databases.

use std::fmt;

/// Name of the HTTP header.
pub const HEADER: &str = "x-request-id";

/// Maximum length in bytes: PostgreSQL truncates an application name (`ktx/<id>`) after 63 bytes.
const MAX_LENGTH: usize = 48;

/// A request id: 1 to 48 letters, digits, `.`, `_` or `-`, which need no quoting in headers, log lines and SQL
/// comments.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RequestId(String);

impl RequestId {
    /// Parses an id; `None` if it is not valid.
    pub fn parse(text: &str) -> Option<Self> {
        let is_plain = |c: u8| c.is_ascii_alphanumeric() || matches!(c, b'.' | b'_' | b'-');
        let is_valid = (1..=MAX_LENGTH).contains(&text.len()) && text.bytes().all(is_plain);
        is_valid.then(|| Self(text.to_owned()))
    }

    /// Generates an id of 64 random bits.
    pub fn random() -> Self {
        Self(format!("{:016x}", fastrand::u64(..)))
    }

    /// The text of the id.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for RequestId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn invalid_characters_and_lengths_are_refused() {
        assert_eq!(RequestId::parse("5f.c_a-B").unwrap().as_str(), "5f.c_a-B");
        for invalid in ["", "a b", "*/", "a'b", "ü", "a\n", &"x".repeat(49)] {
            assert_eq!(RequestId::parse(invalid), None, "{invalid}");
        }
        assert!(RequestId::parse(&"x".repeat(48)).is_some());
    }

    #[test]
    fn random_ids_are_valid_and_differ() {
        let (first, second) = (RequestId::random(), RequestId::random());
        assert_ne!(first, second);
        assert_eq!(RequestId::parse(first.as_str()), Some(first));
    }
}
