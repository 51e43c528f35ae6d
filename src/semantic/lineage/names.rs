//! Finds the scanned table that a reference in a statement names.

use crate::semantic::{affected::is_same, table::Table};
use std::collections::HashMap;

/// The names of the scanned tables.
pub(super) struct Names<'a> {
    by_bare_name: HashMap<String, Vec<(Vec<String>, &'a Table)>>,
}

/// What a reference names.
pub(super) enum Named {
    /// A scanned table, by its name with its schema.
    Scanned(String),
    /// A table that the scan does not have.
    Other(String),
    /// One of several scanned tables.
    Ambiguous(String),
}

impl<'a> Names<'a> {
    pub(super) fn new(tables: &'a [Table]) -> Self {
        let mut by_bare_name: HashMap<String, Vec<_>> = HashMap::new();
        for table in tables {
            by_bare_name.entry(table.name.to_lowercase()).or_default().push((table.parts(), table));
        }
        Self { by_bare_name }
    }

    /// Finds the table of a reference, of which any qualifiers may be missing. An exact name is preferred to one in another
    /// letter case.
    pub(super) fn find(&self, reference: &[String]) -> Named {
        let bare = reference.last().map(|name| name.to_lowercase()).unwrap_or_default();
        let same = || self.by_bare_name.get(&bare).into_iter().flatten().filter(|(parts, _)| is_same(reference, parts));
        let exact = same().filter(|(parts, _)| parts.ends_with(reference));
        match (exact.collect::<Vec<_>>().as_slice(), same().collect::<Vec<_>>().as_slice()) {
            ([(_, table)], _) | (_, [(_, table)]) => Named::Scanned(table.qualified_name()),
            (_, []) => Named::Other(reference.join(".")),
            _ => Named::Ambiguous(reference.join(".")),
        }
    }
}
