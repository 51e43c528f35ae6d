use super::*;
use serde_json::{Value, json};

fn table(name: &str, columns: &[(&str, &str)]) -> Table {
    let columns: Vec<_> = columns.iter().map(|(name, kind)| json!({ "name": name, "type": kind })).collect();
    serde_json::from_value(json!({ "db": "s", "name": name, "columns": columns })).unwrap()
}

fn tables() -> Vec<Table> {
    let columns = [("id", "int"), ("customer_id", "int")];
    vec![table("orders", &columns), table("customers", &columns), table("people", &columns)]
}

fn profile(name: &str) -> TableProfile {
    let column = |name: &str| json!({ "name": name, "nulls": 0, "distinct": 1, "distinct_exact": true });
    let columns = [column("id"), column("customer_id")];
    serde_json::from_value(json!({ "db": "s", "name": name, "rows": 1, "rows_exact": true, "columns": columns }))
        .unwrap()
}

fn link(to: &str, status: &str, signal: &str) -> Value {
    let side = |table: &str, column: &str| json!({ "table": table, "columns": [column] });
    json!({ "from": side("s.orders", "customer_id"), "to": side(to, "id"), "status": status, "cardinality": "many_to_one",
        "score": 0.9, "declared": false, "evidence": [{ "kind": signal, "text": "t", "value": 1.0 }] })
}

fn key(table: &str, column: &str, status: &str, signal: &str) -> Value {
    json!({ "table": table, "columns": [column], "status": status, "score": 0.9, "declared": false,
        "evidence": [{ "kind": signal, "text": "t", "value": 1.0 }] })
}

fn detection(links: &[Value], keys: &[Value]) -> Detection {
    serde_json::from_value(json!({ "relationships": links, "keys": keys })).unwrap()
}

/// What an earlier scan with accepted `orders -> customers` and key `customers.id` leaves of `found`, as status and kind
/// of the last evidence.
fn keep(found: Detection, now: &[Table], measured: &[&str]) -> Vec<String> {
    let earlier = detection(
        &[link("s.customers", "accepted", "inclusion")],
        &[key("s.customers", "id", "accepted", "uniqueness")],
    );
    let profiles: Vec<_> = measured.iter().map(|name| profile(name)).collect();
    let unmeasured = Unmeasured::find(now, &profiles, |_| true);
    let mut found = found;
    found.keep(Earlier { sync_id: "S1".into(), detection: earlier, tables: tables() }, now, &unmeasured);
    let describe = |name: &str, status: Status, evidence: &[Evidence]| {
        format!("{name} {status:?} {:?}", evidence.last().unwrap().kind)
    };
    let keys = found.keys.iter().map(|key| describe(&key.table, key.status, &key.evidence));
    keys.chain(found.relationships.iter().map(|link| describe(&link.to.table, link.status, &link.evidence))).collect()
}

const KEPT: [&str; 2] = ["s.customers Accepted Kept", "s.customers Accepted Kept"];

#[test]
fn results_of_a_table_that_is_not_measured_are_kept() {
    assert_eq!(keep(detection(&[], &[]), &tables(), &["orders", "people"]), KEPT);
    assert!(keep(detection(&[], &[]), &tables(), &["orders", "customers", "people"]).is_empty(), "they are refuted");
}

#[test]
fn results_that_are_not_counted_are_kept() {
    let all = ["orders", "customers", "people"];
    let uncounted =
        detection(&[link("s.customers", "review", "uncounted")], &[key("s.customers", "id", "review", "uncounted")]);
    assert_eq!(keep(uncounted, &tables(), &all), KEPT);
    let counted = detection(&[link("s.customers", "review", "inclusion")], &[]);
    assert_eq!(keep(counted, &tables(), &all), ["s.customers Review Inclusion"]);
}

#[test]
fn columns_of_another_type_or_none_are_not_kept() {
    let mut changed = tables();
    changed[1].columns[0].r#type = "text".into();
    assert!(keep(detection(&[], &[]), &changed, &["orders"]).is_empty());
    assert!(keep(detection(&[], &[]), &tables()[..1], &[]).is_empty());
}

#[test]
fn what_is_known_now_takes_precedence() {
    let decided = detection(
        &[link("s.people", "accepted", "decision")],
        &[key("s.customers", "customer_id", "accepted", "uniqueness")],
    );
    let expected = ["s.customers Accepted Uniqueness", "s.people Accepted Decision"];
    assert_eq!(keep(decided, &tables(), &["orders", "people"]), expected);
    let rival = detection(&[link("s.people", "accepted", "inclusion")], &[]);
    let expected = [KEPT[0], KEPT[1], "s.people Review Ambiguous"];
    assert_eq!(keep(rival, &tables(), &["orders", "people"]), expected);
}

#[test]
fn tables_that_may_not_be_read_are_not_unmeasured() {
    assert_eq!(Unmeasured::find(&tables(), &[], |table| table.name == "orders").tables(), 1);
    assert!(Unmeasured::find(&tables(), &[], |_| false).is_empty());
}
