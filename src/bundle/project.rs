//! `ktx.yaml` for a bundle: its keys, and of its values only those that cannot be secret.

use crate::{error::Code, project::yaml, redact::MASK};
use serde_json::{Map, Value, json};
use std::{fs, path::Path};

/// Keys whose texts are names that every project may have.
const SHOWN: &[&str] = &["driver", "adapter", "backend", "model"];

/// A `ktx.yaml`, or why it cannot be read.
pub(super) type Config = Result<Value, &'static str>;

/// Reads it; the error says nothing of its content.
pub(super) fn read(project_dir: &Path) -> Config {
    let text = fs::read_to_string(project_dir.join("ktx.yaml")).map_err(|_| "ktx.yaml cannot be read")?;
    yaml::read::<Value>("ktx.yaml", Code::ProjectInvalid, &text)
        .map(|(value, _)| value.unwrap_or(Value::Null))
        .map_err(|_| "ktx.yaml is not valid YAML")
}

/// What the bundle shows of it.
pub(super) fn shown(config: &Config) -> Value {
    match config {
        Ok(config) => masked("", config),
        Err(reason) => json!({ "error": reason }),
    }
}

fn masked(key: &str, value: &Value) -> Value {
    match value {
        Value::String(text) if SHOWN.contains(&key) => text.as_str().into(),
        Value::String(text) => mask(text).into(),
        Value::Array(items) => items.iter().map(|item| masked(key, item)).collect(),
        Value::Object(fields) => {
            let fields = fields.iter().map(|(key, value)| (key.clone(), masked(key, value)));
            Value::Object(fields.collect::<Map<_, _>>())
        }
        // A number may be a password.
        Value::Number(_) => MASK.into(),
        other => other.clone(),
    }
}

/// A reference keeps the name of its variable.
fn mask(text: &str) -> String {
    match text.split_once(':') {
        Some(("env", name)) if name.bytes().all(|c| c.is_ascii_alphanumeric() || c == b'_') => text.to_owned(),
        Some(("file", _)) => "file:***".to_owned(),
        _ => MASK.to_owned(),
    }
}
