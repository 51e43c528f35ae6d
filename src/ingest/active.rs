//! A run in progress: holds the lock of its source, and records the end of the run on every path.

use super::{
    baseline,
    details::{Described, describe},
    diff::{self, Base, BaseSync, Diff},
    entity::{Entity, PullResult},
    layout::SourceLayout,
    repetition::repeats,
    report::RunReport,
    stage::{self, Staging},
    store::Store,
};
use crate::{
    error::{Code, Error, Result},
    files::{FileLock, remove_folder},
    offload,
    project::confined,
};
use std::{ops::Range, path::Path, sync::Arc, time::Duration};

/// Recorded error of a run that was cancelled or whose process died.
pub(super) const INTERRUPTED: &str = "interrupted";

/// Attempts to acquire a lock: a process that only tests whether it is held holds it for an instant.
const LOCK_ATTEMPTS: usize = 10;
const LOCK_RETRY_DELAY: Duration = Duration::from_millis(20);

/// A run in progress. It is moved into each offloaded task and returned by it; if the caller is cancelled, the task
/// drops it.
#[derive(Debug)]
pub(super) struct ActiveRun {
    state: Option<RunState>,
}

#[derive(Debug)]
struct RunState {
    staging: Option<Staging>,
    /// The last successful sync in the same environment.
    base: Option<BaseSync>,
    /// Whether the run repeats the base, so that it has no files of its own.
    repeats: bool,
    report: RunReport,
    store: Store,
    layout: SourceLayout,
    // Last field: dropped after all others.
    _lock: FileLock,
}

impl ActiveRun {
    /// Acquires the lock, cleans up after runs whose process has died, and records the new run.
    ///
    /// Errors: [`Code::RunBusy`], [`Code::StoreFailed`], [`Code::FileIo`].
    pub(super) async fn begin(project_dir: &Path, report: RunReport) -> Result<Self> {
        for _ in 1..LOCK_ATTEMPTS {
            let (dir, report) = (project_dir.to_owned(), report.clone());
            if let Some(run) = offload::spawn_blocking(move || Self::try_begin(&dir, report)).await? {
                return Ok(run);
            }
            offload::sleep(LOCK_RETRY_DELAY).await;
        }
        let dir = project_dir.to_owned();
        offload::spawn_blocking(move || match Self::try_begin(&dir, report.clone())? {
            Some(run) => Ok(run),
            None => Err(busy_error(&dir, &report)),
        })
        .await
    }

    fn try_begin(project_dir: &Path, report: RunReport) -> Result<Option<Self>> {
        let layout = SourceLayout::new(project_dir, &report.connection_id, &report.source)
            .in_environment(report.environment.as_deref());
        let Some(lock) = try_lock(&layout)? else { return Ok(None) };
        let mut store = Store::open(project_dir)?;
        stage::remove_partial_syncs(&layout)?;
        end_interrupted_runs(project_dir, &mut store, &layout)?;
        let base = store.load_base(&report.connection_id, &report.source, report.environment.as_deref())?;
        store.insert(&report)?;
        let state = RunState { staging: None, base, repeats: false, report, store, layout, _lock: lock };
        Ok(Some(Self { state: Some(state) }))
    }

    /// Runs a task on the thread pool with the state of the run.
    async fn with_state<T: Send + 'static>(
        mut self,
        work: impl FnOnce(&mut RunState) -> Result<T> + Send + 'static,
    ) -> (Self, Result<T>) {
        offload::spawn_blocking(move || {
            let result = self.state.as_mut().ok_or_else(ended_error).and_then(work);
            (self, result)
        })
        .await
    }

    /// Creates the hidden folder of the sync, unless the run repeats its base. Returns whether there is one.
    pub(super) async fn begin_staging(self, pulled: Arc<PullResult>) -> (Self, Result<bool>) {
        self.with_state(move |state| {
            let RunState { layout, report, base, .. } = state;
            state.repeats = base.as_ref().map_or(Ok(false), |base| repeats(layout, &report.source, base, &pulled))?;
            if !state.repeats {
                state.staging = Some(Staging::begin(&state.layout, &state.report.sync_id, &pulled)?);
            }
            Ok(!state.repeats)
        })
        .await
    }

    /// Writes the files of the entities in a range.
    pub(super) async fn write_entities(self, pulled: Arc<PullResult>, range: Range<usize>) -> (Self, Result<()>) {
        self.with_state(move |state| state.staging.as_ref().map_or(Ok(()), |staging| staging.write(&pulled, range)))
            .await
    }

    /// Compares a pull with the last successful sync in the same environment. Returns the differences, and a warning if
    /// the last sync was in another one.
    pub(super) async fn compare(self, pulled: Arc<PullResult>) -> (Self, Result<(Diff, Option<String>)>) {
        self.with_state(move |RunState { store, report, layout, base, .. }| {
            let Described { equal, details } = describe(layout, &report.source, base.as_ref(), &pulled)?;
            let empty = Base::new();
            let entities = base.as_ref().map_or(&empty, |base| &base.entities);
            let diff = Diff { details, ..diff::compare(entities, &pulled.entities, &equal) };
            let last = store.last_sync(&report.connection_id, &report.source)?;
            Ok((diff, last.and_then(|last| environment_warning(&last, report))))
        })
        .await
    }

    /// Ends the run successfully: publishes the staged folder and records the report after `change`.
    pub(super) async fn succeed(
        mut self,
        pulled: Arc<PullResult>,
        change: impl FnOnce(&mut RunReport) + Send + 'static,
    ) -> (Self, Result<RunReport>) {
        offload::spawn_blocking(move || {
            let result = self.state.as_mut().ok_or_else(ended_error).and_then(|state| state.record(&pulled, change));
            if result.is_ok() {
                self.state = None;
            }
            (self, result)
        })
        .await
    }

    /// Ends the run with an error text, which must not contain secrets.
    pub(super) async fn fail(mut self, reason: String) {
        if let Some(state) = self.state.take() {
            offload::spawn_blocking(move || state.fail(reason)).await;
        }
    }
}

