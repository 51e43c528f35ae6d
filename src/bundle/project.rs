//! The redacted `ktx.yaml` of a bundle: all keys, and only values that cannot be secret.

use crate::{error::Code, project::yaml, redact::MASK};
use serde_json::{Map, Value, json};
use std::{fs, path::Path};

/// Keys whose values are shown.
const PUBLIC_KEYS: &[&str] = &["driver", "adapter", "backend", "model"];

/// The contents of `ktx.yaml`, or the reason why it cannot be read.
pub(super) type Config = Result<Value, &'static str>;

/// Reads `ktx.yaml`. Errors do not quote its contents.
pub(super) fn read(project_dir: &Path) -> Config {
    let text = fs::read_to_string(project_dir.join("ktx.yaml")).map_err(|_| "ktx.yaml cannot be read")?;
    yaml::read::<Value>("ktx.yaml", Code::ProjectInvalid, &text)
        .map(|(value, _)| value.unwrap_or(Value::Null))
        .map_err(|_| "ktx.yaml is not valid YAML")
}

/// Redacts all values of a `ktx.yaml`.
pub(super) fn redact_config(config: &Config) -> Value {
    match config {
        Ok(config) => redact_value("", config),
        Err(reason) => json!({ "error": reason }),
    }
}

fn redact_value(key: &str, value: &Value) -> Value {
    match value {
        Value::String(text) if PUBLIC_KEYS.contains(&key) => text.as_str().into(),
        Value::String(text) => mask_text(text).into(),
        Value::Array(items) => items.iter().map(|item| redact_value(key, item)).collect(),
        Value::Object(fields) => {
            let fields = fields.iter().map(|(key, value)| (key.clone(), redact_value(key, value)));
            Value::Object(fields.collect::<Map<_, _>>())
        }
        // A number may be a password.
        Value::Number(_) => MASK.into(),
        other => other.clone(),
    }
}

/// Masks a text; a secret reference keeps the name of its variable.
fn mask_text(text: &str) -> String {
    match text.split_once(':') {
        Some(("env", name)) if name.bytes().all(|c| c.is_ascii_alphanumeric() || c == b'_') => text.to_owned(),
        Some(("file", _)) => "file:***".to_owned(),
        _ => MASK.to_owned(),
    }
}
