//! Environment variables: the snapshot that a host passes, and the names of all `KTX_*` variables, which
//! `docs/environment.md` explains.

use crate::error::{Code, Error, Result};
use std::{collections::BTreeMap, path::PathBuf};

/// Folder of all managed runtimes.
pub const KTX_RUNTIME_ROOT: &str = "KTX_RUNTIME_ROOT";
/// Path of the uv that installs packages.
pub const KTX_UV: &str = "KTX_UV";
/// Path of the Python interpreter that environments are built with.
pub const KTX_PYTHON: &str = "KTX_PYTHON";
/// Timeout of each tool of an installation, in seconds.
pub const KTX_INSTALL_TIMEOUT: &str = "KTX_INSTALL_TIMEOUT";
/// Base URL of an external daemon.
pub const KTX_DAEMON_URL: &str = "KTX_DAEMON_URL";
/// Base URL of an external daemon for SQL analysis only.
pub const KTX_SQL_ANALYSIS_URL: &str = "KTX_SQL_ANALYSIS_URL";
/// Bearer token of explicitly configured external daemons; never sent to others.
pub const KTX_DAEMON_TOKEN: &str = daemon::TOKEN;
/// Trust of projects that were not created by this user: `1`, or `never`.
pub const KTX_TRUST: &str = "KTX_TRUST";
/// Selected environment of `ktx.yaml`.
pub const KTX_ENV: &str = "KTX_ENV";

/// Log level: `error`, `warn`, `info` or `debug`.
pub const KTX_LOG_LEVEL: &str = "KTX_LOG_LEVEL";
/// Request id of a one-shot command of the daemon; set by the addon.
pub const KTX_REQUEST_ID: &str = "KTX_REQUEST_ID";

/// Variables that the addon sets for the daemon; `ktx_daemon/environment.py` reads them.
pub mod daemon {
    /// Version that `/health` reports.
    pub const VERSION: &str = "KTX_DAEMON_VERSION";
    /// Instance id that `/health` reports.
    pub const INSTANCE: &str = "KTX_DAEMON_INSTANCE";
    /// Bearer token that requests must carry.
    pub const TOKEN: &str = "KTX_DAEMON_TOKEN";
    /// Path of the state file; a daemon that it no longer names exits.
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
    /// `json`: a one-shot command prints errors as JSON bodies instead of sentences.
    pub const ERROR_FORMAT: &str = "KTX_DAEMON_ERROR_FORMAT";

    /// Variables that users may set; all others with the prefix `KTX_DAEMON_` are internal.
    const USER_VARIABLES: [&str; 2] = ["KTX_DAEMON_IDLE_TIMEOUT", "KTX_DAEMON_MAX_BODY_BYTES"];

    /// Whether a variable of the host is not passed to the daemon: it changes Python's behaviour or belongs to another
    /// daemon.
    pub(crate) fn is_excluded(name: &str) -> bool {
        let name = name.to_ascii_uppercase();
        name.starts_with("PYTHON")
            || matches!(name.as_str(), "VIRTUAL_ENV" | "KTX_SQL_ANALYSIS_URL")
            || (name.starts_with("KTX_DAEMON_") && !USER_VARIABLES.contains(&name.as_str()))
    }
}

/// Variables that the addon sets for the MCP server in the background, which also gets the descriptors of [`daemon`].
pub mod server {
    /// Prefix of these variables.
    pub const PREFIX: &str = "KTX_SERVER_";
    /// Instance id that `/health` reports.
    pub const INSTANCE: &str = "KTX_SERVER_INSTANCE";
    /// Bearer token of `/shutdown`.
    pub const TOKEN: &str = "KTX_SERVER_TOKEN";
    /// Path of the state file; a server that it no longer names exits.
    pub const STATE_FILE: &str = "KTX_SERVER_STATE_FILE";
    /// Path of the log.
    pub const LOG_FILE: &str = "KTX_SERVER_LOG_FILE";
}

/// A snapshot of environment variables. Names are case-insensitive on Windows.
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

    /// The absolute path in a variable; `None` if it is not set.
    ///
    /// Errors: [`Code::EnvInvalid`] if it is empty or relative.
    pub fn absolute_path(&self, name: &str) -> Result<Option<PathBuf>> {
        let Some(value) = self.get(name) else { return Ok(None) };
        let path = PathBuf::from(value);
        if is_absolute_on_any_platform(value) {
            return Ok(Some(path));
        }
        let reason = if value.is_empty() { "is empty" } else { "is not an absolute path" };
        let error = Error::new(Code::EnvInvalid, format!("{name} {reason}"));
        Err(error.with_hint("Set it to an absolute path, or unset it"))
    }

    /// Like [`Self::absolute_path`], but an empty variable counts as not set, as for `HOME` and in the XDG Base
    /// Directory Specification.
    pub fn absolute_path_unless_empty(&self, name: &str) -> Result<Option<PathBuf>> {
        if self.get(name) == Some("") { Ok(None) } else { self.absolute_path(name) }
    }

    /// Sets a variable.
    #[must_use]
    pub fn with(mut self, name: &str, value: impl Into<String>) -> Self {
        self.0.insert(name.to_owned(), value.into());
        self
    }

    /// Removes the variables for whose names `keep` is false.
    #[must_use]
    pub fn filtered(mut self, keep: impl Fn(&str) -> bool) -> Self {
        self.0.retain(|name, _| keep(name));
        self
    }

    /// All variables, sorted by name.
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

/// Whether a path is absolute on Unix or on Windows, as layouts of any platform can be computed on any other.
pub fn is_absolute_on_any_platform(path: &str) -> bool {
    let bytes = path.as_bytes();
    let drive =
        bytes.len() > 2 && bytes[0].is_ascii_alphabetic() && bytes[1] == b':' && matches!(bytes[2], b'/' | b'\\');
    path.starts_with('/') || path.starts_with(r"\\") || drive
}