impl RunState {
    fn record(&mut self, pulled: &PullResult, change: impl FnOnce(&mut RunReport)) -> Result<RunReport> {
        let published = self.staging.take().map(Staging::publish).transpose()?;
        let mut report = self.report.clone();
        if let (true, Some(base)) = (self.repeats, &self.base) {
            report.sync_id.clone_from(&base.sync_id);
        }
        change(&mut report);
        report.end(None);
        let entities: &[Entity] = if report.dry_run { &[] } else { &pulled.entities };
        // A sync that cannot be recorded is removed.
        self.store
            .finish(&report, entities)
            .inspect_err(|_| published.iter().for_each(|path| drop(remove_folder(path))))?;
        if let (Some(text), false) = (&pulled.baseline, report.dry_run) {
            // The baseline is optional: if the write fails, the next run uses the previous one.
            let _ = baseline::write(&self.layout, text);
        }
        Ok(report)
    }

    fn fail(mut self, reason: String) {
        // Removes the folder first: a run that is recorded as failed has no files.
        self.staging = None;
        self.report.end(Some(reason));
        // If this fails, the next run records the failure, since the lock is free then.
        let _ = self.store.finish(&self.report, &[]);
    }
}

impl Drop for ActiveRun {
    fn drop(&mut self) {
        let Some(state) = self.state.take() else { return };
        // A cancelled caller must not block on files. If no thread can be started, the next run cleans up.
        let _ = std::thread::Builder::new().name("ktx-run-end".into()).spawn(move || state.fail(INTERRUPTED.into()));
    }
}

/// Warns of a sync in another environment than the last one.
fn environment_warning(last: &RunReport, report: &RunReport) -> Option<String> {
    if last.environment == report.environment {
        return None;
    }
    let describe = |environment: &Option<String>| match environment {
        Some(name) => format!("in the environment {name}"),
        None => "without an environment".to_owned(),
    };
    let (id, then, now) = (&report.connection_id, describe(&last.environment), describe(&report.environment));
    Some(format!("The last sync of {id} was {then}; this one is compared with the last sync {now}"))
}

fn ended_error() -> Error {
    Error::new(Code::Internal, "The run has ended already")
}

/// Returns the error for a source whose lock is held.
pub(super) fn busy_error(project_dir: &Path, report: &RunReport) -> Error {
    let holder = Store::open_existing(project_dir)
        .ok()
        .flatten()
        .and_then(|store| store.holder(&report.connection_id, &report.source).ok().flatten());
    let process =
        holder.map(|holder| format!(" (process {}, since {})", holder.pid, holder.started_at)).unwrap_or_default();
    let message = format!("Another {} run of {} is in progress{process}", report.source, report.connection_id);
    Error::new(Code::RunBusy, message).with_hint("Wait until it is done, then try again")
}

/// Marks runs as failed that are recorded as running but whose lock is free. `held` is the lock of the caller.
fn end_interrupted_runs(project_dir: &Path, store: &mut Store, held: &SourceLayout) -> Result<()> {
    for mut report in store.running()? {
        let layout = SourceLayout::new(project_dir, &report.connection_id, &report.source);
        let _other = match layout.lock == held.lock {
            true => None,
            false => match try_lock(&layout)? {
                Some(lock) => Some(lock),
                None => continue,
            },
        };
        // A crash between publishing and recording leaves a sync without a record.
        confined::remove_folder(project_dir, &layout.sync(&report.sync_id))?;
        report.end(Some(INTERRUPTED.into()));
        store.finish(&report, &[])?;
    }
    Ok(())
}

/// Acquires the lock of a source if it is free.
pub(super) fn try_lock(layout: &SourceLayout) -> Result<Option<FileLock>> {
    confined::make_folder(&layout.project, layout.lock.parent().unwrap_or(&layout.project))?;
    FileLock::try_acquire(&confined::resolve(&layout.project, &layout.lock)?)
}
