//! Secret references: `env:NAME`, `file:PATH` or the secret itself.

use crate::{
    env::Environment,
    error::{Code, Error, Result},
};
use std::{fmt, fs, path::Path};

/// A text that must not be shown; debugging it shows nothing.
#[derive(Clone, PartialEq, Eq)]
pub struct SecretText(String);

impl SecretText {
    /// Wraps a text.
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// The text itself, for where it must go.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for SecretText {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("***")
    }
}

/// Where a value of `ktx.yaml` says that its secret is.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Reference<'a> {
    /// A variable of the environment.
    Env(&'a str),
    /// A file, relative to the project.
    File(&'a str),
    /// The value is the secret.
    Literal(&'a str),
}

impl<'a> Reference<'a> {
    /// Reads a value of `ktx.yaml`.
    pub fn parse(value: &'a str) -> Self {
        match value.split_once(':') {
            Some(("env", name)) => Self::Env(name),
            // `file://…` is a URL, no reference.
            Some(("file", path)) if !path.starts_with("//") => Self::File(path),
            _ => Self::Literal(value),
        }
    }
}

/// What the secrets of a project are looked up in.
#[derive(Debug, Clone, Copy)]
pub struct SecretSources<'a> {
    /// The project's folder: files are relative to it.
    pub project_dir: &'a Path,
    /// Variables, as the host gave them.
    pub env: &'a Environment,
}

impl SecretSources<'_> {
    /// The secret that a value refers to. `key` names the place of the value, for example `connections.shop.url`.
    ///
    /// Errors: [`Code::SecretMissing`] names the reference, never a value.
    pub fn resolve(&self, key: &str, value: &str) -> Result<SecretText> {
        let found = match Reference::parse(value) {
            Reference::Env(name) => self.variable(name),
            Reference::File(path) => self.file(path),
            Reference::Literal("") => Err("it is empty. Give it a value".into()),
            Reference::Literal(text) => Ok(text.to_owned()),
        };
        let missing = |reason: String| {
            let named = if matches!(Reference::parse(value), Reference::Literal(_)) { "no secret" } else { value };
            Error::new(Code::SecretMissing, format!("{key} refers to {named}, but {reason}"))
        };
        found.map(SecretText).map_err(missing)
    }

    fn variable(&self, name: &str) -> Result<String, String> {
        match self.env.get(name) {
            Some("") => Err(format!("the environment variable {name} is empty. Set it and try again")),
            Some(value) => Ok(value.to_owned()),
            None => Err(format!("the environment variable {name} is not set. Set it and try again")),
        }
    }

    fn file(&self, path: &str) -> Result<String, String> {
        let full = self.project_dir.join(path);
        let bytes = fs::read(&full).map_err(|error| format!("the file {} cannot be read: {error}", full.display()))?;
        let Ok(text) = String::from_utf8(bytes) else {
            return Err(format!("the file {} is not UTF-8 text", full.display()));
        };
        let text = text.trim_start_matches('\u{feff}').trim_end_matches(['\r', '\n']);
        if text.is_empty() {
            return Err(format!("the file {} is empty. Write the secret into it", full.display()));
        }
        Ok(text.to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn resolve(dir: &Path, value: &str) -> Result<SecretText> {
        let env = Environment::default().with("SHOP_URL", "postgres://u:p@h/d").with("EMPTY", "");
        SecretSources { project_dir: dir, env: &env }.resolve("connections.shop.url", value)
    }

    #[test]
    fn the_three_forms() {
        let dir = tempfile::tempdir().unwrap();
        fs::create_dir(dir.path().join("my secrets")).unwrap();
        fs::write(dir.path().join("my secrets/ü.txt"), " two words \r\n").unwrap();
        let get = |value| resolve(dir.path(), value).unwrap().expose().to_owned();
        assert_eq!(get("env:SHOP_URL"), "postgres://u:p@h/d");
        assert_eq!(get("file:my secrets/ü.txt"), " two words ");
        assert_eq!(get("literal:with:colons"), "literal:with:colons");
        assert_eq!(get("file:///x.db"), "file:///x.db");
        let absolute = format!("file:{}", dir.path().join("my secrets/ü.txt").display());
        assert_eq!(get(&absolute), " two words ");
    }

    #[test]
    fn what_is_missing_is_named_by_its_reference() {
        let dir = tempfile::tempdir().unwrap();
        fs::write(dir.path().join("empty"), "\n").unwrap();
        fs::write(dir.path().join("binary"), [0xff, 0xfe]).unwrap();
        let message = |value| {
            let error = resolve(dir.path(), value).unwrap_err();
            assert_eq!(error.code(), Code::SecretMissing);
            error.to_string()
        };
        assert_eq!(
            message("env:NOPE"),
            "connections.shop.url refers to env:NOPE, but the environment variable NOPE is not set. Set it and try again"
        );
        assert!(message("env:EMPTY").contains("env:EMPTY"));
        for name in ["file:none.txt", "file:empty", "file:binary"] {
            assert!(message(name).starts_with(&format!("connections.shop.url refers to {name}, but the file ")));
        }
        assert!(message("").contains("it is empty"));
    }

    #[test]
    fn debugging_shows_nothing() {
        assert_eq!(format!("{:?}", SecretText::new("hunter2")), "***");
    }
}
