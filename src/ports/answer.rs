//! Answers of the daemon as Rust types.

use crate::error::{Code, Error, Result};
use serde::{Deserialize, de::DeserializeOwned};

/// Reads a typed answer; an error names the field that is missing or wrong.
pub fn read_answer<'a, T: Deserialize<'a>>(path: &str, text: &'a str) -> Result<T> {
    let mut json = serde_json::Deserializer::from_str(text);
    T::deserialize(&mut json).map_err(|error| {
        let place = place(read_before(text, &error));
        unexpected(path, &place, &error.to_string()).caused_by(error)
    })
}

/// Reads a host's argument; an error names the key that is unknown, missing or wrong.
pub(super) fn read_argument<T: DeserializeOwned>(name: &str, text: &str) -> Result<T> {
    serde_json::from_str(text).map_err(|error| {
        let place = place(read_before(text, &error));
        let dot = if place.is_empty() || place.starts_with('[') { "" } else { "." };
        let (line, column) = (error.line(), error.column());
        let what = error.to_string();
        let what = what.trim_end_matches(&format!(" at line {line} column {column}"));
        Error::new(Code::ArgumentInvalid, format!("{name}{dot}{place}: {what}"))
    })
}

/// The error about an answer that is not as it should be, at a place in it or as a whole.
pub(crate) fn unexpected(path: &str, place: &str, what: &str) -> Error {
    let at = if place.is_empty() { String::new() } else { format!(" at {place}") };
    let message = format!("KTX managed daemon HTTP {path} answered unexpectedly{at}: {what}");
    Error::new(Code::HttpAnswerInvalid, message)
}

/// What was read when the error was noticed; nothing where that is not known.
fn read_before<'a>(text: &'a str, error: &serde_json::Error) -> &'a [u8] {
    let lines = text.split_inclusive('\n').take(error.line().saturating_sub(1));
    let end = lines.map(str::len).sum::<usize>() + error.column();
    text.as_bytes().get(..end).unwrap_or(text.as_bytes())
}

/// A step from a value into one that it holds.
enum Step<'a> {
    /// Into an object, at no key yet.
    Object,
    Key(&'a [u8]),
    Item(usize),
}

/// Where JSON breaks off, as in `tables[3].name`. The types that answers are read as know no places: a reader that does
/// would be compiled for each of them once more.
fn place(json: &[u8]) -> String {
    let mut steps = Vec::new();
    let mut string: &[u8] = &[];
    let mut rest = json;
    while let [byte, after @ ..] = rest {
        rest = after;
        match (byte, steps.last_mut()) {
            (b'"', _) => (string, rest) = string_of(after),
            (b'{', _) => steps.push(Step::Object),
            (b'[', _) => steps.push(Step::Item(0)),
            (b'}' | b']', _) => drop(steps.pop()),
            (b':', Some(step)) => *step = Step::Key(string),
            (b',', Some(Step::Item(index))) => *index += 1,
            (b',', Some(step)) => *step = Step::Object,
            _ => {}
        }
    }
    let mut place = String::new();
    for step in steps {
        match step {
            Step::Object => {}
            Step::Key(key) => {
                let dot = if place.is_empty() { "" } else { "." };
                place.extend([dot, &String::from_utf8_lossy(key)]);
            }
            Step::Item(index) => place.push_str(&format!("[{index}]")),
        }
    }
    place
}

/// The content of a string whose quote stands before, and what follows it.
fn string_of(json: &[u8]) -> (&[u8], &[u8]) {
    let mut escaped = false;
    let end = json.iter().position(|byte| {
        let ends = *byte == b'"' && !escaped;
        escaped = *byte == b'\\' && !escaped;
        ends
    });
    match end {
        Some(end) => (&json[..end], &json[end + 1..]),
        None => (json, &[]),
    }
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
