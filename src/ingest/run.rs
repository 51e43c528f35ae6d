//! One run: fetch → stage → diff → report.

use super::{
    active::ActiveRun,
    adapters::SourceAdapter,
    diff::{self, Diff},
    entity::Pulled,
    failure::own,
    progress::{Phase, Progress},
    report::RunReport,
};
use crate::{error::Result, hop};
use std::{path::Path, sync::Arc};

/// Files that are written before the progress is told again.
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

/// Pulls a source into the project. Dropping the future ends the run as `interrupted` and leaves nothing half-written.
///
/// Errors: those of the adapter; `RunBusy`, `StoreFailed`, `FileIo`. A run that began is recorded as failed.
pub async fn run<A: SourceAdapter>(
    request: RunRequest<'_>,
    adapter: &A,
    progress: Progress<'_>,
) -> Result<RunReport, A::Error> {
    let report = RunReport {
        job_id: request.job_id.map(str::to_owned),
        trigger: request.trigger.map(str::to_owned),
        ..RunReport::begin(request.connection_id, adapter.source(), request.dry_run)
    };
    let run = own::<_, A::Error>(ActiveRun::begin(request.project_dir, report).await)?;
    // Boxed: a source is deep, and whoever calls back into a host from there needs what is left of the stack.
    let pulled = match Box::pin(adapter.fetch(progress)).await {
        Ok(pulled) => Arc::new(pulled),
        Err(error) => {
            run.fail(adapter.scrubbed(&error)).await;
            return Err(error);
        }
    };
    let (run, result) = record(run, pulled, request.dry_run, progress).await;
    if let Err(error) = &result {
        run.fail(error.to_string()).await;
    }
    own(result)
}

async fn record(
    run: ActiveRun,
    pulled: Arc<Pulled>,
    dry_run: bool,
    progress: Progress<'_>,
) -> (ActiveRun, Result<RunReport>) {
    let (run, staged) = if dry_run { (run, Ok(())) } else { stage(run, &pulled, progress).await };
    if let Err(error) = staged {
        return (run, Err(error));
    }
    progress.tell(Phase::Diff, "Comparing with the last sync");
    let (run, base) = run.base().await;
    let diff = match base {
        Ok(base) => {
            let pulled = pulled.clone();
            hop::blocking(move || diff::compare(&base, &pulled.entities)).await
        }
        Err(error) => return (run, Err(error)),
    };
    progress.tell(Phase::Report, "Recording the run");
    let warnings = pulled.warnings.clone();
    run.succeed(pulled, move |report| complete(report, diff, warnings)).await
}

fn complete(report: &mut RunReport, diff: Diff, warnings: Vec<String>) {
    report.diff_summary = diff.summary;
    report.changes = diff.changes;
    report.work_units = diff.work_units;
    report.warnings = warnings;
}

async fn stage(run: ActiveRun, pulled: &Arc<Pulled>, progress: Progress<'_>) -> (ActiveRun, Result<()>) {
    let total = pulled.entities.len();
    progress.count(Phase::Stage, "Writing files", 0, total);
    let (mut run, mut result) = run.begin_staging(pulled.clone()).await;
    for start in (0..total).step_by(BATCH) {
        if result.is_err() {
            break;
        }
        let end = (start + BATCH).min(total);
        (run, result) = run.stage(pulled.clone(), start..end).await;
        progress.count(Phase::Stage, "Writing files", end, total);
    }
    (run, result)
}

#[cfg(test)]
mod tests;
