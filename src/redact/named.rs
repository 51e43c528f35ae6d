//! What a name tells to be a secret.

use super::{MASK, urls};
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

/// A text without the credentials of its URLs and what a name tells to be a secret: `password=…`, `"token": "…"`, `Bearer …`, a token in a path.
pub fn text(text: &str) -> String {
    NAMED.replace_all(&urls(text), |found: &Captures<'_>| masked(&found[0], &found["name"])).into_owned()
}

/// The mask in place of a value, in the quotes that the value had.
fn masked(found: &str, name: &str) -> String {
    let value = &found[name.len()..];
    let quote = ["\\\"", "\"", "'"].into_iter().find(|quote| value.starts_with(quote)).unwrap_or_default();
    format!("{name}{quote}{MASK}{quote}")
}

/// Whether a key or a variable is named like a secret.
pub fn is_secret_name(name: &str) -> bool {
    NAMED.is_match(&format!("{name}=x"))
}

/// A JSON value of which every text is redacted; the values of keys that name a secret go as a whole.
pub fn json(value: Value) -> Value {
    match value {
        Value::String(value) => text(&value).into(),
        Value::Array(items) => items.into_iter().map(json).collect(),
        Value::Object(fields) => fields.into_iter().map(|(key, value)| field(key, value)).collect(),
        other => other,
    }
}

fn field(key: String, value: Value) -> (String, Value) {
    let clean = if is_secret_name(&key) && !value.is_null() && !value.is_boolean() { MASK.into() } else { json(value) };
    (key, clean)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn what_is_named_like_a_secret_goes() {
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
    fn json_is_valid_without_its_secrets() {
        let clean = text(r#"{"token": "a \" b", "line": "{\"pwd\":\"x\"}"}"#);
        assert_eq!(clean, r#"{"token": "***", "line": "{\"pwd\":\"***\"}"}"#);
    }

    #[test]
    fn a_secret_in_json_goes_by_its_key_or_by_its_text() {
        let value =
            json!({ "token": "a", "list": [{ "password": 7, "text": "pwd=b" }], "kept": "c", "token_set": true });
        let clean = json!({ "token": "***", "list": [{ "password": "***", "text": "pwd=***" }], "kept": "c", "token_set": true });
        assert_eq!(super::json(value), clean);
    }
}
