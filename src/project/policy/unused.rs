//! Warnings about patterns that match nothing.

use super::{Pattern, Policy};

impl Policy {
    /// A warning for each pattern of tables and of columns that is unused.
    pub fn unused_warnings(
        &self,
        is_table_unused: impl Fn(&Pattern) -> bool,
        is_column_unused: impl Fn(&Pattern) -> bool,
    ) -> Vec<String> {
        let tables = self.table_patterns().filter(|(_, pattern)| is_table_unused(pattern));
        let columns = self.column_patterns().filter(|(_, pattern)| is_column_unused(pattern));
        tables.map(|found| warning(found, "table")).chain(columns.map(|found| warning(found, "column"))).collect()
    }
}

fn warning((key, pattern): (&str, &Pattern), what: &str) -> String {
    format!("The pattern '{}' of policy.{key} matches no {what} of this scan", pattern.text())
}
