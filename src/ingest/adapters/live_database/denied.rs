//! Removes what the data policy denies from the tables of an introspection or of a staged sync.

use super::{
    introspection::{ForeignKey, Table},
    values::hide_values,
};
use crate::{
    ingest::report::LeftOut,
    project::{
        letter_case::Mentions,
        policy::{Pattern, Policy, TableName},
    },
};
use std::collections::HashSet;

/// Removes denied tables and columns, and what uses them: keys, indexes and expressions.
///
/// A primary key that loses a column would not be unique, so that its other columns are not marked either.
pub(super) fn remove_denied(tables: &mut Vec<Table<'_>>, policy: &Policy) -> LeftOut {
    if !policy.denies() {
        return LeftOut::default();
    }
    let patterns = used_patterns(policy, tables);
    remove_definitions(tables, policy);
    let count = tables.len();
    tables.retain(|table| !table.is_denied(policy));
    let (left_out, mut columns) = (count - tables.len(), 0);
    let keyless: HashSet<_> =
        tables.iter().filter(|table| loses_primary_key(table, policy)).map(Target::from).collect();
    for table in tables {
        columns += remove_columns(table, policy);
        remove_foreign_keys(table, policy, &keyless);
    }
    LeftOut { tables: left_out, columns, templates: 0, patterns }
}

