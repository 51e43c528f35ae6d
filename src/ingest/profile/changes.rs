//! Changes of a profile beyond its noise.
//!
//! Numbers of rows, estimates, ranges and the counts of values vary without a change of what the data mean, and so does
//! everything that a sample may have missed. Changes are those of a complete list of values, of the nulls, and of
//! uniqueness.

use super::{
    report::ProfileChange,
    staged::{StagedColumn, StagedProfile},
};
use serde_json::Value;
use std::collections::HashSet;

/// Difference of two shares of nulls that is a change.
const NULL_SHARE_CHANGE: f64 = 0.1;
/// Fewer rows are unique by accident, and so prove no key.
const MIN_KEY_ROWS: u64 = 10;
/// Maximum values that a text lists.
const MAX_VALUES: usize = 5;

/// Compares a profile with an earlier one of the same columns.
pub fn find_changes(table_name: &str, before: &StagedProfile, after: &StagedProfile) -> Vec<ProfileChange> {
    let rows = |profile: &StagedProfile| profile.measured_rows().filter(|rows| *rows > 0);
    let (Some(rows_before), Some(rows_after)) = (rows(before), rows(after)) else { return Vec::new() };
    let is_complete = before.sampled_rows.is_none() && after.sampled_rows.is_none();
    let mut changes = Vec::new();
    for (old, new) in before.columns.iter().zip(&after.columns) {
        let (old, new) = (Measured { column: old, rows: rows_before }, Measured { column: new, rows: rows_after });
        let mut texts = Vec::new();
        texts.extend(nulls_text(old, new, is_complete));
        if is_complete {
            texts.extend(uniqueness_text(old, new));
            texts.extend(values_texts(old.column, new.column));
        }
        changes.extend(texts.into_iter().map(|text| ProfileChange {
            table: table_name.to_owned(),
            column: new.column.name.clone(),
            text,
        }));
    }
    changes
}

/// A column and the number of rows that its facts are about.
#[derive(Clone, Copy)]
struct Measured<'a> {
    column: &'a StagedColumn,
    rows: u64,
}

impl Measured<'_> {
    fn null_share(self) -> f64 {
        self.column.facts.nulls as f64 / self.rows as f64
    }

    /// Whether the values are those of a key; `None` if that cannot be known.
    fn is_unique(self) -> Option<bool> {
        let facts = &self.column.facts;
        (facts.distinct_exact && self.rows >= MIN_KEY_ROWS).then_some(facts.nulls == 0 && facts.distinct == self.rows)
    }
}

fn nulls_text(old: Measured<'_>, new: Measured<'_>, is_complete: bool) -> Option<String> {
    let (before, after) = (old.null_share(), new.null_share());
    let percent = |share: f64| format!("{}%", (share * 100.0).round());
    if is_complete && before == 0.0 && after > 0.0 {
        return Some(format!("has nulls now, in {} of {} rows", new.column.facts.nulls, new.rows));
    }
    if is_complete && before > 0.0 && after == 0.0 {
        return Some(format!("has no nulls any more, {} before", percent(before)));
    }
    let is_change = (after - before).abs() > NULL_SHARE_CHANGE;
    is_change.then(|| format!("nulls {} → {}", percent(before), percent(after)))
}

fn uniqueness_text(old: Measured<'_>, new: Measured<'_>) -> Option<String> {
    match (old.is_unique()?, new.is_unique()?) {
        (true, false) => {
            Some(format!("is not unique any more, {} distinct values in {} rows", new.column.facts.distinct, new.rows))
        }
        (false, true) => Some(format!("is unique now, in {} rows", new.rows)),
        _ => None,
    }
}

fn values_texts(old: &StagedColumn, new: &StagedColumn) -> Vec<String> {
    let (Some(before), Some(after)) = (&old.facts.values, &new.facts.values) else { return Vec::new() };
    let texts = |values: &[super::answer::FrequentValue]| -> Vec<String> {
        values.iter().map(|found| value_text(&found.value)).collect()
    };
    let (before, after) = (texts(before), texts(after));
    let mut changes = Vec::new();
    if old.facts.values_complete {
        changes.extend(list_text("new", &after, &before));
    }
    if old.facts.values_complete && new.facts.values_complete {
        changes.extend(list_text("vanished", &before, &after));
    }
    changes
}

/// Lists the values that only the first list has, sorted.
fn list_text(label: &str, values: &[String], others: &[String]) -> Option<String> {
    let others: HashSet<_> = others.iter().collect();
    let mut only: Vec<_> = values.iter().filter(|value| !others.contains(value)).map(String::as_str).collect();
    only.sort_unstable();
    let shown = only.iter().take(MAX_VALUES).copied().collect::<Vec<_>>().join(", ");
    match only.len() {
        0 => None,
        1 => Some(format!("{label} value {shown}")),
        count if count > MAX_VALUES => Some(format!("{label} values {shown} and {} more", count - MAX_VALUES)),
        _ => Some(format!("{label} values {shown}")),
    }
}

