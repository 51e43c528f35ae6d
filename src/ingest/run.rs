//! One run: fetch → stage → diff → report.

use super::{
    active::{ActiveRun, INTERRUPTED},
    adapters::SourceAdapter,
    diff::{self, Diff},
    entity::Pulled,
    failure::convert_error,
    progress::{Phase, Progress},
    report::RunReport,
};
use crate::{
    error::{Error, Result},
    offload,
};
use std::{
    future::{Future, poll_fn},
    path::Path,
    pin::{Pin, pin},
    sync::Arc,
    task::Poll,
};

/// Files between two progress reports.
const BATCH: usize = 250;

/// What is run.
#[derive(Debug, Clone, Copy)]
pub struct RunRequest<'a> {
    /// Folder of the project.
    pub project_dir: &'a Path,
    /// Connection that is pulled.
    pub connection_id: &'a str,
    /// Compare and report, but stage nothing and be no base of later runs.
    pub dry_run: bool,
    /// The host's own name for the run.
    pub job_id: Option<&'a str>,
    /// What made the host run it, for example `manual_resync`.
    pub trigger: Option<&'a str>,
}

impl<'a> RunRequest<'a> {
    /// A run of a connection with nothing special about it.
    pub fn new(project_dir: &'a Path, connection_id: &'a str) -> Self {
        Self { project_dir, connection_id, dry_run: false, job_id: None, trigger: None }
    }
}

/// Why a run ends early.
struct Ending<E> {
    /// What is recorded; no secrets.
    reason: String,
    error: E,
}

impl<E> Ending<E> {
    fn interrupted(error: E) -> Self {
        Self { reason: INTERRUPTED.to_owned(), error }
    }
}

impl<E: From<Error>> From<Error> for Ending<E> {
    fn from(error: Error) -> Self {
        Self { reason: error.with_hint_text(), error: error.into() }
    }
}

/// Pulls a source into the project. When `stop` completes, the run ends as `interrupted` and nothing is left
/// half-written: all of that is done when this returns what `stop` gave. A future that is dropped ends its run likewise,
/// but later, on a thread of its own.
///
/// Errors: those of the adapter; `RunBusy`, `StoreFailed`, `FileIo`. A run that began is recorded as failed.
pub async fn run<A: SourceAdapter, E: From<Error> + From<A::Error>>(
    request: RunRequest<'_>,
    adapter: &A,
    progress: Progress<'_>,
    stop: impl Future<Output = E>,
) -> Result<RunReport, E> {
    let report = RunReport {
        job_id: request.job_id.map(str::to_owned),
        trigger: request.trigger.map(str::to_owned),
        ..RunReport::begin(request.connection_id, adapter.source(), request.dry_run)
    };
    let mut stop = pin!(stop);
    if let Some(error) = asked(stop.as_mut()).await {
        return Err(error);
    }
    let run = convert_error::<_, E>(ActiveRun::begin(request.project_dir, report).await)?;
    let (run, result) = match fetch(adapter, progress, stop.as_mut()).await {
        Ok(pulled) => record(run, pulled, request.dry_run, progress, stop).await,
        Err(ending) => (run, Err(ending)),
    };
    match result {
        Ok(report) => Ok(report),
        Err(Ending { reason, error }) => {
            run.fail(reason).await;
            Err(error)
        }
    }
}

async fn fetch<A: SourceAdapter, E: From<A::Error>>(
    adapter: &A,
    progress: Progress<'_>,
    stop: Pin<&mut impl Future<Output = E>>,
) -> Result<Arc<Pulled>, Ending<E>> {
    tokio::select! {
        biased;
        error = stop => Err(Ending::interrupted(error)),
        // Boxed: the future of a source is large, and a callback into the host needs the rest of the stack.
        pulled = Box::pin(adapter.fetch(progress)) => match pulled {
            Ok(pulled) => Ok(Arc::new(pulled)),
            Err(error) => Err(Ending { reason: adapter.scrubbed(&error), error: error.into() }),
        },
    }
}

async fn record<E: From<Error>>(
    run: ActiveRun,
    pulled: Arc<Pulled>,
    dry_run: bool,
    progress: Progress<'_>,
    mut stop: Pin<&mut impl Future<Output = E>>,
) -> (ActiveRun, Result<RunReport, Ending<E>>) {
    let (run, staged) = if dry_run { (run, Ok(())) } else { stage(run, &pulled, progress, stop.as_mut()).await };
    if let Err(ending) = staged {
        return (run, Err(ending));
    }
    progress.tell(Phase::Diff, "Comparing with the last sync");
    let (run, base) = run.base().await;
    let diff = match base {
        Ok(base) => {
            let pulled = pulled.clone();
            offload::spawn_blocking(move || diff::compare(&base, &pulled.entities)).await
        }
        Err(error) => return (run, Err(error.into())),
    };
    if let Some(error) = asked(stop).await {
        return (run, Err(Ending::interrupted(error)));
    }
    progress.tell(Phase::Report, "Recording the run");
    let warnings = pulled.warnings.clone();
    let (run, recorded) = run.succeed(pulled, move |report| complete(report, diff, warnings)).await;
    (run, recorded.map_err(Ending::from))
}

fn complete(report: &mut RunReport, diff: Diff, warnings: Vec<String>) {
    report.diff_summary = diff.summary;
    report.changes = diff.changes;
    report.descriptions = diff.descriptions;
    report.work_units = diff.work_units;
    report.warnings = warnings;
}

async fn stage<E: From<Error>>(
    run: ActiveRun,
    pulled: &Arc<Pulled>,
    progress: Progress<'_>,
    mut stop: Pin<&mut impl Future<Output = E>>,
) -> (ActiveRun, Result<(), Ending<E>>) {
    let total = pulled.entities.len();
    progress.count(Phase::Stage, "Writing files", 0, total);
    let (mut run, mut result) = run.begin_staging(pulled.clone()).await;
    for start in (0..total).step_by(BATCH) {
        if result.is_err() {
            break;
        }
        if let Some(error) = asked(stop.as_mut()).await {
            return (run, Err(Ending::interrupted(error)));
        }
        let end = (start + BATCH).min(total);
        (run, result) = run.stage(pulled.clone(), start..end).await;
        progress.count(Phase::Stage, "Writing files", end, total);
    }
    (run, result.map_err(Ending::from))
}

/// What `stop` gives, if it does by now. Once it gave something it must not be asked again.
async fn asked<E>(mut stop: Pin<&mut impl Future<Output = E>>) -> Option<E> {
    poll_fn(|context| match stop.as_mut().poll(context) {
        Poll::Ready(error) => Poll::Ready(Some(error)),
        Poll::Pending => Poll::Ready(None),
    })
    .await
}

#[cfg(test)]
mod tests;
