use super::*;
use crate::schemas::definition;
use serde_json::{Value, json};

fn table(name: &str, primary_key: &[&str], others: &[&str], keys: &[Value]) -> Table {
    let column = |name: &&str, primary_key: bool| json!({ "name": name, "type": "INTEGER", "primary_key": primary_key, "nullable": false, "comment": null });
    let columns: Vec<_> = primary_key
        .iter()
        .map(|name| column(name, true))
        .chain(others.iter().map(|name| column(name, false)))
        .collect();
    serde_json::from_value(json!({ "name": name, "catalog": null, "db": "main", "kind": "table", "comment": null, "columns": columns, "foreign_keys": keys }))
        .unwrap()
}

fn key(from: &str, to: &str, to_column: Option<&str>) -> Value {
    json!({ "from_column": from, "to_schema": "main", "to_table": to, "to_column": to_column, "constraint_name": null })
}

fn named(name: &str, from: &str, to: &str, to_column: &str) -> Value {
    let mut key = key(from, to, Some(to_column));
    key["constraint_name"] = name.into();
    key
}

fn positioned(position: u32, from: &str, to: &str, to_column: &str) -> Value {
    let mut key = key(from, to, Some(to_column));
    key["position"] = position.into();
    key
}

/// Returns links in short form, followed by warnings.
fn links_and_warnings(tables: &[Table]) -> Vec<String> {
    let (links, warnings) = resolve_links(tables);
    let text = |link: &Link| {
        let (from, to) = (link.from_columns.join("+"), link.to_columns.join("+"));
        format!("{}.{from} {}.{to} {:?}", link.from_table, link.to_table, link.relationship_type)
    };
    links.iter().map(text).chain(warnings).collect()
}

/// Returns the links from a table `a` with the primary key `id` to a table `b`.
fn between(primary_key: &[&str], others: &[&str], keys: &[Value]) -> Vec<String> {
    let columns: Vec<_> = ["p", "q", "r", "s"].into_iter().collect();
    links_and_warnings(&[table("a", &["id"], &columns, keys), table("b", primary_key, others, &[])])
}

#[test]
fn names_are_resolved_regardless_of_letter_case() {
    let found = |keys: &[Value]| {
        let orders = table("Orders", &["Id"], &["Customer", "x", "X"], keys);
        links_and_warnings(&[orders, table("Customers", &["Id"], &["y"], &[])])
    };
    let link = "main.Orders.Customer main.Customers.Id ManyToOne";
    for (from, to, column) in [
        ("customer", "customers", Some("ID")),
        ("CUSTOMER", "CUSTOMERS", Some("id")),
        ("Customer", "Customers", Some("Id")),
        ("customer", "customers", None),
    ] {
        assert_eq!(found(&[key(from, to, column)]), [link], "{from} {to}");
    }
    assert_eq!(found(&[key("x", "customers", Some("id"))]), ["main.Orders.x main.Customers.Id ManyToOne"]);
    assert_eq!(found(&[key("customer", "elsewhere", Some("id"))]).len(), 0);
}

#[test]
fn key_with_missing_column_is_a_warning() {
    let missing = |table: &str, column: &str| {
        format!("main.{table} has no column {column}, so that the foreign key from main.a to main.b is skipped")
    };
    let sound = "main.a.p main.b.id ManyToOne".to_owned();
    let pair = [named("k", "p", "b", "id"), named("k", "q", "b", "nr")];
    assert_eq!(between(&["id"], &[], &pair), [missing("b", "nr")]);
    let two = [positioned(1, "p", "b", "id"), positioned(1, "q", "b", "nr")];
    assert_eq!(between(&["id"], &[], &two), [sound.clone(), missing("b", "nr")]);
    let two = [named("k", "p", "b", "id"), named("o", "z", "b", "id")];
    assert_eq!(between(&["id"], &[], &two), [sound, missing("a", "z")]);
}

