//! Secret references: `env:NAME`, `file:PATH` or the secret itself.

use super::{Project, inside};
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

/// Where the file of a reference is.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Place {
    /// Below the project.
    Project(PathBuf),
    /// In the user's own configuration folder.
    Own(PathBuf),
    /// Anywhere else.
    Elsewhere(PathBuf),
}

/// What the secrets of a connection are looked up in. Only a trusted project gets beyond itself.
#[derive(Debug, Clone, Copy)]
pub struct SecretSources<'a> {
    /// The project's folder: files are relative to it.
    project_dir: &'a Path,
    /// Variables, as the host gave them.
    env: &'a Environment,
}

impl Project {
    /// Where to look up the secrets of a connection.
    ///
    /// Errors: [`Code::ProjectUntrusted`] where it refers to something outside the project, which is not trusted.
    pub(super) fn secrets<'a>(&'a self, id: &str, env: &'a Environment) -> Result<SecretSources<'a>> {
        self.require_trust(id, env)?;
        Ok(SecretSources { project_dir: &self.dir, env })
    }
}

impl SecretSources<'_> {
    /// The target of a file reference. One that is written as below the project must stay there: links that leave it are
    /// refused.
    pub(super) fn place(project_dir: &Path, env: &Environment, path: &str) -> Result<Place> {
        let written = normalised(&project_dir.join(path));
        if written.starts_with(normalised(project_dir)) {
            return Ok(Place::Project(written));
        }
        let own = runtime::config_dir(env)?;
        if written.starts_with(normalised(&own)) {
            return Ok(Place::Own(written));
        }
        Ok(match (fs::canonicalize(&written), fs::canonicalize(project_dir)) {
            (Ok(real), Ok(project)) if real.starts_with(&project) => {
                Place::Project(project_dir.join(real.strip_prefix(&project).unwrap_or(&real)))
            }
            _ => Place::Elsewhere(written),
        })
    }

    /// The secret that a value refers to. `key` names the place of the value, for example `connections.shop.url`.
    ///
    /// Errors: [`Code::SecretMissing`] names the reference, never a value.
    pub fn resolve(&self, key: &str, value: &str) -> Result<SecretText> {
        let found = match Reference::parse(value) {
            Reference::Env(name) => self.variable(name),
            Reference::File(path) => self.file(path),
            Reference::Literal("") => Err(Missing::new("it is empty", "Give it a value")),
            Reference::Literal(text) => Ok(text.to_owned()),
        };
        let missing = |Missing { reason, hint }| {
            let named = if matches!(Reference::parse(value), Reference::Literal(_)) { "no secret" } else { value };
            let error = Error::new(Code::SecretMissing, format!("{key} refers to {named}, but {reason}"));
            match hint {
                Some(hint) => error.with_hint(hint),
                None => error,
            }
        };
        found.map(SecretText::new).map_err(missing)
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
        let place = Self::place(self.project_dir, self.env, path)?;
        let (full, bytes) = match place {
            Place::Project(full) => {
                let read = inside::read(self.project_dir, &full)?;
                (full, read.ok_or_else(|| io::Error::from(ErrorKind::NotFound)))
            }
            Place::Own(full) | Place::Elsewhere(full) => {
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

/// Why a reference leads nowhere, and the next step.
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

/// Without `.` and `..`; nothing is looked at.
pub(super) fn normalised(path: &Path) -> PathBuf {
    let mut plain = PathBuf::new();
    for component in path.components() {
        match component {
            Component::ParentDir => {
                plain.pop();
            }
            Component::CurDir => {}
            other => plain.push(other),
        }
    }
    plain
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
        assert!(message("").contains("it is empty"));
    }

    #[cfg(unix)]
    #[test]
    fn a_file_below_the_project_is_no_link_out_of_it() {
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
        assert_eq!(resolve(dir.path(), &away).unwrap().expose(), "hunter2", "a trusted project may");
        for value in ["file:/dev/zero", "file:/dev/stdin"] {
            assert!(resolve(dir.path(), value).is_err(), "{value}");
        }
    }

    #[test]
    fn debugging_shows_nothing() {
        assert_eq!(format!("{:?}", SecretText::new("hunter2")), "***");
    }
}
