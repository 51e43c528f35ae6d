//! Joins that imported models have.

use super::names::TableNames;
use crate::{
    ingest::models::{ImportedModels, joins_of},
    ports::UsedColumn,
    relationships::{JoinOrigin, Table, TableColumns, WrittenJoin},
};

/// Returns the joins of imported models between tables of the scan.
pub fn model_joins(models: &ImportedModels, connection_id: &str, tables: &[Table]) -> Vec<WrittenJoin> {
    let names = TableNames::new(tables);
    let find = |columns: &[UsedColumn]| {
        let found = columns.iter().map(|column| {
            let table = (column.catalog.as_deref(), column.db.as_deref(), column.table.as_str());
            names.find_used(tables, table, &column.column)
        });
        found.collect::<Option<Vec<_>>>()?.into_iter().reduce(join_columns)
    };
    let joins = models.explores.iter().flat_map(|explore| joins_of(explore, connection_id));
    let written = |(left, right)| WrittenJoin { left, right, count: 1, origin: JoinOrigin::Model };
    joins.filter_map(|join| Some(written((find(&join.left)?, find(&join.right)?)))).collect()
}

/// Adds the columns of a table to others of the same table.
fn join_columns(mut columns: TableColumns, others: TableColumns) -> TableColumns {
    columns.columns.extend(others.columns);
    columns
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn joins_are_those_of_scanned_columns_in_any_letter_case() {
        let table = |name: &str, columns: &[&str]| {
            let columns: Vec<_> = columns.iter().map(|name| json!({ "name": name, "type": "int" })).collect();
            serde_json::from_value(json!({ "db": "s", "name": name, "columns": columns })).unwrap()
        };
        let tables: [Table; 2] = [table("ORDERS", &["CUSTOMER_ID"]), table("CUSTOMERS", &["ID"])];
        let explore = |sql_on: &str| {
            let dimension = |name, sql| json!({ "name": name, "type": "number", "sql": sql });
            let table = |name| json!({ "view": name, "alias": name, "ok": true, "schema": "s", "name": name, "connection": "w" });
            serde_json::from_value(json!({
                "joins": [{ "name": "customers", "sql_on": sql_on }],
                "fields": { "dimensions": [
                    dimension("orders.customer_id", "${TABLE}.customer_id"), dimension("customers.id", "${TABLE}.id"),
                    dimension("customers.gone", "${TABLE}.gone"),
                ] },
                "physicalTables": [table("orders"), table("customers")],
            }))
            .unwrap()
        };
        let explores = vec![
            explore("${orders.customer_id} = ${customers.id}"),
            explore("${orders.customer_id} = ${customers.gone}"),
        ];
        let models = ImportedModels { explores, ..ImportedModels::default() };
        let joins = model_joins(&models, "w", &tables);
        assert_eq!(joins.len(), 1);
        assert_eq!(
            (&joins[0].left.columns, &joins[0].right.name),
            (&vec!["CUSTOMER_ID".to_owned()], &"CUSTOMERS".to_owned())
        );
        assert_eq!(joins[0].origin, JoinOrigin::Model);
    }
}
