//! YAML that people write: read with types, and with errors that say where and what, never with a value.

use super::lint;
use crate::error::{Code, Error, Result};
use serde::{Deserialize, Deserializer, de::DeserializeOwned};
use serde_saphyr::{Error as YamlError, UserMessageFormatter};

/// The keys that lead to a place of a file.
pub(crate) type Keys = Vec<String>;

/// Reads a document; gives the places of keys that the type does not have. `None` where there are comments alone.
///
/// Errors: of that code, `<file>:<line>:<column>: <what is wrong>`; a value may be a secret, so none stands in one.
pub(crate) fn read<T: DeserializeOwned>(file: &str, code: Code, text: &str) -> Result<(Option<T>, Vec<Keys>)> {
    let options = serde_saphyr::options! { no_schema: true, strict_booleans: true, with_snippet: false };
    let mut unknown = Vec::new();
    let mut track = serde_path_to_error::Track::new();
    let parsed = serde_saphyr::with_deserializer_from_str_with_options(text, options, |yaml| {
        let yaml = serde_path_to_error::Deserializer::new(yaml, &mut track);
        let mut remember = |path: serde_ignored::Path<'_>| unknown.push(lint::keys_of(&path));
        T::deserialize(serde_ignored::Deserializer::new(yaml, &mut remember))
    });
    match parsed {
        Ok(value) => Ok((Some(value), unknown)),
        Err(YamlError::Eof { .. }) => Ok((None, unknown)),
        Err(error) => Err(explain(file, code, &error, &track.path().to_string())),
    }
}

/// A key with nothing behind it means the same as no key.
pub(crate) fn or_default<'de, D, T>(deserializer: D) -> Result<T, D::Error>
where
    D: Deserializer<'de>,
    T: Deserialize<'de> + Default,
{
    Ok(Option::deserialize(deserializer)?.unwrap_or_default())
}

fn explain(file: &str, code: Code, error: &YamlError, path: &str) -> Error {
    let place = match error.location() {
        Some(at) => format!("{file}:{}:{}", at.line(), at.column()),
        None => file.to_owned(),
    };
    let path = path.trim_end_matches('?').trim_matches('.');
    let of = if path.is_empty() { String::new() } else { format!("{path}: ") };
    Error::new(code, format!("{place}: {of}{}", what_is_wrong(error)))
}

/// In the words of somebody who writes the file, and never with a value: it may be a secret.
fn what_is_wrong(error: &YamlError) -> String {
    match error {
        YamlError::Unexpected { expected, .. } => match *expected {
            "sequence start" => "expected a list, such as [a, b]".into(),
            "mapping start" => "expected keys and values".into(),
            "string scalar" => "expected text".into(),
            other => format!("expected {other}"),
        },
        YamlError::InvalidBooleanStrict { .. } => "expected true or false".into(),
        YamlError::InvalidScalar { ty, .. } if ty.starts_with(['u', 'i']) => {
            "expected a whole number, 0 or more".into()
        }
        YamlError::InvalidScalar { ty, .. } => format!("expected a value of type {ty}"),
        YamlError::QuotingRequired { .. } => {
            "expected text, found a number or a truth value; put it in quotes if it is meant as text".into()
        }
        YamlError::NullIntoString { .. } => "expected text, found nothing".into(),
        YamlError::SerdeInvalidType { expected, .. } | YamlError::SerdeInvalidValue { expected, .. } => {
            format!("expected {expected}")
        }
        YamlError::SerdeUnknownVariant { expected, .. } => format!("expected one of {}", expected.join(", ")),
        YamlError::SerdeMissingField { field, .. } => format!("the key {field} is missing"),
        YamlError::DuplicateMappingKey { key: Some(key), .. } => format!("the key {key} stands here a second time"),
        other => without_location(other),
    }
}

fn without_location(error: &YamlError) -> String {
    let text = error.without_snippet().render_with_formatter(&UserMessageFormatter);
    text.rsplit_once(" at line ").map_or(text.as_str(), |(before, _)| before).to_owned()
}
