//! What the command line calls: the schema of a connection into the project, and whether a connection works.

use super::{
    adapters::{
        live_database::{LiveDatabase, Timeouts},
        looker::{self, Counts as LookerCounts},
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
    project::{Project, connection::Database},
};
use serde::Serialize;
use std::{future::Future, sync::Arc};

/// What is scanned or tested.
#[derive(Debug, Clone, Default)]
pub struct ScanRequest {
    /// Connection of the project.
    pub connection_id: String,
    /// Compare and report only.
    pub dry_run: bool,
    /// Variables that secrets may refer to.
    pub env: Environment,
    /// Limits of the database's side.
    pub timeouts: Timeouts,
}

/// A connection that works.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ConnectionTest {
    /// Connection that was tested.
    pub connection_id: String,
    /// Its driver.
    pub driver: String,
    /// Tables and views that can be seen; 0 for what has none of its own.
    pub table_count: usize,
    /// Models and explores that can be seen; of Looker only.
    #[serde(flatten, skip_serializing_if = "Option::is_none")]
    pub looker: Option<LookerCounts>,
    /// Rights of the user that a read-only session does not stop.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub warnings: Vec<String>,
}

/// Pulls the schema of a connection into the project and records what changed since the last scan; `stop` ends the run
/// early, see [`run`].
///
/// Errors: those of [`Project::database`] before anything is changed or asked, then those of the runner and the run.
pub async fn scan<R: JsonRunner<Error: RunFailure>>(
    project: &Arc<Project>,
    request: &ScanRequest,
    runner: &R,
    progress: Progress<'_>,
    stop: impl Future<Output = R::Error>,
) -> Result<RunReport, R::Error> {
    let database = convert_error::<_, R::Error>(database(project, request).await)?;
    let adapter = LiveDatabase::new(database, request.timeouts, runner);
    let dry_run = request.dry_run;
    let run_request = RunRequest { dry_run, ..RunRequest::new(&project.dir, &request.connection_id) };
    run(run_request, &adapter, progress, stop).await
}

/// Connects and counts the tables; `dry_run` means nothing here.
pub async fn test_connection<R: JsonRunner<Error: RunFailure>>(
    project: &Arc<Project>,
    request: &ScanRequest,
    runner: &R,
) -> Result<ConnectionTest, R::Error> {
    if project.is_looker(&request.connection_id) {
        return convert_error(test_looker(project, request).await);
    }
    let database = convert_error::<_, R::Error>(database(project, request).await)?;
    let driver = database.driver.clone();
    let (table_count, warnings) = LiveDatabase::new(database, request.timeouts, runner).count_tables().await?;
    let connection_id = request.connection_id.clone();
    Ok(ConnectionTest { connection_id, driver, table_count, looker: None, warnings })
}

/// Looker is asked directly: the daemon speaks to databases only.
async fn test_looker(project: &Arc<Project>, request: &ScanRequest) -> Result<ConnectionTest> {
    let (resolved, id, env) = (project.clone(), request.connection_id.clone(), request.env.clone());
    let instance = offload::spawn_blocking(move || resolved.looker(&id, &env)).await?;
    let counts = looker::count(instance).await?;
    Ok(ConnectionTest {
        connection_id: request.connection_id.clone(),
        driver: looker::SOURCE.to_owned(),
        table_count: 0,
        looker: Some(counts),
        warnings: Vec::new(),
    })
}

async fn database(project: &Arc<Project>, request: &ScanRequest) -> Result<Database> {
    let (project, id, env) = (project.clone(), request.connection_id.clone(), request.env.clone());
    offload::spawn_blocking(move || project.database(&id, &env)).await
}
