//! Scans of a database's schema, and tests of connections.

use super::{
    adapters::{
        live_database::{Depth, ListedTable, LiveDatabase, ScanProfile, TableCount, Timeouts},
        looker::{self, Counts as LookerCounts},
    },
    failure::{RunFailure, convert_error},
    profile::ProfileOptions,
    progress::Progress,
    report::RunReport,
    run::{RunRequest, run},
    scan_mode::ScanMode,
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

/// Number of distinct values of each column whose hashes are measured to detect relationships.
const HASHES: u32 = 256;

/// Request for a scan or a test.
#[derive(Debug, Clone, Default)]
pub struct ScanRequest {
    /// Id of the connection.
    pub connection_id: String,
    /// Compare and report only; see [`RunRequest::dry_run`].
    pub dry_run: bool,
    /// What is read of the database.
    pub mode: ScanMode,
    /// Whether profiles may be missing: those that are switched off are left out, and a failure is a warning.
    pub profile_is_optional: bool,
    /// Environment variables for secret references.
    pub env: Environment,
    /// Time limits of the introspection.
    pub timeouts: Timeouts,
}

/// Result of a successful test of a connection.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ConnectionTest {
    /// Id of the connection.
    pub connection_id: String,
    /// Driver of the connection.
    pub driver: String,
    /// Number of tables and views that the user can see; 0 for Looker.
    pub table_count: usize,
    /// Numbers of models and explores that the API user can see; for Looker only.
    #[serde(flatten, skip_serializing_if = "Option::is_none")]
    pub looker: Option<LookerCounts>,
    /// Sentences about what the connector lacks for the database.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub limitations: Vec<String>,
    /// Privileges of the user that a read-only session does not restrict.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub warnings: Vec<String>,
}

/// The tables and views of a database.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct TableList {
    /// Id of the connection.
    pub connection_id: String,
    /// Tables and views, by schema and name.
    pub tables: Vec<ListedTable>,
    /// Privileges of the user that a read-only session does not restrict.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub warnings: Vec<String>,
}

/// Scans the schema of a connection and records what has changed since the last scan. `stop` ends the run early, see
/// [`run`].
///
/// Errors: those of [`Project::database`] and [`Project::profile_limits`] before the run begins, then those of the runner
/// and the run.
pub async fn scan<R: JsonRunner<Error: RunFailure>>(
    project: &Arc<Project>,
    request: &ScanRequest,
    runner: &R,
    progress: Progress<'_>,
    stop: impl Future<Output = R::Error>,
) -> Result<RunReport, R::Error> {
    let database = convert_error::<_, R::Error>(resolve_database(project, request).await)?;
    let profile = convert_error::<_, R::Error>(scan_profile(project, request))?;
    let run_request = RunRequest {
        dry_run: request.dry_run,
        mode: Some(if profile.is_some() { request.mode } else { ScanMode::Structural }),
        environment: project.environment.as_deref(),
        ..RunRequest::new(&project.dir, &request.connection_id)
    };
    let adapter = LiveDatabase::new(database, request.timeouts, runner).with_profile(profile);
    run(run_request, &adapter, progress, stop).await
}

/// Returns how the tables are profiled; `None` if they are not.
fn scan_profile(project: &Project, request: &ScanRequest) -> Result<Option<ScanProfile>> {
    let id = &request.connection_id;
    if request.mode == ScanMode::Structural || (request.profile_is_optional && !project.may_profile(id)?) {
        return Ok(None);
    }
    let options = ProfileOptions {
        limits: project.profile_limits(id)?,
        hashes: if request.mode == ScanMode::Relationships { HASHES } else { 0 },
        connection_seconds: request.timeouts.connection_seconds,
    };
    Ok(Some(ScanProfile {
        project_dir: project.dir.clone(),
        looker_connections: project.looker_connections(),
        options,
        is_optional: request.profile_is_optional,
    }))
}

/// Connects to a source and counts its tables, reading them to a depth, or models and explores. Ignores `dry_run`.
pub async fn test_connection<R: JsonRunner<Error: RunFailure>>(
    project: &Arc<Project>,
    request: &ScanRequest,
    depth: Depth,
    runner: &R,
) -> Result<ConnectionTest, R::Error> {
    if project.is_looker(&request.connection_id) {
        return convert_error(test_looker(project, request).await);
    }
    let database = convert_error::<_, R::Error>(resolve_database(project, request).await)?;
    let driver = database.driver.clone();
    let TableCount { tables: table_count, limitations, warnings } =
        LiveDatabase::new(database, request.timeouts, runner).count_tables(depth).await?;
    let connection_id = request.connection_id.clone();
    Ok(ConnectionTest { connection_id, driver, table_count, looker: None, limitations, warnings })
}

/// Lists the tables and views of a database that a scan could read, regardless of those that the connection selects,
/// except for those that its data policy denies.
pub async fn list_tables<R: JsonRunner<Error: RunFailure>>(
    project: &Arc<Project>,
    request: &ScanRequest,
    runner: &R,
) -> Result<TableList, R::Error> {
    let database = convert_error::<_, R::Error>(resolve_database(project, request).await)?;
    let (tables, warnings) = LiveDatabase::new(database, request.timeouts, runner).list_tables().await?;
    Ok(TableList { connection_id: request.connection_id.clone(), tables, warnings })
}

/// Tests Looker without the daemon, which connects to databases only.
async fn test_looker(project: &Arc<Project>, request: &ScanRequest) -> Result<ConnectionTest> {
    let (resolved, id, env) = (project.clone(), request.connection_id.clone(), request.env.clone());
    let instance = offload::spawn_blocking(move || resolved.looker(&id, &env)).await?;
    let counts = looker::count(instance).await?;
    Ok(ConnectionTest {
        connection_id: request.connection_id.clone(),
        driver: looker::SOURCE.to_owned(),
        table_count: 0,
        looker: Some(counts),
        limitations: Vec::new(),
        warnings: Vec::new(),
    })
}

async fn resolve_database(project: &Arc<Project>, request: &ScanRequest) -> Result<Database> {
    let (project, id, env) = (project.clone(), request.connection_id.clone(), request.env.clone());
    offload::spawn_blocking(move || project.database(&id, &env)).await
}
