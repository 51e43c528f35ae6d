//! A project: a folder with a `ktx.yaml`, its connections and what their secrets refer to.
//!
//! Everything here blocks (it reads files); callers that must not block go through [`crate::offload::spawn_blocking`].

mod adapter;
pub mod config;
pub mod connection;
mod database_url;
mod edit;
mod files;
pub(crate) mod format;
pub mod historic_sql;
pub(crate) mod inside;
mod lint;
pub(crate) mod lock;
pub mod looker;
pub mod names;
mod outside;
mod parse;
pub mod secrets;
pub(crate) mod suggest;
mod trust;
mod trusted;
pub(crate) mod yaml;

pub use adapter::Adapter;
pub use config::CONFIG_FILE;
pub use edit::{NewConnection, add_connection};
pub use files::{find_dir, init, load};
pub use outside::OutsideReferences;
pub use parse::parse_config;
pub use trust::{Question, admit_dir};

use crate::error::{Code, Error, Result};
use config::Config;
use serde::Serialize;
use std::path::{Path, PathBuf};

/// A loaded project.
#[derive(Debug, Clone)]
pub struct Project {
    /// Absolute path of the folder.
    pub dir: PathBuf,
    /// Absolute path of its `ktx.yaml`.
    pub config_path: PathBuf,
    /// What stands there.
    pub config: Config,
    /// Oddities that do not stop the work, such as unknown keys.
    pub warnings: Vec<String>,
}

/// What hosts see of a project (`KtxProject`): no secrets.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ProjectView {
    /// Absolute path of the folder.
    pub project_dir: PathBuf,
    /// Absolute path of its `ktx.yaml`.
    pub config_path: PathBuf,
    /// The project's name; the folder's where `ktx.yaml` gives none.
    pub name: String,
    /// Connections in the order of the file.
    pub connections: Vec<ConnectionView>,
    /// Oddities that do not stop the work.
    pub warnings: Vec<String>,
}

/// What hosts see of a connection (`KtxProjectConnection`).
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ConnectionView {
    /// Key below `connections`.
    pub id: String,
    /// As written in `ktx.yaml`.
    pub driver: String,
    /// Whether commands may read from it.
    pub readonly: bool,
    /// What it points to, without credentials.
    pub target: String,
}

impl Project {
    /// The project as hosts see it.
    pub fn view(&self) -> ProjectView {
        let connections = self.config.connections.iter().map(|(id, connection)| ConnectionView {
            id: id.clone(),
            driver: connection.driver.clone(),
            readonly: connection.readonly,
            target: connection.target(),
        });
        ProjectView {
            project_dir: self.dir.clone(),
            config_path: self.config_path.clone(),
            name: self.config.project.clone().unwrap_or_else(|| folder_name(&self.dir)),
            connections: connections.collect(),
            warnings: self.warnings.clone(),
        }
    }

    /// The adapter of that name. Where `ktx.yaml` lists adapters, only those may be used.
    ///
    /// Errors: [`Code::AdapterUnknown`], [`Code::AdapterDisabled`].
    pub fn enabled_adapter(&self, name: &str) -> Result<Adapter> {
        let adapter = Adapter::of_name(name)?;
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
