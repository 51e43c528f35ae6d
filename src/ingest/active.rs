//! A run in progress: holds the lock of its source and its row in the store, and ends the run on every path.

use super::{
    baseline,
    diff::Base,
    entity::{Entity, Pulled},
    layout::SourceLayout,
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

/// Written where a run ended without saying why: it was cancelled, or its process died.
pub(super) const INTERRUPTED: &str = "interrupted";

/// Retries of a lock: a process that only tests whether it is held takes it for an instant.
const TRIES: usize = 10;
const BETWEEN_TRIES: Duration = Duration::from_millis(20);

/// The run. Moves into the hops that work for it, so that it outlives them when the caller gives up.
#[derive(Debug)]
pub(super) struct ActiveRun {
    open: Option<Open>,
}

#[derive(Debug)]
struct Open {
    staging: Option<Staging>,
    report: RunReport,
    store: Store,
    layout: SourceLayout,
    // Last: released when everything else is in order.
    _lock: FileLock,
}

impl ActiveRun {
    /// Takes the lock, tidies up after runs that died, and records the new run.
    ///
    /// Errors: [`Code::RunBusy`], [`Code::StoreFailed`], [`Code::FileIo`].
    pub(super) async fn begin(project_dir: &Path, report: RunReport) -> Result<Self> {
        for _ in 1..TRIES {
            let (dir, report) = (project_dir.to_owned(), report.clone());
            if let Some(run) = offload::spawn_blocking(move || Self::try_begin(&dir, report)).await? {
                return Ok(run);
            }
            offload::sleep(BETWEEN_TRIES).await;
        }
        let dir = project_dir.to_owned();
        offload::spawn_blocking(move || match Self::try_begin(&dir, report.clone())? {
            Some(run) => Ok(run),
            None => Err(busy(&dir, &report)),
        })
        .await
    }

    fn try_begin(project_dir: &Path, report: RunReport) -> Result<Option<Self>> {
        let layout = SourceLayout::new(project_dir, &report.connection_id, &report.source);
        let Some(lock) = try_lock(&layout)? else { return Ok(None) };
        let mut store = Store::open(project_dir)?;
        stage::remove_leftovers(&layout)?;
        end_dead_runs(project_dir, &mut store, &layout)?;
        store.insert(&report)?;
        Ok(Some(Self { open: Some(Open { staging: None, report, store, layout, _lock: lock }) }))
    }

    /// Lets work on the blocking pool have the run for a while.
    async fn with<T: Send + 'static>(
        mut self,
        work: impl FnOnce(&mut Open) -> Result<T> + Send + 'static,
    ) -> (Self, Result<T>) {
        offload::spawn_blocking(move || {
            let result = self.open.as_mut().ok_or_else(ended).and_then(work);
            (self, result)
        })
        .await
    }

    /// Makes the hidden folder of the sync.
    pub(super) async fn begin_staging(self, pulled: Arc<Pulled>) -> (Self, Result<()>) {
        self.with(move |open| {
            open.staging = Some(Staging::begin(&open.layout, &open.report.sync_id, &pulled)?);
            Ok(())
        })
        .await
    }

    /// Writes the files of some entities.
    pub(super) async fn stage(self, pulled: Arc<Pulled>, range: Range<usize>) -> (Self, Result<()>) {
        self.with(move |open| open.staging.as_ref().map_or(Ok(()), |staging| staging.write(&pulled, range))).await
    }

    /// What the last successful sync saw.
    pub(super) async fn base(self) -> (Self, Result<Base>) {
        self.with(|open| open.store.base(&open.report.connection_id, &open.report.source)).await
    }

    /// Ends the run well: what `change` adds to the report is recorded, and the staged folder is shown.
    pub(super) async fn succeed(
        mut self,
        pulled: Arc<Pulled>,
        change: impl FnOnce(&mut RunReport) + Send + 'static,
    ) -> (Self, Result<RunReport>) {
        offload::spawn_blocking(move || {
            let result = self.open.as_mut().ok_or_else(ended).and_then(|open| open.record(&pulled, change));
            if result.is_ok() {
                self.open = None;
            }
            (self, result)
        })
        .await
    }

    /// Ends the run with a reason, which has no secret in it.
    pub(super) async fn fail(mut self, reason: String) {
        if let Some(open) = self.open.take() {
            offload::spawn_blocking(move || open.end_early(reason)).await;
        }
    }
}

impl Open {
    fn record(&mut self, pulled: &Pulled, change: impl FnOnce(&mut RunReport)) -> Result<RunReport> {
        let published = self.staging.take().map(Staging::publish).transpose()?;
        let mut report = self.report.clone();
        change(&mut report);
        report.end(None);
        let entities: &[Entity] = if report.dry_run { &[] } else { &pulled.entities };
        // A sync that is not recorded must not look like one.
        self.store
            .finish(&report, entities)
            .inspect_err(|_| published.iter().for_each(|path| drop(remove_folder(path))))?;
        if let (Some(text), false) = (&pulled.baseline, report.dry_run) {
            // The sync stands without it: the next run then remembers an earlier one.
            let _ = baseline::write(&self.layout, text);
        }
        Ok(report)
    }

    fn end_early(mut self, reason: String) {
        // The folder goes first: once the run is recorded as failed, nothing of it is left.
        self.staging = None;
        self.report.end(Some(reason));
        // What cannot be recorded now, the next run records when it finds the lock free.
        let _ = self.store.finish(&self.report, &[]);
    }
}

impl Drop for ActiveRun {
    fn drop(&mut self) {
        let Some(open) = self.open.take() else { return };
        // A cancelled caller must not wait for files. If no thread can be started, the next run cleans up.
        let _ =
            std::thread::Builder::new().name("ktx-run-end".into()).spawn(move || open.end_early(INTERRUPTED.into()));
    }
}

fn ended() -> Error {
    Error::new(Code::Internal, "The run has ended")
}

fn busy(project_dir: &Path, report: &RunReport) -> Error {
    let holder = Store::open_existing(project_dir)
        .ok()
        .flatten()
        .and_then(|store| store.holder(&report.connection_id, &report.source).ok().flatten());
    let who =
        holder.map(|holder| format!(" (process {}, since {})", holder.pid, holder.started_at)).unwrap_or_default();
    let message = format!("Another {} run of {} is going on{who}", report.source, report.connection_id);
    Error::new(Code::RunBusy, message).with_hint("Wait until it is done, then try again")
}

/// A run whose lock is free is dead, even if its row says `running`. `held` is the caller's lock.
fn end_dead_runs(project_dir: &Path, store: &mut Store, held: &SourceLayout) -> Result<()> {
    for mut report in store.running()? {
        let layout = SourceLayout::new(project_dir, &report.connection_id, &report.source);
        let _other = match layout == *held {
            true => None,
            false => match try_lock(&layout)? {
                Some(lock) => Some(lock),
                None => continue,
            },
        };
        // A crash between showing the folder and recording it leaves a sync without a record.
        confined::remove_folder(project_dir, &layout.sync(&report.sync_id))?;
        report.end(Some(INTERRUPTED.into()));
        store.finish(&report, &[])?;
    }
    Ok(())
}

/// The lock of a source, if it is free.
fn try_lock(layout: &SourceLayout) -> Result<Option<FileLock>> {
    confined::make_folder(&layout.project, layout.lock.parent().unwrap_or(&layout.project))?;
    FileLock::try_acquire(&confined::resolve(&layout.project, &layout.lock)?)
}
