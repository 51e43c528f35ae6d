//! Removes values from the structure of tables: those of masked columns, and secrets.

use super::{
    introspection::Table,
    literals::{hide_literals, hide_quoted},
};
use crate::{
    project::{letter_case::Mentions, policy::Policy},
    redact::{self, MASK},
};
use regex_lite::Regex;
use std::{borrow::Cow, collections::HashSet, sync::LazyLock};

#[expect(clippy::expect_used, reason = "the pattern is fixed, and a test compiles it")]
static LITERAL: LazyLock<Regex> = LazyLock::new(|| Regex::new("'(?:[^']|'')*'").expect("a valid pattern"));

/// Removes the defaults, labels, checks and literals of masked columns, and redacts secrets in texts of the database.
pub(super) fn hide_values(tables: &mut [Table<'_>], policy: &Policy) {
    if policy.masks() {
        hide_literals_of_masked(tables, policy);
    }
    for table in tables {
        if policy.masks() {
            hide_masked(table, policy);
        }
        redact_secrets(table);
    }
}

/// Removes the literals of definitions, keys and comments that mention a masked column of any table: a view selects from
/// others. The comment of a masked column is about its values.
fn hide_literals_of_masked(tables: &mut [Table<'_>], policy: &Policy) {
    let columns = || tables.iter().flat_map(|table| table.columns.iter().map(move |column| (table, &*column.name)));
    let masked: Vec<_> = columns().filter(|(table, name)| table.masks_column(policy, name)).collect();
    let masked: Mentions = masked.into_iter().map(|(_, name)| name).collect();
    let objects = tables.iter().flat_map(|table| [Some(table.name.as_str()), table.db.as_deref()]).flatten();
    let names = columns().map(|(_, name)| name).chain(objects).map(str::to_lowercase).collect();
    for table in tables {
        if let Some(text) = table.definition.take_if(|text| masked.are_in(text)) {
            table.definition = hide_literals(&text, &names);
        }
        // They are parts of statements, so that they are kept as they are or not at all.
        for text in [&mut table.partition_key, &mut table.sorting_key] {
            text.take_if(|text| masked.are_in(text) && hide_literals(text, &names).as_ref() != Some(text));
        }
        let own: Vec<_> = table.columns.iter().map(|column| table.masks_column(policy, &column.name)).collect();
        for (column, is_masked) in table.columns.iter_mut().zip(own) {
            if let Some(text) = column.comment.take_if(|text| is_masked || masked.are_in(text)) {
                column.comment = Some(hide_quoted(&text));
            }
        }
        if let Some(text) = table.comment.take_if(|text| masked.are_in(text)) {
            table.comment = Some(hide_quoted(&text));
        }
    }
}

fn hide_masked(table: &mut Table<'_>, policy: &Policy) {
    let names = table.columns.iter().map(|column| column.name.to_string());
    let masked: HashSet<_> = names.filter(|name| table.masks_column(policy, name)).collect();
    for column in table.columns.iter_mut().filter(|column| masked.contains(&*column.name)) {
        column.default = None;
        column.enum_values.clear();
        // The type of an enumeration may list its labels.
        if LITERAL.is_match(&column.data_type) {
            column.data_type = Cow::Owned(LITERAL.replace_all(&column.data_type, "'…'").into_owned());
        }
    }
    let masked: Mentions = masked.iter().map(String::as_str).collect();
    for column in &mut table.columns {
        column.generated.take_if(|text| masked.are_in(text));
        column.default.take_if(|text| masked.are_in(text));
    }
    table.checks.retain(|check| !masked.are_in(&check.expression));
}

/// Redacts secrets as those of definitions; a literal in the default of a column whose name is that of a secret is one.
fn redact_secrets(table: &mut Table<'_>) {
    for text in [&mut table.comment, &mut table.definition].into_iter().flatten() {
        *text = redact::text(text);
    }
    for column in &mut table.columns {
        for text in [&mut column.comment, &mut column.default, &mut column.generated].into_iter().flatten() {
            *text = redact::text(text);
        }
        if redact::is_secret_name(&column.name)
            && let Some(text) = &mut column.default
        {
            *text = LITERAL.replace_all(text, format!("'{MASK}'").as_str()).into_owned();
        }
    }
    for check in &mut table.checks {
        check.expression = Cow::Owned(redact::text(&check.expression));
    }
}

#[cfg(test)]
mod tests {
    use crate::{ingest::without_denied, project::Project};
    use serde_json::{Value, json};

    #[test]
    fn masked_columns_have_no_values_and_texts_no_secrets() {
        let column = |name: &str, kind: &str| {
            json!({ "name": name, "type": kind, "nullable": true, "primary_key": false,
            "comment": "token=hunter2", "enum_values": ["gold"], "default": "'gold'" })
        };
        let checks =
            json!([{ "name": "a", "expression": "Tier in ('gold')" }, { "name": "b", "expression": "n > 'gold'" }]);
        let table = json!({ "catalog": null, "db": "s", "name": "t", "kind": "table", "comment": "password: hunter2",
            "estimated_rows": null, "foreign_keys": [], "checks": checks, "definition": "x(secret='hunter2')",
            "columns": [column("tier", "enum('gold','it''s')"), column("n", "text"), column("api_key", "text")] });
        let policy = |policy: &str| {
            let text = format!("connections: {{ w: {{ driver: x, policy: {policy} }} }}");
            Project::parsed("/p".as_ref(), &text).policy("w").unwrap()
        };
        let text = &without_denied(&[table.to_string()], &policy("{ mask: [t.tier] }")).unwrap()[0];
        assert!(!text.contains("hunter2"), "{text}");
        let hidden: Value = serde_json::from_str(text).unwrap();
        let [tier, plain, key] = &hidden["columns"].as_array().unwrap()[..] else { panic!("three columns: {text}") };
        assert_eq!(tier["type"], "enum('…','…')");
        assert_eq!((&tier["enum_values"], &tier["default"]), (&Value::Null, &Value::Null));
        assert_eq!((&plain["enum_values"], &plain["default"]), (&json!(["gold"]), &"'gold'".into()));
        assert_eq!(key["default"], "'***'");
        assert_eq!(hidden["checks"], json!([{ "name": "b", "expression": "n > 'gold'" }]));
    }

    #[test]
    fn texts_that_mention_a_masked_column_of_any_table_have_no_literals() {
        let table = |name: &str, comment: &str, definition: &str| {
            let column =
                json!({ "name": "grp", "type": "text", "nullable": true, "primary_key": false, "comment": comment });
            json!({ "catalog": null, "db": "s", "name": name, "kind": "view", "comment": comment, "estimated_rows": null,
                "foreign_keys": [], "definition": definition, "columns": [column] })
            .to_string()
        };
        let project =
            Project::parsed("/p".as_ref(), "connections: { w: { driver: x, policy: { mask: [notes.grp] } } }");
        let texts = [
            table("notes", "'gold' is a grp", ""),
            table("v", "GRP 'gold' only", "SELECT 1 FROM notes WHERE Grp = 'gold'"),
            table("other", "'kept'", "SELECT a FROM b WHERE c = 'kept'"),
        ];
        let hidden = without_denied(&texts, &project.policy("w").unwrap()).unwrap();
        assert!(!hidden.concat().contains("gold"), "{hidden:?}");
        let view: Value = serde_json::from_str(&hidden[1]).unwrap();
        assert_eq!(view["definition"], "SELECT ? FROM notes WHERE Grp = ?");
        let notes: Value = serde_json::from_str(&hidden[0]).unwrap();
        assert_eq!(notes["columns"][0]["comment"], "? is a grp");
        assert!(hidden[2].contains("'kept'"), "{}", hidden[2]);
    }
}
