//! Format versions of project files. A file of format 1 has no version. Later formats have `version: <number>`, and
//! `requires: <version>`, the first version of KTX that reads it. `docs/formats.md` lists the formats.

use crate::error::{Code, Error, Result};
use serde::Deserialize;

/// The newest format of YAML and JSON files that this version reads and writes.
const SUPPORTED_FORMAT: u64 = 1;

/// Maximum bytes of a `requires` that an error quotes.
const MAX_REQUIRES_BYTES: usize = 32;

/// The keys that every format has.
#[derive(Debug, Default, Deserialize)]
struct Format {
    version: Option<u64>,
    requires: Option<String>,
}

/// Rejects YAML of a newer format. Invalid YAML passes, and is reported by the reader of the file.
///
/// Errors: [`Code::FormatNewer`].
pub(crate) fn check_yaml(file: &str, text: &str) -> Result<()> {
    if !text.contains("version") {
        return Ok(());
    }
    let read = super::yaml::read::<Format>(file, Code::FormatNewer, text).ok();
    check(file, read.and_then(|(format, _)| format))
}

/// Rejects JSON of a newer format. Invalid JSON passes, and is reported by the reader of the file.
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
        Some(Format { version: Some(version), requires }) if version > SUPPORTED_FORMAT => {
            Err(newer_format(file, version, SUPPORTED_FORMAT, requires.as_deref()))
        }
        _ => Ok(()),
    }
}

/// Returns the error for a file of a newer format than `supported`.
pub(crate) fn newer_format(file: &str, version: u64, supported: u64, requires: Option<&str>) -> Error {
    let is_version = |text: &&str| {
        text.len() <= MAX_REQUIRES_BYTES && text.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '.' | '-'))
    };
    let (needed, update) = match requires.filter(is_version) {
        Some(requires) => (format!("KTX {requires}"), format!("@kaelio/ktx@{requires}")),
        None => ("a newer version of KTX".to_owned(), "@kaelio/ktx@latest".to_owned()),
    };
    let message =
        format!("{file} has format {version} and needs {needed}; this version reads formats up to {supported}");
    Error::new(Code::FormatNewer, message).with_hint(format!("Update KTX with: npm install {update}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn newer_format_is_rejected_with_the_required_version() {
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
    fn format_1_and_invalid_files_pass() {
        for text in ["", "name: version\n", "version: 1\n", "version: [", "version: two\n", "columns: [{ version: 3 }]"]
        {
            assert!(check_yaml("x.yaml", text).is_ok(), "{text}");
        }
        for text in ["", "{", r#"{"version": 1}"#, r#"{"columns": [{"version": 3}]}"#, r#"["version"]"#] {
            assert!(check_json("x.json", text).is_ok(), "{text}");
        }
    }
}
