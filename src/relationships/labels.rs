//! Names of tables in the output.

use super::input::Table;
use std::collections::BTreeSet;

/// Returns the names of tables, in their order: `schema.table`, with the database if there are several.
pub(super) fn labels<'a>(tables: impl Iterator<Item = &'a Table> + Clone) -> Vec<String> {
    let has_catalogs = tables.clone().map(|table| &table.catalog).collect::<BTreeSet<_>>().len() > 1;
    let label = |table: &Table| {
        let parts = [table.catalog.as_deref().filter(|_| has_catalogs), table.db.as_deref(), Some(&table.name)];
        parts.into_iter().flatten().collect::<Vec<_>>().join(".")
    };
    tables.map(label).collect()
}
