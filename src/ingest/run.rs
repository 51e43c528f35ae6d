//! The pipeline of a run: fetch → stage → diff → report.

use super::{
    active::{ActiveRun, INTERRUPTED},
    adapters::SourceAdapter,
    changes,
    diff::Diff,
    entity::PullResult,
    failure::convert_error,
    progress::{Phase, Progress},
    report::RunReport,
    scan_mode::ScanMode,
};
use crate::error::{Error, Result};
use std::{
    future::{Future, poll_fn},
    path::Path,
    pin::{Pin, pin},
    sync::Arc,
    task::Poll,
};

/// Files that are written between two progress events.
const FILES_PER_BATCH: usize = 250;

/// Request for a run.
#[derive(Debug, Clone, Copy)]
pub struct RunRequest<'a> {
    /// Folder of the project.
    pub project_dir: &'a Path,
    /// Id of the connection.
    pub connection_id: &'a str,
    /// Compare and report only: stage no files, and do not use the run as a base of later ones.
    pub dry_run: bool,
    /// Id of the run at the host.
    pub job_id: Option<&'a str>,
    /// Reason of the host for the run, for example `manual_resync`.
    pub trigger: Option<&'a str>,
    /// Mode of a scan; `None` for other runs.
    pub mode: Option<ScanMode>,
    /// The selected environment. Syncs of different environments are not compared.
    pub environment: Option<&'a str>,
}

impl<'a> RunRequest<'a> {
    /// Returns a request with default options.
    pub fn new(project_dir: &'a Path, connection_id: &'a str) -> Self {
        Self { project_dir, connection_id, dry_run: false, job_id: None, trigger: None, mode: None, environment: None }
    }
}

/// An error that ends a run early.
struct RunAbort<E> {
    /// Text for the report, without secrets.
    reason: String,
    error: E,
}

impl<E> RunAbort<E> {
    fn interrupted(error: E) -> Self {
        Self { reason: INTERRUPTED.to_owned(), error }
    }
}

impl<E: From<Error>> From<Error> for RunAbort<E> {
    fn from(error: Error) -> Self {
        Self { reason: error.with_hint_text(), error: error.into() }
    }
}

/// Runs an adapter. If `stop` completes, the run is recorded as `interrupted`, its files are removed, and then the
/// error of `stop` is returned. If the future is dropped, the same happens on another thread.
///
/// Errors: those of the adapter; `RunBusy`, `StoreFailed`, `FileIo`. They are recorded, once the run has begun.
pub async fn run<A: SourceAdapter, E: From<Error> + From<A::Error>>(
    request: RunRequest<'_>,
    adapter: &A,
    progress: Progress<'_>,
    stop: impl Future<Output = E>,
) -> Result<RunReport, E> {
    let report = RunReport {
        job_id: request.job_id.map(str::to_owned),
        trigger: request.trigger.map(str::to_owned),
        environment: request.environment.map(str::to_owned),
        mode: request.mode,
        ..RunReport::begin(request.connection_id, adapter.source(), request.dry_run)
    };
    let mut stop = pin!(stop);
    if let Some(error) = poll_stop(stop.as_mut()).await {
        return Err(error);
    }
    let run = convert_error::<_, E>(ActiveRun::begin(request.project_dir, report).await)?;
    let (run, result) = match fetch(adapter, progress, stop.as_mut()).await {
        Ok(pulled) => record(run, pulled, request.dry_run, progress, stop).await,
        Err(abort) => (run, Err(abort)),
    };
    match result {
        Ok(report) => Ok(report),
        Err(RunAbort { reason, error }) => {
            run.fail(reason).await;
            Err(error)
        }
    }
}

