//! Ingest of any source into the project.

use super::{
    adapters::{
        historic_sql::HistoricSql,
        live_database::{LiveDatabase, Timeouts},
        looker::Looker,
        registry::open_staged,
        staged::StagedSource,
    },
    failure::{RunFailure, convert_error},
    progress::Progress,
    report::RunReport,
    run::{RunRequest, run},
    scan_mode::ScanMode,
};
use crate::{
    env::Environment,
    error::{Code, Error, Result},
    offload,
    ports::JsonRunner,
    project::{Adapter, Project, connection::Database, historic_sql::HistoricSqlSource, looker::LookerInstance},
};
use std::{future::Future, path::PathBuf, sync::Arc};

/// Request for an ingest.
#[derive(Debug, Clone, Default)]
pub struct IngestRequest {
    /// Id of the connection.
    pub connection_id: String,
    /// Name of the adapter.
    pub adapter: String,
    /// A staged folder to read instead of the source.
    pub source_dir: Option<PathBuf>,
    /// Compare and report only; see [`RunRequest::dry_run`].
    pub dry_run: bool,
    /// Id of the run at the host.
    pub job_id: Option<String>,
    /// Reason of the host for the run.
    pub trigger: Option<String>,
    /// Environment variables for secret references.
    pub env: Environment,
}

/// Resolved configuration of a source.
enum PullConfig {
    Staged(StagedSource),
    LiveDatabase(Database),
    Looker(Box<LookerInstance>),
    HistoricSql(HistoricSqlSource),
}

/// Ingests a source and records what has changed since the last sync. `runner` sends requests to the daemon, which is
/// started by the first one; `stop` ends the run early, see [`run`].
///
/// Errors before the run begins: `AdapterUnknown`, `AdapterDisabled`, `ConnectionUnknown`, `ConnectionInvalid`,
/// `SecretMissing`, `SourceDirInvalid`; then those of the source, the runner and the run.
pub async fn ingest<R: JsonRunner<Error: RunFailure>>(
    project: &Arc<Project>,
    request: &IngestRequest,
    runner: &R,
    progress: Progress<'_>,
    stop: impl Future<Output = R::Error>,
) -> Result<RunReport, R::Error> {
    let (configured, requested) = (project.clone(), request.clone());
    let pull = convert_error::<_, R::Error>(offload::spawn_blocking(move || configure(&configured, &requested)).await)?;
    let run_request = RunRequest {
        dry_run: request.dry_run,
        job_id: request.job_id.as_deref(),
        trigger: request.trigger.as_deref(),
        mode: matches!(pull, PullConfig::LiveDatabase(_)).then_some(ScanMode::Structural),
        environment: project.environment.as_deref(),
        ..RunRequest::new(&project.dir, &request.connection_id)
    };
    match pull {
        PullConfig::Staged(staged) => Box::pin(run(run_request, &staged, progress, stop)).await,
        PullConfig::LiveDatabase(database) => {
            let adapter = LiveDatabase::new(database, Timeouts::default(), runner);
            Box::pin(run(run_request, &adapter, progress, stop)).await
        }
        PullConfig::Looker(instance) => {
            Box::pin(run(run_request, &Looker::new(*instance, project.dir.clone(), runner), progress, stop)).await
        }
        PullConfig::HistoricSql(source) => {
            let adapter = HistoricSql::new(source, project.dir.clone(), runner);
            Box::pin(run(run_request, &adapter, progress, stop)).await
        }
    }
}

fn configure(project: &Project, request: &IngestRequest) -> Result<PullConfig> {
    let adapter = project.enabled_adapter(&request.adapter)?;
    let (id, env) = (request.connection_id.as_str(), &request.env);
    if let Some(dir) = &request.source_dir {
        if project.policy(id)?.denies() && adapter != Adapter::Looker {
            return Err(denies_error(id));
        }
        return Ok(PullConfig::Staged(open_staged(adapter, dir)?));
    }
    Ok(match adapter {
        Adapter::LiveDatabase => PullConfig::LiveDatabase(project.database(id, env)?),
        Adapter::Looker => PullConfig::Looker(Box::new(project.looker(id, env)?)),
        Adapter::HistoricSql => PullConfig::HistoricSql(project.historic_sql(id, env)?),
    })
}

fn denies_error(id: &str) -> Error {
    let message = format!("The data policy of {id} denies tables or columns, which a staged folder may have");
    Error::new(Code::ConnectionInvalid, message).with_hint("Read the database itself, without a staged folder")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn staged_folder_is_refused_while_anything_is_denied() {
        let text = "connections: { w: { driver: sqlite, policy: { deny: { tables: [a] } } }, x: { driver: sqlite } }";
        let project = Project::parsed("/p".as_ref(), text);
        let configured = |id: &str| {
            let request = IngestRequest {
                connection_id: id.into(),
                adapter: "live-database".into(),
                source_dir: Some("/missing".into()),
                ..IngestRequest::default()
            };
            configure(&project, &request).map(|_| ()).unwrap_err().code()
        };
        assert_eq!((configured("w"), configured("x")), (Code::ConnectionInvalid, Code::SourceDirInvalid));
    }
}
