use super::*;
use serde_json::{Value, json};

fn column(name: &str, data_type: &str) -> Value {
    json!({ "name": name, "type": data_type, "nullable": true, "primary_key": false, "comment": null })
}

fn table(columns: &[Value]) -> Value {
    json!({ "catalog": "shop", "db": "public", "name": "customers", "kind": "table", "comment": null,
        "estimated_rows": 7, "columns": columns, "foreign_keys": [] })
}

/// A table after `change`, compared with the one before.
fn texts(known: Known, before: Value, change: impl FnOnce(&mut Value)) -> Vec<String> {
    let mut after = before.clone();
    change(&mut after);
    let changes = compare_files(&before.to_string(), &after.to_string(), known).unwrap();
    changes.into_iter().map(|change| change.text).collect()
}

fn changed(change: impl FnOnce(&mut Value)) -> Vec<String> {
    texts(Known::All, table(&[column("id", "integer"), column("fax", "text"), column("cost", "numeric(10,2)")]), change)
}

#[test]
fn estimates_sizes_and_times_are_no_difference() {
    let none = changed(|table| {
        table["estimated_rows"] = 8.into();
        table["bytes"] = 9.into();
        table["modified_at"] = "now".into();
    });
    assert!(none.is_empty(), "{none:?}");
}

#[test]
fn columns_are_added_removed_and_changed() {
    let found = changed(|table| {
        table["columns"] = json!([
            column("id", "integer"),
            column("cost", "numeric(14,4)"),
            column("phone", "text"),
            column("extra", "date")
        ]);
    });
    assert_eq!(found, ["~ cost numeric(10,2) → numeric(14,4)", "+ phone text", "+ extra date", "- fax"]);
}

#[test]
fn rename_is_proposed_by_type_and_position() {
    let rename = |name: &str, kind: &str| changed(|table| table["columns"][1] = column(name, kind));
    assert_eq!(rename("phone", "text"), ["+ phone text", "- fax", "rename? fax → phone (same type and position)"]);
    assert_eq!(rename("phone", "date"), ["+ phone date", "- fax"]);
}

#[test]
fn another_order_of_columns_is_a_change() {
    let found = changed(|table| table["columns"].as_array_mut().unwrap().swap(0, 1));
    assert_eq!(found, ["~ order of columns"]);
}

#[test]
fn facts_of_columns_are_compared() {
    let found = changed(|table| {
        let id = &mut table["columns"][0];
        (id["nullable"], id["primary_key"]) = (false.into(), true.into());
        (id["generated"], table["columns"][1]["default"]) = ("identity".into(), "'none'".into());
        table["columns"][1]["comment"] = "Old".into();
        table["columns"][2]["fields"] = json!([{ "path": ["a", "b"], "type": "int" }]);
    });
    let expected = [
        "~ id: nullable yes → no",
        "~ id: primary key no → yes",
        "~ id: generated none → identity",
        "~ fax: default none → 'none'",
        "~ fax: comment",
        "~ cost: fields + a.b int",
    ];
    assert_eq!(found, expected);
}

#[test]
fn labels_are_compared_one_by_one() {
    let labels = |before: &[&str], after: &[&str]| {
        let with = |labels: &[&str]| {
            let mut status = column("status", "mood");
            status["enum_values"] = labels.into();
            table(&[status])
        };
        texts(Known::All, with(before), |table| *table = with(after))
    };
    assert_eq!(labels(&["new"], &["new", "refunded"]), ["~ status: labels + refunded"]);
    assert_eq!(labels(&["new", "done"], &["lost", "new"]), ["~ status: labels + lost - done"]);
    assert_eq!(labels(&["new", "done"], &["done", "new"]), ["~ status: labels in another order"]);
}

