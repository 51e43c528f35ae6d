//! The files of the index, `.ktx/search.sqlite`, and of the vectors, one for each environment. Each is built in a temporary file and renamed;
//! later changes are transactions. Only the holder of its lock writes.

use super::schema::{INDEX, Schema, VECTORS};
use crate::{
    error::{Code, Error, Result},
    files::{self, FileLock, LockWait},
    project::{Project, confined, file_names},
};
use rusqlite::{Connection, ErrorCode, OpenFlags};
use std::{
    fs,
    path::{Path, PathBuf},
    time::{Duration, SystemTime},
};

/// Building the index of a large project takes a minute.
const WAIT: LockWait<'_> = LockWait { step: "Waiting for the search index", limit: Duration::from_secs(300) };
/// Time limit of a reader's wait for the end of a transaction.
const BUSY_TIMEOUT: Duration = Duration::from_secs(30);
/// Bytes of the file that are mapped to memory.
const MAPPED_BYTES: i64 = 1 << 30;

/// Paths of the index, or of the vectors, of a project.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct IndexPaths {
    project: PathBuf,
    folder: PathBuf,
    name: String,
    schema: Schema,
}

/// What tells a file from the one that replaced it.
pub(super) type FileStamp = (u64, Option<SystemTime>);

impl IndexPaths {
    /// Returns the paths of the index for the environment of a project.
    pub(super) fn new(project: &Project) -> Self {
        Self::named(project, "search", INDEX)
    }

    /// Returns the paths of the vectors for the environment of a project.
    pub(super) fn vectors(project: &Project) -> Self {
        Self::named(project, "vectors", VECTORS)
    }

    fn named(project: &Project, stem: &str, schema: Schema) -> Self {
        let folder = project.dir.join(".ktx");
        let name = match &project.environment {
            Some(environment) => format!("{stem}-{}.sqlite", file_names::encode(environment)),
            None => format!("{stem}.sqlite"),
        };
        Self { project: project.dir.clone(), folder, name, schema }
    }

    /// Path of the file.
    pub(super) fn file(&self) -> PathBuf {
        self.folder.join(&self.name)
    }

    /// Acquires the lock of writers. Errors: [`Code::LockTimeout`].
    pub(super) fn lock(&self) -> Result<FileLock> {
        let folder = self.folder.join("locks");
        confined::make_folder(&self.project, &folder)?;
        let path = folder.join("search.lock");
        confined::resolve(&self.project, &files::next_lock_path(&path))?;
        FileLock::acquire_blocking(&confined::resolve(&self.project, &path)?, WAIT)
    }

    /// Returns the stamp of the file; `None` if it is missing.
    pub(super) fn stamp(&self) -> Option<FileStamp> {
        let found = fs::metadata(self.file()).ok()?;
        Some((found.len(), found.modified().ok()))
    }

    /// Opens the index; `None` if it is missing, damaged or of another version. Errors: it is not a file.
    pub(super) fn open(&self) -> Result<Option<Connection>> {
        let real = self.resolve(&self.file())?;
        if !real.is_file() {
            return Ok(None);
        }
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | common_flags();
        match Connection::open_with_flags(&real, flags).and_then(|database| prepare(database, self.schema.version)) {
            Ok(database) => Ok(database),
            Err(error) if is_damage(&error) => Ok(None),
            Err(error) => Err(self.error(error)),
        }
    }

    /// Builds the index in a temporary file, and replaces the present one. The caller holds the lock.
    pub(super) fn build(&self, fill: impl FnOnce(&mut Connection) -> Result<()>) -> Result<()> {
        let folder = confined::make_folder(&self.project, &self.folder)?;
        let real = self.resolve(&self.file())?;
        self.remove_abandoned(&folder);
        let prefix = format!("{}.", self.name);
        let temporary = tempfile::Builder::new().prefix(&prefix).suffix(".tmp").tempfile_in(&folder);
        let temporary = temporary.map_err(|error| Error::io("create", &folder, error))?.into_temp_path();
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | common_flags();
        let created = Connection::open_with_flags(&temporary, flags).and_then(|database| {
            database
                .execute_batch("PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; PRAGMA cache_size = -65536")?;
            database.execute_batch(self.schema.tables)?;
            database.pragma_update(None, "user_version", self.schema.version)?;
            Ok(database)
        });
        let mut database = created.map_err(|error| self.error(error))?;
        fill(&mut database)?;
        database.close().map_err(|(_, error)| self.error(error))?;
        fs::File::options()
            .write(true)
            .open(&temporary)
            .and_then(|file| file.sync_all())
            .map_err(|error| Error::io("write", &real, error))?;
        // A journal would be applied to the new file.
        files::remove_file(&real)?;
        files::remove_file(&real.with_file_name(format!("{}-journal", self.name)))?;
        temporary.persist(&real).map_err(|error| Error::io("replace", &real, error.error))
    }

    /// Removes temporary files of builds that were killed. The caller holds the lock.
    fn remove_abandoned(&self, folder: &Path) {
        let prefix = format!("{}.", self.name);
        for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
            let name = entry.file_name().to_string_lossy().into_owned();
            if name.starts_with(&prefix) && name.contains(".tmp") {
                // One that cannot be removed now is removed by the next build.
                let _ = fs::remove_file(entry.path());
            }
        }
    }

    /// Rejects links, folders and devices in place of the file.
    fn resolve(&self, path: &Path) -> Result<PathBuf> {
        let real = confined::resolve(&self.project, path)?;
        match fs::symlink_metadata(&real) {
            Ok(found) if !found.is_file() => {
                let message = format!("The search index {} is not a file", path.display());
                Err(Error::new(Code::StoreFailed, message)
                    .with_hint("Move it away; the next search builds another one"))
            }
            _ => Ok(real),
        }
    }

    /// Converts an error of SQLite, without the text of our SQL.
    pub(super) fn error(&self, error: rusqlite::Error) -> Error {
        let reason = match &error {
            rusqlite::Error::SqlInputError { msg, .. } => msg.clone(),
            other => other.to_string(),
        };
        Error::new(Code::StoreFailed, format!("Cannot use the search index {}: {reason}", self.file().display()))
            .with_hint(
                "Check the space on its disk and the permissions; or remove it: the next search builds another one",
            )
    }
}

fn common_flags() -> OpenFlags {
    OpenFlags::SQLITE_OPEN_NO_MUTEX | OpenFlags::SQLITE_OPEN_NOFOLLOW
}

/// Sets the options of a connection; `None` if the index has another version.
fn prepare(database: Connection, expected: u32) -> rusqlite::Result<Option<Connection>> {
    database.busy_timeout(BUSY_TIMEOUT)?;
    let version: u32 = database.pragma_query_value(None, "user_version", |row| row.get(0))?;
    if version != expected {
        return Ok(None);
    }
    database.pragma_update(None, "mmap_size", MAPPED_BYTES)?;
    database.pragma_update(None, "secure_delete", true)?;
    database.set_prepared_statement_cache_capacity(64);
    Ok(Some(database))
}

/// Whether an error means that the file is damaged, or was written by another program.
pub(super) fn is_damage(error: &rusqlite::Error) -> bool {
    let code = error.sqlite_error_code();
    matches!(code, Some(ErrorCode::NotADatabase | ErrorCode::DatabaseCorrupt | ErrorCode::Unknown))
        || matches!(error, rusqlite::Error::SqlInputError { .. } | rusqlite::Error::InvalidColumnType(..))
}
