//! Secret references: `env:NAME`, `file:PATH`, or a literal.

use super::{Project, confined};
use crate::{
    env::Environment,
    error::{Code, Error, Result},
    files,
    redact::SecretText,
    runtime,
};
use std::{
    fs,
    io::{self, ErrorKind},
    path::{Component, Path, PathBuf},
};

/// A parsed secret reference.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Reference<'a> {
    /// An environment variable.
    Env(&'a str),
    /// A file; the path is relative to the project.
    File(&'a str),
    /// The value is the secret.
    Literal(&'a str),
}

impl<'a> Reference<'a> {
    /// Parses a value of `ktx.yaml`.
    pub fn parse(value: &'a str) -> Self {
        match value.split_once(':') {
            Some(("env", name)) => Self::Env(name),
            // `file://…` is a URL, not a reference.
            Some(("file", path)) if !path.starts_with("//") => Self::File(path),
            _ => Self::Literal(value),
        }
    }
}

/// Location of the file of a reference.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum SecretLocation {
    /// In the project.
    Project(PathBuf),
    /// In the user's configuration folder.
    UserConfig(PathBuf),
    /// Outside of both.
    Outside(PathBuf),
}

/// Resolves the secret references of a connection. Created for trusted projects, or for connections that need no trust.
#[derive(Debug, Clone, Copy)]
pub struct SecretSources<'a> {
    /// Folder of the project, which file references are relative to.
    project_dir: &'a Path,
    /// Environment variables of the host.
    env: &'a Environment,
}

impl Project {
    /// Returns the resolver of a connection's secret references.
    ///
    /// Errors: [`Code::ProjectUntrusted`] if it has references outside the project and the project is not trusted.
    pub(super) fn secrets<'a>(&'a self, id: &str, env: &'a Environment) -> Result<SecretSources<'a>> {
        self.require_trust(id, env)?;
        Ok(SecretSources { project_dir: &self.dir, env })
    }
}

impl SecretSources<'_> {
    /// Classifies the target of a file reference by its path as written. Later, a read of a file in the project rejects
    /// links that lead out of it.
    pub(super) fn locate(project_dir: &Path, env: &Environment, path: &str) -> Result<SecretLocation> {
        let written = normalize_path(&project_dir.join(expand_home(path, env)?));
        if written.starts_with(normalize_path(project_dir)) {
            return Ok(SecretLocation::Project(written));
        }
        let config_dir = runtime::config_dir(env)?;
        if written.starts_with(normalize_path(&config_dir)) {
            return Ok(SecretLocation::UserConfig(written));
        }
        Ok(match (fs::canonicalize(&written), fs::canonicalize(project_dir)) {
            (Ok(real), Ok(project)) if real.starts_with(&project) => {
                SecretLocation::Project(project_dir.join(real.strip_prefix(&project).unwrap_or(&real)))
            }
            _ => SecretLocation::Outside(written),
        })
    }

    /// Resolves a value. `key` is its path in `ktx.yaml`, for example `connections.shop.url`.
    ///
    /// Errors: [`Code::SecretMissing`] names the reference, never a value.
    pub fn resolve(&self, key: &str, value: &str) -> Result<SecretText> {
        if value.is_empty() {
            return Err(Error::new(Code::SecretMissing, format!("{key} is empty")).with_hint("Give it a value"));
        }
        let resolved = match Reference::parse(value) {
            Reference::Env(name) => self.variable(name),
            Reference::File(path) => self.file(path),
            Reference::Literal(text) => return Ok(SecretText::new(text)),
        };
        let missing = |Missing { reason, hint }| {
            let error = Error::new(Code::SecretMissing, format!("{key} refers to {value}, but {reason}"));
            match hint {
                Some(hint) => error.with_hint(hint),
                None => error,
            }
        };
        resolved.map(SecretText::new).map_err(missing)
    }

    fn variable(&self, name: &str) -> Result<String, Missing> {
        let missing = |what: &str| {
            Err(Missing::new(format!("the environment variable {name} is {what}"), "Set it and try again"))
        };
        match self.env.get(name) {
            Some("") => missing("empty"),
            Some(value) => Ok(value.to_owned()),
            None => missing("not set"),
        }
    }

    fn file(&self, path: &str) -> Result<String, Missing> {
        let location = Self::locate(self.project_dir, self.env, path)?;
        let (full, bytes) = match location {
            SecretLocation::Project(full) => {
                let read = confined::read(self.project_dir, &full)?;
                (full, read.ok_or_else(|| io::Error::from(ErrorKind::NotFound)))
            }
            SecretLocation::UserConfig(full) | SecretLocation::Outside(full) => {
                let read = fs::canonicalize(&full).and_then(|real| files::read_regular(&real));
                (full, read)
            }
        };
        let bytes = bytes.map_err(|error| format!("the file {} cannot be read: {error}", full.display()))?;
        let Ok(text) = String::from_utf8(bytes) else {
            return Err(format!("the file {} is not UTF-8 text", full.display()).into());
        };
        let text = text.trim_start_matches('\u{feff}').trim_end_matches(['\r', '\n']);
        if text.is_empty() {
            return Err(Missing::new(format!("the file {} is empty", full.display()), "Write the secret into it"));
        }
        Ok(text.to_owned())
    }
}

