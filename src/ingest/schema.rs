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

/// Brings a database up to date; gives the version that it has then, which may be newer than ours.
pub(super) fn prepare(database: &mut Connection, path: &Path) -> Result<u32> {
    if version(database)? >= VERSION {
        return version(database);
    }
    // SQLite does not wait while another connection changes the journal's mode; so one at a time. Where the file
    // system has no locks, SQLite's own have to do.
    let lock = File::create(path.with_extension("lock"));
    let _held = lock.as_ref().map(File::lock);
    if version(database)? >= VERSION {
        return version(database);
    }
    database.pragma_update(None, "journal_mode", "WAL")?;
    let transaction = database.transaction_with_behavior(TransactionBehavior::Immediate)?;
    for (done, step) in STEPS.iter().enumerate().skip(version(&transaction)? as usize) {
        transaction.execute_batch(step)?;
        transaction.pragma_update(None, "user_version", (done + 1) as u32)?;
    }
    transaction.commit()?;
    version(database)
}

fn version(database: &Connection) -> Result<u32> {
    database.pragma_query_value(None, "user_version", |row| row.get(0))
}