#[test]
fn keys_indexes_and_checks_are_compared() {
    let mut before = table(&[column("id", "integer")]);
    before["indexes"] = json!([{ "name": "by_id", "columns": ["id"], "unique": false }]);
    before["checks"] = json!([{ "name": "positive", "expression": "(id > 0)" }]);
    let key = |column: &str, to: &str| json!({ "from_column": column, "to_schema": "public", "to_table": "other", "to_column": to, "constraint_name": "fk" });
    let found = texts(Known::All, before, |table| {
        table["indexes"] = json!([
            { "name": "by_id", "columns": ["id"], "unique": true },
            { "name": "more", "columns": ["a", "b"], "unique": false }
        ]);
        table["unique_keys"] = json!([["id"], ["a"]]);
        table["foreign_keys"] = json!([key("x", "a"), key("y", "b")]);
        table["checks"] = json!([{ "name": null, "expression": "id <> 3" }]);
    });
    let expected = [
        "~ index by_id (id) → (id) unique",
        "+ index more (a, b)",
        "+ unique (a)",
        "+ foreign key fk (x, y) → public.other (a, b)",
        "+ check id <> 3",
        "- check positive (id > 0)",
    ];
    assert_eq!(found, expected);
}

#[test]
fn properties_of_tables_are_compared() {
    let found = changed(|table| {
        (table["kind"], table["variant"]) = ("view".into(), "materialized_view".into());
        (table["partition_key"], table["readable"]) = ("RANGE (day)".into(), false.into());
        table["labels"] = json!({ "team": "sales" });
        table["comment"] = "Who buys".into();
        table["unique_keys_enforced"] = false.into();
        table["columns"][0]["labels"] = json!({ "pii": "yes" });
        table["columns"][0]["masking_policy"] = "hide".into();
    });
    let expected = [
        "~ id: tags none → pii=yes",
        "~ id: masking policy none → hide",
        "~ kind table → view",
        "~ variant none → materialized_view",
        "~ partition key none → RANGE (day)",
        "~ unique keys enforced yes → no",
        "~ readable yes → no",
        "~ labels none → team=sales",
        "~ comment",
    ];
    assert_eq!(found, expected);
}

#[test]
fn definition_is_compared_if_both_scans_could_read_it() {
    let view = |sql: Option<&str>| {
        let mut view = table(&[column("id", "integer")]);
        if let Some(sql) = sql {
            view["definition"] = sql.into();
        }
        view
    };
    let compare = |before, after| texts(Known::All, view(before), |table| *table = view(after));
    assert_eq!(compare(Some("SELECT 1"), Some("SELECT 2")), ["~ definition"]);
    assert!(compare(None, Some("SELECT 2")).is_empty());
    assert!(compare(Some("SELECT 1"), None).is_empty());
}

#[test]
fn facts_that_an_earlier_version_did_not_report_are_no_change() {
    let before = table(&[column("id", "integer")]);
    let report_more = |table: &mut Value| {
        table["columns"][0]["default"] = "1".into();
        table["columns"][0]["generated"] = "identity".into();
        table["columns"][0]["enum_values"] = json!(["a"]);
        table["indexes"] = json!([{ "name": "by_id", "columns": ["id"], "unique": true }]);
        table["unique_keys"] = json!([["id"]]);
        table["checks"] = json!([{ "name": "positive", "expression": "(id > 0)" }]);
        table["variant"] = "partitioned_table".into();
        table["partition_key"] = "RANGE (id)".into();
        table["readable"] = false.into();
        table["labels"] = json!({ "team": "sales" });
    };
    assert_eq!(texts(Known::InBoth, before.clone(), report_more), Vec::<String>::new());
    assert_eq!(texts(Known::All, before.clone(), report_more).len(), 9);
    let mut later = before;
    report_more(&mut later);
    let found = texts(Known::InBoth, later, |table| table["columns"][0]["default"] = "2".into());
    assert_eq!(found, ["~ id: default 1 → 2"]);
}

#[test]
fn hostile_names_are_one_line_of_text() {
    let found = changed(|table| table["columns"][1]["name"] = "a\n\u{1b}[2Jb".into());
    assert_eq!(found[0], "+ a [2Jb text");
}
