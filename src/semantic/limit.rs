//! The limit of a semantic query, and the detection of truncated results.
//!
//! The compiled SQL has the limit of the query. The SQL that is run has one row more, which shows whether the result is
//! truncated and is never returned.

use super::execute::{Limits, ResultSet};
use crate::ports::TruncationReason;
use serde::Deserialize;
use std::borrow::Cow;

/// The limit of the semantic layer for a query without one.
const DEFAULT_LIMIT: u64 = 1000;

/// Maximum rows of a result of the daemon.
const MAX_ROWS: u64 = 100_000;

/// The limit of a query; `None` for all rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
pub(super) struct QueryLimit {
    #[serde(default = "default_limit")]
    limit: Option<u64>,
    /// Rows that are left out before the first one.
    #[serde(default)]
    offset: Option<u64>,
}

#[expect(clippy::unnecessary_wraps, reason = "the default of a field")]
const fn default_limit() -> Option<u64> {
    Some(DEFAULT_LIMIT)
}

impl QueryLimit {
    /// Reads the limit of a query in JSON. An invalid query, which the semantic layer rejects, has none.
    pub(super) fn from_query(query: &str) -> Self {
        serde_json::from_str(query).unwrap_or(Self { limit: None, offset: None })
    }

    /// Raises the limit by one row, if the SQL ends with its limit, or with it and the offset. It does in all dialects
    /// that can be run.
    pub(super) fn raise<'a>(&self, sql: &'a str) -> Cow<'a, str> {
        let Some(limit) = self.limit else { return sql.into() };
        let without_offset = self.offset.and_then(|offset| sql.strip_suffix(&format!("OFFSET {offset}")));
        let before_offset = without_offset.map_or(sql, str::trim_end);
        match before_offset.strip_suffix(&format!("LIMIT {limit}")) {
            Some(head) => format!("{head}LIMIT {}{}", limit + 1, &sql[before_offset.len()..]).into(),
            None => sql.into(),
        }
    }

    /// Applies the limit to the limits of the result.
    pub(super) fn apply(&self, limits: Limits) -> Limits {
        let Some(limit) = self.limit else { return limits };
        let max_rows = limits.max_rows.unwrap_or(limit).min(limit).min(MAX_ROWS);
        Limits { max_rows: Some(max_rows), ..limits }
    }

    /// Marks a result that was truncated by the limit. If the limit was not raised (`is_raised`), a result with as many
    /// rows as the limit counts as truncated.
    pub(super) fn mark_truncation(&self, result: &mut ResultSet, is_raised: bool) {
        let is_full = self.limit == Some(result.row_count);
        if is_full && result.truncated_by != Some(TruncationReason::Bytes) && (result.truncated || !is_raised) {
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
        let empty = || RawValue::from_string("[]".into()).unwrap();
        ResultSet {
            connection_id: "c".into(),
            columns: empty(),
            rows: empty(),
            row_count,
            truncated: truncated_by.is_some(),
            truncated_by,
        }
    }

    #[test]
    fn limit_of_the_sql_is_raised_by_one() {
        for (query, sql, expected) in [
            ("{}", "SELECT 1\nLIMIT 1000", "SELECT 1\nLIMIT 1001"),
            (r#"{"limit":10}"#, "SELECT 1 LIMIT 10", "SELECT 1 LIMIT 11"),
            (r#"{"limit":10}"#, "SELECT 1 LIMIT 100", "SELECT 1 LIMIT 100"),
            (r#"{"limit":10,"offset":20}"#, "SELECT 1\nLIMIT 10\nOFFSET 20", "SELECT 1\nLIMIT 11\nOFFSET 20"),
            (r#"{"limit":10,"offset":20}"#, "SELECT 1 OFFSET 20 LIMIT 10", "SELECT 1 OFFSET 20 LIMIT 11"),
            (r#"{"limit":10,"offset":2}"#, "SELECT 1 LIMIT 10 OFFSET 12", "SELECT 1 LIMIT 10 OFFSET 12"),
            (r#"{"limit":10,"offset":0}"#, "SELECT 1 LIMIT 10", "SELECT 1 LIMIT 11"),
            (r#"{"limit":10,"offset":null}"#, "SELECT 1 LIMIT 10", "SELECT 1 LIMIT 11"),
            (r#"{"limit":10}"#, "SELECT 1 LIMIT 10 OFFSET 5", "SELECT 1 LIMIT 10 OFFSET 5"),
            (r#"{"limit":10}"#, "SELECT TOP 10 1", "SELECT TOP 10 1"),
            (r#"{"limit":null}"#, "SELECT 1 LIMIT 1000", "SELECT 1 LIMIT 1000"),
            (r#"{"limit":"x"}"#, "SELECT 1", "SELECT 1"),
        ] {
            assert_eq!(QueryLimit::from_query(query).raise(sql), expected, "{query}");
        }
    }

    #[test]
    fn limit_of_the_query_caps_the_rows_of_the_result() {
        for (query, requested, expected) in [
            ("{}", None, Some(1000)),
            ("{}", Some(5), Some(5)),
            (r#"{"limit":5000}"#, None, Some(5000)),
            (r#"{"limit":10}"#, Some(500), Some(10)),
            (r#"{"limit":1000000}"#, None, Some(100_000)),
            (r#"{"limit":null}"#, None, None),
            (r#"{"limit":null}"#, Some(7), Some(7)),
        ] {
            let limits = QueryLimit::from_query(query).apply(Limits { max_rows: requested, max_bytes: None });
            assert_eq!(limits.max_rows, expected, "{query} {requested:?}");
        }
    }

    #[test]
    fn truncation_names_the_limit_that_applied() {
        for (rows, cut, is_raised, expected) in [
            (10, Some(TruncationReason::Rows), true, Some(TruncationReason::Limit)),
            (10, Some(TruncationReason::Bytes), true, Some(TruncationReason::Bytes)),
            (5, Some(TruncationReason::Rows), true, Some(TruncationReason::Rows)),
            (10, None, true, None),
            (10, None, false, Some(TruncationReason::Limit)),
            (9, None, false, None),
        ] {
            let mut found = result(rows, cut);
            QueryLimit::from_query(r#"{"limit":10}"#).mark_truncation(&mut found, is_raised);
            assert_eq!((found.truncated_by, found.truncated), (expected, expected.is_some()));
        }
    }
}
