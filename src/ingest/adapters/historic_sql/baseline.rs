//! The baseline of a query history: the time of the last reset, the number of evictions, and the last known call of each
//! statement. PostgreSQL does not record when a statement ran, so the number of calls is compared between runs.

use super::snapshot::Snapshot;
use crate::ports::CountedStatement;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use std::collections::HashMap;

const VERSION: u32 = 1;
const DAY_MS: i64 = 24 * 60 * 60 * 1000;

/// The baseline. Times are milliseconds since 1970.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(super) struct Baseline {
    version: u32,
    /// Time of the run that wrote it; 0 before the first run.
    taken_at: i64,
    reset_at: Option<i64>,
    dropped: Option<i64>,
    /// Calls of all statements.
    calls: i64,
    /// Number of calls, and the time of the first run that read this number, by the database's id of the statement.
    seen: HashMap<String, (i64, i64)>,
    /// The days of a log of calls, as [`super::logged`] writes them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) log: Option<Box<RawValue>>,
}

/// The result of comparing a snapshot with a baseline.
pub(super) struct Comparison {
    /// Statements within the window.
    pub(super) statements: Vec<CountedStatement>,
    /// Baseline for the next run.
    pub(super) baseline: Baseline,
    pub(super) warnings: Vec<String>,
}

impl Baseline {
    /// Parses a baseline. One that is missing or invalid is empty, since it is optional.
    pub(super) fn parse(text: Option<&str>) -> Self {
        let read = text.and_then(|text| serde_json::from_str::<Self>(text).ok());
        read.filter(|baseline| baseline.version == VERSION).unwrap_or_default()
    }

    fn is_first(&self) -> bool {
        self.taken_at == 0
    }

    fn from_snapshot(previous: &Self, snapshot: &Snapshot) -> Self {
        let counted = snapshot.statements.iter().filter(|statement| statement.days.is_none());
        let seen: HashMap<_, _> = counted
            .map(|CountedStatement { query_id, calls, last_seen_ms, .. }| {
                let unchanged = previous.seen.get(query_id).filter(|(previous, _)| previous == calls);
                let seen = last_seen_ms.unwrap_or_else(|| unchanged.map_or(snapshot.taken_at, |(_, at)| *at));
                (query_id.clone(), (*calls, seen))
            })
            .collect();
        Self {
            version: VERSION,
            taken_at: snapshot.taken_at,
            reset_at: snapshot.reset_at,
            dropped: snapshot.dropped,
            calls: seen.values().map(|(calls, _)| calls).sum(),
            seen,
            log: None,
        }
    }
}

/// Compares a snapshot with the baseline of the last run, and removes statements without a call in the window, in days.
/// A log has the calls of the window only.
pub(super) fn compare(previous: Baseline, snapshot: Snapshot, window_days: Option<u32>) -> Comparison {
    let baseline = Baseline::from_snapshot(&previous, &snapshot);
    let mut warnings = statistics_warnings(&previous, &baseline, &snapshot);
    warnings.extend(snapshot.warnings);
    let mut statements = snapshot.statements;
    if let Some(days) = window_days.filter(|_| snapshot.log.is_none()) {
        let begin = baseline.taken_at - i64::from(days) * DAY_MS;
        let ran =
            |statement: &CountedStatement| baseline.seen.get(&statement.query_id).is_none_or(|(_, at)| *at >= begin);
        statements.retain(ran);
        // A statement that no earlier run has read, and whose counting began before the window, may have run long ago.
        let is_uncertain = |statement: &CountedStatement| {
            statement.last_seen_ms.is_none()
                && !previous.seen.contains_key(&statement.query_id)
                && statement.since_ms.is_none_or(|since| since < begin)
        };
        if statements.iter().any(is_uncertain) {
            warnings.push(format!(
                "PostgreSQL does not record when some statements last ran: they are included until no run of ktx finds new calls within windowDays ({days})"
            ));
        }
    }
    Comparison { statements, baseline, warnings }
}

