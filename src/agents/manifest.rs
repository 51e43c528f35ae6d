//! The record of what was written: `.ktx/agents.json` of a project, or `agents.json` in the user's configuration folder
//! for what all folders have.

use super::{
    change::Change,
    location::Scope,
    place::{missing_folders, remove_empty_folders},
};
use crate::{
    env::Environment,
    error::{Code, Error, Result},
    files::{self, Access, FileLock, LockWait},
    project::{confined, format},
    runtime,
};
use serde::{Deserialize, Serialize};
use std::{
    path::{Path, PathBuf},
    time::Duration,
};

const VERSION: u32 = 1;
const FILE: &str = "agents.json";
const WAIT: LockWait<'_> = LockWait { step: "Waiting for another change of agents", limit: Duration::from_secs(10) };

#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Record {
    schema_version: u32,
    /// Folders that were created for the manifest, the outermost first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    created_folders: Vec<PathBuf>,
    #[serde(default)]
    changes: Vec<Change>,
}

/// A manifest that this process may change. Without changes, it leaves neither a file nor a lock file when it is
/// dropped.
#[derive(Debug)]
pub(super) struct Manifest {
    path: PathBuf,
    created_folders: Vec<PathBuf>,
    pub(super) changes: Vec<Change>,
    lock: FileLock,
}

impl Manifest {
    /// Reads the manifest of a scope and holds its lock. One that cannot be understood is as none: entries are then
    /// recognised by their name.
    ///
    /// Errors: [`Code::FormatNewer`], [`Code::LockTimeout`].
    pub(super) fn open(scope: Scope, project_dir: &Path, env: &Environment) -> Result<Self> {
        let path = path(scope, project_dir, env)?;
        let missing = missing_folders(&path);
        files::create_folder(path.parent().unwrap_or(project_dir))?;
        let lock = FileLock::acquire_blocking(&path.with_extension("lock"), WAIT)?;
        let Record { mut created_folders, changes, .. } = read(&path)?;
        created_folders.extend(missing);
        Ok(Self { path, created_folders, changes, lock })
    }

    /// Replaces the file.
    pub(super) fn write(&self) -> Result<()> {
        if self.changes.is_empty() {
            return files::remove_file(&self.path);
        }
        let record = Record {
            schema_version: VERSION,
            created_folders: self.created_folders.clone(),
            changes: self.changes.clone(),
        };
        let text = serde_json::to_string_pretty(&record)
            .map_err(|error| Error::new(Code::Internal, "The manifest of agents cannot be written").caused_by(error))?;
        files::write_atomically(&self.path, (text + "\n").as_bytes(), Access::Owner)
    }
}

impl Drop for Manifest {
    fn drop(&mut self) {
        if !self.path.exists() {
            self.lock.remove_file();
            remove_empty_folders(&self.path, &self.created_folders);
        }
    }
}

/// The changes of a scope, without a lock.
pub(super) fn changes(scope: Scope, project_dir: &Path, env: &Environment) -> Result<Vec<Change>> {
    read(&path(scope, project_dir, env)?).map(|record| record.changes)
}

fn path(scope: Scope, project_dir: &Path, env: &Environment) -> Result<PathBuf> {
    match scope {
        Scope::Global => Ok(runtime::config_dir(env)?.join(FILE)),
        Scope::Project => confined::resolve(project_dir, &project_dir.join(".ktx").join(FILE)),
    }
}

fn read(path: &Path) -> Result<Record> {
    let Some(text) = files::read_text(path)? else { return Ok(Record::default()) };
    #[derive(Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct Version {
        schema_version: u32,
    }
    if let Ok(Version { schema_version }) = serde_json::from_str(&text)
        && schema_version > VERSION
    {
        return Err(format::newer_format(&path.display().to_string(), schema_version.into(), VERSION.into(), None));
    }
    Ok(serde_json::from_str(&text).unwrap_or_default())
}
