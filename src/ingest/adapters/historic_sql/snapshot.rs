//! A snapshot of the statements that a database has counted, such as those of `pg_stat_statements`, read through the daemon.

use super::filter;
use crate::{
    error::{Code, Error, Result},
    ingest::{adapters::connection_error::connection_error, failure::RunFailure},
    ports::{
        CallLog, CountedStatement, HistoryPage, HistoryRequest, JsonRunner, QUERY_HISTORY, Unavailable,
        read_query_history, unexpected_answer,
    },
    project::historic_sql::HistoricSqlSource,
    redact::Redactor,
};

/// Maximum statements of a snapshot: those with the longest total time.
const MAX_STATEMENTS: usize = 100_000;
const STATEMENT_TIMEOUT_MS: u64 = 60_000;
const CONNECTION_TIMEOUT_SECONDS: u64 = 10;

/// A snapshot of the counted statements.
#[derive(Debug, Default)]
pub(super) struct Snapshot {
    /// Statements on data.
    pub(super) statements: Vec<CountedStatement>,
    /// Time of the snapshot by the clock of this machine, in milliseconds since 1970.
    pub(super) taken_at: i64,
    /// Time of the last reset of the statistics, in milliseconds since 1970, if the server has it.
    pub(super) reset_at: Option<i64>,
    /// Number of evictions, if the server has it.
    pub(super) dropped: Option<i64>,
    /// Number of statements whose text is missing or too long.
    pub(super) without_text: usize,
    /// Whether there are more statements than [`MAX_STATEMENTS`].
    pub(super) truncated: bool,
    /// The log that was read, if the database has one.
    pub(super) log: Option<CallLog>,
    /// What the history lacks.
    pub(super) warnings: Vec<String>,
}

impl Snapshot {
    /// Reads every page; of a log the days from `first_day` on (in days since 1970), `None` for the whole window.
    ///
    /// Errors: those of the runner; [`Code::ConnectionFailed`]; [`Code::SourceForbidden`] with what to create or grant
    /// as its hint; [`Code::ConnectionInvalid`] for an unsupported version of the server.
    pub(super) async fn read<R: JsonRunner<Error: RunFailure>>(
        source: &HistoricSqlSource,
        first_day: Option<i64>,
        redactor: &Redactor,
        runner: &R,
    ) -> Result<Self, R::Error> {
        let database = &source.database;
        let mut snapshot = Self { taken_at: jiff::Timestamp::now().as_millisecond(), ..Self::default() };
        let (mut cursor, mut read) = (None::<String>, 0);
        loop {
            let page = read_query_history(runner, &request(source, first_day, cursor.as_deref())).await;
            let explain = |error| connection_error(&database.connection_id, redactor, error);
            let mut page = page.map_err(|error| error.map_core_error(explain))?;
            if let Some(reason) = page.unavailable.take() {
                return Err(redactor.error(unavailable_error(&reason)).into());
            }
            cursor = page.next_cursor.take();
            let count = page.statements.len();
            read += count;
            snapshot.add_page(page);
            if cursor.is_none() || read >= MAX_STATEMENTS {
                snapshot.truncated |= cursor.is_some();
                return Ok(snapshot);
            }
            if count == 0 {
                return Err(unexpected_answer(QUERY_HISTORY, "statements", "a page that others follow is empty").into());
            }
        }
    }

    fn add_page(&mut self, page: HistoryPage) {
        self.reset_at = page.statistics.reset_at_ms;
        self.dropped = page.statistics.dealloc;
        self.without_text += page.without_text;
        self.truncated |= page.truncated;
        self.warnings.extend(page.warnings);
        // Days may pass between pages: those that all pages have are kept.
        self.log = match (self.log.take(), page.log) {
            (Some(first), Some(last)) => Some(CallLog { window_begin_day: last.window_begin_day, ..first }),
            (first, last) => first.or(last),
        };
        self.statements
            .extend(page.statements.into_iter().filter(|statement| filter::is_data_statement(&statement.sql)));
    }
}

fn request<'a>(source: &'a HistoricSqlSource, first_day: Option<i64>, cursor: Option<&'a str>) -> HistoryRequest<'a> {
    let database = &source.database;
    HistoryRequest {
        connection_id: &database.connection_id,
        driver: &database.driver,
        url: database.url.expose(),
        cursor,
        max_statements: MAX_STATEMENTS,
        statement_timeout_ms: STATEMENT_TIMEOUT_MS,
        connection_timeout_seconds: CONNECTION_TIMEOUT_SECONDS,
        window_days: source.window_days,
        first_day,
        cluster: source.cluster.as_deref(),
        max_concurrent_statements: database.max_concurrent_statements,
    }
}

fn unavailable_error(reason: &Unavailable) -> Error {
    let code = match reason.code.as_str() {
        "server_too_old" => Code::ConnectionInvalid,
        _ => Code::SourceForbidden,
    };
    Error::new(code, reason.detail.clone()).with_hint(reason.hint.clone())
}