fn statistics_warnings(previous: &Baseline, now: &Baseline, snapshot: &Snapshot) -> Vec<String> {
    let mut warnings = Vec::new();
    let has_reset_times = previous.reset_at.is_some() && now.reset_at.is_some();
    let fewer_calls = now.calls < previous.calls;
    // A log of calls is read for a window that moves, and is not reset.
    let is_log = snapshot.statements.iter().any(|statement| statement.last_seen_ms.is_some());
    if !is_log && !previous.is_first() && if has_reset_times { previous.reset_at != now.reset_at } else { fewer_calls }
    {
        let at = now.reset_at.and_then(|at| jiff::Timestamp::from_millisecond(at).ok());
        let when = at.map(|at| format!(" at {at:.0}")).unwrap_or_default();
        warnings.push(format!(
            "The statistics of the statements were reset{when}, after the last sync: calls and times count from then on"
        ));
    }
    let evicted = now.dropped.unwrap_or(0) - previous.dropped.unwrap_or(0);
    if evicted > 0 {
        warnings.push(format!(
            "PostgreSQL evicted rare statements {evicted} times, so that some are missing. Raise pg_stat_statements.max on the server"
        ));
    }
    if snapshot.without_text > 0 {
        warnings.push(format!(
            "{} statements are skipped: the database no longer has their text, or it is very long",
            snapshot.without_text
        ));
    }
    if snapshot.truncated {
        warnings.push("There are more than 100,000 statements: only those with the longest total time are read".into());
    }
    warnings
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: i64 = 1_700_000_000_000;

    fn statement(query_id: i64, calls: i64, since_ms: Option<i64>) -> CountedStatement {
        let query_id = query_id.to_string();
        CountedStatement { query_id, sql: "select".into(), calls, since_ms, ..CountedStatement::default() }
    }

    fn snapshot(at: i64, statements: Vec<CountedStatement>) -> Snapshot {
        Snapshot { statements, taken_at: at, reset_at: Some(1), dropped: Some(0), ..Snapshot::default() }
    }

    fn ids(comparison: &Comparison) -> Vec<&str> {
        comparison.statements.iter().map(|statement| statement.query_id.as_str()).collect()
    }

    #[test]
    fn statements_without_calls_in_the_window_are_skipped() {
        let first =
            compare(Baseline::default(), snapshot(NOW, vec![statement(1, 5, None), statement(2, 5, None)]), Some(7));
        assert_eq!(ids(&first), ["1", "2"]);
        assert!(
            first.warnings[0].starts_with("PostgreSQL does not record when some statements last ran"),
            "{:?}",
            first.warnings
        );
        let later = NOW + 8 * DAY_MS;
        let second = compare(
            first.baseline.clone(),
            snapshot(later, vec![statement(1, 5, None), statement(2, 6, None)]),
            Some(7),
        );
        assert_eq!((ids(&second), second.warnings.len()), (vec!["2"], 0));
        let without = compare(first.baseline, snapshot(later, vec![statement(1, 5, None)]), None);
        assert_eq!(ids(&without), ["1"]);
    }

    #[test]
    fn statement_counted_since_the_window_began_needs_no_warning() {
        let known = compare(Baseline::default(), snapshot(NOW, vec![statement(1, 5, Some(NOW - DAY_MS))]), Some(7));
        assert!(known.warnings.is_empty(), "{:?}", known.warnings);
        let old = compare(Baseline::default(), snapshot(NOW, vec![statement(1, 5, Some(NOW - 8 * DAY_MS))]), Some(7));
        assert_eq!(old.warnings.len(), 1);
    }

    #[test]
    fn reset_is_detected_by_its_time_or_by_fewer_calls() {
        let first = compare(Baseline::default(), snapshot(NOW, vec![statement(1, 5, None)]), None);
        assert!(first.warnings.is_empty());
        let reset = Snapshot { reset_at: Some(NOW), ..snapshot(NOW + DAY_MS, vec![statement(1, 9, None)]) };
        let warnings = compare(first.baseline.clone(), reset, None).warnings;
        assert!(warnings[0].contains("were reset at 2023-11-14T22:13:20Z, after the last sync"), "{warnings:?}");
        let older_server =
            |calls| Snapshot { reset_at: None, dropped: None, ..snapshot(NOW, vec![statement(1, calls, None)]) };
        let first = compare(Baseline::default(), older_server(5), None);
        assert!(compare(first.baseline.clone(), older_server(5), None).warnings.is_empty());
        assert!(compare(first.baseline, older_server(4), None).warnings[0].contains("were reset, after"));
    }

    #[test]
    fn evictions_are_counted_since_the_last_run() {
        let dropping = |dropped| Snapshot { dropped: Some(dropped), ..snapshot(NOW, Vec::new()) };
        let first = compare(Baseline::default(), dropping(3), None);
        assert!(first.warnings[0].contains("evicted rare statements 3 times"), "{:?}", first.warnings);
        assert!(compare(first.baseline.clone(), dropping(3), None).warnings.is_empty());
        assert!(compare(first.baseline, dropping(5), None).warnings[0].contains("2 times"));
    }

    #[test]
    fn baseline_round_trips_and_invalid_text_is_empty() {
        let baseline = compare(Baseline::default(), snapshot(NOW, vec![statement(-7, 5, None)]), None).baseline;
        let json = |baseline: &Baseline| serde_json::to_value(baseline).unwrap();
        assert_eq!(json(&Baseline::parse(Some(&json(&baseline).to_string()))), json(&baseline));
        for text in ["", "{}", "[1]", r#"{"version":9,"taken_at":1,"calls":0,"seen":{}}"#] {
            assert!(Baseline::parse(Some(text)).is_first(), "{text}");
        }
    }
}
