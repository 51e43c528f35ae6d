//! YAML that people write, and JSON that hosts give for it: read with types, and with errors that say where and what,
//! never with a value. Written and added to as well.

mod document;
mod edit;
#[cfg(test)]
mod kept;
mod node;
mod outline;
mod typed;

pub(crate) use edit::{Addition, STEP};
#[cfg(test)]
pub(crate) use kept::assert_kept;

use crate::error::{Code, Error, Result};
use node::{Node, Place};
use serde::{Deserialize, Deserializer, Serialize, de::DeserializeOwned};
use std::cell::RefCell;
use typed::{Path, Typed, Wrong};

/// The keys that lead to a place of a file.
pub(crate) type Keys = Vec<String>;

/// Reads a document; gives the places of keys that the type does not have. `None` where there are comments alone.
///
/// Errors: of that code, `<file>:<line>:<column>: <what is wrong>`; a value may be a secret, so none stands in one.
pub(crate) fn read<T: DeserializeOwned>(file: &str, code: Code, text: &str) -> Result<(Option<T>, Vec<Keys>)> {
    let unknown = RefCell::default();
    let typed = |node: Node| T::deserialize(Typed { node: &node, path: Path::Top, unknown: &unknown });
    match document::read(text).and_then(|node| node.map(typed).transpose()) {
        Ok(value) => Ok((value, unknown.into_inner())),
        Err(Wrong { what, place }) => {
            let (at, path) = place.unzip();
            let of = path.filter(|path| !path.is_empty()).map(|path| format!("{path}: ")).unwrap_or_default();
            Err(fail(file, code, at, &format!("{of}{what}")))
        }
    }
}

/// Reads JSON as the same type would be read from a file; keys that the type does not have do not matter.
///
/// Errors: of that code, `<name>.<key>: <what is wrong>`.
pub(crate) fn read_json<T: DeserializeOwned>(name: &str, code: Code, text: &str) -> Result<T> {
    let node: Node =
        serde_json::from_str(text).map_err(|error| Error::new(code, format!("{name} is not JSON: {error}")))?;
    let typed = Typed { node: &node, path: Path::Top, unknown: &RefCell::default() };
    T::deserialize(typed).map_err(|Wrong { what, place }| {
        let path = place.map(|(_, path)| path).unwrap_or_default();
        let dot = if path.is_empty() || path.starts_with('[') { "" } else { "." };
        Error::new(code, format!("{name}{dot}{path}: {what}"))
    })
}

/// A value as people would write it, a mapping in a mapping so many spaces further right.
pub(crate) fn write(value: &(impl Serialize + ?Sized), step: usize) -> Result<String> {
    // A long expression stays on its line: folding it would make every later edit a different text.
    // YAML 1.1 would want the key `on` in quotes.
    let options = serde_saphyr::ser_options! {
        indent_step: step,
        compact_list_indent: false,
        folded_wrap_chars: 10_000,
        yaml_12: true,
        no_lang_directive: true,
    };
    let text = serde_saphyr::to_string_with_options(&value, options);
    text.map_err(|error| Error::new(Code::Internal, "A value cannot be written as YAML").caused_by(error))
}

/// A key with nothing behind it means the same as no key.
pub(crate) fn or_default<'de, D, T>(deserializer: D) -> Result<T, D::Error>
where
    D: Deserializer<'de>,
    T: Deserialize<'de> + Default,
{
    Ok(Option::deserialize(deserializer)?.unwrap_or_default())
}

fn fail(file: &str, code: Code, at: Option<Place>, what: &str) -> Error {
    match at {
        Some(Place { line, column }) => Error::new(code, format!("{file}:{line}:{column}: {what}")),
        None => Error::new(code, format!("{file}: {what}")),
    }
}
