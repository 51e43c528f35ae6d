//! What the command line calls to pull any source into the project.

use super::{
    adapters::{
        historic_sql::HistoricSql,
        live_database::{LiveDatabase, Timeouts},
        looker::Looker,
        registry::open_staged,
        staged::Staged,
    },
    failure::{RunFailure, convert_error},
    progress::Progress,
    report::RunReport,
    run::{RunRequest, run},
};
use crate::{
    env::Environment,
    error::Result,
    offload,
    ports::JsonRunner,
    project::{Adapter, Project, connection::Database, historic_sql::HistoricSqlSource, looker::LookerInstance},
};
use std::{future::Future, path::PathBuf, sync::Arc};

/// What is pulled.
#[derive(Debug, Clone, Default)]
pub struct IngestRequest {
    /// Connection of the project.
    pub connection_id: String,
    /// Name of the adapter.
    pub adapter: String,
    /// A folder that was staged before, to take the entities from in place of the source.
    pub source_dir: Option<PathBuf>,
    /// Compare and report only.
    pub dry_run: bool,
    /// The host's own name for the run.
    pub job_id: Option<String>,
    /// What made the host run it.
    pub trigger: Option<String>,
    /// Variables that secrets may refer to.
    pub env: Environment,
}

/// Pull configuration: everything of a source that can be known without asking it.
enum Pull {
    Staged(Staged),
    LiveDatabase(Database),
    Looker(Box<LookerInstance>),
    HistoricSql(HistoricSqlSource),
}

/// Pulls a source into the project and records what changed since the last sync. `runner` leads to the daemon, and is
/// asked when a source first needs it; `stop` ends the run early, see [`run`].
///
/// Errors before anything is changed or asked: `AdapterUnknown`, `AdapterDisabled`, `ConnectionUnknown`,
/// `ConnectionInvalid`, `SecretMissing`, `SourceDirInvalid`; then those of the source, the runner and the run.
pub async fn ingest<R: JsonRunner<Error: RunFailure>>(
    project: &Arc<Project>,
    request: &IngestRequest,
    runner: &R,
    progress: Progress<'_>,
    stop: impl Future<Output = R::Error>,
) -> Result<RunReport, R::Error> {
    let (configured, asked) = (project.clone(), request.clone());
    let pull = convert_error::<_, R::Error>(offload::spawn_blocking(move || configure(&configured, &asked)).await)?;
    let run_request = RunRequest {
        dry_run: request.dry_run,
        job_id: request.job_id.as_deref(),
        trigger: request.trigger.as_deref(),
        ..RunRequest::new(&project.dir, &request.connection_id)
    };
    match pull {
        Pull::Staged(staged) => Box::pin(run(run_request, &staged, progress, stop)).await,
        Pull::LiveDatabase(database) => {
            let adapter = LiveDatabase::new(database, Timeouts::default(), runner);
            Box::pin(run(run_request, &adapter, progress, stop)).await
        }
        Pull::Looker(instance) => {
            Box::pin(run(run_request, &Looker::new(*instance, project.dir.clone(), runner), progress, stop)).await
        }
        Pull::HistoricSql(source) => {
            let adapter = HistoricSql::new(source, project.dir.clone(), runner);
            Box::pin(run(run_request, &adapter, progress, stop)).await
        }
    }
}

fn configure(project: &Project, request: &IngestRequest) -> Result<Pull> {
    let adapter = project.enabled_adapter(&request.adapter)?;
    let (id, env) = (request.connection_id.as_str(), &request.env);
    if let Some(dir) = &request.source_dir {
        project.connection(id)?;
        return Ok(Pull::Staged(open_staged(adapter, dir)?));
    }
    Ok(match adapter {
        Adapter::LiveDatabase => Pull::LiveDatabase(project.database(id, env)?),
        Adapter::Looker => Pull::Looker(Box::new(project.looker(id, env)?)),
        Adapter::HistoricSql => Pull::HistoricSql(project.historic_sql(id, env)?),
    })
}