/// A value as JSON, in which a text has quotes, and control characters are escaped.
fn value_text(value: &Value) -> String {
    value.to_string()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    /// A profile of one column `c`; `facts` override those of a column without nulls whose 4 values are few.
    fn profile(rows: u64, facts: Value) -> StagedProfile {
        let mut column = json!({ "name": "c", "type": "text", "nulls": 0, "distinct": 4, "distinct_exact": true });
        column.as_object_mut().unwrap().extend(facts.as_object().unwrap().clone());
        let table =
            json!({ "catalog": null, "db": "s", "name": "t", "rows": rows, "rows_exact": true, "columns": [column] });
        serde_json::from_value(table).unwrap()
    }

    fn sampled(rows: u64, facts: Value) -> StagedProfile {
        StagedProfile { sampled_rows: Some(10), ..profile(rows, facts) }
    }

    fn texts(before: &StagedProfile, after: &StagedProfile) -> Vec<String> {
        find_changes("s.t", before, after).into_iter().map(|change| change.text).collect()
    }

    fn values(names: &[&str], is_complete: bool) -> Value {
        let values: Vec<_> = names.iter().map(|name| json!({ "value": name, "count": 1 })).collect();
        json!({ "values": values, "values_complete": is_complete })
    }

    #[test]
    fn counts_ranges_and_orders_are_no_change() {
        let before = profile(100, json!({ "min": 1, "max": 5, "mean": 2.5, "nulls": 5, "distinct": 9 }));
        let after = profile(900, json!({ "min": 0, "max": 99, "mean": 9.5, "nulls": 90, "distinct": 60 }));
        assert!(texts(&before, &after).is_empty());
        let before = profile(100, values(&["a", "b"], true));
        assert!(texts(&before, &profile(90, values(&["b", "a"], true))).is_empty());
        assert!(texts(&before, &profile(0, values(&[], true))).is_empty(), "an empty table proves nothing");
    }

    #[test]
    fn new_and_vanished_values_of_a_complete_list_are_changes() {
        let before = profile(100, values(&["a", "b"], true));
        assert_eq!(
            texts(&before, &profile(100, values(&["a", "x\n"], true))),
            ["new value \"x\\n\"", "vanished value \"b\""]
        );
        assert_eq!(texts(&before, &profile(100, values(&["a", "c", "d"], false))), ["new values \"c\", \"d\""]);
        let incomplete = profile(100, values(&["a", "b"], false));
        assert!(texts(&incomplete, &profile(100, values(&["c"], true))).is_empty());
        let many = profile(100, values(&["1", "2", "3", "4", "5", "6", "a", "b"], true));
        assert_eq!(texts(&before, &many), [r#"new values "1", "2", "3", "4", "5" and 1 more"#]);
        let hidden = profile(100, json!({ "hidden": true }));
        assert!(texts(&before, &hidden).is_empty() && texts(&hidden, &before).is_empty());
    }

    #[test]
    fn nulls_that_appear_vanish_or_move_far_are_changes() {
        let nulls = |rows, nulls: u64| profile(rows, json!({ "nulls": nulls }));
        assert_eq!(texts(&nulls(100, 0), &nulls(1000, 1)), ["has nulls now, in 1 of 1000 rows"]);
        assert_eq!(texts(&nulls(100, 5), &nulls(100, 0)), ["has no nulls any more, 5% before"]);
        assert_eq!(texts(&nulls(100, 5), &nulls(100, 16)), ["nulls 5% → 16%"]);
        assert!(texts(&nulls(100, 5), &nulls(100, 15)).is_empty());
        let sample = |nulls: u64| sampled(100, json!({ "nulls": nulls }));
        assert!(texts(&sample(0), &sample(1)).is_empty(), "a sample may have missed it");
        assert_eq!(texts(&sample(0), &sample(50)), ["nulls 0% → 50%"]);
    }

    #[test]
    fn a_key_that_appears_or_breaks_is_a_change() {
        let column = |rows: u64, distinct: u64, exact: bool| {
            profile(rows, json!({ "distinct": distinct, "distinct_exact": exact }))
        };
        assert_eq!(
            texts(&column(20, 20, true), &column(30, 29, true)),
            ["is not unique any more, 29 distinct values in 30 rows"]
        );
        assert_eq!(texts(&column(20, 19, true), &column(30, 30, true)), ["is unique now, in 30 rows"]);
        assert!(texts(&column(20, 20, true), &column(30, 29, false)).is_empty());
        assert!(texts(&column(9, 9, true), &column(30, 29, true)).is_empty());
        let sample = |distinct: u64| sampled(100, json!({ "distinct": distinct }));
        assert!(texts(&sample(100), &sample(99)).is_empty());
    }
}
