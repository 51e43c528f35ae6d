//! Opens the project's database, read-only if it cannot be written, and converts errors of SQLite.

use super::{layout, schema};
use crate::{
    error::{Code, Error, Result, os_error_hint},
    project::{confined, format},
};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use rusqlite::{Connection, ErrorCode, OpenFlags};
use std::{
    fs::{self, File},
    path::{Path, PathBuf},
    time::Duration,
};

/// Time limit of a writer's wait for another writer.
const BUSY_TIMEOUT: Duration = Duration::from_secs(10);
/// The hint for a path that is not the project's database.
const MOVE_AWAY_HINT: &str = "Move it away and scan again";
/// The hint for a damaged database: the commands work in POSIX shells and in PowerShell. A log that stays behind would be
/// read into the next database.
pub(super) const REPAIR_HINT: &str =
    "Move it away, and scan again; in the project folder: mkdir .ktx/damaged; mv .ktx/db.sqlite* .ktx/damaged";
/// Suffixes of the files that SQLite creates beside a database.
const COMPANION_SUFFIXES: [&str; 3] = ["-wal", "-shm", "-journal"];

/// Opens the database of a project, creates it if it is missing, and migrates its schema.
pub(super) fn open(project_dir: &Path) -> Result<Connection> {
    let path = layout::database_path(project_dir);
    confined::make_folder(project_dir, path.parent().unwrap_or(project_dir))?;
    let real = resolve_checked(project_dir)?;
    open_writable(&real, OpenFlags::SQLITE_OPEN_CREATE)
}

/// Opens the database of a project if it exists, read-only if it cannot be written.
pub(super) fn open_existing(project_dir: &Path) -> Result<Option<Connection>> {
    let real = resolve_checked(project_dir)?;
    // Any other error means that it exists.
    if fs::symlink_metadata(&real).is_err_and(|error| error.kind() == std::io::ErrorKind::NotFound) {
        return Ok(None);
    }
    let error = match open_writable(&real, OpenFlags::empty()) {
        Ok(database) => return Ok(Some(database)),
        Err(error) => error,
    };
    match open_read_only(&real) {
        Some(database) => Ok(Some(database)),
        None => Err(error),
    }
}

/// Returns the real path of the database. Errors: it or a companion exists and is not a regular file.
fn resolve_checked(project_dir: &Path) -> Result<PathBuf> {
    let path = layout::database_path(project_dir);
    let real = confined::resolve(project_dir, &path)?;
    let invalid = |path: &Path, what: &str| {
        Error::new(Code::StoreFailed, format!("{} {what}", path.display())).with_hint(MOVE_AWAY_HINT)
    };
    for companion in COMPANION_SUFFIXES.map(|suffix| with_suffix(&real, suffix)) {
        if fs::symlink_metadata(&companion).is_ok_and(|found| !found.is_file()) {
            return Err(invalid(&companion, "is not a file that SQLite has made"));
        }
    }
    match fs::symlink_metadata(&real) {
        Ok(found) if found.is_dir() => Err(invalid(&path, "is a folder, not a database")),
        Ok(found) if !found.is_file() => Err(invalid(&path, "is not a file")),
        _ => Ok(real),
    }
}

fn with_suffix(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    name.into()
}

fn open_writable(path: &Path, flags: OpenFlags) -> Result<Connection> {
    let flags = flags | OpenFlags::SQLITE_OPEN_READ_WRITE | common_flags();
    let mut database = Connection::open_with_flags(path, flags).map_err(|error| store_error(path, error))?;
    database.busy_timeout(BUSY_TIMEOUT).map_err(|error| store_error(path, error))?;
    check_schema(&database, path)?;
    schema::migrate(&mut database, path).map_err(|error| store_error(path, error))?;
    Ok(database)
}

fn common_flags() -> OpenFlags {
    OpenFlags::SQLITE_OPEN_NO_MUTEX | OpenFlags::SQLITE_OPEN_NOFOLLOW
}

