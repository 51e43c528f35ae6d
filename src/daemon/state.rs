//! The state file `daemon.json`: address and identity of the daemon in use.

use crate::{
    error::Result,
    files::{self, Access},
    process::{self, Identity},
    runtime::{Feature, Layout},
};
use serde::{Deserialize, Serialize};
use std::path::PathBuf;

const SCHEMA: u64 = 1;

/// Address that the daemon listens on: loopback only.
pub(super) const HOST: &str = "127.0.0.1";

/// State of a daemon that passed its health check.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct DaemonState {
    /// Always 1.
    pub schema_version: u64,
    /// Process id.
    pub pid: u32,
    /// Always 127.0.0.1.
    pub host: String,
    /// TCP port.
    pub port: u16,
    /// Version of the command line that it was started for.
    pub version: String,
    /// Features that it supports.
    pub features: Vec<String>,
    /// Time of the start, ISO 8601.
    pub started_at: String,
    /// Log of its standard output.
    pub stdout_log: PathBuf,
    /// Log of its standard error.
    pub stderr_log: PathBuf,
    /// Random id that `/health` reports; tells this daemon from another one on the same port.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub instance: Option<String>,
    /// Start time of its process; tells the process from a later one with the same pid.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub process_start_time: Option<String>,
    /// Pid namespace in which `pid` is valid (`process::namespace`).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pid_namespace: Option<String>,
    /// How the MCP server was started; `None` for the daemon of the runtime.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub program: Option<ProgramRecord>,
    /// Bearer token of its requests. Never shown.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub token: Option<String>,
}

/// What a program was started with.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ProgramRecord {
    /// SHA-256 of its arguments, which may be URLs with credentials, and of its configuration.
    pub launch: String,
    /// File with the bearer token of its clients, if it is not the default one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub token_file: Option<PathBuf>,
}

/// Result of reading the state file.
#[derive(Debug)]
pub(super) enum StateRead {
    Missing,
    Invalid(String),
    Found(Box<DaemonState>),
}

impl DaemonState {
    pub(super) fn new(layout: &Layout, pid: u32, port: u16, features: Vec<String>, started_at: String) -> Self {
        Self {
            schema_version: SCHEMA,
            pid,
            host: HOST.to_owned(),
            port,
            version: layout.cli_version.clone(),
            features,
            started_at,
            stdout_log: layout.daemon_stdout_path.clone(),
            stderr_log: layout.daemon_stderr_path.clone(),
            instance: None,
            process_start_time: None,
            pid_namespace: None,
            program: None,
            token: None,
        }
    }

    /// Base URL of the daemon.
    pub fn base_url(&self) -> String {
        format!("http://{HOST}:{}", self.port)
    }

    /// Identity of its process; `None` if the start time is unknown.
    pub fn identity(&self) -> Option<Identity> {
        self.process_start_time.clone().map(|start_time| Identity { pid: self.pid, start_time })
    }

    /// The first of these features that the daemon lacks.
    pub(super) fn missing_feature(&self, features: &[Feature]) -> Option<Feature> {
        features.iter().find(|feature| !self.features.iter().any(|name| name == feature.as_str())).copied()
    }

    /// A copy without the token.
    #[must_use]
    pub fn without_secrets(&self) -> Self {
        Self { token: None, ..self.clone() }
    }

    pub(super) fn write(&self, layout: &Layout) -> Result<()> {
        files::remove_dir_in_place_of_file(&layout.daemon_state_path)?;
        files::write_atomically(&layout.daemon_state_path, &crate::runtime::to_json(self), Access::Owner)
    }
}

/// Reads the state file. Blocks.
pub(super) fn read(layout: &Layout) -> StateRead {
    match process::read_private_state(&layout.daemon_state_path) {
        Ok(None) => StateRead::Missing,
        Ok(Some(text)) => parse(&text),
        Err(error) => StateRead::Invalid(error.to_string()),
    }
}

fn parse(text: &str) -> StateRead {
    let invalid = |error: serde_json::Error| StateRead::Invalid(error.to_string());
    let value: serde_json::Value = match serde_json::from_str(text) {
        Ok(value) => value,
        Err(error) => return invalid(error),
    };
    match value.get("schemaVersion").and_then(serde_json::Value::as_u64) {
        Some(schema) if schema > SCHEMA => {
            StateRead::Invalid(format!("it was written by a newer version (schema {schema})"))
        }
        _ => serde_json::from_value(value).map_or_else(invalid, |state| StateRead::Found(Box::new(state))),
    }
}

/// Removes the state file, or a folder in its place. Blocks.
pub(super) fn remove(layout: &Layout) -> Result<()> {
    if layout.daemon_state_path.is_dir() {
        return files::remove_folder(&layout.daemon_state_path);
    }
    files::remove_file(&layout.daemon_state_path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn old_states_load_and_unknown_keys_are_ignored() {
        let text = r#"{"schemaVersion":1,"pid":7,"host":"127.0.0.1","port":61234,"version":"0.1.0","features":["core"],
            "startedAt":"2026-01-01T00:00:00Z","stdoutLog":"/o","stderrLog":"/e","later":{"x":1}}"#;
        let StateRead::Found(state) = parse(text) else { panic!("not found") };
        assert_eq!(state.base_url(), "http://127.0.0.1:61234");
        assert_eq!(state.missing_feature(&[Feature::Core, Feature::LocalEmbeddings]), Some(Feature::LocalEmbeddings));
    }

    #[test]
    fn damaged_state_has_a_reason() {
        for (text, reason) in
            [("", "EOF"), ("{\"schemaVersion\":1", "EOF"), ("[]", "invalid length"), ("{\"schemaVersion\":9}", "newer")]
        {
            let StateRead::Invalid(actual) = parse(text) else { panic!("{text}") };
            assert!(actual.contains(reason), "{text}: {actual}");
        }
    }
}