#[test]
fn key_of_one_column_is_a_link() {
    for (key, link) in [
        (named("fk", "p", "b", "id"), "main.a.p main.b.id ManyToOne"),
        (positioned(1, "p", "b", "id"), "main.a.p main.b.id ManyToOne"),
        (key("p", "b", Some("id")), "main.a.p main.b.id ManyToOne"),
        (key("p", "b", None), "main.a.p main.b.id ManyToOne"),
        (key("id", "b", Some("id")), "main.a.id main.b.id OneToOne"),
        (named("fk", "p", "b", "code"), "main.a.p main.b.code ManyToOne"),
        (named("fk", "p", "a", "id"), "main.a.p main.a.id ManyToOne"),
    ] {
        assert_eq!(between(&["id"], &["code"], &[key]), [link]);
    }
    let two = [positioned(1, "p", "b", "id"), positioned(1, "q", "b", "code")];
    assert_eq!(between(&["id"], &["code"], &two).len(), 2);
}

#[test]
fn key_of_several_columns_is_one_link() {
    let keys = |columns: &dyn Fn(u32, &str, &str) -> Value| {
        [columns(1, "p", "y"), columns(2, "q", "x"), columns(1, "r", "y"), columns(2, "s", "x")]
    };
    let expected = ["main.a.p+q main.b.y+x ManyToOne", "main.a.r+s main.b.y+x ManyToOne"];
    let by_name = |_: u32, from: &str, to: &str| named(if from < "r" { "one" } else { "two" }, from, "b", to);
    let by_position = |position: u32, from: &str, to: &str| positioned(position, from, "b", to);
    for (primary_key, others) in [(&["x", "y"][..], &[][..]), (&["id"], &["x", "y"])] {
        assert_eq!(between(primary_key, others, &keys(&by_name)), expected);
        assert_eq!(between(primary_key, others, &keys(&by_position)), expected);
    }
}

#[test]
fn key_over_the_primary_key_is_one_to_one() {
    let keys = [named("fk", "y", "b", "v"), named("fk", "x", "b", "u")];
    let tables = [table("a", &["x", "y"], &[], &keys), table("b", &["u", "v"], &[], &[])];
    assert_eq!(links_and_warnings(&tables), ["main.a.y+x main.b.v+u OneToOne"]);
}

/// Earlier versions staged foreign keys of SQLite without positions.
#[test]
fn keys_without_names_and_positions_are_composite_over_a_primary_key_only() {
    let twice = ["p", "q", "r", "s"].into_iter().zip(["x", "y", "x", "y"]);
    let keys: Vec<_> = twice.map(|(from, to)| key(from, "b", Some(to))).collect();
    let expected = ["main.a.p+q main.b.x+y ManyToOne", "main.a.r+s main.b.x+y ManyToOne"];
    assert_eq!(between(&["x", "y"], &[], &keys), expected);
    assert_eq!(between(&["x", "y", "z"], &[], &keys).len(), 0);
    let same = [key("p", "b", Some("id")), key("q", "b", Some("id"))];
    assert_eq!(between(&["id"], &[], &same).len(), 2);
}

#[test]
fn link_is_written_with_all_columns_and_the_constraint() {
    let keys = [named("fk", "p", "b", "x"), named("fk", "q", "b", "y")];
    let (links, _) = resolve_links(&[table("a", &["id"], &["p", "q"], &keys), table("b", &["x", "y"], &[], &[])]);
    let expected = json!([{ "from_table": "main.a", "from_columns": ["p", "q"], "to_table": "main.b",
        "to_columns": ["x", "y"], "relationship_type": "many_to_one", "constraint_name": "fk" }]);
    assert_eq!(serde_json::to_value(links).unwrap(), expected);
}

#[test]
fn types_match_the_schemas() {
    definition("introspection", "ForeignKey").assert_read_by::<KeyColumn>();
    let keys = [named("fk", "p", "b", "id")];
    let (links, _) = resolve_links(&[table("a", &["id"], &["p"], &keys), table("b", &["id"], &[], &[])]);
    definition("generate-sources", "Link").assert_describes(&links[0]);
}
