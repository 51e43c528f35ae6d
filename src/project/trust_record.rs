//! The record of trusted projects, `trust.json` in the user's configuration folder. It has the real path of each
//! project and hashes of its connections. All functions block.

use super::{
    Project,
    config::{Connection, HistoricSql, Mappings},
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
    Ok(record.projects.get(&key(project)).is_some_and(|trusted| trusted.connections.contains(&fingerprint(project))))
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
    let hash = fingerprint(project);
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

/// Returns the SHA-256 of the connections, regardless of comments and of their order in the file.
fn fingerprint(project: &Project) -> String {
    let connections = project.config.connections.iter().map(|(id, connection)| (id, connection_content(connection)));
    let sorted: BTreeMap<_, _> = connections.collect();
    sha256(json!(sorted).to_string())
}

/// Returns all keys of a connection. The pattern is exhaustive, so that a new key does not compile until it is added.
fn connection_content(connection: &Connection) -> Value {
    // Selecting tables of a database that is trusted needs no new confirmation.
    let Connection {
        driver,
        url,
        path,
        readonly,
        schemas,
        include: _,
        exclude: _,
        historic_sql,
        base_url,
        client_id,
        client_secret,
        mappings,
    } = connection;
    let historic_sql = historic_sql.as_ref().map(|HistoricSql { enabled, dialect, min_calls, window_days }| {
        json!([enabled, dialect, min_calls, window_days])
    });
    let mappings = mappings
        .as_ref()
        .map(|Mappings { connection_mappings }| connection_mappings.iter().collect::<BTreeMap<_, _>>());
    json!([driver, url, path, readonly, schemas, historic_sql, base_url, client_id, client_secret, mappings])
}
