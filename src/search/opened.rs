//! Open indexes of this process: a server keeps its index open between searches.

use super::{
    failure::Failure,
    feeds,
    lanes::scope::Scope,
    meaning::loaded::{Loaded, Similar},
    storage::{FileStamp, IndexPaths},
    update::{is_current, update},
};
use crate::{
    error::{Code, Error, Result},
    project::Project,
};
use rusqlite::Connection;
use std::{
    cell::RefCell,
    collections::HashMap,
    sync::{Arc, LazyLock, Mutex, PoisonError},
    thread,
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
    /// The vectors of its documents, if they were asked for.
    loaded: RefCell<Option<Loaded>>,
}

/// An index that is up to date, during a search.
pub(super) struct Index<'a> {
    pub(super) database: &'a Connection,
    vectors: IndexPaths,
    loaded: &'a RefCell<Option<Loaded>>,
}

impl Index<'_> {
    /// Returns the documents of similar meaning as a vector of a model.
    pub(super) fn nearest(&self, model: &str, query: &[i8], scope: &Scope) -> Result<Vec<Similar>, Failure> {
        self.with_vectors(model, |loaded| loaded.nearest(query, scope))
    }

    /// Returns the texts that have no vector of a model, with their hashes.
    pub(super) fn missing(&self, model: &str) -> Result<Vec<(String, String)>, Failure> {
        self.with_vectors(model, |loaded| loaded.missing().to_vec())
    }

    /// Whether texts have no vector of a model.
    pub(super) fn lacks_vectors(&self, model: &str) -> Result<bool, Failure> {
        self.with_vectors(model, |loaded| !loaded.missing().is_empty())
    }

    fn with_vectors<T>(&self, model: &str, work: impl FnOnce(&Loaded) -> T) -> Result<T, Failure> {
        let mut loaded = self.loaded.borrow_mut();
        if let Some(known) = loaded.as_ref().filter(|known| known.is_current(&self.vectors, model)) {
            return Ok(work(known));
        }
        Ok(work(loaded.insert(Loaded::new(self.database, &self.vectors, model)?)))
    }
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
pub(super) fn read<T>(project: &Project, work: impl Fn(&Index<'_>) -> Result<T, Failure>) -> Result<T> {
    let paths = IndexPaths::new(project);
    let slot = slot(&paths);
    let mut opened = slot.lock().unwrap_or_else(PoisonError::into_inner);
    let mut attempt = 0;
    loop {
        attempt += 1;
        if attempt == 1
            && let Some(found) = read_opened(project, &paths, &opened, &work)
        {
            return Ok(found);
        }
        match refresh(project, &paths, &mut opened, attempt > 1).and_then(|opened| in_snapshot(project, opened, &work))
        {
            Ok(found) => return Ok(found),
            Err(failure) if failure.is_damage() && attempt < MAX_ATTEMPTS => *opened = None,
            Err(Failure::Sql(error)) => return Err(paths.error(error)),
            Err(Failure::Other(error)) => return Err(error),
        }
    }
}

/// Reads the open index while another thread compares the files with it, which takes as long in a large project. Returns
/// `None` if there is no open index, or it is not up to date or cannot be read.
fn read_opened<T>(
    project: &Project,
    paths: &IndexPaths,
    opened: &Option<Opened>,
    work: &impl Fn(&Index<'_>) -> Result<T, Failure>,
) -> Option<T> {
    let known = opened.as_ref().filter(|known| known.stamp.is_some() && known.stamp == paths.stamp())?;
    let (found, glance) = thread::scope(|scope| {
        let glance = thread::Builder::new().spawn_scoped(scope, || feeds::glance(project));
        let found = in_snapshot(project, known, work);
        (found, glance.ok().and_then(|glance| glance.join().ok()))
    });
    // The caller repeats what has failed, and reports why.
    found.ok().filter(|_| glance.and_then(Result::ok).is_some_and(|glance| glance == known.glance))
}

/// Runs all statements of a search on one state of the index, and locks the file once.
fn in_snapshot<T>(
    project: &Project,
    opened: &Opened,
    work: &impl Fn(&Index<'_>) -> Result<T, Failure>,
) -> Result<T, Failure> {
    let snapshot = opened.database.unchecked_transaction()?;
    let found = work(&Index { database: &snapshot, vectors: IndexPaths::vectors(project), loaded: &opened.loaded })?;
    snapshot.commit()?;
    Ok(found)
}

/// Returns the up-to-date index: the open one, that of the file, or a new one.
fn refresh<'a>(
    project: &Project,
    paths: &IndexPaths,
    opened: &'a mut Option<Opened>,
    is_damaged: bool,
) -> Result<&'a Opened, Failure> {
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
        *opened = Some(Opened { database, stamp: paths.stamp(), glance, loaded: RefCell::default() });
    }
    let lost = || Error::new(Code::Internal, "the search index is not open");
    Ok(opened.as_ref().ok_or_else(lost)?)
}

fn open_current(paths: &IndexPaths, glance: &str, is_damaged: bool) -> Result<Option<Connection>, Failure> {
    let Some(database) = paths.open()?.filter(|_| !is_damaged) else { return Ok(None) };
    // The update finds out whether an error means damage.
    Ok(is_current(&database, glance).unwrap_or_default().then_some(database))
}
