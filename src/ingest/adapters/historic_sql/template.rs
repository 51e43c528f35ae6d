//! A query template: statements of the same fingerprint, with the sums of their statistics.

use super::log_counts::LogCounts;
use crate::{
    ports::{ColumnUsage, DayCounts, TableName},
    project::policy::{self, Policy},
};
use indexmap::IndexMap;
use serde::{Deserialize, Serialize};
use std::{cmp::Ordering, collections::BTreeMap};

/// A staged template. Literals of its statements are not staged.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Template {
    /// Id of the template: equal for statements that differ in literals, lengths of lists, comments and names of aliases.
    pub fingerprint: String,
    /// sqlglot's name of the SQL.
    pub dialect: String,
    /// The first of its statements, with `?` for each literal.
    pub normalized_sql: String,
    /// Physical tables, in order of appearance.
    pub tables: Vec<TableName>,
    /// Columns by clause.
    pub columns_by_clause: IndexMap<String, Vec<String>>,
    /// Types of the literals.
    pub(super) literal_slots: Vec<StagedSlot>,
    /// Usage of columns whose tables are certain.
    #[serde(default)]
    pub usage: ColumnUsage,
    /// Number of executions.
    pub calls: i64,
    /// Total time, in milliseconds.
    pub total_ms: f64,
    /// Mean time of a call, in milliseconds.
    pub mean_ms: f64,
    /// Total number of rows.
    pub rows: i64,
    /// Number of statements that the database counts separately.
    pub statements: usize,
    /// Whether all its calls were within functions.
    pub nested: bool,
    #[serde(flatten)]
    pub(super) log: LogCounts,
}

impl Template {
    /// Adds calls; `tool` is the kind of caller that a comment names.
    pub(super) fn add(&mut self, counts: &DayCounts, tool: Option<&str>) {
        self.calls += counts.calls;
        self.total_ms += counts.total_ms;
        self.mean_ms = self.total_ms / self.calls.max(1) as f64;
        self.rows += counts.rows;
        self.log.add(counts, tool);
    }

    /// Calls by the kind of caller: `person`, `service_account`, `scheduler` or `bi_tool`; empty if unknown.
    pub fn callers(&self) -> &BTreeMap<String, i64> {
        &self.log.callers
    }

    /// Whether it names a denied table, or a denied column in a statement on its table.
    pub(in crate::ingest) fn names_denied(&self, policy: &Policy) -> bool {
        let columns = || self.columns_by_clause.values().flatten();
        policy.denies()
            && self
                .tables
                .iter()
                .map(policy_name)
                .any(|table| policy.table_denied(table) || columns().any(|column| policy.column_denied(table, column)))
    }

    /// The statement on one line.
    pub(super) fn statement_line(&self) -> String {
        self.normalized_sql.split_whitespace().collect::<Vec<_>>().join(" ")
    }

    /// Whether its counts are those of a window of time, not of all time.
    pub(super) fn is_windowed(&self) -> bool {
        self.log.last_seen_ms.is_some()
    }

    /// Compares by total time, the longest first, then by fingerprint.
    pub fn by_total_time(&self, other: &Self) -> Ordering {
        other.total_ms.total_cmp(&self.total_ms).then_with(|| self.fingerprint.cmp(&other.fingerprint))
    }
}

/// A literal of the normalised statement.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct StagedSlot {
    pub(super) position: u32,
    pub(super) r#type: String,
}

fn policy_name(table: &TableName) -> policy::TableName<'_> {
    policy::TableName { catalog: table.catalog.as_deref(), schema: table.db.as_deref(), name: &table.name }
}
