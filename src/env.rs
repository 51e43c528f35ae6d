//! The environment as the host gave it, and every `KTX_*` variable, once. `docs/environment.md` explains each.

use crate::error::{Code, Error, Result};
use std::{collections::BTreeMap, path::PathBuf};

/// Folder of all managed runtimes.
pub const KTX_RUNTIME_ROOT: &str = "KTX_RUNTIME_ROOT";
/// Path of the uv to install with.
pub const KTX_UV: &str = "KTX_UV";
/// Path of the Python interpreter to build environments from.
pub const KTX_PYTHON: &str = "KTX_PYTHON";
/// Seconds after which one tool of an installation is given up.
pub const KTX_INSTALL_TIMEOUT: &str = "KTX_INSTALL_TIMEOUT";
/// Base URL of an external daemon.
pub const KTX_DAEMON_URL: &str = "KTX_DAEMON_URL";
/// Base URL of a daemon for SQL analysis alone.
pub const KTX_SQL_ANALYSIS_URL: &str = "KTX_SQL_ANALYSIS_URL";
/// Bearer token for daemons that options or variables name; never sent to others.
pub const KTX_DAEMON_TOKEN: &str = daemon::TOKEN;
/// Whether projects that were not made here may use what they refer to: `1`, or `never`.
pub const KTX_TRUST: &str = "KTX_TRUST";

/// From which level on events are logged: `error`, `warn`, `info` or `debug`.
pub const KTX_LOG_LEVEL: &str = "KTX_LOG_LEVEL";
/// Id of the request that a one-shot command of the daemon belongs to; set by the addon.
pub const KTX_REQUEST_ID: &str = "KTX_REQUEST_ID";

/// What the addon sets for the daemon it starts; the daemon's own documentation is in `ktx_daemon/environment.py`.
pub mod daemon {
    /// Version that `/health` reports.
    pub const VERSION: &str = "KTX_DAEMON_VERSION";
    /// Identity that `/health` reports.
    pub const INSTANCE: &str = "KTX_DAEMON_INSTANCE";
    /// Bearer token that requests must carry.
    pub const TOKEN: &str = "KTX_DAEMON_TOKEN";
    /// File that names the daemon in use; one that it does not name any more ends.
    pub const STATE_FILE: &str = "KTX_DAEMON_STATE_FILE";
    /// Descriptor of the inherited listening socket.
    pub const LISTEN_FD: &str = "KTX_DAEMON_LISTEN_FD";
    /// Descriptor of the inherited life lock.
    pub const LIFE_FD: &str = "KTX_DAEMON_LIFE_FD";
    /// Path of the life lock, where descriptors are not inherited.
    pub const LIFE_LOCK: &str = "KTX_DAEMON_LIFE_LOCK";
    /// Descriptor to which readiness is reported.
    pub const READY_FD: &str = "KTX_DAEMON_READY_FD";
    /// File in which readiness is reported, where descriptors are not inherited.
    pub const READY_FILE: &str = "KTX_DAEMON_READY_FILE";
    /// `json`: a one-shot command writes the body of an error in place of a sentence.
    pub const ERROR_FORMAT: &str = "KTX_DAEMON_ERROR_FORMAT";

    /// What users may set; every other variable that begins so is between the addon and the daemon it starts.
    const OF_USERS: [&str; 2] = ["KTX_DAEMON_IDLE_TIMEOUT", "KTX_DAEMON_MAX_BODY_BYTES"];

    /// Whether a variable of the host has no business in a daemon: it bends Python, or was meant for another daemon.
    pub(crate) fn is_foreign(name: &str) -> bool {
        let name = name.to_ascii_uppercase();
        name.starts_with("PYTHON")
            || matches!(name.as_str(), "VIRTUAL_ENV" | "KTX_SQL_ANALYSIS_URL")
            || (name.starts_with("KTX_DAEMON_") && !OF_USERS.contains(&name.as_str()))
    }
}

/// A snapshot of environment variables. Names are case-insensitive on Windows, as there.
#[derive(Debug, Clone, Default)]
pub struct Environment(BTreeMap<String, String>);

impl Environment {
    /// The value of a variable.
    pub fn get(&self, name: &str) -> Option<&str> {
        match self.0.get(name) {
            Some(value) => Some(value),
            None if cfg!(windows) => {
                self.0.iter().find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
            }
            None => None,
        }
    }

    /// A variable that must hold an absolute path when it is set.
    pub fn absolute_path(&self, name: &str) -> Result<Option<PathBuf>> {
        let Some(value) = self.get(name) else { return Ok(None) };
        let path = PathBuf::from(value);
        if is_absolute_anywhere(value) {
            return Ok(Some(path));
        }
        let what = if value.is_empty() { "is empty" } else { "is not an absolute path" };
        let error = Error::new(Code::EnvInvalid, format!("{name} {what}"));
        Err(error.with_hint("Set it to an absolute path, or unset it"))
    }

    /// The same for variables of the XDG Base Directory Specification, and `HOME`: empty is not set.
    pub fn absolute_path_unless_empty(&self, name: &str) -> Result<Option<PathBuf>> {
        if self.get(name) == Some("") { Ok(None) } else { self.absolute_path(name) }
    }

    /// The same environment with one variable set.
    #[must_use]
    pub fn with(mut self, name: &str, value: impl Into<String>) -> Self {
        self.0.insert(name.to_owned(), value.into());
        self
    }

    /// Keeps only the variables that `keep` accepts by name.
    #[must_use]
    pub fn filtered(mut self, keep: impl Fn(&str) -> bool) -> Self {
        self.0.retain(|name, _| keep(name));
        self
    }

    /// All variables, in order of their names.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(name, value)| (name.as_str(), value.as_str()))
    }
}

impl FromIterator<(String, String)> for Environment {
    fn from_iter<T: IntoIterator<Item = (String, String)>>(pairs: T) -> Self {
        let mut variables = Self::default();
        variables.0.extend(pairs);
        variables
    }
}

/// Whether a path is absolute on Unix or on Windows: layouts of another platform are computed anywhere.
pub fn is_absolute_anywhere(path: &str) -> bool {
    let bytes = path.as_bytes();
    let drive =
        bytes.len() > 2 && bytes[0].is_ascii_alphabetic() && bytes[1] == b':' && matches!(bytes[2], b'/' | b'\\');
    path.starts_with('/') || path.starts_with(r"\\") || drive
}
