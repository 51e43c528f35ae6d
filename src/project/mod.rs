//! A project: a folder with a `ktx.yaml`, its connections and their secret references.
//!
//! All functions block, since they read files: async callers use [`crate::offload::spawn_blocking`].

mod adapter;
mod address;
pub mod answers;
mod change;
pub mod config;
pub(crate) mod confined;
pub mod connection;
mod credential_command;
mod database_url;
pub mod dbt_profiles;
pub mod drivers;
mod edit;
mod environments;
pub mod file_names;
mod files;
pub(crate) mod format;
pub mod historic_sql;
mod interpolation;
pub(crate) mod letter_case;
mod lint;
pub(crate) mod lock;
pub mod looker;
pub(crate) mod modeline;
mod outside_references;
mod parse;
pub mod policy;
mod postgres_files;
pub mod profile;
#[cfg(test)]
mod schema;
pub mod secrets;
mod stored_secrets;
pub(crate) mod suggest;
pub(crate) mod table_reference;
mod trust;
mod trust_record;
mod url_parts;
mod variables;
pub(crate) mod yaml;

pub use adapter::Adapter;
pub use change::{
    ChangeKind, ChangedProject, ConnectionChange, PreparedChange, parse_connection_keys, prepare, remove_connection,
};
pub use config::CONFIG_FILE;
pub use files::{find_dir, init, load};
pub use outside_references::OutsideReferences;
pub use parse::parse_config;
pub use trust::{TrustQuestion, check_dir_owner};

use crate::error::{Code, Error, Result};
use config::{Config, Connections};
use serde::Serialize;
use std::path::{Path, PathBuf};

/// A loaded project.
#[derive(Debug, Clone)]
pub struct Project {
    /// Absolute path of the folder.
    pub dir: PathBuf,
    /// Absolute path of its `ktx.yaml`.
    pub config_path: PathBuf,
    /// The parsed `ktx.yaml`.
    pub config: Config,
    /// Connections, with the overrides of the environment.
    pub connections: Connections,
    /// The selected environment.
    pub environment: Option<String>,
    /// Findings that are not errors, such as unknown keys.
    pub warnings: Vec<String>,
}

/// View of a project for hosts (`KtxProject`), without secrets.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ProjectView {
    /// Absolute path of the folder.
    pub project_dir: PathBuf,
    /// Absolute path of its `ktx.yaml`.
    pub config_path: PathBuf,
    /// The name in `ktx.yaml`; without one, the name of the folder.
    pub name: String,
    /// Connections, in the order of the file.
    pub connections: Vec<ConnectionView>,
    /// The selected environment.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub environment: Option<String>,
    /// Names of the environments in `ktx.yaml`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub environments: Vec<String>,
    /// Findings that are not errors.
    pub warnings: Vec<String>,
}

/// View of a connection for hosts (`KtxProjectConnection`).
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ConnectionView {
    /// Key in `connections`.
    pub id: String,
    /// Driver, as written in `ktx.yaml`.
    pub driver: String,
    /// Whether commands may read from it.
    pub readonly: bool,
    /// Secret reference, path, or host, port and database; without credentials.
    pub target: String,
}

impl Project {
    /// Creates a project without a selected environment. `dir` is absolute.
    pub(crate) fn new(dir: PathBuf, config: Config, warnings: Vec<String>) -> Self {
        let (config_path, connections) = (dir.join(CONFIG_FILE), config.connections.clone());
        Self { dir, config_path, config, connections, environment: None, warnings }
    }

    /// Parses a project for a test.
    #[cfg(test)]
    pub(crate) fn parsed(dir: &Path, text: &str) -> Self {
        let (config, warnings) = parse_config(text).unwrap();
        Self::new(dir.to_owned(), config, warnings)
    }

    /// Returns the view of the project for hosts.
    pub fn view(&self) -> ProjectView {
        let connections = self.connections.iter().map(|(id, connection)| ConnectionView {
            id: id.clone(),
            driver: connection.driver.clone(),
            readonly: connection.is_readonly(),
            target: connection.target(),
        });
        ProjectView {
            project_dir: self.dir.clone(),
            config_path: self.config_path.clone(),
            name: self.config.project.clone().unwrap_or_else(|| folder_name(&self.dir)),
            connections: connections.collect(),
            environment: self.environment.clone(),
            environments: self.config.environments.keys().cloned().collect(),
            warnings: self.warnings.clone(),
        }
    }

    /// Returns the adapter with a name. A list of adapters in `ktx.yaml` disables all others.
    ///
    /// Errors: [`Code::AdapterUnknown`], [`Code::AdapterDisabled`].
    pub fn enabled_adapter(&self, name: &str) -> Result<Adapter> {
        let adapter = Adapter::from_name(name)?;
        let Some(enabled) = &self.config.ingest.adapters else { return Ok(adapter) };
        if enabled.iter().any(|enabled| enabled == name) {
            return Ok(adapter);
        }
        let error = Error::new(Code::AdapterDisabled, format!("The adapter {name} is not enabled"));
        Err(error.with_hint("Add it to ingest.adapters in ktx.yaml"))
    }
}

fn folder_name(dir: &Path) -> String {
    dir.file_name().map_or_else(|| "project".into(), |name| name.to_string_lossy().into_owned())
}
