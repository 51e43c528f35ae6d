//! What the command line calls: the schema of a connection into the project, and whether a connection works.

use super::{
    adapters::live_database::{LiveDatabase, Timeouts},
    failure::{RunFailure, own},
    progress::Progress,
    report::RunReport,
    run::{RunRequest, run},
};
use crate::{
    env::Environment,
    error::Result,
    hop,
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
    /// Tables and views that can be seen.
    pub table_count: usize,
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
    let database = own::<_, R::Error>(database(project, request).await)?;
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
    let database = own::<_, R::Error>(database(project, request).await)?;
    let driver = database.driver.clone();
    let (table_count, warnings) = LiveDatabase::new(database, request.timeouts, runner).count_tables().await?;
    Ok(ConnectionTest { connection_id: request.connection_id.clone(), driver, table_count, warnings })
}

async fn database(project: &Arc<Project>, request: &ScanRequest) -> Result<Database> {
    let (project, id, env) = (project.clone(), request.connection_id.clone(), request.env.clone());
    hop::blocking(move || project.database(&id, &env)).await
}
