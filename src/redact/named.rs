//! Redaction of values whose name identifies them as secrets.

use super::{MASK, known, urls};
use regex_lite::{Captures, Regex};
use serde_json::Value;
use std::sync::LazyLock;

#[expect(clippy::expect_used, reason = "the pattern is fixed, and a test compiles it")]
static NAMED: LazyLock<Regex> = LazyLock::new(|| {
    let names = r"[\w-]*(?:password|passwd|pwd|passphrase|token|secret|api[_-]?key|private[_-]?key|credentials?)";
    let named = format!(r#"\b{names}\\?["']?\s*[=:]\s*(?:(?:bearer|basic)\s+)?"#);
    let value = r#"(?:\\"(?:[^"\\]|\\[^"])*\\"|"(?:[^"\\]|\\.)*"|'[^']*'|[^\s,;&)"'}\]]+)"#;
    let pattern = format!(r"(?i)(?P<name>{named}|\b(?:bearer|basic)\s+|/t/){value}");
    Regex::new(&pattern).expect("a valid pattern")
});

/// Redacts credentials of URLs, secrets of known forms, and values with the name of a secret: `password=…`,
/// `"token": "…"`, `Bearer …`, `/t/…`.
pub fn text(text: &str) -> String {
    NAMED.replace_all(&urls(&known(text)), |found: &Captures<'_>| mask_value(&found[0], &found["name"])).into_owned()
}

/// Masks a value and keeps its quotes.
fn mask_value(found: &str, name: &str) -> String {
    let value = &found[name.len()..];
    let quote = ["\\\"", "\"", "'"].into_iter().find(|quote| value.starts_with(quote)).unwrap_or_default();
    format!("{name}{quote}{MASK}{quote}")
}

/// Whether the name of a key or a variable is that of a secret.
pub fn is_secret_name(name: &str) -> bool {
    NAMED.is_match(&format!("{name}=x"))
}

/// Redacts all strings of a JSON value, and all of a value whose key names a secret.
pub fn json(value: Value) -> Value {
    match value {
        Value::String(value) => text(&value).into(),
        Value::Array(items) => items.into_iter().map(json).collect(),
        Value::Object(fields) => fields.into_iter().map(|(key, value)| redact_field(key, value)).collect(),
        other => other,
    }
}

fn redact_field(key: String, value: Value) -> (String, Value) {
    let clean = if is_secret_name(&key) && !value.is_null() && !value.is_boolean() { MASK.into() } else { json(value) };
    (key, clean)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn values_with_the_name_of_a_secret_are_masked() {
        for secret in [
            "password=hunter2",
            "PGPASSWORD: hunter2",
            r#"{"token": "hunter2"}"#,
            r#"{"line":"{\"client_secret\":\"hunter2\"}"}"#,
            "Authorization: Bearer hunter2",
            "--api-key=hunter2&x=1",
            "GET /t/hunter2/sql/execute",
            "password = 'a hunter2'",
        ] {
            assert!(!text(secret).contains("hunter2"), "{}", text(secret));
        }
        for plain in ["the password is wrong", "3 tokens were read", "a secret: ", "/tables/t/"] {
            assert_eq!(text(plain), plain);
        }
    }

    #[test]
    fn redacted_json_is_valid() {
        let clean = text(r#"{"token": "a \" b", "line": "{\"pwd\":\"x\"}"}"#);
        assert_eq!(clean, r#"{"token": "***", "line": "{\"pwd\":\"***\"}"}"#);
    }

    #[test]
    fn secrets_in_json_are_masked_by_key_and_by_text() {
        let value =
            json!({ "token": "a", "list": [{ "password": 7, "text": "pwd=b" }], "kept": "c", "token_set": true });
        let clean = json!({ "token": "***", "list": [{ "password": "***", "text": "pwd=***" }], "kept": "c", "token_set": true });
        assert_eq!(super::json(value), clean);
    }
}
