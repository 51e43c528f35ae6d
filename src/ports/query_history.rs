//! The port that reads the query history of a database in pages.

use super::{JsonRunner, read_answer};
use crate::{
    error::{Code, Error},
    offload,
};
use serde::{Deserialize, Serialize};
use std::{collections::BTreeMap, num::NonZeroU16};

/// Path of the endpoint.
pub const QUERY_HISTORY: &str = "/database/query-history";

/// Request for one page. The URL contains credentials.
#[derive(Serialize)]
pub struct HistoryRequest<'a> {
    /// Id of the connection, for messages.
    pub connection_id: &'a str,
    /// The daemon's name of the driver.
    pub driver: &'a str,
    /// URL with credentials.
    pub url: &'a str,
    /// [`HistoryPage::next_cursor`] of the previous page; absent for the first page.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cursor: Option<&'a str>,
    /// Maximum number of statements on all pages together; those with the highest total time are returned.
    pub max_statements: usize,
    /// Timeout of the daemon's own statements, in milliseconds.
    pub statement_timeout_ms: u64,
    /// Timeout of connecting to the database, in seconds.
    pub connection_timeout_seconds: u64,
    /// Days that are read; absent for the daemon's default.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub window_days: Option<u32>,
    /// First day that is read of a log, in days since 1970 in UTC; absent for all days of the window.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub first_day: Option<i64>,
    /// Cluster whose servers are all read.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cluster: Option<&'a str>,
    /// Maximum number of concurrent statements of the connection; absent for the daemon's default.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_concurrent_statements: Option<NonZeroU16>,
}

/// A page of the history.
#[derive(Debug, Deserialize)]
pub struct HistoryPage {
    /// The reason why there is no history.
    pub unavailable: Option<Unavailable>,
    /// Statistics about the database's own counting.
    pub statistics: Statistics,
    /// Sorted by id; each statement is on one page only.
    pub statements: Vec<CountedStatement>,
    /// Number of statements omitted from this page because their text is missing or too long.
    pub without_text: usize,
    /// Whether the history has more than `max_statements` statements.
    pub truncated: bool,
    /// Cursor of the next page; `None` on the last one.
    pub next_cursor: Option<String>,
    /// The log that was read; `None` if the database counts calls without logging them.
    #[serde(default)]
    pub log: Option<CallLog>,
    /// What the history lacks.
    #[serde(default)]
    pub warnings: Vec<String>,
}

/// A log with a row for each call, and the days of it that were read, in days since 1970 in UTC.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct CallLog {
    /// Name of the log.
    pub name: String,
    /// Day in which the window begins.
    pub window_begin_day: i64,
    /// First day that was read.
    pub first_day: i64,
}

/// The reason why a reachable database has no history for this user.
#[derive(Debug, Deserialize)]
pub struct Unavailable {
    /// The daemon's stable code.
    pub code: String,
    /// One sentence without a full stop.
    pub detail: String,
    /// The next step, one sentence without a full stop.
    pub hint: String,
}

/// Statistics about the database's own counting; `None` where the database does not report them.
#[derive(Debug, Default, Clone, Copy, Deserialize)]
pub struct Statistics {
    /// Time of the last reset of the counts, in milliseconds since the Unix epoch.
    pub reset_at_ms: Option<i64>,
    /// Number of evictions of statements to make room for others.
    pub dealloc: Option<i64>,
}

/// A statement with its counts.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
pub struct CountedStatement {
    /// The database's id of the statement.
    pub query_id: String,
    /// Text of the statement; some databases replace its constants with placeholders.
    pub sql: String,
    /// Number of executions.
    pub calls: i64,
    /// Total execution time of all calls, in milliseconds.
    pub total_ms: f64,
    /// Total number of rows of all calls.
    pub rows: i64,
    /// Time since which it has been counted, in milliseconds since the Unix epoch; `None` if not reported.
    pub since_ms: Option<i64>,
    /// Whether all executions were inside functions.
    pub nested: bool,
    /// Bytes read by all calls. This and the following are `None` for databases that do not count them.
    #[serde(default)]
    pub bytes: Option<i64>,
    /// Number of calls that failed.
    #[serde(default)]
    pub errors: Option<i64>,
    /// Hashes of the names of users.
    #[serde(default)]
    pub users: Option<Vec<String>>,
    /// Time of the last call, in milliseconds since the Unix epoch.
    #[serde(default)]
    pub last_seen_ms: Option<i64>,
    /// Bytes that were billed.
    #[serde(default)]
    pub bytes_billed: Option<i64>,
    /// Time of the database's computing units, in milliseconds.
    #[serde(default)]
    pub slot_ms: Option<i64>,
    /// Calls by the kind of caller, such as `person` or `bi_tool`.
    #[serde(default)]
    pub callers: Option<BTreeMap<String, i64>>,
    /// Credits that were used.
    #[serde(default)]
    pub credits: Option<f64>,
    /// Tables that the calls read, through views, too, as the database names them.
    #[serde(default)]
    pub accessed_tables: Option<Vec<String>>,
    /// The counts of each day, for a log.
    #[serde(default)]
    pub days: Option<Vec<DayCounts>>,
}

/// The calls of a statement that ended on one day, with the counts of [`CountedStatement`].
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[allow(missing_docs, reason = "the fields are those of CountedStatement")]
pub struct DayCounts {
    /// Days since 1970 in UTC.
    pub day: i64,
    pub calls: i64,
    pub total_ms: f64,
    pub rows: i64,
    /// Time of the first call.
    pub since_ms: Option<i64>,
    pub last_seen_ms: Option<i64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bytes: Option<i64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub errors: Option<i64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub users: Option<Vec<String>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub callers: Option<BTreeMap<String, i64>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bytes_billed: Option<i64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub slot_ms: Option<i64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub credits: Option<f64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub accessed_tables: Option<Vec<String>>,
}

impl CountedStatement {
    /// The counts of all days together.
    pub fn counts(&self) -> DayCounts {
        DayCounts {
            day: 0,
            calls: self.calls,
            total_ms: self.total_ms,
            rows: self.rows,
            since_ms: self.since_ms,
            last_seen_ms: self.last_seen_ms,
            bytes: self.bytes,
            errors: self.errors,
            users: self.users.clone(),
            callers: self.callers.clone(),
            bytes_billed: self.bytes_billed,
            slot_ms: self.slot_ms,
            credits: self.credits,
            accessed_tables: self.accessed_tables.clone(),
        }
    }
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
        let schema = |name: &str| definition("query-history", name);
        schema("QueryHistory").ignoring(&["extracted_at", "metadata"]).assert_read_by::<HistoryPage>();
        schema("Unavailable").assert_read_by::<Unavailable>();
        schema("CallLog").assert_read_by::<CallLog>();
        schema("DayCounts").assert_read_by::<DayCounts>();
        schema("Statistics").assert_read_by::<Statistics>();
        schema("Statement").assert_read_by::<CountedStatement>();
    }
}
