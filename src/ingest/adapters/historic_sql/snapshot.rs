//! The statements of one moment, read through the daemon: what ran, how often and how long.

use super::skip;
use crate::{
    error::{Code, Error, Result},
    ingest::{adapters::refused::connection_error, failure::RunFailure},
    ports::{
        CountedStatement, HistoryPage, HistoryRequest, JsonRunner, QUERY_HISTORY, Unavailable, read_query_history,
        unexpected_answer,
    },
    project::connection::Database,
    redact::Redactor,
};

/// Statements that one run reads at the most: the costliest ones.
const MAX_STATEMENTS: usize = 100_000;
const STATEMENT_TIMEOUT_MS: u64 = 60_000;
const CONNECTION_TIMEOUT_SECONDS: u64 = 10;

/// The statements of one moment.
#[derive(Debug, Default)]
pub(super) struct Snapshot {
    /// Those that may be of interest.
    pub(super) statements: Vec<CountedStatement>,
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

impl Snapshot {
    /// Reads every page.
    ///
    /// Errors: those of the runner; [`Code::ConnectionFailed`]; [`Code::SourceForbidden`] that says what to create or to
    /// grant; [`Code::ConnectionInvalid`] for an old server.
    pub(super) async fn read<R: JsonRunner<Error: RunFailure>>(
        database: &Database,
        redactor: &Redactor,
        runner: &R,
    ) -> Result<Self, R::Error> {
        let mut snapshot = Self { taken_at: jiff::Timestamp::now().as_millisecond(), ..Self::default() };
        let (mut cursor, mut read) = (None::<String>, 0);
        loop {
            let page = read_query_history(runner, &request(database, cursor.as_deref())).await;
            let explain = |error| connection_error(&database.connection_id, redactor, error);
            let mut page = page.map_err(|error| error.map_core_error(explain))?;
            if let Some(reason) = page.unavailable.take() {
                return Err(redactor.error(refused(&reason)).into());
            }
            cursor = page.next_cursor.take();
            let count = page.statements.len();
            read += count;
            snapshot.take(page);
            if cursor.is_none() || read >= MAX_STATEMENTS {
                snapshot.cut |= cursor.is_some();
                return Ok(snapshot);
            }
            if count == 0 {
                return Err(unexpected_answer(QUERY_HISTORY, "statements", "a page that others follow is empty").into());
            }
        }
    }

    fn take(&mut self, page: HistoryPage) {
        self.reset_at = page.statistics.reset_at_ms;
        self.dropped = page.statistics.dealloc;
        self.without_text += page.without_text;
        self.cut |= page.truncated;
        self.statements.extend(page.statements.into_iter().filter(|statement| skip::is_about_data(&statement.sql)));
    }
}

fn request<'a>(database: &'a Database, cursor: Option<&'a str>) -> HistoryRequest<'a> {
    HistoryRequest {
        connection_id: &database.connection_id,
        driver: &database.driver,
        url: database.url.expose(),
        cursor,
        max_statements: MAX_STATEMENTS,
        statement_timeout_ms: STATEMENT_TIMEOUT_MS,
        connection_timeout_seconds: CONNECTION_TIMEOUT_SECONDS,
    }
}

fn refused(reason: &Unavailable) -> Error {
    let code = match reason.code.as_str() {
        "server_too_old" => Code::ConnectionInvalid,
        _ => Code::SourceForbidden,
    };
    Error::new(code, reason.detail.clone()).with_hint(reason.hint.clone())
}
