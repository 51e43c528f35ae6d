//! The views of an explore that are tables of a connection, and their dimensions that are columns.

use crate::{
    ingest::adapters::looker::{PhysicalTable, StagedDimension, StagedExplore},
    ports::UsedColumn,
    project::table_reference::parse_reference,
};
use std::collections::HashMap;

/// Maximum references from one dimension to another.
const MAX_REFERENCES: usize = 8;

/// The views of an explore by their names in its fields.
pub(super) struct Views<'a> {
    base: Option<&'a str>,
    tables: HashMap<&'a str, &'a PhysicalTable>,
    dimensions: HashMap<&'a str, &'a StagedDimension>,
}

impl<'a> Views<'a> {
    /// Indexes the views of an explore that are tables of a connection.
    pub(super) fn new(explore: &'a StagedExplore, connection_id: &str) -> Self {
        let all = explore.tables.as_deref().unwrap_or_default();
        let mut names: HashMap<_, _> = all.iter().map(|table| (table.alias.as_str(), table)).collect();
        // Fields of the base view have the name of the view, or of the explore if it is renamed there.
        if let Some(base) = all.first() {
            names.entry(base.view.as_str()).or_insert(base);
        }
        let is_own = |table: &&PhysicalTable| table.ok && table.connection.as_deref() == Some(connection_id);
        let dimensions = explore.fields.dimensions.iter().map(|found| (found.name.as_str(), found)).collect();
        let base = all.first().map(|base| base.alias.as_str());
        Self { base, tables: names.into_iter().filter(|(_, table)| is_own(table)).collect(), dimensions }
    }

    /// The table of the base view.
    pub(super) fn base_table(&self) -> Option<&'a PhysicalTable> {
        self.tables.get(self.base?).copied()
    }

    /// The column that has the values of a dimension, named with its view.
    pub(super) fn column(&self, field: &str) -> Option<UsedColumn> {
        self.expressed_column(field, is_plain)
    }

    /// The column that a dimension is computed from alone, if its type, and those of the dimensions that it refers to,
    /// are of a kind.
    pub(super) fn expressed_column(&self, field: &str, is_of_kind: fn(&str) -> bool) -> Option<UsedColumn> {
        let (view, _) = field.split_once('.')?;
        let table = self.tables.get(view)?;
        let mut name = field.to_owned();
        for _ in 0..MAX_REFERENCES {
            let dimension = self.dimensions.get(name.as_str())?;
            dimension.kind.as_deref().filter(|kind| is_of_kind(kind))?;
            let sql = dimension.sql.as_deref()?.trim();
            let Some(other) = sql.strip_prefix("${").and_then(|rest| rest.strip_suffix('}')) else {
                let column = only_column(sql)?;
                let name = table.name.clone()?;
                return Some(UsedColumn {
                    catalog: table.catalog.clone(),
                    db: table.schema.clone(),
                    table: name,
                    column,
                });
            };
            name = format!("{view}.{}", other.trim());
        }
        None
    }

    /// The dimension that is the only key of a view.
    pub(super) fn primary_key(&self, view: &str) -> Option<&'a str> {
        let of_view = |name: &str| name.split_once('.').is_some_and(|(of, _)| of == view);
        let keys = self.dimensions.values().filter(|found| found.primary_key == Some(true) && of_view(&found.name));
        let mut keys = keys.map(|found| found.name.as_str());
        keys.next().filter(|_| keys.next().is_none())
    }

    /// The name of a field with its view, which may be left out for the base view.
    pub(super) fn qualified(&self, field: &str) -> Option<String> {
        if field.contains('.') { Some(field.to_owned()) } else { Some(format!("{}.{field}", self.base?)) }
    }
}

/// Whether a dimension of a type has the value of its expression, unlike a tier, or a date of a time.
pub(super) fn is_plain(kind: &str) -> bool {
    ["string", "number", "zipcode", "date_raw"].contains(&kind)
}

/// The column of an expression that is one, such as `${TABLE}.id`.
fn only_column(sql: &str) -> Option<String> {
    let name = sql.strip_prefix("${TABLE}")?.trim_start().strip_prefix('.')?.trim_start();
    let mut parts = parse_reference(name)?;
    let column = parts.pop().filter(|_| parts.is_empty())?;
    let is_quoted = name.starts_with(['"', '`', '[']);
    let is_name = !column.is_empty() && column.chars().all(|c| c.is_alphanumeric() || c == '_' || c == '$');
    (is_quoted || is_name).then_some(column)
}

#[cfg(test)]
mod tests {
    use super::{super::fixture::explore, *};

    #[test]
    fn dimensions_are_columns_if_they_have_their_values() {
        let explore = explore(&[]);
        let views = Views::new(&explore, "w");
        let column = |field| views.column(field).map(|found| format!("{}.{}", found.table, found.column));
        assert_eq!(column("orders.customer_id").as_deref(), Some("orders.customer_id"));
        assert_eq!(column("orders.customer").as_deref(), Some("orders.customer_id"), "a reference");
        assert_eq!(column("buyers.id").as_deref(), Some("customers.customer id"), "quoted");
        assert_eq!(column("orders.moment").as_deref(), Some("orders.created_at"), "without conversion");
        for field in ["orders.day", "orders.total", "orders.loop", "elsewhere.id", "orders.no", "none.id"] {
            assert_eq!(column(field), None, "{field}");
        }
        for field in ["orders.level_number", "orders.day_text", "orders.hidden_reference"] {
            assert_eq!(column(field), None, "{field} refers to a changed value");
        }
    }

    #[test]
    fn expressions_of_one_column_are_recognised() {
        for (sql, expected) in [
            ("${TABLE}.id", Some("id")),
            ("${TABLE} . \"a.b\"", Some("a.b")),
            ("${TABLE}.`größe`", Some("größe")),
            ("${TABLE}.[a b]", Some("a b")),
            ("${TABLE}.a.b", None),
            ("${TABLE}.a + 1", None),
            ("${TABLE}.a::text", None),
            ("id", None),
        ] {
            assert_eq!(only_column(sql).as_deref(), expected, "{sql}");
        }
    }
}
