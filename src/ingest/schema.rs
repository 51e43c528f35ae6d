//! Schema migrations of the project's database. A released migration is never changed; new ones are appended.

use rusqlite::{Connection, Result, TransactionBehavior};
use std::{fs::File, path::Path};

const MIGRATIONS: &[&str] = &["
    CREATE TABLE runs (
        seq INTEGER PRIMARY KEY,
        run_id TEXT NOT NULL UNIQUE,
        connection_id TEXT NOT NULL,
        source TEXT NOT NULL,
        status TEXT NOT NULL CHECK (status IN ('running', 'done', 'failed')),
        dry_run INTEGER NOT NULL,
        sync_id TEXT NOT NULL,
        pid INTEGER NOT NULL,
        report TEXT NOT NULL -- JSON, as hosts get it
    ) STRICT;
    CREATE INDEX runs_of_source ON runs (connection_id, source, status, seq);
    CREATE TABLE entities (
        run_id TEXT NOT NULL REFERENCES runs (run_id),
        name TEXT NOT NULL,
        work_group TEXT NOT NULL,
        hash TEXT NOT NULL,
        PRIMARY KEY (run_id, name)
    ) STRICT, WITHOUT ROWID;
"];

/// Newest version of the schema.
pub(super) const VERSION: u32 = MIGRATIONS.len() as u32;

/// State of a database's schema.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum State {
    /// No tables.
    Empty,
    /// An earlier version.
    Older,
    /// The newest version.
    Current,
    /// A later version.
    Newer,
    /// Not a database of KTX.
    Foreign,
}

/// Returns the state of a database without changing it.
pub(super) fn state(database: &Connection) -> Result<State> {
    // One transaction for both reads: another process may be creating the tables.
    let snapshot = database.unchecked_transaction()?;
    let (all, ours): (u32, u32) = snapshot.query_row(
        "SELECT count(*), count(*) FILTER (WHERE type = 'table' AND name IN ('runs', 'entities')) FROM sqlite_schema",
        [],
        |row| Ok((row.get(0)?, row.get(1)?)),
    )?;
    Ok(match (all, ours, version(&snapshot)?) {
        (0, _, 0) => State::Empty,
        (_, 2, VERSION) => State::Current,
        (_, 2, version) if version > VERSION => State::Newer,
        (_, 2, version) if version > 0 => State::Older,
        _ => State::Foreign,
    })
}

/// Applies the missing migrations.
pub(super) fn migrate(database: &mut Connection, path: &Path) -> Result<()> {
    if version(database)? >= VERSION {
        return Ok(());
    }
    // SQLite's busy timeout does not cover a change of the journal mode, so that is serialised here. On a file system
    // without locks, only SQLite's own apply.
    let lock = lock_file(&path.with_extension("lock"));
    let _lock = lock.as_ref().map(File::lock);
    if version(database)? >= VERSION {
        return Ok(());
    }
    database.pragma_update(None, "journal_mode", "WAL")?;
    let transaction = database.transaction_with_behavior(TransactionBehavior::Immediate)?;
    for (index, migration) in MIGRATIONS.iter().enumerate().skip(version(&transaction)? as usize) {
        transaction.execute_batch(migration)?;
        transaction.pragma_update(None, "user_version", (index + 1) as u32)?;
    }
    transaction.commit()
}

/// Opens the lock file, readable for the owner only. Links are not followed.
fn lock_file(path: &Path) -> std::io::Result<File> {
    let mut options = File::options();
    options.read(true).write(true).create(true).truncate(false);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt;
        options.mode(0o600).custom_flags(libc::O_NOFOLLOW | libc::O_NONBLOCK);
    }
    options.open(path)
}

/// Returns the first version of KTX that reads this database, which newer formats have in the table `format`.
pub(super) fn required_version(database: &Connection) -> Option<String> {
    database.query_row("SELECT requires FROM format", [], |row| row.get(0)).ok()
}

/// Returns the version of the schema; 0 for a database without one.
pub(super) fn version(database: &Connection) -> Result<u32> {
    database.pragma_query_value(None, "user_version", |row| row.get(0))
}
