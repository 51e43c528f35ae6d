//! The `live-database` adapter: reads the schema of a database through the daemon, and stages one file for each table.

mod compare;
mod denied;
mod entities;
mod introspection;
mod literals;
mod profiles;
mod relationships;
mod renames;
mod values;

use super::{
    SourceAdapter,
    connection_error::connection_error,
    staged::{StagedFolder, StagedLayout},
};
use crate::{
    error::{Code, Error, Result},
    ingest::{
        entity::{Entity, PullResult},
        failure::{RunFailure, convert_error},
        progress::{Phase, Progress},
    },
    offload,
    ports::JsonRunner,
    project::{Adapter, connection::Database},
    redact::Redactor,
};
pub(in crate::ingest) use compare::{Known, compare_files};
use denied::remove_denied;
pub(crate) use denied::without_denied;
pub(crate) use entities::CONNECTION_FILE;
use entities::FOREIGN_KEYS_FILE;
pub(in crate::ingest) use entities::{TABLES_DIR, read_facts, read_policy};
pub use introspection::Kind;
use introspection::{Introspection, PATH};
pub use profiles::ScanProfile;
pub(in crate::ingest) use renames::{find_renamed_tables, renamed_table};
use serde::Serialize;
use std::num::NonZeroU16;

/// Name of the source.
pub const SOURCE: &str = Adapter::LiveDatabase.name();

/// Layout of a staged sync.
pub(super) const LAYOUT: StagedLayout =
    StagedLayout { folders: &[TABLES_DIR], attachments: &[CONNECTION_FILE, FOREIGN_KEYS_FILE], parse_entities };

fn parse_entities(folder: &StagedFolder) -> Result<Vec<Entity>> {
    let tables = folder.files.iter().map(|file| file.parse()).collect::<Result<_>>()?;
    entities::from_tables(tables).map_err(|name| folder.duplicate_error(&name))?
}

/// Time limits of an introspection; default: those of the daemon.
#[derive(Debug, Clone, Copy, Default)]
pub struct Timeouts {
    /// Time limit of a statement, in milliseconds.
    pub statement_ms: Option<u64>,
    /// Time limit of connecting, in seconds.
    pub connection_seconds: Option<u64>,
}

/// The adapter. The daemon is called through `runner`.
pub struct LiveDatabase<'a, R> {
    database: Database,
    timeouts: Timeouts,
    runner: &'a R,
    redactor: Redactor,
    profile: Option<ScanProfile>,
}

/// What a test of a connection finds.
#[derive(Debug)]
pub struct TableCount {
    /// Number of tables and views that the user can see.
    pub tables: usize,
    /// Sentences about what the connector lacks for the database.
    pub limitations: Vec<String>,
    /// Warnings about the user of the database.
    pub warnings: Vec<String>,
}

/// What an introspection reads of each table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Depth {
    /// Its name and kind only, which daemons of earlier versions refuse.
    Names,
    /// Its columns and keys as well.
    Columns,
}

/// A table or a view that can be scanned.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ListedTable {
    /// Schema, or the database for MySQL.
    pub schema: Option<String>,
    /// Name, in the spelling of the database.
    pub name: String,
    /// Table or view.
    pub kind: Kind,
    /// Estimate of the database; `None` if it has none.
    pub estimated_rows: Option<i64>,
}

impl From<introspection::Table<'_>> for ListedTable {
    fn from(table: introspection::Table<'_>) -> Self {
        Self { schema: table.db, name: table.name, kind: table.kind, estimated_rows: table.estimated_rows }
    }
}

#[derive(Serialize)]
struct Request<'a> {
    connection_id: &'a str,
    driver: &'a str,
    url: &'a str,
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    schemas: &'a [String],
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    include: &'a [String],
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    exclude: &'a [String],
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    names_only: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    statement_timeout_ms: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    connection_timeout_seconds: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    max_concurrent_statements: Option<NonZeroU16>,
}

impl<'a, R: JsonRunner<Error: RunFailure>> LiveDatabase<'a, R> {
    /// Creates the adapter without connecting.
    pub fn new(database: Database, timeouts: Timeouts, runner: &'a R) -> Self {
        let redactor = Redactor::new(&database.url);
        Self { database, timeouts, runner, redactor, profile: None }
    }

    /// Profiles the tables after the introspection.
    #[must_use]
    pub fn with_profile(mut self, profile: Option<ScanProfile>) -> Self {
        self.profile = profile;
        self
    }

    /// Counts the tables and views that are not denied, and says what the connector lacks for the database.
    pub async fn count_tables(&self, depth: Depth) -> Result<TableCount, R::Error> {
        let answer = self.introspect(depth).await?;
        let policy = self.database.policy.clone();
        let count = move || {
            let Introspection { metadata, mut tables, warnings, .. } = Introspection::parse(&answer)?;
            remove_denied(&mut tables, &policy);
            Ok(TableCount { tables: tables.len(), limitations: metadata.limitations, warnings })
        };
        convert_error(offload::spawn_blocking(count).await.map_err(|error| self.redactor.error(error)))
    }

    /// Returns all tables and views of the database, also those that the connection leaves out, except for denied ones,
    /// and warnings about its user.
    pub async fn list_tables(mut self) -> Result<(Vec<ListedTable>, Vec<String>), R::Error> {
        (self.database.schemas, self.database.include, self.database.exclude) = Default::default();
        let answer = self.introspect(Depth::Names).await?;
        let policy = self.database.policy;
        let list = move || {
            let mut found = Introspection::parse(&answer)?;
            remove_denied(&mut found.tables, &policy);
            Ok((found.tables.into_iter().map(ListedTable::from).collect(), found.warnings))
        };
        convert_error(offload::spawn_blocking(list).await.map_err(|error| self.redactor.error(error)))
    }

    async fn introspect(&self, depth: Depth) -> Result<String, R::Error> {
        let payload = convert_error::<_, R::Error>(self.payload(depth))?;
        let answer = self.runner.request(PATH, payload).await;
        let explain = |error| connection_error(&self.database.connection_id, &self.redactor, error);
        answer.map_err(|error| error.map_core_error(explain))
    }

    fn payload(&self, depth: Depth) -> Result<String> {
        let request = Request {
            connection_id: &self.database.connection_id,
            driver: &self.database.driver,
            url: self.database.url.expose(),
            schemas: &self.database.schemas,
            include: &self.database.include,
            exclude: &self.database.exclude,
            names_only: depth == Depth::Names,
            statement_timeout_ms: self.timeouts.statement_ms,
            connection_timeout_seconds: self.timeouts.connection_seconds,
            max_concurrent_statements: self.database.max_concurrent_statements,
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

    async fn fetch(&self, progress: Progress<'_>) -> Result<PullResult, R::Error> {
        progress.report(Phase::Fetch, format!("Reading the schema of {}", self.database.connection_id));
        let answer = self.introspect(Depth::Columns).await?;
        let database = self.database.clone();
        let pulled =
            offload::spawn_blocking(move || entities::to_pull_result(&database, Introspection::parse(&answer)?)).await;
        let (pulled, tables) = convert_error::<_, R::Error>(pulled.map_err(|error| self.redactor.error(error)))?;
        progress.report(Phase::Fetch, format!("Read {} tables and views", pulled.entities.len()));
        match &self.profile {
            Some(profile) => Box::pin(self.add_profiles(pulled, tables, profile, progress)).await,
            None => Ok(pulled),
        }
    }

    fn redact_error(&self, error: &R::Error) -> String {
        self.redactor.text(&error.text())
    }
}
