//! Reading the statements: what ran, how often and how long.

use super::{
    connect::{Session, explain},
    server::Server,
    skip,
};
use crate::{
    error::{Code, Error, Result},
    project::connection::Database,
};
use futures_util::TryStreamExt;
use std::pin::pin;
use tokio_postgres::{Row, error::SqlState};

/// Statements that one run reads at the most: the costliest ones.
const MOST: usize = 100_000;
/// Longest statement, in letters.
const LONGEST: usize = 100_000;
/// What PostgreSQL shows in place of a statement of somebody else.
const HIDDEN: &str = "<insufficient privilege>";

/// A statement of the server, with what PostgreSQL counted.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Statement {
    /// PostgreSQL's own number for it.
    pub(super) query_id: i64,
    /// Its text, with `$1` for constants.
    pub(super) sql: String,
    pub(super) calls: i64,
    /// Milliseconds of execution, of all calls.
    pub(super) total_ms: f64,
    pub(super) rows: i64,
    /// When counting began, in milliseconds since 1970; known from PostgreSQL 17 on.
    pub(super) since: Option<i64>,
    /// Whether it only ever ran inside of functions.
    pub(super) nested: bool,
}

/// The statements of one moment.
#[derive(Debug, Default)]
pub(super) struct Snapshot {
    /// Those that may be of interest, by total time.
    pub(super) statements: Vec<Statement>,
    /// Milliseconds since 1970, by the clock of this machine.
    pub(super) taken_at: i64,
    /// When the statistics began, where the server says so.
    pub(super) reset_at: Option<i64>,
    /// How often entries were dropped to make room, where the server says so.
    pub(super) dropped: Option<i64>,
    /// Statements that the server has no text of, or one that is too long.
    pub(super) without_text: usize,
    /// Whether there were more than one run reads.
    pub(super) cut: bool,
}

/// Reads everything in one read-only transaction, and disconnects. Runs on the asynchronous runtime.
///
/// Errors: [`Code::ConnectionFailed`], [`Code::ConnectionInvalid`], [`Code::SourceForbidden`] that says what to grant.
pub(super) async fn read(database: &Database) -> Result<Snapshot> {
    let session = Session::begin(database).await?;
    let server = Server::look(&session.client, database).await?;
    let fail = |error| denied(database, &server, error);
    let mut snapshot = Snapshot { taken_at: jiff::Timestamp::now().as_millisecond(), ..Snapshot::default() };
    if let Some(info) = server.info() {
        let rows = session.client.query_typed(&info, &[]).await.map_err(fail)?;
        if let Some(row) = rows.first() {
            (snapshot.reset_at, snapshot.dropped) = (row.get(0), row.get(1));
        }
    }
    let sql = server.statements(MOST + 1, LONGEST);
    let mut rows = pin!(session.client.query_typed_raw(&sql, no_parameters()).await.map_err(fail)?);
    let mut count = 0;
    while let Some(row) = rows.try_next().await.map_err(fail)? {
        count += 1;
        if count > MOST {
            snapshot.cut = true;
        } else {
            snapshot.take(&row, database, &server)?;
        }
    }
    Ok(snapshot)
}

fn no_parameters() -> Vec<(i64, tokio_postgres::types::Type)> {
    Vec::new()
}

impl Snapshot {
    fn take(&mut self, row: &Row, database: &Database, server: &Server) -> Result<()> {
        let (query_id, sql): (Option<i64>, Option<String>) = (row.get(0), row.get(1));
        match (query_id, sql) {
            (_, Some(sql)) if sql == HIDDEN => return Err(no_privilege(database, server)),
            (Some(query_id), Some(sql)) if skip::is_about_data(&sql) => self.statements.push(Statement {
                query_id,
                sql,
                calls: row.get(2),
                total_ms: row.get(3),
                rows: row.get(4),
                since: row.get(5),
                nested: row.get(6),
            }),
            (_, None) => self.without_text += 1,
            _ => {}
        }
        Ok(())
    }
}

fn denied(database: &Database, server: &Server, error: tokio_postgres::Error) -> Error {
    match error.code() {
        Some(&SqlState::INSUFFICIENT_PRIVILEGE) => no_privilege(database, server),
        Some(&SqlState::OBJECT_NOT_IN_PREREQUISITE_STATE) => {
            let message = format!(
                "The server of the connection {} does not load pg_stat_statements. Let an administrator add it to shared_preload_libraries and restart the server",
                database.connection_id
            );
            Error::new(Code::SourceForbidden, message)
        }
        _ => explain(database, &error),
    }
}

fn no_privilege(database: &Database, server: &Server) -> Error {
    let role = server.role.replace('"', "\"\"");
    let message = format!(
        "The user of the connection {} may not see the statements of others. Let an administrator run: GRANT pg_read_all_stats TO \"{role}\"",
        database.connection_id
    );
    Error::new(Code::SourceForbidden, message)
}
