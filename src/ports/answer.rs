//! Answers of the daemon as Rust types.

use crate::{
    error::{Code, Error, Result},
    http::call_name,
};
use serde::{Deserialize, de::DeserializeOwned};

/// Reads a typed answer; an error names the field that is missing or wrong.
pub fn read_answer<'a, T: Deserialize<'a>>(path: &str, text: &'a str) -> Result<T> {
    let mut json = serde_json::Deserializer::from_str(text);
    serde_path_to_error::deserialize(&mut json).map_err(|error| {
        let place = place(&error);
        let cause = error.into_inner();
        unexpected(path, &place, &cause.to_string()).caused_by(cause)
    })
}

/// Reads a host's argument; an error names the key that is unknown, missing or wrong.
pub(super) fn read_argument<T: DeserializeOwned>(name: &str, text: &str) -> Result<T> {
    let mut json = serde_json::Deserializer::from_str(text);
    serde_path_to_error::deserialize(&mut json).map_err(|error| {
        let place = place(&error);
        let dot = if place.is_empty() || place.starts_with('[') { "" } else { "." };
        let cause = error.into_inner();
        let (line, column) = (cause.line(), cause.column());
        let what = cause.to_string();
        let what = what.trim_end_matches(&format!(" at line {line} column {column}"));
        Error::new(Code::ArgumentInvalid, format!("{name}{dot}{place}: {what}"))
    })
}

/// The path of the value that could not be read, as in `tables[3].name`; empty for the whole text.
fn place(error: &serde_path_to_error::Error<serde_json::Error>) -> String {
    match error.path().to_string().as_str() {
        "." => String::new(),
        path => path.to_owned(),
    }
}

/// The error about an answer that is not as it should be, at a place in it or as a whole.
pub(crate) fn unexpected(path: &str, place: &str, what: &str) -> Error {
    let at = if place.is_empty() { String::new() } else { format!(" at {place}") };
    let message = format!("{} answered unexpectedly{at}: {what}", call_name(path));
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

    fn place_in(text: &str) -> String {
        let error = read_answer::<Answer>("/x", text).unwrap_err().to_string();
        let said = error.strip_prefix("KTX managed daemon HTTP /x answered unexpectedly").unwrap().to_owned();
        said.split_once(": ").unwrap().0.to_owned()
    }

    #[test]
    fn an_error_says_where() {
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
            assert_eq!(place_in(text), expected, "{text}");
        }
    }
}
