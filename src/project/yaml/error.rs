//! Converts errors of the parser to messages in terms of the file, not of Rust types.

use super::limits;
use crate::project::suggest::hint;
use serde_path_to_error::{Path, Segment};
use serde_saphyr::{Error, Location};
use std::borrow::Cow;

/// The message for a scalar or sequence in place of a mapping.
pub(super) const EXPECTED_MAPPING: &str = "expected keys and values";

const EXPECTED_KEY: &str = "expected a key that is text; put it in quotes";

/// A syntax or type error of a document. Messages never contain values, which may be secrets.
#[derive(Debug)]
pub(super) struct ReadError {
    message: String,
    /// Path of the value, such as `columns[0].type`; empty for the document itself.
    path: String,
    location: Option<Location>,
}

impl ReadError {
    pub(super) fn without_location(message: &str) -> Self {
        Self { message: message.to_owned(), path: String::new(), location: None }
    }

    pub(super) fn new(error: &Error, path: &Path) -> Self {
        let location = error.location();
        let error = innermost(error);
        let is_key = matches!(path.iter().next_back(), Some(Segment::Unknown));
        let (message, path) = match type_message(error) {
            _ if is_key && is_not_text(error) => (EXPECTED_KEY.into(), String::new()),
            Some(message) => (message, shown_path(error, path)),
            None => (syntax_message(error), String::new()),
        };
        Self { message: message.into_owned(), path, location }
    }

    /// `<file>:<line>:<column>: <path>: <message>`.
    pub(super) fn in_file(&self, file: &str) -> String {
        let Self { message, path, location } = self;
        let separator = if path.is_empty() { "" } else { ": " };
        match location {
            Some(at) => format!("{file}:{}:{}: {path}{separator}{message}", at.line(), at.column()),
            None => format!("{file}: {path}{separator}{message}"),
        }
    }

    /// `<name>.<path>: <message>`.
    pub(super) fn in_value(&self, name: &str) -> String {
        let dot = if self.path.is_empty() || self.path.starts_with('[') { "" } else { "." };
        format!("{name}{dot}{}: {}", self.path, self.message)
    }
}

fn innermost(error: &Error) -> &Error {
    match error {
        Error::AliasError { error, .. } | Error::WithSnippet { error, .. } => innermost(error),
        error => error,
    }
}

/// The path to show: for an invalid key that of its mapping, otherwise that of the value.
fn shown_path(error: &Error, path: &Path) -> String {
    let path = path.to_string();
    let last = match error {
        Error::SerdeUnknownField { field, .. } => field,
        _ => "?",
    };
    path.strip_suffix(last).unwrap_or(&path).trim_end_matches('.').to_owned()
}

fn is_not_text(error: &Error) -> bool {
    matches!(error, Error::QuotingRequired { .. } | Error::NullIntoString { .. } | Error::Unexpected { .. })
}

/// The message for a value of the wrong type; `None` for other errors.
fn type_message(error: &Error) -> Option<Cow<'static, str>> {
    Some(match error {
        Error::Unexpected { expected: "mapping start", .. } => EXPECTED_MAPPING.into(),
        Error::Unexpected { expected: "sequence start", .. } => "expected a list, such as [a, b]".into(),
        Error::Unexpected { expected: "string scalar", .. }
        | Error::ExternallyTaggedEnumExpectedScalarOrMapping { .. }
        | Error::UnexpectedValueForUnitEnumVariant { .. } => "expected text".into(),
        Error::NullIntoString { .. } => "expected text, found null".into(),
        Error::QuotingRequired { value, .. } if matches!(&**value, "" | "~" | "null" | "Null" | "NULL") => {
            "expected text, found null".into()
        }
        Error::QuotingRequired { .. } => {
            "expected text, found a number or a boolean; put it in quotes if it is meant as text".into()
        }
        Error::InvalidBooleanStrict { .. } => "expected true or false".into(),
        Error::InvalidScalar { ty: "u16", .. } => "expected a whole number, 0 to 65535".into(),
        Error::InvalidScalar { ty: "u32" | "u64", .. } => "expected a whole number, 0 or more".into(),
        Error::SerdeInvalidType { expected, .. } | Error::SerdeInvalidValue { expected, .. } => {
            format!("expected {expected}").into()
        }
        Error::SerdeUnknownVariant { expected, .. } => format!("expected one of {}", expected.join(", ")).into(),
        Error::SerdeMissingField { field, .. } => format!("the key {field} is missing").into(),
        Error::SerdeUnknownField { field, expected, .. } => {
            format!("unknown key {field}{}", hint(field, expected)).into()
        }
        _ => return None,
    })
}

/// The message for a syntax error, several documents, or a document that exceeds the limits.
fn syntax_message(error: &Error) -> Cow<'static, str> {
    if let Some(message) = limits::message(error) {
        return message.into();
    }
    match error {
        Error::ExternalMessage { msg, .. } => msg.clone().into(),
        Error::DuplicateMappingKey { key: Some(key), .. } => format!("duplicate key {key}").into(),
        Error::MultipleDocuments { .. } => "expected one document, found another".into(),
        Error::UnknownAnchor { .. } => "alias of an unknown anchor".into(),
        Error::RecursiveReferencesRequireWeakTypes { .. } => "recursive alias".into(),
        Error::MergeValueNotMapOrSeqOfMaps { .. } => "expected keys and values to merge, or a list of them".into(),
        _ => "unexpected value or tag".into(),
    }
}
