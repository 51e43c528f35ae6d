use super::*;
use crate::semantic::{ColumnType, FollowedBy, Granularity, Measure, Segment, SemiAdditive, Take, Visibility};

const ORDERS: &str = "\
name: orders
table: main.orders
grain:
  - order_id
columns:
  - name: order_id
    type: number
  - name: status
    type: string
    visibility: internal
joins:
  - to: customers
    on: customer_id = customers.customer_id
    relationship: many_to_one
measures:
  - name: revenue
    expr: sum(amount)
    filter: status != 'cancelled'
segments:
  - name: paid
    expr: status = 'paid'
";

fn error(text: &str) -> String {
    let error = Source::from_yaml("orders.yaml", text).unwrap_err();
    assert_eq!(error.code(), Code::SemanticInvalid);
    error.with_hint_text()
}

#[test]
fn written_file_is_in_block_style() {
    let source = Source::from_yaml("orders.yaml", ORDERS).unwrap();
    assert_eq!(source.to_yaml().unwrap(), ORDERS);
}

#[test]
fn strings_that_look_like_other_types_round_trip() {
    let mut source = Source::from_yaml("orders.yaml", ORDERS).unwrap();
    for text in ["no", "12", "a: b", "# x", "two\nlines\n", "größe", "'", &"x + ".repeat(80), "* 2", " padded "] {
        source.measures[0].expr = text.to_owned();
        let back = Source::from_yaml("orders.yaml", &source.to_yaml().unwrap()).unwrap();
        assert_eq!(back, source, "{}", source.to_yaml().unwrap());
    }
}

#[test]
fn values_of_all_types_round_trip() {
    let column = "name: a\ntable: t\ncolumns:\n  - name: c\n    type: string\n    granularity: day\n    values: ";
    let text = format!("{column}[true, 1, -2.5, 'yes', '1', 'null', größe]");
    let source = Source::from_yaml("a.yaml", &text).unwrap();
    let values = serde_json::json!([true, 1, -2.5, "yes", "1", "null", "größe"]);
    assert_eq!(serde_json::to_value(&source.columns[0].values).unwrap(), values);
    assert_eq!(Source::from_yaml("a.yaml", &source.to_yaml().unwrap()).unwrap(), source);
    assert_eq!(error(&format!("{column}[[1]]")), "orders.yaml:7:14: unexpected value or tag");
}

#[test]
fn errors_have_their_location() {
    for (text, expected) in [
        ("", "orders.yaml is empty. Describe a source in it, or remove it"),
        ("table: x", "orders.yaml:1:1: the key name is missing"),
        ("name: a", "orders.yaml: a source needs either a table or sql, and not both"),
        ("name: ''\ntable: x", "orders.yaml: the name of a source must be one line of text"),
        (
            "name: a\ntable: x\ncolumns:\n  - { name: c, type: text }",
            "orders.yaml:4:22: columns[0].type: expected one of string, number, time, boolean",
        ),
        (
            "name: a\ntable: x\ncolumns: [{ name: c, type: time }, { name: c, type: time }]",
            "orders.yaml: there are two columns with the name c",
        ),
        ("name: a\ntable: x\ngrain: id", "orders.yaml:3:8: grain: expected a list, such as [a, b]"),
    ] {
        assert_eq!(error(text), expected);
    }
}

#[test]
fn unknown_keys_are_errors_with_location_and_suggestion() {
    for (text, expected) in [
        ("name: a\ntable: x\nmeasurs: []", "orders.yaml:3:1: unknown key measurs; did you mean measures?"),
        ("descriptions:\n  user: y\nname: a", "orders.yaml:1:1: unknown key descriptions; did you mean description?"),
        (
            "name: a\ntable: x\ncolumns:\n  - { name: c, type: time, expression: y }",
            "orders.yaml:4:28: columns[0]: unknown key expression; did you mean expr?",
        ),
        (
            "name: a\ntable: x\nmeasures:\n  - name: m\n    expr: count(*)\n    filters:\n      - a > 1",
            "orders.yaml:6:5: measures[0]: unknown key filters; did you mean filter?",
        ),
        (
            "name: a\ntable: x\nsegments:\n- name: a\n  expr: b\n- {name: a, sql: b}",
            "orders.yaml:6:13: segments[1]: unknown key sql; expected one of: name, expr, description",
        ),
        (
            "name: a\ntable: x\njoins:\n- to: b\n  on: c = b.c\n  relationship: many_to_one\n  as: d",
            "orders.yaml:7:3: joins[0]: unknown key as; expected one of: to, on, relationship, alias",
        ),
    ] {
        assert_eq!(error(text), expected);
    }
}

#[test]
fn json_is_checked_like_yaml() {
    let error = |json| Source::from_json(json).unwrap_err().to_string();
    assert_eq!(
        error(r#"{"name":"a","table":"t","columns":[{"name":"x"}]}"#),
        "source.columns[0]: the key type is missing"
    );
    assert_eq!(error("[]"), "source: expected keys and values");
    assert_eq!(
        error(r#"{"name":"a","table":"t","measures":[{"name":"m","expr":"count(*)","filters":"x"}]}"#),
        "source.measures[0]: unknown key filters; did you mean filter?"
    );
    assert_eq!(error(r#"{"name":"a","table":"t","grian":[]}"#), "source: unknown key grian; did you mean grain?");
    assert!(Source::from_json(r#"{"name":"a","table":"t","joins":null,"sql":null}"#).unwrap().joins.is_empty());
}

#[test]
fn types_match_the_schema() {
    let schema = |name: &str| crate::schemas::definition("semantic-source", name);
    schema("Source").assert_kept_by::<Source>();
    schema("Column").assert_kept_by::<Column>();
    schema("Join").assert_kept_by::<Join>();
    schema("Measure").assert_kept_by::<Measure>();
    schema("Segment").assert_kept_by::<Segment>();
    schema("SemiAdditive").assert_kept_by::<SemiAdditive>();
    schema("FollowedBy").assert_kept_by::<FollowedBy>();
    schema("SemiAdditive").assert_values_of::<Take>("take", &[]);
    schema("Column").assert_values_of::<ColumnType>("type", &[]);
    schema("Column").assert_values_of::<Visibility>("visibility", &[]);
    schema("Column").assert_values_of::<Granularity>("granularity", &[]);
    schema("Join").assert_values_of::<Relationship>("relationship", &[]);
}
