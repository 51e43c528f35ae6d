//! Open indexes of this process: a server keeps its index open between searches.

use super::{
    failure::Failure,
    feeds,
    storage::{FileStamp, IndexPaths},
    update::{is_current, update},
};
use crate::{
    error::{Code, Error, Result},
    project::Project,
};
use rusqlite::Connection;
use std::{
    collections::HashMap,
    sync::{Arc, LazyLock, Mutex, PoisonError},
};

/// Maximum indexes that are kept open.
const MAX_OPEN: usize = 8;
/// Attempts at a search whose index is found damaged.
const MAX_ATTEMPTS: usize = 3;

/// An open index.
struct Opened {
    database: Connection,
    stamp: Option<FileStamp>,
    /// The state of the files that the index has.
    glance: String,
}

type Slot = Arc<Mutex<Option<Opened>>>;

static SLOTS: LazyLock<Mutex<HashMap<IndexPaths, Slot>>> = LazyLock::new(Mutex::default);

fn slot(paths: &IndexPaths) -> Slot {
    let mut slots = SLOTS.lock().unwrap_or_else(PoisonError::into_inner);
    if slots.len() >= MAX_OPEN && !slots.contains_key(paths) {
        slots.clear();
    }
    slots.entry(paths.clone()).or_default().clone()
}

/// Reads the index of a project, which is brought up to date before. A damaged one is built again.
///
/// Errors: [`Code::StoreFailed`], [`Code::LockTimeout`], and those of the files that are indexed.
pub(super) fn read<T>(project: &Project, work: impl Fn(&Connection) -> Result<T, Failure>) -> Result<T> {
    let paths = IndexPaths::new(project);
    let slot = slot(&paths);
    let mut opened = slot.lock().unwrap_or_else(PoisonError::into_inner);
    let mut attempt = 0;
    loop {
        attempt += 1;
        match refresh(project, &paths, &mut opened, attempt > 1).and_then(|database| in_snapshot(database, &work)) {
            Ok(found) => return Ok(found),
            Err(failure) if failure.is_damage() && attempt < MAX_ATTEMPTS => *opened = None,
            Err(Failure::Sql(error)) => return Err(paths.error(error)),
            Err(Failure::Other(error)) => return Err(error),
        }
    }
}

/// Runs all statements of a search on one state of the index, and locks the file once.
fn in_snapshot<T>(database: &Connection, work: impl Fn(&Connection) -> Result<T, Failure>) -> Result<T, Failure> {
    let snapshot = database.unchecked_transaction()?;
    let found = work(&snapshot)?;
    snapshot.commit()?;
    Ok(found)
}

/// Returns the up-to-date index: the open one, that of the file, or a new one.
fn refresh<'a>(
    project: &Project,
    paths: &IndexPaths,
    opened: &'a mut Option<Opened>,
    is_damaged: bool,
) -> Result<&'a Connection, Failure> {
    let glance = feeds::glance(project)?;
    let is_kept = |known: &Opened| known.glance == glance && known.stamp.is_some() && known.stamp == paths.stamp();
    if !opened.as_ref().is_some_and(is_kept) {
        // The file cannot be replaced on Windows while it is open.
        *opened = None;
        let found = open_current(paths, &glance, is_damaged)?;
        let database = match found {
            Some(database) => database,
            None => {
                update(project, paths, is_damaged)?;
                let lost =
                    || Error::new(Code::StoreFailed, format!("{} was removed meanwhile", paths.file().display()));
                paths.open()?.ok_or_else(lost)?
            }
        };
        *opened = Some(Opened { database, stamp: paths.stamp(), glance });
    }
    let lost = || Error::new(Code::Internal, "the search index is not open");
    Ok(&opened.as_ref().ok_or_else(lost)?.database)
}

fn open_current(paths: &IndexPaths, glance: &str, is_damaged: bool) -> Result<Option<Connection>, Failure> {
    let Some(database) = paths.open()?.filter(|_| !is_damaged) else { return Ok(None) };
    // The update finds out whether an error means damage.
    Ok(is_current(&database, glance).unwrap_or_default().then_some(database))
}
