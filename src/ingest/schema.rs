//! Schema of the project's database. A step, once released, is never changed: new ones are added below it.

use rusqlite::{Connection, Result, TransactionBehavior};
use std::{fs::File, path::Path};

const STEPS: &[&str] = &["
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

/// Version of the schema that this package knows.
pub(super) const VERSION: u32 = STEPS.len() as u32;

/// What a database is to us.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// Nothing is in it yet.
    Empty,
    /// Of an earlier version of ours.
    Older,
    /// Of this version.
    Current,
    /// Of a later version of ours.
    Newer,
    /// Another program's.
    Foreign,
}

/// Looks at a database without changing it.
pub(super) fn kind(database: &Connection) -> Result<Kind> {
    // Both of one moment: another process may be making the tables.
    let moment = database.unchecked_transaction()?;
    let (all, ours): (u32, u32) = moment.query_row(
        "SELECT count(*), count(*) FILTER (WHERE type = 'table' AND name IN ('runs', 'entities')) FROM sqlite_schema",
        [],
        |row| Ok((row.get(0)?, row.get(1)?)),
    )?;
    Ok(match (all, ours, version(&moment)?) {
        (0, _, 0) => Kind::Empty,
        (_, 2, VERSION) => Kind::Current,
        (_, 2, version) if version > VERSION => Kind::Newer,
        (_, 2, version) if version > 0 => Kind::Older,
        _ => Kind::Foreign,
    })
}

/// Brings a database of ours up to date.
pub(super) fn prepare(database: &mut Connection, path: &Path) -> Result<()> {
    if version(database)? >= VERSION {
        return Ok(());
    }
    // SQLite does not wait while another connection changes the journal's mode; so one at a time. Where the file
    // system has no locks, SQLite's own have to do.
    let lock = lock_file(&path.with_extension("lock"));
    let _held = lock.as_ref().map(File::lock);
    if version(database)? >= VERSION {
        return Ok(());
    }
    database.pragma_update(None, "journal_mode", "WAL")?;
    let transaction = database.transaction_with_behavior(TransactionBehavior::Immediate)?;
    for (done, step) in STEPS.iter().enumerate().skip(version(&transaction)? as usize) {
        transaction.execute_batch(step)?;
        transaction.pragma_update(None, "user_version", (done + 1) as u32)?;
    }
    transaction.commit()
}

/// Made for the user alone; never one behind a link.
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

/// The first version of KTX that reads a database of a newer format, which has that in a table.
pub(super) fn requires(database: &Connection) -> Option<String> {
    database.query_row("SELECT requires FROM format", [], |row| row.get(0)).ok()
}

pub(super) fn version(database: &Connection) -> Result<u32> {
    database.pragma_query_value(None, "user_version", |row| row.get(0))
}
