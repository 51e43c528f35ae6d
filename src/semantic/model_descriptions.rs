//! Descriptions of imported models, for tables and columns without a comment in the database.

use super::{relationships::ScannedColumns, table::Table};
use crate::{
    ingest::models::{Description, describe, read_models},
    project::Project,
};
use std::collections::{BTreeMap, BTreeSet};

/// Adds the descriptions of imported models as comments. What several models describe in other words stays without one.
/// Returns warnings about models that cannot be read. Blocks.
pub(super) fn add_model_descriptions(project: &Project, connection_id: &str, tables: &mut [Table]) -> Vec<String> {
    let models = read_models(&project.dir, &project.looker_connections(), project.environment.as_deref());
    let descriptions = models.explores.iter().flat_map(|explore| describe(explore, connection_id));
    add_descriptions(connection_id, tables, descriptions);
    models.warnings
}

fn add_descriptions(connection_id: &str, tables: &mut [Table], descriptions: impl Iterator<Item = Description>) {
    let scanned = ScannedColumns::new(connection_id, tables);
    let mut found: BTreeMap<_, BTreeSet<_>> = BTreeMap::new();
    for Description { catalog, schema, table, column, text } in descriptions {
        let parts = (catalog.as_deref(), schema.as_deref(), table.as_str());
        if let Some(place) = scanned.position_of_parts(parts, column.as_deref()) {
            found.entry(place).or_default().insert(text);
        }
    }
    for ((table, column), texts) in found {
        let mut texts = texts.into_iter();
        let Some(text) = texts.next().filter(|_| texts.next().is_none()) else { continue };
        let table = &mut tables[table];
        let comment = match column {
            None => Some(&mut table.comment),
            Some(name) => table.columns.iter_mut().find(|column| column.name == name).map(|column| &mut column.comment),
        };
        if let Some(comment) = comment {
            comment.get_or_insert(text);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn described(descriptions: &[(Option<&str>, &str)]) -> (Option<String>, Option<String>) {
        let column =
            json!({ "name": "status", "type": "text", "nullable": true, "primary_key": false, "comment": null });
        let table = json!({ "db": "s", "name": "orders", "comment": "Sales", "columns": [column] });
        let mut tables = [serde_json::from_value(table).unwrap()];
        let descriptions = descriptions.iter().map(|(column, text)| Description {
            catalog: Some("shop".into()),
            schema: Some("S".into()),
            table: "Orders".into(),
            column: column.map(Into::into),
            text: (*text).into(),
        });
        add_descriptions("w", &mut tables, descriptions);
        let [table] = tables;
        (table.comment, table.columns.into_iter().next().unwrap().comment)
    }

    #[test]
    fn descriptions_are_used_where_the_database_has_none() {
        let (sales, state) = (Some("Sales".to_owned()), Some("State".to_owned()));
        assert_eq!(
            described(&[(None, "Other"), (Some("STATUS"), "State"), (Some("gone"), "x")]),
            (sales.clone(), state)
        );
        assert_eq!(described(&[(Some("status"), "a"), (Some("status"), "b")]), (sales, None), "ambiguous");
    }
}
