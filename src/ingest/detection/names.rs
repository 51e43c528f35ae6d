//! Finds the tables and columns of a scan by the names that people write.

use crate::{
    ingest::qualified_name::{join_parts, qualified_name},
    project::{letter_case, table_reference::parse_reference},
    relationships::{Table, TableColumns},
};
use std::collections::HashMap;

/// Positions of tables by the forms of their names.
pub struct TableNames {
    /// By all forms that people write; `None` for a form of several tables.
    exact: HashMap<String, Option<usize>>,
    folded: HashMap<String, Option<usize>>,
    /// By the last part in lower case.
    by_name: HashMap<String, Vec<usize>>,
}

impl TableNames {
    /// Indexes tables.
    pub fn new(tables: &[Table]) -> Self {
        let mut names = Self { exact: HashMap::new(), folded: HashMap::new(), by_name: HashMap::new() };
        for (position, table) in tables.iter().enumerate() {
            for form in forms(table) {
                insert(&mut names.folded, form.to_lowercase(), position);
                insert(&mut names.exact, form, position);
            }
            names.by_name.entry(table.name.to_lowercase()).or_default().push(position);
        }
        names
    }

    /// Finds the only table with a name as in reports, in the quotes of any dialect, or with dots between unquoted parts,
    /// with or without its schema.
    pub fn position(&self, name: &str) -> Option<usize> {
        let of_parts = || self.position_of_form(&join_parts(parse_reference(name)?.iter().map(String::as_str)));
        self.position_of_form(name).or_else(of_parts)
    }

    fn position_of_form(&self, name: &str) -> Option<usize> {
        let exact = self.exact.get(name).copied().flatten();
        exact.or_else(|| self.folded.get(&name.to_lowercase()).copied().flatten())
    }

    /// Finds a column by the parts of the name of its table, of which the catalog and the schema may be missing, in any
    /// letter case. `tables` are the indexed ones.
    pub(super) fn find_used(
        &self,
        tables: &[Table],
        table: (Option<&str>, Option<&str>, &str),
        column: &str,
    ) -> Option<TableColumns> {
        columns_of(&tables[self.position_of_parts(tables, table)?], &[column.to_owned()])
    }

    /// Finds the only table by the parts of its name, as [`Self::find_used`].
    pub fn position_of_parts(
        &self,
        tables: &[Table],
        (catalog, db, name): (Option<&str>, Option<&str>, &str),
    ) -> Option<usize> {
        let has_part = |part: Option<&str>, own: &Option<String>| {
            part.is_none_or(|part| own.as_deref().is_none_or(|own| letter_case::is_same(own, part)))
        };
        let has_parts = |table: &Table| has_part(db, &table.db) && has_part(catalog, &table.catalog);
        let named = self.by_name.get(&name.to_lowercase())?.iter().copied();
        let mut found = named.filter(|position| has_parts(&tables[*position]));
        found.next().filter(|_| found.next().is_none())
    }
}

/// The columns of a table with these names, also in the quotes of any dialect, or in another letter case if that is
/// unambiguous.
pub fn columns_of(table: &Table, names: &[String]) -> Option<TableColumns> {
    let find_name = |name: &str| letter_case::find(&table.columns, name, |column| &column.name);
    let find_quoted = |name: &str| match parse_reference(name)?.as_slice() {
        [only] => find_name(only),
        _ => None,
    };
    let find = |name: &String| Some(find_name(name).or_else(|| find_quoted(name))?.name.clone());
    Some(TableColumns {
        catalog: table.catalog.clone(),
        db: table.db.clone(),
        name: table.name.clone(),
        columns: names.iter().map(find).collect::<Option<_>>()?,
    })
}

fn forms(table: &Table) -> [String; 6] {
    let [catalog, db] = [&table.catalog, &table.db].map(Option::as_deref);
    let plain = |parts: &[Option<&str>]| parts.iter().flatten().copied().collect::<Vec<_>>().join(".");
    [
        qualified_name(catalog, db, &table.name),
        qualified_name(None, db, &table.name),
        qualified_name(None, None, &table.name),
        plain(&[catalog, db, Some(&table.name)]),
        plain(&[db, Some(&table.name)]),
        table.name.clone(),
    ]
}

fn insert(positions: &mut HashMap<String, Option<usize>>, form: String, position: usize) {
    let known = positions.entry(form).or_insert(Some(position));
    if *known != Some(position) {
        *known = None;
    }
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
        let tables = tables();
        let found = columns_of(&tables[TableNames::new(&tables).position(table)?], &[column.to_owned()])?;
        Some(format!("{}|{}|{}", found.db.unwrap(), found.name, found.columns[0]))
    }

    #[test]
    fn names_are_found_by_all_their_forms_if_they_are_unambiguous() {
        for table in ["Orders", "public.orders", "shop.public.Orders"] {
            assert_eq!(found(table, "ID").as_deref(), Some("public|Orders|ID"), "{table}");
        }
        assert_eq!(found("orders", "ID").as_deref(), Some("crm|orders|id"));
        assert_eq!((found("ORDERS", "id"), found("Orders", "Id"), found("crm.orders", "no")), (None, None, None));
        for table in ["crm.\"a.b\"", "a.b", "crm.a.b", "\"a.b\"", "`crm`.`a.b`", "[shop].CRM.[A.B]"] {
            assert_eq!(found(table, "id").as_deref(), Some("crm|a.b|Id"), "{table}");
        }
    }

    #[test]
    fn quotes_are_those_of_any_dialect() {
        for (table, column) in [("\"public\".\"Orders\"", "\"ID\""), ("`Orders`", "`ID`"), ("[public].Orders", "[ID]")]
        {
            assert_eq!(found(table, column).as_deref(), Some("public|Orders|ID"), "{table}");
        }
        assert_eq!(found("\"ORDERS\"", "ID"), None, "ambiguous");
        assert_eq!((found("\"crm.orders\"", "id"), found("crm.orders", "\"i\".\"d\"")), (None, None));
    }

    #[test]
    fn used_columns_are_found_in_any_letter_case() {
        let (tables, names) = (tables(), TableNames::new(&tables()));
        let used = |db, name| names.find_used(&tables, (None, db, name), "id").map(|found| found.db.unwrap());
        assert_eq!((used(Some("CRM"), "ORDERS").as_deref(), used(None, "orders")), (Some("crm"), None));
    }
}
