//! Counts that only some databases have: bytes, cost, errors, users, callers and times.

use crate::ports::DayCounts;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// Maximum hashes of users of one template: the first in their order, which does not depend on that of the days.
const MAX_USERS: usize = 20;

/// Counts of a template; absent where the database has none, and in files of older versions.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub(super) struct LogCounts {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    bytes: Option<i64>,
    /// Bytes that were billed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    bytes_billed: Option<i64>,
    /// Time of the database's computing units, in milliseconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    slot_ms: Option<i64>,
    /// Credits that were used.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    credits: Option<f64>,
    /// Number of calls that failed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    errors: Option<i64>,
    /// Hashes of the names of users, at most [`MAX_USERS`].
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    users: BTreeSet<String>,
    /// Tables that the calls read, through views, too, as the database names them.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    accessed_tables: BTreeSet<String>,
    /// Times of the first and the last call in the window, in milliseconds since 1970.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    first_seen_ms: Option<i64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) last_seen_ms: Option<i64>,
    /// Calls by the kind of caller, as far as it is known.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub(super) callers: BTreeMap<String, i64>,
}

impl LogCounts {
    /// Adds calls; a `tool` that a comment names is more certain than the callers that the database knows.
    pub(super) fn add(&mut self, counts: &DayCounts, tool: Option<&str>) {
        for (kind, calls) in callers(counts, tool) {
            *self.callers.entry(kind).or_default() += calls;
        }
        self.bytes = sum(self.bytes, counts.bytes);
        self.bytes_billed = sum(self.bytes_billed, counts.bytes_billed);
        self.slot_ms = sum(self.slot_ms, counts.slot_ms);
        self.credits = sum(self.credits, counts.credits);
        self.errors = sum(self.errors, counts.errors);
        self.users.extend(counts.users.iter().flatten().cloned());
        while self.users.len() > MAX_USERS {
            self.users.pop_last();
        }
        self.accessed_tables.extend(counts.accessed_tables.iter().flatten().cloned());
        // Without a last call, the first time is when the counting began.
        if counts.last_seen_ms.is_some() {
            self.first_seen_ms = self.first_seen_ms.into_iter().chain(counts.since_ms).min();
            self.last_seen_ms = self.last_seen_ms.max(counts.last_seen_ms);
        }
    }
}

/// Adds the counts of calls of the same day.
pub(super) fn add_to_day(day: &mut DayCounts, counts: &DayCounts, tool: Option<&str>) {
    day.calls += counts.calls;
    day.total_ms += counts.total_ms;
    day.rows += counts.rows;
    day.since_ms = day.since_ms.into_iter().chain(counts.since_ms).min();
    day.last_seen_ms = day.last_seen_ms.max(counts.last_seen_ms);
    day.bytes = sum(day.bytes, counts.bytes);
    day.bytes_billed = sum(day.bytes_billed, counts.bytes_billed);
    day.slot_ms = sum(day.slot_ms, counts.slot_ms);
    day.credits = sum(day.credits, counts.credits);
    day.errors = sum(day.errors, counts.errors);
    day.users = unite(day.users.take(), &counts.users, MAX_USERS);
    day.accessed_tables = unite(day.accessed_tables.take(), &counts.accessed_tables, usize::MAX);
    let known = day.callers.get_or_insert_default();
    for (kind, calls) in callers(counts, tool) {
        *known.entry(kind).or_default() += calls;
    }
}

/// Returns the first texts in their order of those of both.
fn unite(left: Option<Vec<String>>, right: &Option<Vec<String>>, limit: usize) -> Option<Vec<String>> {
    let Some(right) = right else { return left };
    let known: BTreeSet<_> = left.into_iter().flatten().chain(right.iter().cloned()).collect();
    Some(known.into_iter().take(limit).collect())
}

fn callers(counts: &DayCounts, tool: Option<&str>) -> BTreeMap<String, i64> {
    match tool {
        Some(tool) => [(tool.to_owned(), counts.calls)].into(),
        None => counts.callers.clone().unwrap_or_default(),
    }
}

fn sum<N: std::ops::Add<Output = N> + Copy>(total: Option<N>, more: Option<N>) -> Option<N> {
    match (total, more) {
        (Some(total), Some(more)) => Some(total + more),
        (total, more) => total.or(more),
    }
}
