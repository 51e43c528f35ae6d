//! Deserialisation of the daemon's answers and of hosts' arguments, with the path of a wrong value.

use crate::{
    error::{Code, Error, Result},
    http::call_name,
};
use serde::{Deserialize, de::DeserializeOwned};

/// Deserialises an answer.
///
/// Errors: [`Code::HttpAnswerInvalid`], which names the field that is missing or wrong.
pub fn read_answer<'a, T: Deserialize<'a>>(path: &str, text: &'a str) -> Result<T> {
    let mut json = serde_json::Deserializer::from_str(text);
    serde_path_to_error::deserialize(&mut json).map_err(|error| {
        let json_path = json_path(&error);
        let cause = error.into_inner();
        unexpected_answer(path, &json_path, &cause.to_string()).caused_by(cause)
    })
}

/// Deserialises an argument of a host.
///
/// Errors: [`Code::ArgumentInvalid`], which names the key that is unknown, missing or wrong.
pub(super) fn read_argument<T: DeserializeOwned>(name: &str, text: &str) -> Result<T> {
    let mut json = serde_json::Deserializer::from_str(text);
    serde_path_to_error::deserialize(&mut json).map_err(|error| {
        let json_path = json_path(&error);
        let dot = if json_path.is_empty() || json_path.starts_with('[') { "" } else { "." };
        let cause = error.into_inner();
        let (line, column) = (cause.line(), cause.column());
        let reason = cause.to_string();
        let reason = reason.trim_end_matches(&format!(" at line {line} column {column}"));
        Error::new(Code::ArgumentInvalid, format!("{name}{dot}{json_path}: {reason}"))
    })
}

/// The path of the value that could not be deserialised, such as `tables[3].name`; empty for the root.
fn json_path(error: &serde_path_to_error::Error<serde_json::Error>) -> String {
    match error.path().to_string().as_str() {
        "." => String::new(),
        path => path.to_owned(),
    }
}

/// The error of an answer to a call of `path` with an invalid value at `json_path`; an empty one is the root.
pub(crate) fn unexpected_answer(path: &str, json_path: &str, reason: &str) -> Error {
    let at = if json_path.is_empty() { String::new() } else { format!(" at {json_path}") };
    let message = format!("{} answered unexpectedly{at}: {reason}", call_name(path));
    Error::new(Code::HttpAnswerInvalid, message)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeMap;

    #[derive(Debug, Deserialize)]
    #[expect(dead_code, reason = "read, and never looked at")]
    struct Answer {
        tables: Vec<Table>,
        #[serde(default)]
        more: BTreeMap<String, Option<Vec<u8>>>,
    }

    #[derive(Debug, Deserialize)]
    #[expect(dead_code, reason = "read, and never looked at")]
    struct Table {
        name: String,
        kind: Kind,
        rows: Option<u64>,
    }

    #[derive(Debug, Deserialize)]
    #[serde(rename_all = "lowercase")]
    enum Kind {
        View,
    }

    fn path_in_error(text: &str) -> String {
        let error = read_answer::<Answer>("/x", text).unwrap_err().to_string();
        let rest = error.strip_prefix("KTX managed daemon HTTP /x answered unexpectedly").unwrap().to_owned();
        rest.split_once(": ").unwrap().0.to_owned()
    }

    #[test]
    fn error_names_the_path_of_the_invalid_value() {
        for (text, expected) in [
            ("{}", ""),
            ("[5]", " at [0]"),
            ("5", ""),
            ("", ""),
            (r#"{"tables":5}"#, " at tables"),
            (r#"{"tables": {}}"#, " at tables"),
            (r#"{"tables":[5]}"#, " at tables[0]"),
            (r#"{"tables":[{"kind":"view"}]}"#, " at tables[0]"),
            (r#"{"tables":[{"name":"a","kind":"view"} , "b"]}"#, " at tables[1]"),
            (r#"{"tables":[{"name":"a","kind":"view"},[]]}"#, " at tables[1]"),
            (r#"{"tables":[{"name":"a","kind":"view"},{"name":null}]}"#, " at tables[1].name"),
            (r#"{"tables":[{"name":["a"],"kind":"view"}]}"#, " at tables[0].name"),
            (r#"{"tables":[{"name":"a\\\"]},","kind":"table"}]}"#, " at tables[0].kind"),
            ("{\n  \"tables\": [\n    {\n      \"name\": \"ü\", \"rows\": -1\n    }\n  ]\n}", " at tables[0].rows"),
            (r#"{"tables":[{"name":"a","name":"b"}]}"#, " at tables[0]"),
            (r#"{"more":{"a.b":[1,2,{}]}}"#, " at more.a.b[2]"),
            (r#"{"more":{"ü":[1,2],"é":[256"#, " at more.é[0]"),
            (r#"{"tables":[{"name":"cut o"#, " at tables[0].name"),
            (r#"{"tables":[{"name":"a","kind":<html>"#, " at tables[0].kind"),
        ] {
            assert_eq!(path_in_error(text), expected, "{text}");
        }
    }
}
