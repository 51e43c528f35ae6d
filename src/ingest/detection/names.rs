//! Finds the tables and columns of a scan by the names that people write.

use crate::{
    ingest::qualified_name::qualified_name,
    relationships::{Table, TableColumns},
};

/// Finds columns of a table by its name as in reports, or with dots between unquoted parts, with or without its schema.
pub fn find_columns(tables: &[Table], table: &str, columns: &[String]) -> Option<TableColumns> {
    let names = |found: &Table| {
        let [catalog, db] = [&found.catalog, &found.db].map(Option::as_deref);
        let plain = |parts: &[Option<&str>]| parts.iter().flatten().copied().collect::<Vec<_>>().join(".");
        [
            qualified_name(catalog, db, &found.name),
            qualified_name(None, db, &found.name),
            plain(&[catalog, db, Some(&found.name)]),
            plain(&[db, Some(&found.name)]),
            found.name.clone(),
        ]
    };
    let found = only(tables, |found| names(found).iter().any(|name| name == table))
        .or_else(|| only(tables, |found| names(found).iter().any(|name| is_same(name, table))))?;
    with_columns(found, columns)
}

/// Finds columns of a table by its parts, of which the catalog and the schema may be missing, in any letter case.
pub(super) fn find_used(
    tables: &[Table],
    (catalog, db, name): (Option<&str>, Option<&str>, &str),
    column: &str,
) -> Option<TableColumns> {
    let has_part = |part: Option<&str>, own: &Option<String>| {
        part.is_none_or(|part| own.as_deref().is_none_or(|own| is_same(own, part)))
    };
    let found = only(tables, |table| {
        is_same(&table.name, name) && has_part(db, &table.db) && has_part(catalog, &table.catalog)
    })?;
    with_columns(found, &[column.to_owned()])
}

/// The columns with these names, or with these names in another letter case if that is unambiguous.
fn with_columns(table: &Table, names: &[String]) -> Option<TableColumns> {
    let find = |name: &String| {
        let columns = &table.columns;
        columns
            .iter()
            .find(|column| column.name == *name)
            .or_else(|| only(columns, |column| is_same(&column.name, name)))
            .map(|column| column.name.clone())
    };
    Some(TableColumns {
        catalog: table.catalog.clone(),
        db: table.db.clone(),
        name: table.name.clone(),
        columns: names.iter().map(find).collect::<Option<_>>()?,
    })
}

fn only<T>(items: &[T], is_wanted: impl Fn(&T) -> bool) -> Option<&T> {
    let mut found = items.iter().filter(|item| is_wanted(item));
    found.next().filter(|_| found.next().is_none())
}

fn is_same(left: &str, right: &str) -> bool {
    left.to_lowercase() == right.to_lowercase()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tables() -> Vec<Table> {
        let table = |db: &str, name: &str, columns: &[&str]| {
            let columns: Vec<_> =
                columns.iter().map(|name| serde_json::json!({ "name": name, "type": "int" })).collect();
            let json = serde_json::json!({ "catalog": "shop", "db": db, "name": name, "columns": columns });
            serde_json::from_value(json).unwrap()
        };
        vec![table("public", "Orders", &["id", "ID"]), table("crm", "orders", &["id"]), table("crm", "a.b", &["Id"])]
    }

    fn found(table: &str, column: &str) -> Option<String> {
        let found = find_columns(&tables(), table, &[column.to_owned()])?;
        Some(format!("{}|{}|{}", found.db.unwrap(), found.name, found.columns[0]))
    }

    #[test]
    fn names_are_found_by_all_their_forms_if_they_are_unambiguous() {
        for table in ["Orders", "public.orders", "shop.public.Orders"] {
            assert_eq!(found(table, "ID").as_deref(), Some("public|Orders|ID"), "{table}");
        }
        assert_eq!(found("orders", "ID").as_deref(), Some("crm|orders|id"));
        assert_eq!((found("ORDERS", "id"), found("Orders", "Id"), found("crm.orders", "no")), (None, None, None));
        for table in ["crm.\"a.b\"", "a.b", "crm.a.b"] {
            assert_eq!(found(table, "id").as_deref(), Some("crm|a.b|Id"), "{table}");
        }
    }

    #[test]
    fn used_columns_are_found_in_any_letter_case() {
        let used = |db, name| find_used(&tables(), (None, db, name), "id").map(|found| found.db.unwrap());
        assert_eq!((used(Some("CRM"), "ORDERS").as_deref(), used(None, "orders")), (Some("crm"), None));
    }
}
