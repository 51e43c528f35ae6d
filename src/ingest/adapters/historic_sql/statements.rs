//! Reading the statements: what ran, how often and how long.

use super::{
    connect::{Session, explain, failed},
    server::Server,
    skip,
};
use crate::{
    error::{Code, Error, Result},
    project::connection::Database,
};
use futures_util::TryStreamExt;
use std::{pin::pin, time::Duration};
use tokio_postgres::{Row, error::SqlState};

/// Statements that one run reads at the most: the costliest ones.
const MOST: usize = 100_000;
/// Longest statement, in letters.
const LONGEST: usize = 100_000;
/// Until everything is read. The server's own limits end sooner, unless it has gone without a word.
const PATIENCE: Duration = Duration::from_secs(90);
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
    read_within(PATIENCE, database).await
}

async fn read_within(limit: Duration, database: &Database) -> Result<Snapshot> {
    match tokio::time::timeout(limit, read_all(database)).await {
        Ok(read) => read,
        Err(_) => Err(failed(database, &format!("PostgreSQL did not answer within {} s", limit.as_secs()))),
    }
}

async fn read_all(database: &Database) -> Result<Snapshot> {
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::project::secrets::SecretText;
    use tokio::{
        io::{AsyncReadExt, AsyncWriteExt},
        net::TcpListener,
    };

    /// Lets anybody in, and says nothing more, as a server does that hangs or whose network is gone.
    async fn mute_server() -> u16 {
        const AUTHENTICATED: &[u8] = b"R\0\0\0\x08\0\0\0\0";
        const READY: &[u8] = b"Z\0\0\0\x05I";
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        tokio::spawn(async move {
            let (mut socket, _) = listener.accept().await.unwrap();
            let mut rest = [0; 1024];
            let _ = socket.read(&mut rest).await;
            socket.write_all(&[AUTHENTICATED, READY].concat()).await.unwrap();
            while socket.read(&mut rest).await.is_ok_and(|read| read > 0) {}
        });
        port
    }

    #[tokio::test]
    async fn a_server_that_falls_silent_is_given_up() {
        let port = mute_server().await;
        let database = Database {
            connection_id: "shop".into(),
            driver: "postgres".into(),
            url: SecretText::new(format!("postgres://u:hunter2@127.0.0.1:{port}/d?sslmode=disable")),
            schemas: Vec::new(),
        };
        let error = read_within(Duration::from_secs(1), &database).await.unwrap_err();
        assert_eq!(error.code(), Code::ConnectionFailed);
        let expected =
            format!("Cannot read the connection shop at 127.0.0.1:{port}: PostgreSQL did not answer within 1 s");
        assert_eq!(error.to_string(), expected);
    }
}
