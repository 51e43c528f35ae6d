//! `trust.json` in the user's own configuration folder: which projects are trusted, by real path and by the hash of
//! their connections. Everything here blocks.

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

/// Hashes that are kept of one project: those of its branches and of its last versions.
const KEPT: usize = 20;
const VERSION: u32 = 1;
const WAIT: LockWait<'_> =
    LockWait { step: "Waiting for another change of what is trusted", limit: Duration::from_secs(10) };

#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Record {
    schema_version: u32,
    #[serde(default)]
    projects: BTreeMap<String, Trusted>,
}

impl Default for Record {
    fn default() -> Self {
        Self { schema_version: VERSION, projects: BTreeMap::new() }
    }
}

#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Trusted {
    /// SHA-256 of connections, the newest last.
    connections: Vec<String>,
    trusted_at: String,
}

/// Whether the project is trusted with the connections that it has.
pub(super) fn contains(project: &Project, env: &Environment) -> Result<bool> {
    let record = read(&path(env)?);
    Ok(record.projects.get(&key(project)).is_some_and(|trusted| trusted.connections.contains(&fingerprint(project))))
}

/// Trusts the project with the connections that it has.
pub(super) fn record(project: &Project, env: &Environment) -> Result<()> {
    let path = path(env)?;
    let _held = FileLock::acquire_blocking(&path.with_extension("lock"), WAIT)?;
    let mut record = read(&path);
    if record.schema_version > VERSION {
        let file = path.display().to_string();
        return Err(format::newer(&file, record.schema_version.into(), VERSION.into(), None));
    }
    let trusted = record.projects.entry(key(project)).or_default();
    let hash = fingerprint(project);
    trusted.connections.retain(|known| *known != hash);
    trusted.connections.push(hash);
    trusted.connections.drain(..trusted.connections.len().saturating_sub(KEPT));
    trusted.trusted_at = Timestamp::now().to_string();
    let unwritable = |error| Error::new(Code::Internal, "What is trusted cannot be written").caused_by(error);
    let text = serde_json::to_string_pretty(&record).map_err(|error: serde_json::Error| unwritable(error))?;
    files::write_atomically(&path, (text + "\n").as_bytes(), Access::Owner)
}

fn path(env: &Environment) -> Result<PathBuf> {
    Ok(runtime::config_dir(env)?.join("trust.json"))
}

/// What cannot be understood trusts nothing.
fn read(path: &std::path::Path) -> Record {
    let bytes = fs::canonicalize(path).and_then(|path| files::read_regular(&path));
    bytes.ok().and_then(|bytes| serde_json::from_slice(&bytes).ok()).unwrap_or_default()
}

fn key(project: &Project) -> String {
    fs::canonicalize(&project.dir).unwrap_or_else(|_| project.dir.clone()).to_string_lossy().into_owned()
}

/// SHA-256 of what the connections say; comments and the order of the file do not count.
fn fingerprint(project: &Project) -> String {
    let connections = project.config.connections.iter().map(|(id, connection)| (id, content(connection)));
    let sorted: BTreeMap<_, _> = connections.collect();
    sha256(json!(sorted).to_string())
}

/// Every key: one that is forgotten here does not compile.
fn content(connection: &Connection) -> Value {
    let Connection { driver, url, path, readonly, schemas, historic_sql, base_url, client_id, client_secret, mappings } =
        connection;
    let historic_sql = historic_sql.as_ref().map(|HistoricSql { enabled, dialect, min_calls, window_days }| {
        json!([enabled, dialect, min_calls, window_days])
    });
    let mappings = mappings
        .as_ref()
        .map(|Mappings { connection_mappings }| connection_mappings.iter().collect::<BTreeMap<_, _>>());
    json!([driver, url, path, readonly, schemas, historic_sql, base_url, client_id, client_secret, mappings])
}