/// The reason why a reference cannot be resolved, and the next step.
struct Missing {
    reason: String,
    hint: Option<String>,
}

impl Missing {
    fn new(reason: impl Into<String>, hint: &str) -> Self {
        Self { reason: reason.into(), hint: Some(hint.to_owned()) }
    }
}

impl From<String> for Missing {
    fn from(reason: String) -> Self {
        Self { reason, hint: None }
    }
}

impl From<Error> for Missing {
    fn from(error: Error) -> Self {
        Self { reason: error.to_string(), hint: error.explicit_hint().map(str::to_owned) }
    }
}

/// Replaces `~` at the start of a path by the user's home folder.
pub(super) fn expand_home(path: &str, env: &Environment) -> Result<PathBuf> {
    match path.strip_prefix("~/") {
        Some(rest) => Ok(runtime::user_home(env)?.join(rest)),
        None => Ok(path.into()),
    }
}

/// Removes `.` and `..` from a path without accessing the file system.
pub(super) fn normalize_path(path: &Path) -> PathBuf {
    let mut normalized = PathBuf::new();
    for component in path.components() {
        match component {
            Component::ParentDir => {
                normalized.pop();
            }
            Component::CurDir => {}
            other => normalized.push(other),
        }
    }
    normalized
}

#[cfg(test)]
mod tests {
    use super::*;

    fn resolve(dir: &Path, value: &str) -> Result<SecretText> {
        let env = Environment::default().with("SHOP_URL", "postgres://u:p@h/d").with("EMPTY", "");
        SecretSources { project_dir: dir, env: &env }.resolve("connections.shop.url", value)
    }

    #[test]
    fn variables_files_and_literals_are_resolved() {
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
    fn errors_name_the_reference() {
        let dir = tempfile::tempdir().unwrap();
        fs::write(dir.path().join("empty"), "\n").unwrap();
        fs::write(dir.path().join("binary"), [0xff, 0xfe]).unwrap();
        let message = |value| {
            let error = resolve(dir.path(), value).unwrap_err();
            assert_eq!(error.code(), Code::SecretMissing);
            error.with_hint_text()
        };
        assert_eq!(
            message("env:NOPE"),
            "connections.shop.url refers to env:NOPE, but the environment variable NOPE is not set. Set it and try again"
        );
        assert!(message("env:EMPTY").contains("env:EMPTY"));
        for name in ["file:none.txt", "file:empty", "file:binary"] {
            assert!(message(name).starts_with(&format!("connections.shop.url refers to {name}, but the file ")));
        }
        assert_eq!(message(""), "connections.shop.url is empty. Give it a value");
    }

    #[cfg(unix)]
    #[test]
    fn links_out_of_the_project_are_rejected() {
        use std::os::unix::fs::symlink;
        let (dir, elsewhere) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        fs::write(elsewhere.path().join("key"), "hunter2").unwrap();
        fs::write(dir.path().join("real"), "mine").unwrap();
        symlink(elsewhere.path(), dir.path().join("folder")).unwrap();
        symlink(elsewhere.path().join("key"), dir.path().join("link")).unwrap();
        symlink("real", dir.path().join("inner")).unwrap();
        for value in ["file:link", "file:folder/key", "file:x/../link"] {
            let error = resolve(dir.path(), value).unwrap_err().to_string();
            assert!(error.contains("is a link that leads out of the project") && !error.contains("hunter2"), "{error}");
        }
        assert_eq!(resolve(dir.path(), "file:inner").unwrap().expose(), "mine");
        let away = format!("file:{}", elsewhere.path().join("key").display());
        assert_eq!(resolve(dir.path(), &away).unwrap().expose(), "hunter2", "files outside may be read by their path");
        for value in ["file:/dev/zero", "file:/dev/stdin"] {
            assert!(resolve(dir.path(), value).is_err(), "{value}");
        }
    }

    #[test]
    fn debug_output_is_masked() {
        assert_eq!(format!("{:?}", SecretText::new("hunter2")), "***");
    }
}
