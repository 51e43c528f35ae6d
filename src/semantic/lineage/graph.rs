//! Which tables each view reads, and the ways through several views.

use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet, VecDeque};

/// A table or view on the way (`KtxLineageStep`).
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Step {
    /// Number of reads between them: 1 for a direct one.
    pub steps: usize,
    /// Name, with its schema.
    pub table: String,
    /// `false` if the newest scan does not have it.
    #[serde(skip_serializing_if = "Clone::clone")]
    pub scanned: bool,
}

/// The tables that views read.
#[derive(Debug, Default)]
pub(super) struct Graph {
    reads: BTreeMap<String, BTreeSet<String>>,
    read_by: BTreeMap<String, BTreeSet<String>>,
}

impl Graph {
    /// Adds that a view reads a table.
    pub(super) fn add(&mut self, view: &str, table: &str) {
        self.reads.entry(view.to_owned()).or_default().insert(table.to_owned());
        self.read_by.entry(table.to_owned()).or_default().insert(view.to_owned());
    }

    /// Returns the tables that a view reads, also through other views, with the fewest steps, nearest first.
    pub(super) fn upstream(&self, view: &str, is_scanned: impl Fn(&str) -> bool) -> Vec<Step> {
        walk(&self.reads, view, is_scanned)
    }

    /// Returns the views that read a table, also through other views, like [`Self::upstream`].
    pub(super) fn downstream(&self, table: &str) -> Vec<Step> {
        walk(&self.read_by, table, |_| true)
    }
}

fn walk(edges: &BTreeMap<String, BTreeSet<String>>, start: &str, is_scanned: impl Fn(&str) -> bool) -> Vec<Step> {
    let (mut seen, mut found) = (BTreeSet::from([start]), Vec::new());
    let mut queue = VecDeque::from([(start, 0)]);
    while let Some((name, steps)) = queue.pop_front() {
        for next in edges.get(name).into_iter().flatten() {
            if seen.insert(next) {
                found.push(Step { steps: steps + 1, table: next.clone(), scanned: is_scanned(next) });
                queue.push_back((next, steps + 1));
            }
        }
    }
    found.sort();
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ways_are_the_shortest_and_end_in_cycles() {
        let mut graph = Graph::default();
        for (view, table) in [("c", "b"), ("b", "a"), ("c", "a"), ("a", "c"), ("d", "c")] {
            graph.add(view, table);
        }
        let names =
            |steps: Vec<Step>| steps.iter().map(|step| format!("{}{}", step.steps, step.table)).collect::<Vec<_>>();
        assert_eq!(names(graph.upstream("d", |_| true)), ["1c", "2a", "2b"]);
        assert_eq!(names(graph.downstream("a")), ["1b", "1c", "2d"]);
        assert!(graph.upstream("x", |_| true).is_empty());
        assert!(!graph.upstream("d", |name| name != "c")[0].scanned);
    }
}
