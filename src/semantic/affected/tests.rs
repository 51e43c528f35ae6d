use super::*;
use crate::{ingest::Details, semantic::files::tests::project};
use serde_json::json;
use std::fs;

const ORDERS: &str = "name: orders
table: '\"public\".\"orders\"'
grain: [id]
columns:
  - { name: id, type: number }
  - { name: customer_id, type: number }
  - { name: cents, type: number, expr: amount * 100 }
joins:
  - { to: customers, on: customer_id = customers.id, relationship: many_to_one }
measures:
  - { name: share, expr: rate * 100 }
  - { name: rate, expr: revenue / plain }
  - { name: revenue, expr: sum(cents) }
  - { name: big, expr: count(*), segments: [large] }
  - { name: plain, expr: count(*), filter: note <> 'amount' }
segments:
  - { name: large, expr: orders.amount > 100 }
";
const CUSTOMERS: &str =
    "name: customers\ntable: public.customers\ngrain: [id]\ncolumns: [{ name: id, type: number }]\n";
const QUERY: &str =
    "name: daily\nsql: SELECT day, sum(o.amount) AS total FROM public.orders AS o GROUP BY day\ngrain: [day]\n";

/// What a change of a table affects.
fn affected(table: &str, change: serde_json::Value) -> Vec<String> {
    let dir = tempfile::tempdir().unwrap();
    let project = project(dir.path());
    let folder = dir.path().join("semantic-layer/shop");
    fs::create_dir_all(&folder).unwrap();
    for (name, text) in [("orders", ORDERS), ("customers", CUSTOMERS), ("daily", QUERY), ("broken", "name: [")] {
        fs::write(folder.join(format!("{name}.yaml")), text).unwrap();
    }
    let source = SourceFolder::open(&project, "shop").unwrap();
    let sources: Vec<_> = source.entries.iter().filter_map(|entry| entry.source()).collect();
    assert_eq!(sources.len(), 3);
    let mut full = json!({ "text": "", "name": null });
    full.as_object_mut().unwrap().extend(change.as_object().unwrap().clone());
    find_affected(&sources, table, &serde_json::from_value(full).unwrap())
}

#[test]
fn column_affects_what_names_it_by_any_name() {
    let removed =
        |name: &str| affected("public.orders", json!({ "kind": "removed", "object": "column", "name": name }));
    assert_eq!(
        removed("amount"),
        [
            "source daily",
            "source orders",
            "measure orders.big",
            "measure orders.rate",
            "measure orders.revenue",
            "measure orders.share",
            "segment orders.large"
        ]
    );
    assert_eq!(removed("CUSTOMER_ID"), ["source orders", "join orders.customer_id = customers.id"]);
    assert_eq!(
        removed("note"),
        ["source orders", "measure orders.plain", "measure orders.rate", "measure orders.share"]
    );
    assert!(removed("unused").is_empty());
}

#[test]
fn column_affects_the_joins_of_other_sources() {
    let change = json!({ "kind": "changed", "object": "column", "name": "id", "property": "type" });
    assert_eq!(affected("public.customers", change), ["source customers", "join orders.customer_id = customers.id"]);
    let comment = json!({ "kind": "changed", "object": "column", "name": "id", "property": "comment" });
    assert!(affected("public.customers", comment).is_empty());
}

#[test]
fn table_affects_all_of_its_source() {
    let table = |name: &str, change| affected(name, change);
    let removed = json!({ "kind": "removed", "object": "table" });
    let found = table("shop.public.orders", removed.clone());
    assert_eq!(found.len(), 9, "{found:?}");
    assert!(table("other.orders", removed.clone()).is_empty());
    assert!(table("public.order", removed).is_empty());
    let renamed = json!({ "kind": "renamed", "object": "table", "name": "public.new", "before": "public.customers" });
    assert_eq!(table("public.new", renamed), ["source customers", "join orders.customer_id = customers.id"]);
}

#[test]
fn added_columns_and_indexes_affect_nothing() {
    for object in ["column", "index"] {
        assert!(affected("public.orders", json!({ "kind": "added", "object": object, "name": "amount" })).is_empty());
    }
}

#[test]
fn report_of_a_failed_run_is_unchanged() {
    let dir = tempfile::tempdir().unwrap();
    let mut report: RunReport =
        serde_json::from_value(json!({ "runId": "r", "connectionId": "shop", "source": "live-database",
        "status": "failed", "dryRun": false, "syncId": "1", "startedAt": "", "finishedAt": null,
        "diffSummary": { "added": 0, "modified": 0, "deleted": 1, "unchanged": 0 },
        "changes": { "added": [], "modified": [], "deleted": ["public.orders"] }, "workUnits": [], "warnings": [],
        "error": "it broke" }))
        .unwrap();
    assert_eq!(record_affected(&project(dir.path()), report.clone()), report);
    report.status = RunStatus::Done;
    assert_eq!(record_affected(&project(dir.path()), report).details, Details::new());
}
