//! Leaves out the tables that the user of a connection sees but may not read.

use super::{foreign_keys::Link, table::Table};

/// Removes the tables that the user may not read, and the links to and from them. Returns a warning that names them.
pub(super) fn leave_out_unreadable(tables: &mut Vec<Table>, links: &mut Vec<Link>) -> Option<String> {
    let is_unreadable = |table: &Table| table.readable == Some(false);
    let names: Vec<_> = tables.iter().filter(|table| is_unreadable(table)).map(Table::qualified_name).collect();
    let first = names.first()?;
    tables.retain(|table| !is_unreadable(table));
    links.retain(|link| !names.contains(&link.from_table) && !names.contains(&link.to_table));
    Some(match names.len() {
        1 => format!("The user may not read the table {first}, which has no source"),
        count => format!("The user may not read {count} tables, such as {first}, which have no sources"),
    })
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
        let warning = leave_out_unreadable(&mut tables, &mut links).unwrap();
        assert_eq!(warning, "The user may not read the table s.b, which has no source");
        assert_eq!(tables.iter().map(|table| table.name.as_str()).collect::<Vec<_>>(), ["a", "c"]);
        assert_eq!(links.iter().map(|link| link.from_table.as_str()).collect::<Vec<_>>(), ["s.c"]);
        assert_eq!(leave_out_unreadable(&mut tables, &mut links), None);
    }
}
