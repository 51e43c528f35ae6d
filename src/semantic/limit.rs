//! The limit of a semantic query: the answer always says whether it was cut.
//!
//! The SQL that is shown has the limit that was asked for. What runs has one row more, which shows that there are more
//! groups than the limit lets through, and is never returned.

use super::execute::{Limits, ResultSet};
use crate::ports::TruncationReason;
use serde::Deserialize;
use std::borrow::Cow;

/// What the semantic layer takes where a query says nothing.
const DEFAULT: u64 = 1000;

/// Most rows that the daemon gives.
const MOST_ROWS: u64 = 100_000;

/// How many rows a query asks for; no number where it wants all.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
pub(super) struct QueryLimit {
    #[serde(default = "usual")]
    limit: Option<u64>,
}

#[expect(clippy::unnecessary_wraps, reason = "the default of a field")]
const fn usual() -> Option<u64> {
    Some(DEFAULT)
}

impl QueryLimit {
    /// The limit of a query, which is JSON; one that the semantic layer would refuse has none.
    pub(super) fn of(query: &str) -> Self {
        serde_json::from_str(query).unwrap_or(Self { limit: None })
    }

    /// The SQL with a limit of one row more, where it ends with its limit as it does in the dialects that run here.
    pub(super) fn beyond<'a>(&self, sql: &'a str) -> Cow<'a, str> {
        let head = self.limit.and_then(|limit| sql.strip_suffix(&format!("LIMIT {limit}")));
        match (head, self.limit) {
            (Some(head), Some(limit)) => format!("{head}LIMIT {}", limit + 1).into(),
            _ => sql.into(),
        }
    }

    /// No more rows than the limit, and as many as it says where nothing else was asked for.
    pub(super) fn within(&self, limits: Limits) -> Limits {
        let Some(limit) = self.limit else { return limits };
        let max_rows = limits.max_rows.unwrap_or(limit).min(limit).min(MOST_ROWS);
        Limits { max_rows: Some(max_rows), ..limits }
    }

    /// Tells a cut by the limit from one by the most rows of an answer. Where the SQL could not ask for one row more
    /// (`is_beyond`), as many rows as the limit count as cut.
    pub(super) fn tell(&self, result: &mut ResultSet, is_beyond: bool) {
        let is_full = self.limit == Some(result.row_count);
        if is_full && result.truncated_by != Some(TruncationReason::Bytes) && (result.truncated || !is_beyond) {
            result.truncated = true;
            result.truncated_by = Some(TruncationReason::Limit);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::value::RawValue;

    fn result(row_count: u64, truncated_by: Option<TruncationReason>) -> ResultSet {
        let nothing = || RawValue::from_string("[]".into()).unwrap();
        ResultSet {
            connection_id: "c".into(),
            columns: nothing(),
            rows: nothing(),
            row_count,
            truncated: truncated_by.is_some(),
            truncated_by,
        }
    }

    #[test]
    fn the_sql_that_runs_has_one_row_more() {
        for (query, sql, expected) in [
            ("{}", "SELECT 1\nLIMIT 1000", "SELECT 1\nLIMIT 1001"),
            (r#"{"limit":10}"#, "SELECT 1 LIMIT 10", "SELECT 1 LIMIT 11"),
            (r#"{"limit":10}"#, "SELECT 1 LIMIT 100", "SELECT 1 LIMIT 100"),
            (r#"{"limit":10}"#, "SELECT TOP 10 1", "SELECT TOP 10 1"),
            (r#"{"limit":null}"#, "SELECT 1 LIMIT 1000", "SELECT 1 LIMIT 1000"),
            (r#"{"limit":"x"}"#, "SELECT 1", "SELECT 1"),
        ] {
            assert_eq!(QueryLimit::of(query).beyond(sql), expected, "{query}");
        }
    }

    #[test]
    fn a_limit_is_also_the_most_rows() {
        for (query, asked, expected) in [
            ("{}", None, Some(1000)),
            ("{}", Some(5), Some(5)),
            (r#"{"limit":5000}"#, None, Some(5000)),
            (r#"{"limit":10}"#, Some(500), Some(10)),
            (r#"{"limit":1000000}"#, None, Some(100_000)),
            (r#"{"limit":null}"#, None, None),
            (r#"{"limit":null}"#, Some(7), Some(7)),
        ] {
            let limits = QueryLimit::of(query).within(Limits { max_rows: asked, max_bytes: None });
            assert_eq!(limits.max_rows, expected, "{query} {asked:?}");
        }
    }

    #[test]
    fn the_limit_that_cut_is_named() {
        for (rows, cut, is_beyond, expected) in [
            (10, Some(TruncationReason::Rows), true, Some(TruncationReason::Limit)),
            (10, Some(TruncationReason::Bytes), true, Some(TruncationReason::Bytes)),
            (5, Some(TruncationReason::Rows), true, Some(TruncationReason::Rows)),
            (10, None, true, None),
            (10, None, false, Some(TruncationReason::Limit)),
            (9, None, false, None),
        ] {
            let mut found = result(rows, cut);
            QueryLimit::of(r#"{"limit":10}"#).tell(&mut found, is_beyond);
            assert_eq!((found.truncated_by, found.truncated), (expected, expected.is_some()));
        }
    }
}
