//! Deserialises YAML: scalars by the core schema of YAML 1.2, with aliases and merge keys resolved.

use super::{error::ReadError, limits};
use crate::error::{Code, Error, Result};
use serde::{Deserialize, de::DeserializeOwned};
use serde_ignored::Path;
use serde_path_to_error::Track;
use serde_saphyr::{NonFiniteFloatPolicy, Options};

/// Keys and indexes from the document to a value, outermost first.
pub(crate) type KeyPath = Vec<String>;

/// Decodes the bytes of a file as UTF-8. Errors: `code`.
pub(crate) fn decode(file: &str, code: Code, bytes: Vec<u8>) -> Result<String> {
    String::from_utf8(bytes)
        .map_err(|_| Error::new(code, format!("{file} is not UTF-8 text")).with_hint("Save it as UTF-8"))
}

/// Deserialises a document, and returns the paths of unknown keys. `None` for a document without a value, such as one
/// with comments only.
///
/// Errors: `code`, with the message `<file>:<line>:<column>: <path>: <message>`. Messages never contain values, which
/// may be secrets.
pub(crate) fn read<T: DeserializeOwned>(file: &str, code: Code, text: &str) -> Result<(Option<T>, Vec<KeyPath>)> {
    let mut unknown = Vec::new();
    match parse(text, &mut |path| unknown.push(key_path(&path))) {
        Ok(value) => Ok((value, unknown)),
        Err(error) => Err(Error::new(code, error.in_file(file))),
    }
}

/// Deserialises JSON into the same types. Unknown keys are ignored unless the type denies them.
///
/// Errors: `code`, with the message `<name>.<path>: <message>`.
pub(crate) fn read_json<T: DeserializeOwned>(name: &str, code: Code, text: &str) -> Result<T> {
    let json: serde_json::Value =
        serde_json::from_str(text).map_err(|error| Error::new(code, format!("{name} is not JSON: {error}")))?;
    // JSON is a subset of YAML: the same parser gives the same messages.
    let value = parse(&json.to_string(), &mut |_| {}).map_err(|error| Error::new(code, error.in_value(name)))?;
    value.ok_or_else(|| Error::new(code, format!("{name}: {}", super::error::EXPECTED_MAPPING)))
}

fn parse<T: DeserializeOwned>(text: &str, mut ignored: &mut dyn FnMut(Path<'_>)) -> Result<Option<T>, ReadError> {
    limits::check_size(text).map_err(ReadError::without_location)?;
    let mut track = Track::new();
    let value = serde_saphyr::with_deserializer_from_str_with_options(text, options(), |deserializer| {
        let deserializer = serde_path_to_error::Deserializer::new(deserializer, &mut track);
        Option::deserialize(serde_ignored::Deserializer::new(deserializer, &mut ignored))
    });
    value.map_err(|error| ReadError::new(&error, &track.path()))
}

pub(super) fn options() -> Options {
    serde_saphyr::options! {
        budget: limits::budget(),
        // `yes` and `on` are strings.
        strict_booleans: true,
        // Numbers and booleans are not accepted as strings.
        no_schema: true,
        ignore_binary_tag_for_string: true,
        non_finite_float_policy: NonFiniteFloatPolicy::PassThrough,
        with_snippet: false,
    }
}

fn key_path(path: &Path<'_>) -> KeyPath {
    let (parent, segment) = match path {
        Path::Root => return KeyPath::new(),
        Path::Seq { parent, index } => (parent, index.to_string()),
        Path::Map { parent, key } => (parent, key.clone()),
        Path::Some { parent } | Path::NewtypeStruct { parent } | Path::NewtypeVariant { parent } => {
            return key_path(parent);
        }
    };
    let mut keys = key_path(parent);
    keys.push(segment);
    keys
}
