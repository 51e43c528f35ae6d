//! The baseline that one run records for the next: when the statistics began, how often entries were dropped, and when each
//! statement was last seen to run. PostgreSQL itself does not say when a statement ran.

use super::snapshot::Snapshot;
use crate::ports::CountedStatement;
use serde::{Deserialize, Serialize};
use std::collections::HashMap;

const VERSION: u32 = 1;
const DAY: i64 = 24 * 60 * 60 * 1000;

/// The baseline. Times are milliseconds since 1970.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Baseline {
    version: u32,
    /// Of the run that wrote it; 0 before the first.
    taken_at: i64,
    reset_at: Option<i64>,
    dropped: Option<i64>,
    /// Calls of all statements.
    calls: i64,
    /// By the database's own id of a statement: its calls, and when a run first saw that many.
    seen: HashMap<String, (i64, i64)>,
}

/// What follows from a snapshot and what was remembered.
pub(super) struct Comparison {
    /// Statements to keep.
    pub(super) statements: Vec<CountedStatement>,
    /// For the next run.
    pub(super) baseline: Baseline,
    pub(super) warnings: Vec<String>,
}

impl Baseline {
    /// What was remembered; nothing where it cannot be read, because no sync depends on it.
    pub(super) fn parse(text: Option<&str>) -> Self {
        let read = text.and_then(|text| serde_json::from_str::<Self>(text).ok());
        read.filter(|baseline| baseline.version == VERSION).unwrap_or_default()
    }

    fn is_first(&self) -> bool {
        self.taken_at == 0
    }

    fn of(before: &Self, snapshot: &Snapshot) -> Self {
        let seen: HashMap<_, _> = snapshot
            .statements
            .iter()
            .map(|CountedStatement { query_id, calls, .. }| {
                let known = before.seen.get(query_id).filter(|(known, _)| known == calls);
                (query_id.clone(), (*calls, known.map_or(snapshot.taken_at, |(_, at)| *at)))
            })
            .collect();
        Self {
            version: VERSION,
            taken_at: snapshot.taken_at,
            reset_at: snapshot.reset_at,
            dropped: snapshot.dropped,
            calls: seen.values().map(|(calls, _)| calls).sum(),
            seen,
        }
    }
}

/// Compares with the last run, and leaves out what did not run within the window of so many days.
pub(super) fn compare(before: Baseline, snapshot: Snapshot, window_days: Option<u32>) -> Comparison {
    let baseline = Baseline::of(&before, &snapshot);
    let mut warnings = news(&before, &baseline, &snapshot);
    let mut statements = snapshot.statements;
    if let Some(days) = window_days {
        let begin = baseline.taken_at - i64::from(days) * DAY;
        let ran =
            |statement: &CountedStatement| baseline.seen.get(&statement.query_id).is_none_or(|(_, at)| *at >= begin);
        statements.retain(ran);
        // One whose counting began before the window, and that no earlier run saw, may have run long ago.
        let is_unsure = |statement: &CountedStatement| {
            !before.seen.contains_key(&statement.query_id) && statement.since_ms.is_none_or(|since| since < begin)
        };
        if statements.iter().any(is_unsure) {
            warnings.push(format!(
                "PostgreSQL does not say when some statements last ran: they are kept until no run of ktx sees them called within windowDays ({days})"
            ));
        }
    }
    Comparison { statements, baseline, warnings }
}

