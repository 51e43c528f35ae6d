//! The schema of a database, through the daemon's introspection: one file a table.

mod answer;
mod entities;

use super::{
    SourceAdapter,
    refused::connection_error,
    staged::{Shape, StagedFolder},
};
use crate::{
    error::{Code, Error, Result},
    ingest::{
        entity::{Entity, Pulled},
        failure::{RunFailure, convert_error},
        progress::{Phase, Progress},
    },
    offload,
    ports::JsonRunner,
    project::{Adapter, connection::Database},
    redact::Redactor,
};
use answer::{Introspection, PATH};
use entities::{CONNECTION_FILE, KEYS_FILE, TABLES};
use serde::Serialize;

/// Name of the source.
pub const SOURCE: &str = Adapter::LiveDatabase.name();

/// How a sync looks on disk.
pub(super) const SHAPE: Shape =
    Shape { folders: &[TABLES], attachments: &[CONNECTION_FILE, KEYS_FILE], entities: restaged };

fn restaged(folder: &StagedFolder) -> Result<Vec<Entity>> {
    let tables = folder.files.iter().map(|file| file.parse()).collect::<Result<_>>()?;
    entities::restaged(tables).map_err(|name| folder.twice(&name))?
}

/// Limits that the daemon keeps to; its own where they are absent.
#[derive(Debug, Clone, Copy, Default)]
pub struct Timeouts {
    /// Milliseconds a statement may take.
    pub statement_ms: Option<u64>,
    /// Seconds until the database must answer.
    pub connection_seconds: Option<u64>,
}

/// A database, and the way to it.
pub struct LiveDatabase<'a, R> {
    database: Database,
    timeouts: Timeouts,
    runner: &'a R,
    redactor: Redactor,
}

#[derive(Serialize)]
struct Request<'a> {
    connection_id: &'a str,
    driver: &'a str,
    url: &'a str,
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    schemas: &'a [String],
    #[serde(skip_serializing_if = "Option::is_none")]
    statement_timeout_ms: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    connection_timeout_seconds: Option<u64>,
}

impl<'a, R: JsonRunner<Error: RunFailure>> LiveDatabase<'a, R> {
    /// Nothing is connected yet.
    pub fn new(database: Database, timeouts: Timeouts, runner: &'a R) -> Self {
        let redactor = Redactor::new(&database.url);
        Self { database, timeouts, runner, redactor }
    }

    /// How many tables and views there are, and what to tell about the user that asked.
    pub async fn count_tables(&self) -> Result<(usize, Vec<String>), R::Error> {
        let answer = self.introspect().await?;
        let counting = move || Introspection::parse(&answer).map(|found| (found.tables.len(), found.warnings));
        convert_error(offload::spawn_blocking(counting).await.map_err(|error| self.redactor.error(error)))
    }

    async fn introspect(&self) -> Result<String, R::Error> {
        let payload = convert_error::<_, R::Error>(self.payload())?;
        let answer = self.runner.request(PATH, payload).await;
        let explain = |error| connection_error(&self.database.connection_id, &self.redactor, error);
        answer.map_err(|error| error.map_core_error(explain))
    }

    fn payload(&self) -> Result<String> {
        let request = Request {
            connection_id: &self.database.connection_id,
            driver: &self.database.driver,
            url: self.database.url.expose(),
            schemas: &self.database.schemas,
            statement_timeout_ms: self.timeouts.statement_ms,
            connection_timeout_seconds: self.timeouts.connection_seconds,
        };
        serde_json::to_string(&request)
            .map_err(|_| Error::new(Code::Internal, "The request for an introspection cannot be written as JSON"))
    }
}

impl<R: JsonRunner<Error: RunFailure>> SourceAdapter for LiveDatabase<'_, R> {
    type Error = R::Error;

    fn source(&self) -> &'static str {
        SOURCE
    }

    async fn fetch(&self, progress: Progress<'_>) -> Result<Pulled, R::Error> {
        progress.tell(Phase::Fetch, format!("Reading the schema of {}", self.database.connection_id));
        let answer = self.introspect().await?;
        let (id, driver) = (self.database.connection_id.clone(), self.database.driver.clone());
        let pulled =
            offload::spawn_blocking(move || entities::pulled(&id, &driver, Introspection::parse(&answer)?)).await;
        let pulled = convert_error::<_, R::Error>(pulled.map_err(|error| self.redactor.error(error)))?;
        progress.tell(Phase::Fetch, format!("Read {} tables and views", pulled.entities.len()));
        Ok(pulled)
    }

    fn scrubbed(&self, error: &R::Error) -> String {
        self.redactor.text(&error.text())
    }
}
