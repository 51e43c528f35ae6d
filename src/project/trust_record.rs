//! The record of trusted projects, `trust.json` in the user's configuration folder. It has the real path of each
//! project and hashes of its connections. All functions block.

use super::{
    Project,
    config::{Config, Connection, Connections},
    format,
};
use crate::{
    digest::sha256,
    env::Environment,
    error::{Code, Error, Result},
    files::{self, Access, FileLock, LockWait},
    runtime,
};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::{collections::BTreeMap, fs, path::PathBuf, time::Duration};

/// Maximum hashes of one project. Branches and earlier versions of `ktx.yaml` have different hashes.
const MAX_HASHES_PER_PROJECT: usize = 20;
const VERSION: u32 = 1;
const WAIT: LockWait<'_> =
    LockWait { step: "Waiting for another change of the trusted projects", limit: Duration::from_secs(10) };

#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct TrustRecord {
    schema_version: u32,
    #[serde(default)]
    projects: BTreeMap<String, TrustedProject>,
}

impl Default for TrustRecord {
    fn default() -> Self {
        Self { schema_version: VERSION, projects: BTreeMap::new() }
    }
}

#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct TrustedProject {
    /// SHA-256 of the connections, newest last.
    connections: Vec<String>,
    trusted_at: String,
}

/// Whether the project is trusted with its current connections.
pub(super) fn contains(project: &Project, env: &Environment) -> Result<bool> {
    let record = read(&path(env)?);
    let Some(trusted) = record.projects.get(&key(project)) else { return Ok(false) };
    Ok(trusted.connections.contains(&fingerprint(project)?))
}

/// Adds the project with its current connections.
pub(super) fn add(project: &Project, env: &Environment) -> Result<()> {
    let path = path(env)?;
    let _lock = FileLock::acquire_blocking(&path.with_extension("lock"), WAIT)?;
    let mut record = read(&path);
    if record.schema_version > VERSION {
        let file = path.display().to_string();
        return Err(format::newer_format(&file, record.schema_version.into(), VERSION.into(), None));
    }
    let trusted = record.projects.entry(key(project)).or_default();
    let hash = fingerprint(project)?;
    trusted.connections.retain(|other| *other != hash);
    trusted.connections.push(hash);
    trusted.connections.drain(..trusted.connections.len().saturating_sub(MAX_HASHES_PER_PROJECT));
    trusted.trusted_at = Timestamp::now().to_string();
    let unwritable =
        |error| Error::new(Code::Internal, "The record of trusted projects cannot be written as JSON").caused_by(error);
    let text = serde_json::to_string_pretty(&record).map_err(|error: serde_json::Error| unwritable(error))?;
    files::write_atomically(&path, (text + "\n").as_bytes(), Access::Owner)
}

fn path(env: &Environment) -> Result<PathBuf> {
    Ok(runtime::config_dir(env)?.join("trust.json"))
}

/// Reads the record. One that is missing or invalid trusts no project.
fn read(path: &std::path::Path) -> TrustRecord {
    let bytes = fs::canonicalize(path).and_then(|path| files::read_regular(&path));
    bytes.ok().and_then(|bytes| serde_json::from_slice(&bytes).ok()).unwrap_or_default()
}

fn key(project: &Project) -> String {
    fs::canonicalize(&project.dir).unwrap_or_else(|_| project.dir.clone()).to_string_lossy().into_owned()
}

/// Returns the SHA-256 of the connections and of the overrides of all environments, regardless of comments and order.
fn fingerprint(project: &Project) -> Result<String> {
    let Config { connections, environments, .. } = &project.config;
    let mut content = BTreeMap::from([(String::new(), sorted(connections)?)]);
    for (name, settings) in environments.iter().filter(|(_, settings)| !settings.connections.is_empty()) {
        content.insert(format!("environment {name}"), sorted(&settings.connections)?);
    }
    Ok(sha256(json!(content).to_string()))
}

fn sorted(connections: &Connections) -> Result<BTreeMap<&String, Value>> {
    let content = |(id, connection): (_, &Connection)| {
        let mut keys = Value::Object(connection.keys()?);
        keys.sort_all_objects();
        Ok((id, keys))
    };
    connections.iter().map(content).collect()
}
