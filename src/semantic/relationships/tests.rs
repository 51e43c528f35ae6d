//! Lists and answers on staged files.

use super::{RelationshipFilter, answer_relationship, list_relationships};
use crate::{
    error::Code,
    project::{
        Project,
        answers::{Answered, Columns},
    },
};
use serde_json::json;
use std::fs;

fn columns(table: &str, columns: &[&str]) -> Columns {
    Columns { table: table.into(), columns: columns.iter().map(|name| (*name).to_owned()).collect() }
}

/// A project whose scan has three tables, a relationship to review and a declared one.
fn project(policy: &str) -> (tempfile::TempDir, Project) {
    let dir = tempfile::tempdir().unwrap();
    let sync = dir.path().join("raw-sources/w/live-database/20260101T000000000Z-a");
    fs::create_dir_all(sync.join("tables")).unwrap();
    for (name, names) in [("orders", ["id", "buyer"]), ("customers", ["id", "name"]), ("old", ["id", "buyer"])] {
        let kind = |name: &str| if name == "name" { "text" } else { "int" };
        let column = |name: &str| json!({ "name": name, "type": kind(name), "nullable": true, "primary_key": false, "comment": null });
        let table = json!({ "catalog": null, "db": "s", "name": name, "kind": "table", "comment": null,
            "estimated_rows": null, "columns": names.map(column), "foreign_keys": [] });
        fs::write(sync.join(format!("tables/s.{name}.json")), table.to_string()).unwrap();
    }
    let link = |table: &str, declared: bool, status: &str| {
        json!({ "from": { "table": format!("s.{table}"), "columns": ["buyer"] }, "to": { "table": "s.customers", "columns": ["id"] },
            "status": status, "cardinality": "many_to_one", "score": 0.7, "declared": declared, "evidence": [] })
    };
    let key = json!({ "table": "s.orders", "columns": ["id"], "status": "review", "score": 0.5, "declared": false, "evidence": [] });
    let links = [link("dropped", false, "review"), link("old", true, "accepted"), link("orders", false, "review")];
    let detection = json!({ "relationships": links, "keys": [key] });
    fs::write(sync.join("relationships.json"), detection.to_string()).unwrap();
    let text = format!("connections: {{ w: {{ driver: sqlite, policy: {policy} }}, x: {{ driver: sqlite }} }}");
    let project = Project::parsed(dir.path(), &text);
    (dir, project)
}

fn listed(project: &Project, status: Option<&str>) -> Vec<String> {
    let filter = RelationshipFilter { status: status.map(str::to_owned) };
    let list = list_relationships(project, "w", &filter).unwrap();
    let links = list.relationships.iter().map(|link| format!("{} {}", link.from.table, link.status));
    links.chain(list.keys.iter().map(|key| format!("key {} {}", key.table, key.status))).collect()
}

#[test]
fn list_has_what_the_newest_scan_has_and_the_policy_allows() {
    let (_dir, allowed) = project("{}");
    assert_eq!(listed(&allowed, None), ["s.old accepted", "s.orders review", "key s.orders review"]);
    assert_eq!(listed(&allowed, Some("accepted")), ["s.old accepted"]);
    let (_dir, denied) = project("{ deny: { columns: [orders.buyer] } }");
    assert_eq!(listed(&denied, None), ["s.old accepted", "key s.orders review"]);
    let filter = RelationshipFilter { status: Some("maybe".into()) };
    assert_eq!(list_relationships(&allowed, "w", &filter).unwrap_err().code(), Code::ArgumentInvalid);
    assert_eq!(
        list_relationships(&allowed, "x", &RelationshipFilter::default()).unwrap_err().code(),
        Code::ScanMissing
    );
}

#[test]
fn answers_apply_at_once_and_are_named_in_full() {
    let (dir, project) = project("{}");
    let (from, to) = (columns("ORDERS", &["Buyer"]), columns("customers", &["id"]));
    let answer = answer_relationship(&project, "w", &from, Some(&to), Answered::Rejected).unwrap();
    assert_eq!((answer.from, answer.to), (columns("s.orders", &["buyer"]), Some(columns("s.customers", &["id"]))));
    answer_relationship(&project, "w", &columns("s.orders", &["id"]), None, Answered::Accepted).unwrap();
    assert_eq!(listed(&project, None), ["s.old accepted", "s.orders rejected", "key s.orders accepted"]);
    let list = list_relationships(&project, "w", &RelationshipFilter::default()).unwrap();
    assert_eq!(list.relationships[1].evidence[0]["kind"], "decision");
    assert!(list.warnings.is_empty(), "{:?}", list.warnings);
    assert!(fs::read_to_string(dir.path().join("relationships/w.yaml")).unwrap().contains("table: s.orders"));
}

#[test]
fn answer_about_what_was_not_detected_waits_for_the_next_scan() {
    let (_dir, project) = project("{}");
    let (from, to) = (columns("old", &["id"]), columns("orders", &["id"]));
    answer_relationship(&project, "w", &from, Some(&to), Answered::Accepted).unwrap();
    let list = list_relationships(&project, "w", &RelationshipFilter::default()).unwrap();
    assert_eq!(list.warnings, ["1 accepted answers are not counted yet; scan with: ktx scan w --relationships"]);
}

#[test]
fn answers_that_cannot_be_right_are_refused() {
    let (dir, project) = project("{}");
    let refused = |from: Columns, to: Option<Columns>| {
        let error = answer_relationship(&project, "w", &from, to.as_ref(), Answered::Rejected).unwrap_err();
        assert_eq!(error.code(), Code::ArgumentInvalid);
        error.to_string()
    };
    let id = || columns("customers", &["id"]);
    assert!(refused(columns("order", &["id"]), None).starts_with("The newest scan of w has no columns order (id)"));
    assert!(refused(columns("orders", &[]), None).contains("has no columns orders ()"));
    assert!(refused(columns("orders", &["id", "buyer"]), Some(id())).contains("the same number of columns"));
    assert_eq!(
        refused(columns("old", &["buyer"]), Some(id())),
        "The database declares s.old (buyer), which cannot be rejected"
    );
    let accept = |to| {
        let (from, to) = (columns("orders", &["buyer"]), columns(to, &["name"]));
        answer_relationship(&project, "w", &from, Some(&to), Answered::Accepted).unwrap_err().to_string()
    };
    let expected =
        "s.orders (buyer) cannot refer to s.customers (name): values of the types int and text are never equal";
    assert_eq!(accept("customers"), expected);
    let same = answer_relationship(&project, "w", &id(), Some(&id()), Answered::Accepted).unwrap_err();
    assert!(same.to_string().ends_with("both sides are the same"), "{same}");
    assert!(!dir.path().join("relationships").exists());
}
