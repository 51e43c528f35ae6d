//! The statements that ran on a database, page by page.

use super::{JsonRunner, read_answer};
use crate::{
    error::{Code, Error},
    offload,
};
use serde::{Deserialize, Serialize};

/// The endpoint.
pub const QUERY_HISTORY: &str = "/database/query-history";

/// Which history to read. The URL holds credentials.
#[derive(Serialize)]
pub struct HistoryRequest<'a> {
    /// Id of the connection, for messages.
    pub connection_id: &'a str,
    /// Driver as the daemon names it.
    pub driver: &'a str,
    /// URL with credentials.
    pub url: &'a str,
    /// [`HistoryPage::next_cursor`] of the page before; the first page where it is absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cursor: Option<&'a str>,
    /// Most statements of all pages together: those that took the most time.
    pub max_statements: usize,
    /// Milliseconds a statement of the daemon may take.
    pub statement_timeout_ms: u64,
    /// Seconds until the database must answer.
    pub connection_timeout_seconds: u64,
}

/// A page of the history.
#[derive(Debug, Deserialize)]
pub struct HistoryPage {
    /// Why there is none.
    pub unavailable: Option<Unavailable>,
    /// What the database says of its own counting.
    pub statistics: Statistics,
    /// By their id; each is on one page only.
    pub statements: Vec<CountedStatement>,
    /// Statements of this page that are left out, as the database has no text of them or a very long one.
    pub without_text: usize,
    /// Whether there are more statements than were asked for.
    pub truncated: bool,
    /// Where the next page begins; `None` after the last one.
    pub next_cursor: Option<String>,
}

/// Why a database that can be reached has no history for this user.
#[derive(Debug, Deserialize)]
pub struct Unavailable {
    /// The daemon's stable code.
    pub code: String,
    /// One sentence without a full stop.
    pub detail: String,
    /// What has to be done, one sentence without a full stop.
    pub hint: String,
}

/// What the database says of its own counting, where it says so.
#[derive(Debug, Default, Clone, Copy, Deserialize)]
pub struct Statistics {
    /// When it began, in milliseconds since 1970.
    pub reset_at_ms: Option<i64>,
    /// How often statements were dropped to make room for others.
    pub dealloc: Option<i64>,
}

/// A statement with its counts.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub struct CountedStatement {
    /// The database's own id of it.
    pub query_id: String,
    /// Its text, without constants where the database leaves them out.
    pub sql: String,
    /// How often it ran.
    pub calls: i64,
    /// Milliseconds of execution, of all calls.
    pub total_ms: f64,
    /// Rows of all calls.
    pub rows: i64,
    /// When counting it began, in milliseconds since 1970, where the database says so.
    pub since_ms: Option<i64>,
    /// Whether it only ever ran inside of functions.
    pub nested: bool,
}

/// Reads one page.
pub async fn read_query_history<R: JsonRunner>(
    runner: &R,
    request: &HistoryRequest<'_>,
) -> Result<HistoryPage, R::Error> {
    let payload = serde_json::to_string(request)
        .map_err(|_| Error::new(Code::Internal, "The request for a query history cannot be written as JSON"))?;
    let answer = runner.request(QUERY_HISTORY, payload).await?;
    Ok(offload::spawn_blocking(move || read_answer(QUERY_HISTORY, &answer)).await?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::schemas::definition;

    #[test]
    fn types_match_the_schema() {
        let of = |name: &str| definition("query-history", name);
        of("QueryHistory").ignoring(&["extracted_at", "metadata"]).assert_read_by::<HistoryPage>();
        of("Unavailable").assert_read_by::<Unavailable>();
        of("Statistics").assert_read_by::<Statistics>();
        of("Statement").assert_read_by::<CountedStatement>();
    }
}
