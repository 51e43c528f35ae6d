//! How the statements of a database use its columns: evidence for relationships, measures and search.

use crate::ports::{ColumnUsage, UsedColumn};
use serde::Serialize;
use std::collections::{BTreeMap, HashMap};

/// File with the usage of all templates.
pub(crate) const USAGE_FILE: &str = "usage.json";

/// The usage of columns in all templates of a run, most calls first (`usage.json`).
#[derive(Debug, Default, Serialize)]
pub(super) struct UsageSummary {
    joins: Vec<CountedJoin>,
    filters: Vec<CountedUse>,
    groupings: Vec<CountedUse>,
    aggregates: Vec<CountedUse>,
}

/// Two columns that statements compare for equality.
#[derive(Debug, Serialize)]
struct CountedJoin {
    left: UsedColumn,
    right: UsedColumn,
    #[serde(flatten)]
    counts: Counts,
}

/// A column, and what statements do with it: operators of filters, functions of aggregates, each with its calls.
#[derive(Debug, Serialize)]
struct CountedUse {
    column: UsedColumn,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    by: BTreeMap<String, i64>,
    #[serde(flatten)]
    counts: Counts,
}

/// Number of templates and of their calls.
#[derive(Debug, Default, Clone, Copy, Serialize)]
struct Counts {
    templates: u64,
    calls: i64,
}

/// Sums the usage of templates. Columns whose names differ in letter case only are one.
#[derive(Debug, Default)]
pub(super) struct UsageCounter {
    joins: HashMap<(String, String), CountedJoin>,
    filters: HashMap<String, CountedUse>,
    groupings: HashMap<String, CountedUse>,
    aggregates: HashMap<String, CountedUse>,
}

impl UsageCounter {
    /// Adds a template.
    pub(super) fn add(&mut self, usage: &ColumnUsage, calls: i64) {
        for join in &usage.joins {
            let key = (key(&join.left), key(&join.right));
            let counted = self.joins.entry(key).or_insert_with(|| CountedJoin {
                left: join.left.clone(),
                right: join.right.clone(),
                counts: Counts::default(),
            });
            counted.counts.add(calls);
        }
        add_uses(&mut self.filters, usage.filters.iter().map(|filter| (&filter.column, Some(&filter.operator))), calls);
        add_uses(&mut self.groupings, usage.groupings.iter().map(|column| (column, None)), calls);
        let aggregates = usage.aggregates.iter().map(|aggregate| (&aggregate.column, Some(&aggregate.function)));
        add_uses(&mut self.aggregates, aggregates, calls);
    }

    /// Returns the sums, most calls first, then by name.
    pub(super) fn into_summary(self) -> UsageSummary {
        let mut joins: Vec<_> = self.joins.into_iter().collect();
        joins.sort_by(|(left, one), (right, other)| {
            other.counts.calls.cmp(&one.counts.calls).then_with(|| left.cmp(right))
        });
        UsageSummary {
            joins: joins.into_iter().map(|(_, join)| join).collect(),
            filters: sorted(self.filters),
            groupings: sorted(self.groupings),
            aggregates: sorted(self.aggregates),
        }
    }
}

impl Counts {
    fn add(&mut self, calls: i64) {
        self.templates += 1;
        self.calls += calls;
    }
}

/// Adds the uses of one template, which counts once for each column.
fn add_uses<'a>(
    counted: &mut HashMap<String, CountedUse>,
    uses: impl Iterator<Item = (&'a UsedColumn, Option<&'a String>)>,
    calls: i64,
) {
    let mut seen = Vec::new();
    for (column, by) in uses {
        let key = key(column);
        let entry = counted.entry(key.clone()).or_insert_with(|| CountedUse {
            column: column.clone(),
            by: BTreeMap::new(),
            counts: Counts::default(),
        });
        if let Some(by) = by {
            *entry.by.entry(by.clone()).or_default() += calls;
        }
        if !seen.contains(&key) {
            entry.counts.add(calls);
            seen.push(key);
        }
    }
}

fn sorted(counted: HashMap<String, CountedUse>) -> Vec<CountedUse> {
    let mut entries: Vec<_> = counted.into_iter().collect();
    entries
        .sort_by(|(left, one), (right, other)| other.counts.calls.cmp(&one.counts.calls).then_with(|| left.cmp(right)));
    entries.into_iter().map(|(_, counted)| counted).collect()
}

fn key(UsedColumn { catalog, db, table, column }: &UsedColumn) -> String {
    let [catalog, db] = [catalog, db].map(|part| part.as_deref().unwrap_or_default());
    format!("{catalog}\0{db}\0{table}\0{column}").to_lowercase()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn usage(value: serde_json::Value) -> ColumnUsage {
        serde_json::from_value(value).unwrap()
    }

    fn column(table: &str, column: &str) -> serde_json::Value {
        json!({ "catalog": null, "db": "public", "table": table, "column": column })
    }

    #[test]
    fn usage_is_summed_over_templates_and_letter_case() {
        let mut counter = UsageCounter::default();
        let join = json!({ "left": column("customers", "id"), "right": column("orders", "customer_id") });
        let other = json!({ "left": column("Customers", "ID"), "right": column("orders", "customer_id") });
        let filters = json!([
            { "column": column("orders", "day"), "operator": ">=" },
            { "column": column("orders", "day"), "operator": "<" },
        ]);
        counter.add(&usage(json!({ "joins": [join], "filters": filters })), 10);
        counter.add(&usage(json!({ "joins": [other], "groupings": [column("orders", "status")] })), 5);
        counter.add(
            &usage(json!({ "aggregates": [{ "function": "sum", "column": column("orders", "amount") }] })),
            i64::from(3),
        );
        let summary = serde_json::to_value(counter.into_summary()).unwrap();
        assert_eq!(
            summary,
            json!({
                "joins": [{
                    "left": column("customers", "id"), "right": column("orders", "customer_id"), "templates": 2, "calls": 15,
                }],
                "filters": [{ "column": column("orders", "day"), "by": { "<": 10, ">=": 10 }, "templates": 1, "calls": 10 }],
                "groupings": [{ "column": column("orders", "status"), "templates": 1, "calls": 5 }],
                "aggregates": [{ "column": column("orders", "amount"), "by": { "sum": 3 }, "templates": 1, "calls": 3 }],
            })
        );
    }

    #[test]
    fn most_called_come_first() {
        let mut counter = UsageCounter::default();
        for (name, calls) in [("b", 1), ("c", 7), ("a", 1)] {
            counter.add(&usage(json!({ "groupings": [column("t", name)] })), calls);
        }
        let names: Vec<_> = counter.into_summary().groupings.into_iter().map(|counted| counted.column.column).collect();
        assert_eq!(names, ["c", "a", "b"]);
    }
}
