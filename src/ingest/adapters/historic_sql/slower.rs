//! Statements that have become slower since the last sync.

use super::template::Template;
use std::collections::HashMap;

/// Ratio of the mean times from which on a statement counts as slower.
const RATIO: f64 = 2.0;
/// Total time since the last sync below which a statement does not matter, in milliseconds.
const MIN_TOTAL_MS: f64 = 1000.0;
/// Maximum characters of a statement in the warning.
const MAX_SHOWN_CHARS: usize = 80;

/// Returns the warning about statements whose calls since the last sync took twice as long as those before it, or more.
pub(super) fn slower_warning<'a>(before: &[Template], now: impl Iterator<Item = &'a Template>) -> Option<String> {
    let before: HashMap<_, _> = before.iter().map(|template| (template.fingerprint.as_str(), template)).collect();
    let mut slower: Vec<_> = now
        .filter_map(|template| {
            let previous = before.get(template.fingerprint.as_str())?;
            let (calls, total) = recent(previous, template);
            let mean = total / calls.max(1) as f64;
            (total >= MIN_TOTAL_MS && previous.mean_ms > 0.0 && mean >= previous.mean_ms * RATIO).then_some((
                total,
                previous.mean_ms,
                mean,
                template,
            ))
        })
        .collect();
    slower.sort_by(|(left, .., one), (right, .., other)| {
        right.total_cmp(left).then_with(|| one.fingerprint.cmp(&other.fingerprint))
    });
    let (_, old, new, first) = slower.first()?;
    let text: String = first.statement_line().chars().take(MAX_SHOWN_CHARS).collect();
    let count = slower.len();
    Some(format!(
        "{count} statements take at least twice as long as before the last sync; the first, {old:.1} ms before and {new:.1} ms now: {text}"
    ))
}

/// Calls and total time since the last sync. Counts that only grow are compared; those of a window, or after a reset, are
/// taken as they are.
fn recent(before: &Template, now: &Template) -> (i64, f64) {
    if now.calls > before.calls && now.total_ms >= before.total_ms && !now.is_windowed() {
        return (now.calls - before.calls, now.total_ms - before.total_ms);
    }
    (now.calls, now.total_ms)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn template(fingerprint: &str, calls: i64, mean_ms: f64) -> Template {
        serde_json::from_value(serde_json::json!({
            "fingerprint": fingerprint, "dialect": "postgres", "normalized_sql": "SELECT\n ?", "tables": [],
            "columns_by_clause": {}, "literal_slots": [], "calls": calls, "total_ms": mean_ms * calls as f64,
            "mean_ms": mean_ms, "rows": 0, "statements": 1, "nested": false,
        }))
        .unwrap()
    }

    #[test]
    fn calls_since_the_last_sync_are_compared_with_those_before() {
        let before = [template("a", 1000, 1.0), template("b", 1000, 1.0), template("c", 1000, 1.0)];
        // 100 calls of 21 ms each have little effect on the mean of all calls.
        let slow = template("a", 1100, 3100.0 / 1100.0);
        let steady = template("b", 2000, 1.1);
        let reset = template("c", 10, 500.0);
        let found = slower_warning(&before, [&slow, &steady, &reset].into_iter()).unwrap();
        assert_eq!(
            found,
            "2 statements take at least twice as long as before the last sync; the first, 1.0 ms before and 500.0 ms now: SELECT ?"
        );
        assert_eq!(slower_warning(&before, [&steady].into_iter()), None);
        assert_eq!(slower_warning(&[], [&slow].into_iter()), None);
    }

    #[test]
    fn short_statements_do_not_matter() {
        assert_eq!(slower_warning(&[template("a", 10, 1.0)], [&template("a", 20, 20.0)].into_iter()), None);
    }
}