/// Opens a database without write access. SQLite requires the `-wal` file of a writer, or the flag `immutable` if there
/// is none.
fn open_read_only(path: &Path) -> Option<Connection> {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | common_flags();
    let if_current = |opened: rusqlite::Result<Connection>| {
        opened.ok().filter(|database| matches!(schema::state(database), Ok(schema::State::Current)))
    };
    let opened = if_current(Connection::open_with_flags(path, flags));
    let has_log = fs::metadata(with_suffix(path, "-wal")).is_ok_and(|log| log.len() > 0);
    if opened.is_some() || has_log {
        return opened;
    }
    let encoded = utf8_percent_encode(path.to_str()?, NON_ALPHANUMERIC);
    if_current(Connection::open_with_flags(format!("file:{encoded}?immutable=1"), flags | OpenFlags::SQLITE_OPEN_URI))
}

/// Rejects databases of other programs and of newer versions before anything is written.
fn check_schema(database: &Connection, path: &Path) -> Result<()> {
    match schema::state(database).map_err(|error| store_error(path, error))? {
        schema::State::Empty | schema::State::Older | schema::State::Current => Ok(()),
        schema::State::Newer => {
            let version = schema::version(database).map_err(|error| store_error(path, error))?;
            let required = schema::required_version(database);
            let file = path.display().to_string();
            Err(format::newer_format(&file, version.into(), schema::VERSION.into(), required.as_deref()))
        }
        schema::State::Foreign => {
            let message = format!("{} is the database of another program", path.display());
            Err(Error::new(Code::StoreFailed, message).with_hint(MOVE_AWAY_HINT))
        }
    }
}

/// Converts an error of SQLite to one with a hint, without the text of our SQL.
pub(super) fn store_error(path: &Path, error: rusqlite::Error) -> Error {
    if error.sqlite_error_code() == Some(ErrorCode::CannotOpen)
        && let Err(cause) = probe_open_files(path.parent().unwrap_or(path))
        && let Some(next) = os_error_hint(&cause)
    {
        let message = format!("Cannot use the project's database {}: {cause}", path.display());
        return Error::new(Code::StoreFailed, message).with_hint(next).caused_by(error);
    }
    // The text of these errors has the statement.
    let (reason, is_without_sql) = match &error {
        rusqlite::Error::SqlInputError { msg, .. } => (msg.clone(), false),
        other => (other.to_string(), true),
    };
    let message = format!("Cannot use the project's database {}: {reason}", path.display());
    let failure = Error::new(Code::StoreFailed, message).with_hint(hint_for(error.sqlite_error_code()));
    if is_without_sql { failure.caused_by(error) } else { failure }
}

fn hint_for(code: Option<ErrorCode>) -> &'static str {
    match code {
        Some(ErrorCode::NotADatabase | ErrorCode::DatabaseCorrupt) => REPAIR_HINT,
        Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => "Try again: another ktx is writing to it",
        Some(ErrorCode::DiskFull | ErrorCode::SystemIoFailure) => {
            "Check the space on its disk, and the permissions of the file and of its folder"
        }
        Some(ErrorCode::Unknown) => "Move it away and scan again: it may be the database of another program",
        _ => "Check the owner and the permissions of the file and of its folder, and the space on its disk",
    }
}