fn news(before: &Baseline, now: &Baseline, snapshot: &Snapshot) -> Vec<String> {
    let mut warnings = Vec::new();
    let known_reset = before.reset_at.is_some() && now.reset_at.is_some();
    let fewer_calls = now.calls < before.calls;
    if !before.is_first() && if known_reset { before.reset_at != now.reset_at } else { fewer_calls } {
        let at = now.reset_at.and_then(|at| jiff::Timestamp::from_millisecond(at).ok());
        let when = at.map(|at| format!(" at {at:.0}")).unwrap_or_default();
        warnings.push(format!(
            "The statistics of the statements were reset{when}, after the last sync: calls and times count from then on"
        ));
    }
    let lost = now.dropped.unwrap_or(0) - before.dropped.unwrap_or(0);
    if lost > 0 {
        warnings.push(format!(
            "PostgreSQL dropped rare statements {lost} times to make room for others, so that some are missing. Raise pg_stat_statements.max on the server"
        ));
    }
    if snapshot.without_text > 0 {
        warnings.push(format!(
            "{} statements are left out: PostgreSQL no longer has their text, or it is very long",
            snapshot.without_text
        ));
    }
    if snapshot.cut {
        warnings.push("There are very many statements: only the 100,000 that took the most time are read".into());
    }
    warnings
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: i64 = 1_700_000_000_000;

    fn statement(query_id: i64, calls: i64, since_ms: Option<i64>) -> CountedStatement {
        let query_id = query_id.to_string();
        CountedStatement { query_id, sql: "select".into(), calls, total_ms: 1.0, rows: 0, since_ms, nested: false }
    }

    fn snapshot(at: i64, statements: Vec<CountedStatement>) -> Snapshot {
        Snapshot { statements, taken_at: at, reset_at: Some(1), dropped: Some(0), ..Snapshot::default() }
    }

    fn ids(outlook: &Comparison) -> Vec<&str> {
        outlook.statements.iter().map(|statement| statement.query_id.as_str()).collect()
    }

    #[test]
    fn the_window_leaves_out_what_no_run_saw_called() {
        let first =
            compare(Baseline::default(), snapshot(NOW, vec![statement(1, 5, None), statement(2, 5, None)]), Some(7));
        assert_eq!(ids(&first), ["1", "2"]);
        assert!(
            first.warnings[0].starts_with("PostgreSQL does not say when some statements last ran"),
            "{:?}",
            first.warnings
        );
        let later = NOW + 8 * DAY;
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
    fn counting_that_began_within_the_window_leaves_no_doubt() {
        let known = compare(Baseline::default(), snapshot(NOW, vec![statement(1, 5, Some(NOW - DAY))]), Some(7));
        assert!(known.warnings.is_empty(), "{:?}", known.warnings);
        let old = compare(Baseline::default(), snapshot(NOW, vec![statement(1, 5, Some(NOW - 8 * DAY))]), Some(7));
        assert_eq!(old.warnings.len(), 1);
    }

    #[test]
    fn a_reset_is_noticed_by_its_time_or_by_fewer_calls() {
        let first = compare(Baseline::default(), snapshot(NOW, vec![statement(1, 5, None)]), None);
        assert!(first.warnings.is_empty());
        let reset = Snapshot { reset_at: Some(NOW), ..snapshot(NOW + DAY, vec![statement(1, 9, None)]) };
        let warnings = compare(first.baseline.clone(), reset, None).warnings;
        assert!(warnings[0].contains("were reset at 2023-11-14T22:13:20Z, after the last sync"), "{warnings:?}");
        let older_server =
            |calls| Snapshot { reset_at: None, dropped: None, ..snapshot(NOW, vec![statement(1, calls, None)]) };
        let first = compare(Baseline::default(), older_server(5), None);
        assert!(compare(first.baseline.clone(), older_server(5), None).warnings.is_empty());
        assert!(compare(first.baseline, older_server(4), None).warnings[0].contains("were reset, after"));
    }

    #[test]
    fn dropped_entries_are_counted_from_the_last_run() {
        let dropping = |dropped| Snapshot { dropped: Some(dropped), ..snapshot(NOW, Vec::new()) };
        let first = compare(Baseline::default(), dropping(3), None);
        assert!(first.warnings[0].contains("dropped rare statements 3 times"), "{:?}", first.warnings);
        assert!(compare(first.baseline.clone(), dropping(3), None).warnings.is_empty());
        assert!(compare(first.baseline, dropping(5), None).warnings[0].contains("2 times"));
    }

    #[test]
    fn what_was_remembered_is_read_again_and_rubbish_is_nothing() {
        let baseline = compare(Baseline::default(), snapshot(NOW, vec![statement(-7, 5, None)]), None).baseline;
        assert_eq!(Baseline::parse(Some(&serde_json::to_string(&baseline).unwrap())), baseline);
        for text in ["", "{}", "[1]", r#"{"version":9,"taken_at":1,"calls":0,"seen":{}}"#] {
            assert_eq!(Baseline::parse(Some(text)), Baseline::default());
        }
    }
}
