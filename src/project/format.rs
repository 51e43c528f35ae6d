//! Versions of the files of a project. Format 1 has no version in it; from 2 on a file says `version: <number>`, and
//! `requires: <version>` for the first version of KTX that reads it. `docs/formats.md` lists the formats.

use crate::error::{Code, Error, Result};
use serde::Deserialize;

/// The format of every file of text in a project that this version reads and writes.
const KNOWN: u64 = 1;

/// Longest `requires` that an error repeats, in bytes.
const MAX_REQUIRES_BYTES: usize = 32;

/// What every format says of itself.
#[derive(Debug, Default, Deserialize)]
struct Format {
    version: Option<u64>,
    requires: Option<String>,
}

/// Refuses YAML of a newer format. What cannot be read as YAML is left to the reader of the file.
///
/// Errors: [`Code::FormatNewer`].
pub(crate) fn check_yaml(file: &str, text: &str) -> Result<()> {
    if !text.contains("version") {
        return Ok(());
    }
    let read = super::yaml::read::<Format>(file, Code::FormatNewer, text).ok();
    check(file, read.and_then(|(format, _)| format))
}

/// Refuses JSON of a newer format. What cannot be read as JSON is left to the reader of the file.
///
/// Errors: [`Code::FormatNewer`].
pub(crate) fn check_json(file: &str, text: &str) -> Result<()> {
    if !text.contains("\"version\"") {
        return Ok(());
    }
    check(file, serde_json::from_str(text).ok())
}

fn check(file: &str, format: Option<Format>) -> Result<()> {
    match format {
        Some(Format { version: Some(version), requires }) if version > KNOWN => {
            Err(newer(file, version, KNOWN, requires.as_deref()))
        }
        _ => Ok(()),
    }
}

/// The error for a file of a newer format than `known`, which is not touched.
pub(crate) fn newer(file: &str, version: u64, known: u64, requires: Option<&str>) -> Error {
    let is_version = |text: &&str| {
        text.len() <= MAX_REQUIRES_BYTES && text.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '.' | '-'))
    };
    let (needed, update) = match requires.filter(is_version) {
        Some(requires) => (format!("KTX {requires}"), format!("@kaelio/ktx@{requires}")),
        None => ("a newer version of KTX".to_owned(), "@kaelio/ktx@latest".to_owned()),
    };
    let message = format!("{file} has format {version} and needs {needed}; this version reads formats up to {known}");
    Error::new(Code::FormatNewer, message).with_hint(format!("Update KTX with: npm install {update}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_newer_format_says_which_version_it_needs() {
        let error = check_yaml("ktx.yaml", "version: 2\nrequires: 0.3.0\nconnections: [new, shape]\n").unwrap_err();
        assert_eq!(error.code(), Code::FormatNewer);
        let message = "ktx.yaml has format 2 and needs KTX 0.3.0; this version reads formats up to 1";
        assert_eq!(error.to_string(), message);
        assert_eq!(error.hint(), Some("Update KTX with: npm install @kaelio/ktx@0.3.0"));
        let error = check_json("a.json", r#"{"version": 7, "requires": "x; rm -rf"}"#).unwrap_err();
        assert!(error.to_string().starts_with("a.json has format 7 and needs a newer version of KTX; "), "{error}");
        assert_eq!(error.hint(), Some("Update KTX with: npm install @kaelio/ktx@latest"));
    }

    #[test]
    fn format_1_and_what_cannot_be_read_are_left_to_the_reader() {
        for text in ["", "name: version\n", "version: 1\n", "version: [", "version: two\n", "columns: [{ version: 3 }]"]
        {
            assert!(check_yaml("x.yaml", text).is_ok(), "{text}");
        }
        for text in ["", "{", r#"{"version": 1}"#, r#"{"columns": [{"version": 3}]}"#, r#"["version"]"#] {
            assert!(check_json("x.json", text).is_ok(), "{text}");
        }
    }
}