/// Opens as many files as SQLite does, to find out why it could not: its error has no cause.
fn probe_open_files(folder: &Path) -> std::io::Result<()> {
    (0..2 * COMPANION_SUFFIXES.len()).map(|_| File::open(folder)).collect::<std::io::Result<Vec<_>>>().map(drop)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn error_text(dir: &Path) -> String {
        let write = open(dir).unwrap_err();
        let read = open_existing(dir).unwrap_err();
        assert_eq!((write.code(), read.code()), (Code::StoreFailed, Code::StoreFailed), "{write}, {read}");
        assert_eq!(write.with_hint_text(), read.with_hint_text());
        assert!(!format!("{write:?}").contains("CREATE"), "{write:?}");
        write.with_hint_text()
    }

    fn with_file(make: impl FnOnce(&Path)) -> tempfile::TempDir {
        let dir = tempfile::tempdir().unwrap();
        fs::create_dir(dir.path().join(".ktx")).unwrap();
        make(&layout::database_path(dir.path()));
        dir
    }

    #[test]
    fn database_of_another_program_is_rejected_and_unchanged() {
        let statements = [
            "CREATE TABLE runs (a); INSERT INTO runs VALUES (1)",
            "CREATE TABLE target (a); PRAGMA user_version = 1",
            "CREATE VIEW v AS SELECT 1",
        ];
        for statement in statements {
            let dir = with_file(|path| Connection::open(path).unwrap().execute_batch(statement).unwrap());
            let before = fs::read(layout::database_path(dir.path())).unwrap();
            assert!(
                error_text(dir.path()).ends_with("is the database of another program. Move it away and scan again")
            );
            assert_eq!(fs::read(layout::database_path(dir.path())).unwrap(), before);
            assert_eq!(fs::read_dir(dir.path().join(".ktx")).unwrap().count(), 1);
        }
    }

    #[test]
    fn invalid_databases_are_rejected_with_a_hint() {
        let folder = with_file(|path| fs::create_dir(path).unwrap());
        assert!(error_text(folder.path()).ends_with("is a folder, not a database. Move it away and scan again"));
        let text = with_file(|path| fs::write(path, "no database, but long enough".repeat(100)).unwrap());
        assert!(error_text(text.path()).ends_with(&format!("file is not a database. {REPAIR_HINT}")));
        let newer = with_file(|path| {
            open(path.parent().unwrap().parent().unwrap()).unwrap().pragma_update(None, "user_version", 99).unwrap();
        });
        let error = open(newer.path()).unwrap_err();
        assert_eq!(
            (error.code(), open_existing(newer.path()).unwrap_err().code()),
            (Code::FormatNewer, Code::FormatNewer)
        );
        assert!(error.to_string().contains(" has format 99 and needs a newer version of KTX; "), "{error}");
        let empty = with_file(|path| fs::write(path, "").unwrap());
        assert!(open(empty.path()).is_ok());
    }

    #[cfg(unix)]
    #[test]
    fn pipes_and_links_are_rejected_and_their_targets_unchanged() {
        use std::os::unix::fs::symlink;
        let elsewhere = tempfile::tempdir().unwrap();
        let target = elsewhere.path().join("target.sqlite");
        Connection::open(&target).unwrap().execute_batch("CREATE TABLE t (a)").unwrap();
        let before = fs::read(&target).unwrap();
        let pipe = with_file(|path| {
            assert!(std::process::Command::new("mkfifo").arg(path).status().unwrap().success());
        });
        assert!(error_text(pipe.path()).ends_with("is not a file. Move it away and scan again"));
        for suffix in COMPANION_SUFFIXES {
            let dir = with_file(|path| symlink(&target, with_suffix(path, suffix)).unwrap());
            assert!(error_text(dir.path()).contains("is not a file that SQLite has made"), "{suffix}");
        }
        for target in [target.as_path(), Path::new("nowhere"), Path::new("db.sqlite")] {
            let dir = with_file(|path| symlink(target, path).unwrap());
            for error in [open(dir.path()).unwrap_err(), open_existing(dir.path()).unwrap_err()] {
                assert_eq!(error.code(), Code::ProjectUnsafe, "{error}");
            }
        }
        let lock = with_file(|path| symlink(&target, path.with_extension("lock")).unwrap());
        assert!(open(lock.path()).is_ok(), "the lock is a help to SQLite's own, and is left out");
        assert_eq!(fs::read(&target).unwrap(), before);
        assert_eq!(fs::read_dir(elsewhere.path()).unwrap().count(), 1);
    }

    #[cfg(unix)]
    #[test]
    fn files_are_not_writable_by_others() {
        use std::os::unix::fs::PermissionsExt;
        let dir = tempfile::tempdir().unwrap();
        let _open = open(dir.path()).unwrap();
        for entry in fs::read_dir(dir.path().join(".ktx")).unwrap() {
            let entry = entry.unwrap();
            let mode = entry.metadata().unwrap().permissions().mode();
            assert_eq!(mode & 0o022, 0, "{entry:?} {mode:o}");
        }
    }
}