/// Returns a warning for each pattern of the policy that matches nothing.
pub(super) fn unused_patterns(tables: &[Table<'_>], policy: &Policy) -> Vec<String> {
    policy.unused_warnings(
        |pattern| !tables.iter().any(is_table(pattern)),
        |pattern| !tables.iter().any(has_column(pattern)),
    )
}

/// Removes what the policy denies from the texts of staged tables, the values of masked columns, and secrets; the order
/// is kept. Errors: a text cannot be parsed.
pub(crate) fn without_denied(texts: &[String], policy: &Policy) -> Result<Vec<String>, serde_json::Error> {
    let mut tables: Vec<Table<'_>> = texts.iter().map(|text| serde_json::from_str(text)).collect::<Result<_, _>>()?;
    remove_denied(&mut tables, policy);
    hide_values(&mut tables, policy);
    tables.iter().map(serde_json::to_string).collect()
}

fn name_of<'a>(table: &'a Table<'_>) -> TableName<'a> {
    TableName { catalog: table.catalog.as_deref(), schema: table.db.as_deref(), name: &table.name }
}

/// The patterns of what is denied that match a table or a column, in the order of `ktx.yaml`.
fn used_patterns(policy: &Policy, found: &[Table<'_>]) -> Vec<String> {
    let tables = policy.table_patterns().filter(|(_, pattern)| found.iter().any(is_table(pattern)));
    let columns = policy.column_patterns().filter(|(key, _)| key.starts_with("deny"));
    let columns = columns.filter(|(_, pattern)| found.iter().any(has_column(pattern)));
    tables.chain(columns).map(|(_, pattern)| pattern.text().to_owned()).collect()
}

fn is_table(pattern: &Pattern) -> impl Fn(&Table<'_>) -> bool {
    |table| pattern.matches_table(name_of(table))
}

fn has_column(pattern: &Pattern) -> impl Fn(&Table<'_>) -> bool {
    |table| table.columns.iter().any(|column| pattern.matches_column(name_of(table), &column.name))
}

/// Removes the denied columns of a table, and returns their number.
fn remove_columns(table: &mut Table<'_>, policy: &Policy) -> usize {
    let removed: HashSet<_> = denied_columns(table, policy).map(str::to_owned).collect();
    if removed.is_empty() {
        return 0;
    }
    let loses_key = loses_primary_key(table, policy);
    table.restricted = true;
    table.columns.retain(|column| !removed.contains(&*column.name));
    let denied: Mentions = removed.iter().map(String::as_str).collect();
    for column in &mut table.columns {
        column.primary_key &= !loses_key;
        column.generated.take_if(|text| denied.are_in(text));
        column.default.take_if(|text| denied.are_in(text));
    }
    table.partition_key.take_if(|text| denied.are_in(text));
    table.sorting_key.take_if(|text| denied.are_in(text));
    table.checks.retain(|check| !denied.are_in(&check.expression));
    table.indexes.retain(|index| !index.columns.iter().any(|column| removed.contains(&**column)));
    table.unique_keys.retain(|key| !key.iter().any(|column| removed.contains(&**column)));
    removed.len()
}

/// Removes the definitions of views that mention the name of a denied table or column.
fn remove_definitions(tables: &mut [Table<'_>], policy: &Policy) {
    let mut names = HashSet::new();
    for table in tables.iter() {
        if table.is_denied(policy) {
            names.insert(table.name.as_str());
        }
        names.extend(denied_columns(table, policy));
    }
    let denied: Mentions = names.into_iter().collect();
    for table in tables {
        table.definition.take_if(|text| denied.are_in(text));
    }
}

fn denied_columns<'a>(table: &'a Table<'_>, policy: &Policy) -> impl Iterator<Item = &'a str> {
    table.columns.iter().map(|column| &*column.name).filter(move |column| table.denies_column(policy, column))
}

fn loses_primary_key(table: &Table<'_>, policy: &Policy) -> bool {
    table.columns.iter().any(|column| column.primary_key && table.denies_column(policy, &column.name))
}

/// Schema and name of a referenced table.
#[derive(PartialEq, Eq, Hash)]
struct Target(Option<String>, String);

impl From<&Table<'_>> for Target {
    fn from(table: &Table<'_>) -> Self {
        Self(table.db.clone(), table.name.clone())
    }
}

/// Removes the foreign keys with a denied column at either end, all columns of a key at once.
fn remove_foreign_keys(table: &mut Table<'_>, policy: &Policy, keyless: &HashSet<Target>) {
    let mut keys: Vec<Vec<ForeignKey<'_>>> = Vec::new();
    for column in std::mem::take(&mut table.foreign_keys) {
        match keys.last_mut().filter(|key| column.continues(&key[0])) {
            Some(key) => key.push(column),
            None => keys.push(vec![column]),
        }
    }
    keys.retain(|key| !key.iter().any(|column| is_denied(table, column, policy, keyless)));
    table.foreign_keys = keys.into_iter().flatten().collect();
}

fn is_denied(table: &Table<'_>, key: &ForeignKey<'_>, policy: &Policy, keyless: &HashSet<Target>) -> bool {
    let schema = key.to_schema.as_ref().or(table.db.as_ref());
    let target = TableName { catalog: None, schema: schema.map(String::as_str), name: &key.to_table };
    table.denies_column(policy, &key.from_column)
        || policy.table_denied(target)
        || match &key.to_column {
            Some(column) => policy.column_denied(target, column),
            None => keyless.contains(&Target(schema.cloned(), key.to_table.to_string())),
        }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::project::Project;
    use serde_json::{Value, json};

    fn policy(deny: &str) -> Policy {
        let text = format!("connections: {{ w: {{ driver: x, policy: {{ deny: {deny} }} }} }}");
        Project::parsed("/p".as_ref(), &text).policy("w").unwrap()
    }

    fn users() -> Value {
        let column = |name: &str, key: bool| json!({ "name": name, "type": "text", "nullable": true, "primary_key": key, "comment": null });
        let key = |from: &str, table: &str, to: Value, name: &str| json!({ "from_column": from, "to_schema": "s", "to_table": table, "to_column": to, "constraint_name": name });
        json!({ "catalog": "d", "db": "s", "name": "users", "kind": "table", "comment": null, "estimated_rows": null,
            "columns": [column("tenant", true), column("id", true), column("secret", false)],
            "foreign_keys": [key("tenant", "tenants", "id".into(), "a"), key("tenant", "users", "tenant".into(), "b"),
                key("secret", "users", "id".into(), "b"), key("id", "users", Value::Null, "c")],
            "indexes": [{ "name": "i", "columns": ["tenant", "secret"], "unique": false }],
            "unique_keys": [["id"], ["secret"]], "sorting_key": "lower(Secret)", "partition_key": "tenant" })
    }

    fn left(deny: &str) -> Value {
        let texts = [users().to_string()];
        without_denied(&texts, &policy(deny))
            .unwrap()
            .first()
            .map_or(Value::Null, |text| serde_json::from_str(text).unwrap())
    }

    fn names(values: &Value, key: &str) -> Vec<String> {
        values.as_array().unwrap().iter().map(|value| value[key].as_str().unwrap().to_owned()).collect()
    }

    #[test]
    fn denied_column_is_removed_from_keys_and_indexes() {
        let table = left("{ columns: [s.USERS.secret] }");
        assert_eq!(names(&table["columns"], "name"), ["tenant", "id"]);
        assert_eq!(names(&table["foreign_keys"], "constraint_name"), ["a", "c"]);
        assert_eq!((&table["indexes"], &table["unique_keys"]), (&Value::Null, &json!([["id"]])));
        assert_eq!((&table["sorting_key"], &table["partition_key"]), (&Value::Null, &"tenant".into()));
        assert_eq!(table["columns"][0]["primary_key"], true);
    }

    #[test]
    fn primary_key_without_a_denied_column_is_none() {
        let table = left("{ columns: [users.tenant] }");
        assert_eq!((&table["columns"][0]["name"], &table["columns"][0]["primary_key"]), (&"id".into(), &false.into()));
        assert_eq!(table["foreign_keys"], json!([]), "a key without columns of its target refers to the primary key");
    }

    #[test]
    fn children_are_denied_like_their_parents() {
        let mut child = users();
        child["name"] = "kid".into();
        child["parents"] = json!([{ "db": "p", "name": "parent" }]);
        let left = |deny: &str| without_denied(&[child.to_string()], &policy(deny)).unwrap();
        assert!(left("{ tables: [p.parent] }").is_empty());
        let table: Value = serde_json::from_str(&left("{ columns: [parent.secret] }")[0]).unwrap();
        assert_eq!(names(&table["columns"], "name"), ["tenant", "id"]);
        assert_eq!(left("{ tables: [q.parent] }").len(), 1);
    }

    #[test]
    fn foreign_key_to_a_denied_table_is_removed() {
        assert_eq!(names(&left("{ tables: [tenants] }")["foreign_keys"], "constraint_name"), ["b", "b", "c"]);
        assert_eq!(left("{ tables: ['d.s.*'] }"), Value::Null);
        assert_eq!(left("{ tables: ['e.s.*'] }")["name"], "users");
    }

    #[test]
    fn expressions_and_definitions_with_a_denied_name_are_removed() {
        let mut table = users();
        table["columns"][0]["default"] = "lower(SECRET)".into();
        table["columns"][1]["default"] = "1".into();
        table["checks"] =
            json!([{ "name": "a", "expression": "secret <> ''" }, { "name": "b", "expression": "id > 0" }]);
        let mut view = users();
        (view["name"], view["kind"], view["columns"]) = ("shown".into(), "view".into(), json!([]));
        view["definition"] = "SELECT u.Secret AS other FROM users AS u".into();
        let texts = [table.to_string(), view.to_string()];
        let left = |deny: &str| -> Vec<Value> {
            let left = without_denied(&texts, &policy(deny)).unwrap();
            left.iter().map(|text| serde_json::from_str(text).unwrap()).collect()
        };
        let found = left("{ columns: [users.secret] }");
        assert_eq!(
            (&found[0]["columns"][0]["default"], &found[0]["columns"][1]["default"]),
            (&Value::Null, &"1".into())
        );
        assert_eq!(names(&found[0]["checks"], "name"), ["b"]);
        assert_eq!(found[1]["definition"], Value::Null);
        assert_eq!(left("{ tables: [users] }")[0]["definition"], Value::Null);
        assert_eq!(left("{ tables: [others] }")[1]["definition"], view["definition"]);
    }

    #[test]
    fn what_is_left_out_is_counted_and_unused_patterns_are_warnings() {
        let text = users().to_string();
        let mut tables = vec![serde_json::from_str(&text).unwrap()];
        let policy = policy("{ tables: [hr.*], columns: ['*.secret', '*.t*'] }");
        let warnings = unused_patterns(&tables, &policy);
        assert_eq!(warnings, ["The pattern 'hr.*' of policy.deny.tables matches no table of this scan"]);
        let left_out = remove_denied(&mut tables, &policy);
        assert_eq!(
            (left_out.tables, left_out.columns, left_out.patterns),
            (0, 2, vec!["*.secret".into(), "*.t*".into()])
        );
    }
}
