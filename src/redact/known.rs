//! Redaction of secrets that are known by their beginning, such as keys of clouds, tokens and private keys.

use super::MASK;
use regex_lite::Regex;
use std::{borrow::Cow, sync::LazyLock};

/// The list of the daemon, which recognises the content of columns by it.
const LIST: &str = include_str!("../../python-runtime/src/ktx_daemon/profile/secret_forms.txt");

static FORMS: LazyLock<Vec<(&str, Regex)>> = LazyLock::new(|| {
    LIST.lines().filter(|line| !line.starts_with('#')).filter_map(|line| line.split_once('\t')).map(compile).collect()
});

#[expect(clippy::expect_used, reason = "the list is fixed, and a test compiles it")]
fn compile((beginning, rest): (&'static str, &str)) -> (&'static str, Regex) {
    let boundary = if beginning.starts_with(char::is_alphanumeric) { r"\b" } else { "" };
    let pattern = format!("{boundary}{}{rest}", regex_lite::escape(beginning));
    (beginning, Regex::new(&pattern).expect("a valid pattern"))
}

/// Masks the secrets of known forms in a text.
pub fn known(text: &str) -> Cow<'_, str> {
    let mut clean = Cow::Borrowed(text);
    for (beginning, form) in &*FORMS {
        // The search for a beginning is much faster than that of the pattern.
        if clean.contains(beginning) {
            clean = Cow::Owned(form.replace_all(&clean, MASK).into_owned());
        }
    }
    clean
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_of_known_forms_are_masked_and_other_words_are_not() {
        for (text, expected) in [
            ("the key AKIAIOSFODNN7EXAMPLE, see x", "the key ***, see x"),
            ("a eyJhbGciOiJIUzI1.eyJzdWIiOiIxMjM0.c2ln b", "a *** b"),
            ("-----BEGIN RSA PRIVATE KEY-----\nProc-Type: 4\n\nMIIE\n-----END RSA PRIVATE KEY-----, x", "***, x"),
            ("{\"a\": \"-----BEGIN PRIVATE KEY-----\\nMIIE\"}", "{\"a\": \"***\"}"),
            (concat!("xoxb-", "0123456789-abc"), "***"),
            ("NAKIAIOSFODNN7EXAMPLE AKIAIOSFODNN7EXAMPLE9", "NAKIAIOSFODNN7EXAMPLE AKIAIOSFODNN7EXAMPLE9"),
            ("task-0123456789abcdef0123456789abcdef sk-learn", "task-0123456789abcdef0123456789abcdef sk-learn"),
        ] {
            assert_eq!(known(text), expected);
        }
        assert!(FORMS.len() > 10);
    }
}
