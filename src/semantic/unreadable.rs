//! Leaves out the tables and columns that the user of a connection sees but may not read.

use super::{foreign_keys::Link, table::Table};
use std::collections::HashSet;

/// Removes the tables and columns that the user may not read, and the links that use them. Returns warnings with names.
pub(super) fn leave_out_unreadable(tables: &mut Vec<Table>, links: &mut Vec<Link>) -> Vec<String> {
    let is_unreadable = |table: &Table| table.readable == Some(false);
    let names: Vec<_> = tables.iter().filter(|table| is_unreadable(table)).map(Table::qualified_name).collect();
    tables.retain(|table| !is_unreadable(table));
    links.retain(|link| !names.contains(&link.from_table) && !names.contains(&link.to_table));
    let of_tables = names.first().map(|first| match names.len() {
        1 => format!("The user may not read the table {first}, which has no source"),
        count => format!("The user may not read {count} tables, such as {first}, which have no sources"),
    });
    of_tables.into_iter().chain(leave_out_columns(tables, links)).collect()
}

/// Removes columns. A primary key that loses one is none.
fn leave_out_columns(tables: &mut [Table], links: &mut Vec<Link>) -> Option<String> {
    let mut removed = HashSet::new();
    let mut first = None;
    for table in tables {
        let name = table.qualified_name();
        let hidden = table.columns.iter().filter(|column| column.readable == Some(false));
        let loses_key = hidden.clone().any(|column| column.primary_key);
        removed.extend(hidden.map(|column| (name.clone(), column.name.clone())));
        table.columns.retain(|column| column.readable != Some(false));
        for column in &mut table.columns {
            column.primary_key &= !loses_key;
        }
        first = first.or_else(|| (!removed.is_empty()).then_some(name));
    }
    let first = first?;
    let is_readable = |table: &String, columns: &[String]| {
        columns.iter().all(|column| !removed.contains(&(table.clone(), column.clone())))
    };
    links.retain(|link| {
        is_readable(&link.from_table, &link.from_columns) && is_readable(&link.to_table, &link.to_columns)
    });
    let count = removed.len();
    Some(format!("The user may not read {count} columns, such as of {first}, which are in no source"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::semantic::foreign_keys::resolve_links;
    use serde_json::{Value, json};

    fn table(name: &str, readable: Value, refers_to: Option<&str>) -> Table {
        let key = |to| json!({ "from_column": "id", "to_schema": "s", "to_table": to, "to_column": "id", "constraint_name": null });
        let keys: Vec<_> = refers_to.map(key).into_iter().collect();
        let column = json!({ "name": "id", "type": "int", "nullable": false, "primary_key": true, "comment": null });
        let table = json!({ "name": name, "db": "s", "columns": [column], "foreign_keys": keys, "readable": readable });
        serde_json::from_value(table).unwrap()
    }

    #[test]
    fn unreadable_tables_have_no_sources_and_no_links() {
        let mut tables = vec![
            table("a", Value::Null, Some("b")),
            table("b", false.into(), None),
            table("c", true.into(), Some("a")),
        ];
        let (mut links, _) = resolve_links(&tables);
        assert_eq!(links.len(), 2);
        let warning = leave_out_unreadable(&mut tables, &mut links).remove(0);
        assert_eq!(warning, "The user may not read the table s.b, which has no source");
        assert_eq!(tables.iter().map(|table| table.name.as_str()).collect::<Vec<_>>(), ["a", "c"]);
        assert_eq!(links.iter().map(|link| link.from_table.as_str()).collect::<Vec<_>>(), ["s.c"]);
        assert!(leave_out_unreadable(&mut tables, &mut links).is_empty());
    }

    #[test]
    fn unreadable_columns_have_no_links_and_keep_no_key() {
        let mut tables = vec![table("a", Value::Null, Some("b")), table("b", Value::Null, None)];
        for column in &mut tables[1].columns {
            column.readable = Some(false);
        }
        let (mut links, _) = resolve_links(&tables);
        let warnings = leave_out_unreadable(&mut tables, &mut links);
        assert_eq!(warnings, ["The user may not read 1 columns, such as of s.b, which are in no source"]);
        assert!(links.is_empty() && tables[1].columns.is_empty());
    }
}