async fn fetch<A: SourceAdapter, E: From<A::Error>>(
    adapter: &A,
    progress: Progress<'_>,
    stop: Pin<&mut impl Future<Output = E>>,
) -> Result<Arc<PullResult>, RunAbort<E>> {
    tokio::select! {
        biased;
        error = stop => Err(RunAbort::interrupted(error)),
        // Boxed, since the future of an adapter is large, and callbacks into the host need stack space.
        pulled = Box::pin(adapter.fetch(progress)) => match pulled {
            Ok(pulled) => Ok(Arc::new(pulled)),
            Err(error) => Err(RunAbort { reason: adapter.redact_error(&error), error: error.into() }),
        },
    }
}

async fn record<E: From<Error>>(
    run: ActiveRun,
    pulled: Arc<PullResult>,
    dry_run: bool,
    progress: Progress<'_>,
    mut stop: Pin<&mut impl Future<Output = E>>,
) -> (ActiveRun, Result<RunReport, RunAbort<E>>) {
    let (run, staged) = if dry_run { (run, Ok(())) } else { stage(run, &pulled, progress, stop.as_mut()).await };
    if let Err(abort) = staged {
        return (run, Err(abort));
    }
    progress.report(Phase::Diff, "Comparing with the last sync");
    let (run, compared) = run.compare(pulled.clone()).await;
    let (diff, warning) = match compared {
        Ok(compared) => compared,
        Err(error) => return (run, Err(error.into())),
    };
    if let Some(error) = poll_stop(stop).await {
        return (run, Err(RunAbort::interrupted(error)));
    }
    progress.report(Phase::Report, "Recording the run");
    let warnings = warning.into_iter().chain(pulled.warnings.clone()).collect();
    let filled = pulled.clone();
    let (run, recorded) = run.succeed(pulled, move |report| fill_report(report, diff, &filled, warnings)).await;
    (run, recorded.map_err(RunAbort::from))
}

fn fill_report(report: &mut RunReport, diff: Diff, pulled: &PullResult, warnings: Vec<String>) {
    report.diff_summary = diff.summary;
    report.changes = diff.changes;
    report.descriptions = diff.descriptions;
    report.work_units = diff.work_units;
    (report.details, report.details_left_out) = changes::limit(diff.details);
    report.profile = pulled.profile.clone();
    report.relationships = pulled.relationships;
    report.profile_changes = pulled.profile_changes.clone();
    report.warnings = warnings;
    report.left_out = pulled.left_out.clone();
}

async fn stage<E: From<Error>>(
    run: ActiveRun,
    pulled: &Arc<PullResult>,
    progress: Progress<'_>,
    mut stop: Pin<&mut impl Future<Output = E>>,
) -> (ActiveRun, Result<(), RunAbort<E>>) {
    let total = pulled.entities.len();
    let (mut run, begun) = run.begin_staging(pulled.clone()).await;
    if let Ok(false) = begun {
        progress.report(Phase::Stage, "Nothing has changed: the last sync is kept");
        return (run, Ok(()));
    }
    let mut result = begun.map(drop);
    progress.report_count(Phase::Stage, "Writing files", 0, total);
    for start in (0..total).step_by(FILES_PER_BATCH) {
        if result.is_err() {
            break;
        }
        if let Some(error) = poll_stop(stop.as_mut()).await {
            return (run, Err(RunAbort::interrupted(error)));
        }
        let end = (start + FILES_PER_BATCH).min(total);
        (run, result) = run.write_entities(pulled.clone(), start..end).await;
        progress.report_count(Phase::Stage, "Writing files", end, total);
    }
    (run, result.map_err(RunAbort::from))
}

/// Polls `stop` once. After it has returned an error, it must not be polled again.
async fn poll_stop<E>(mut stop: Pin<&mut impl Future<Output = E>>) -> Option<E> {
    poll_fn(|context| match stop.as_mut().poll(context) {
        Poll::Ready(error) => Poll::Ready(Some(error)),
        Poll::Pending => Poll::Ready(None),
    })
    .await
}

#[cfg(test)]
mod diff_tests;
#[cfg(test)]
mod profile_tests;
#[cfg(test)]
mod relationship_tests;
#[cfg(test)]
mod tests;
