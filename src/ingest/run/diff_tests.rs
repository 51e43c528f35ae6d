//! What consecutive scans report, with a fake runner: changes of each kind, updates of KTX, and syncs that are kept.

use super::tests::{CloneableError, Home, answer, names_in, request, table};
use crate::{
    ingest::{ChangeKind, DiffSummary, Progress, RunReport, ScanMode, ScanRequest, scan},
    ports::JsonRunner,
};
use serde_json::{Value, json};
use std::{fs, future::pending};

/// A daemon that answers with tables, with a number of facts, and with the profile of each table.
struct Daemon {
    tables: Vec<Value>,
    facts: u32,
    /// Number of rows, and the greatest value of each column.
    profile: (u64, i64),
}

impl JsonRunner for Daemon {
    type Error = CloneableError;

    async fn request(&self, path: &str, payload: String) -> Result<String, CloneableError> {
        if path == "/database/introspect" {
            let mut found: Value = serde_json::from_str(&answer(&self.tables)).unwrap();
            found["facts"] = self.facts.into();
            return Ok(found.to_string());
        }
        let request: Value = serde_json::from_str(&payload).unwrap();
        let (rows, max) = self.profile;
        let measure = |table: &Value| {
            let columns = table["columns"].as_array().unwrap().iter().map(|column| {
                json!({ "name": column["name"], "nulls": 0, "distinct": 5, "distinct_exact": true, "min": 1, "max": max })
            });
            json!({ "catalog": table["catalog"], "db": table["db"], "name": table["name"], "rows": rows, "rows_exact": true,
                "columns": columns.collect::<Vec<_>>(), "statements": 1, "seconds": 0.1 })
        };
        let tables: Vec<_> = request["tables"].as_array().unwrap().iter().map(measure).collect();
        Ok(json!({ "connection_id": "shop", "profiled_at": "now", "tables": tables, "keys": [], "links": [] })
            .to_string())
    }
}

impl Daemon {
    fn new(tables: &[Value]) -> Self {
        Self { tables: tables.to_vec(), facts: 1, profile: (100, 9) }
    }

    async fn scan(&self, home: &Home, mode: ScanMode) -> RunReport {
        let request = ScanRequest { mode, ..request("shop") };
        scan(&home.project, &request, self, Progress::silent(), pending()).await.unwrap()
    }
}

async fn structure(home: &Home, tables: &[Value]) -> RunReport {
    Daemon::new(tables).scan(home, ScanMode::Structural).await
}

fn texts(report: &RunReport, table: &str) -> Vec<String> {
    report.details.get(table).into_iter().flatten().map(|change| change.text.clone()).collect()
}

fn with_default(mut table: Value) -> Value {
    table["columns"][0]["default"] = "1".into();
    table
}

#[tokio::test]
async fn report_says_what_changed() {
    let home = Home::new();
    structure(&home, &[table("a", &["id", "fax"]), table("same", &["id"])]).await;
    let report = structure(&home, &[table("a", &["id", "phone"]), table("same", &["id"])]).await;
    assert_eq!(report.changes.modified, ["public.a"]);
    assert_eq!(texts(&report, "public.a"), ["+ phone text", "- fax", "rename? fax → phone (same type and position)"]);
    assert_eq!(report.details.len(), 1);
    assert_eq!(home.runs()[0], report);
}

#[tokio::test]
async fn what_the_policy_leaves_out_is_no_change_of_the_database() {
    let mut home = Home::new();
    let tables = [table("a", &["id", "ssn"]), with_default(table("b", &["tier"])), table("pay", &["id"])];
    structure(&home, &tables).await;
    let config = std::fs::read_to_string(home.path("ktx.yaml")).unwrap();
    let policy = "schemas: [public], policy: { deny: { tables: [pay], columns: [a.ssn] }, mask: [b.tier] }";
    fs::write(home.path("ktx.yaml"), config.replacen("schemas: [public]", policy, 1)).unwrap();
    home.project = std::sync::Arc::new(crate::project::load(home.dir.path()).unwrap());
    let report = structure(&home, &tables).await;
    let left_out = ["~ columns, keys or values are left out by the data policy"];
    assert_eq!(texts(&report, "public.a"), left_out);
    assert_eq!(texts(&report, "public.b"), left_out);
    assert_eq!(texts(&report, "public.pay"), ["~ the table is left out by the data policy"]);
    assert!(structure(&home, &tables).await.details.is_empty());
    // Lifting it is none either, beside what has changed.
    fs::write(home.path("ktx.yaml"), config).unwrap();
    home.project = std::sync::Arc::new(crate::project::load(home.dir.path()).unwrap());
    let tables = [table("a", &["id", "ssn", "new"]), tables[1].clone(), tables[2].clone(), table("other", &["id"])];
    let report = structure(&home, &tables).await;
    let lifted = "~ columns, keys or values are no longer left out by the data policy";
    assert_eq!(texts(&report, "public.a"), ["+ new text", lifted]);
    assert_eq!(texts(&report, "public.b"), [lifted]);
    assert_eq!(texts(&report, "public.pay"), ["~ the table is no longer left out by the data policy"]);
    assert_eq!(texts(&report, "public.other"), Vec::<String>::new());
}

#[tokio::test]
async fn renamed_table_is_proposed_if_no_other_has_its_columns() {
    let home = Home::new();
    let wide = ["id", "name", "day"];
    structure(&home, &[table("old", &wide), table("b", &["x"]), table("c", &["x"])]).await;
    let report = structure(&home, &[table("new", &wide), table("d", &["x"]), table("e", &["x"])]).await;
    assert_eq!(texts(&report, "public.new"), ["rename? public.old → public.new (same columns)"]);
    assert_eq!(report.details["public.new"][0].kind, ChangeKind::Renamed);
    assert_eq!(report.details.len(), 1, "{:?}", report.details);
    assert_eq!((report.changes.added.len(), report.changes.deleted.len()), (3, 3));
}

#[tokio::test]
async fn profiles_confirm_or_contradict_a_rename() {
    for (profile, expected) in [((100, 9), 2), ((100, 8), 0), ((101, 9), 0)] {
        let home = Home::new();
        let before = [table("a", &["id", "fax"]), table("old", &["x", "y"])];
        Daemon::new(&before).scan(&home, ScanMode::Enriched).await;
        let after = [table("a", &["id", "phone"]), table("new", &["x", "y"])];
        let report = Daemon { profile, ..Daemon::new(&after) }.scan(&home, ScanMode::Enriched).await;
        let renames = report.details.values().flatten().filter(|change| change.kind == ChangeKind::Renamed);
        let texts: Vec<_> = renames.map(|change| change.text.as_str()).collect();
        // The numbers of rows are all that is compared of a table.
        let table = usize::from(profile == (100, 8));
        assert_eq!(texts.len(), expected + table, "{texts:?}");
        if expected == 2 {
            assert_eq!(texts[0], "rename? fax → phone (same type, position and profile)");
            assert_eq!(texts[1], "rename? public.old → public.new (same columns and rows)");
        }
    }
}

#[tokio::test]
async fn sync_without_a_difference_is_not_written_again() {
    let home = Home::new();
    let mut orders = table("orders", &["id"]);
    let first = structure(&home, std::slice::from_ref(&orders)).await;
    orders["estimated_rows"] = 8.into();
    let again = structure(&home, std::slice::from_ref(&orders)).await;
    assert_ne!(again.run_id, first.run_id);
    assert_eq!((&again.sync_id, home.syncs()), (&first.sync_id, vec![first.sync_id.clone()]));
    // The sync of a third scan is compared with the kept one.
    let third = structure(&home, &[table("orders", &["id", "more"])]).await;
    assert_eq!(texts(&third, "public.orders"), ["+ more text"]);
    assert_eq!(home.syncs(), [first.sync_id, third.sync_id]);
}

#[tokio::test]
async fn missing_folder_is_written_again() {
    let home = Home::new();
    let first = structure(&home, &[table("orders", &["id"])]).await;
    fs::remove_dir_all(home.path("raw-sources")).unwrap();
    let again = structure(&home, &[table("orders", &["id"])]).await;
    assert_eq!(again.diff_summary, DiffSummary { unchanged: 1, ..DiffSummary::default() });
    assert_ne!(again.sync_id, first.sync_id);
    assert_eq!(home.syncs(), [again.sync_id]);
}

#[tokio::test]
async fn missing_file_of_a_table_is_written_again() {
    let home = Home::new();
    let first = structure(&home, &[table("orders", &["id"])]).await;
    let sync = home.path("raw-sources/shop/live-database").join(&first.sync_id);
    fs::remove_dir_all(sync.join("tables")).unwrap();
    assert_ne!(structure(&home, &[table("orders", &["id"])]).await.sync_id, first.sync_id);
}

#[tokio::test]
async fn profiles_are_written_if_they_are_missing_or_changed() {
    let home = Home::new();
    let mut daemon = Daemon::new(&[table("orders", &["id"])]);
    let structural = daemon.scan(&home, ScanMode::Structural).await;
    let profiled = daemon.scan(&home, ScanMode::Enriched).await;
    assert_ne!(profiled.sync_id, structural.sync_id);
    assert_eq!(names_in(&home.path("raw-sources/shop/live-database").join(&profiled.sync_id)).len(), 4);
    assert_eq!(daemon.scan(&home, ScanMode::Enriched).await.sync_id, profiled.sync_id);
    assert_eq!(daemon.scan(&home, ScanMode::Structural).await.sync_id, profiled.sync_id);
    // Another range is within the noise of the report, but readers have to see it.
    daemon.profile = (101, 10);
    let moved = daemon.scan(&home, ScanMode::Enriched).await;
    assert!(moved.profile_changes.is_empty());
    assert_eq!(home.syncs(), [structural.sync_id, profiled.sync_id, moved.sync_id]);
}

#[tokio::test]
async fn update_of_ktx_changes_no_table() {
    let home = Home::new();
    let tables = [table("a", &["id"]), table("b", &["id"])];
    let earlier = Daemon { facts: 0, ..Daemon::new(&tables) };
    let first = earlier.scan(&home, ScanMode::Structural).await;
    let more: Vec<_> = tables.iter().cloned().map(with_default).collect();
    let updated = structure(&home, &more).await;
    assert_eq!(updated.diff_summary, DiffSummary { unchanged: 2, ..DiffSummary::default() });
    // The new facts are staged, so that they can be compared from now on.
    assert_ne!(updated.sync_id, first.sync_id);
    let report = structure(&home, &[more[0].clone(), tables[1].clone()]).await;
    assert_eq!(texts(&report, "public.b"), ["~ id: default 1 → none"]);
    assert_eq!(report.changes.modified, ["public.b"]);
}

#[tokio::test]
async fn files_of_an_earlier_version_are_replaced_if_they_are_the_same() {
    let home = Home::new();
    let tables = [table("a", &["id"])];
    let earlier = Daemon { facts: 0, ..Daemon::new(&tables) };
    let first = earlier.scan(&home, ScanMode::Structural).await;
    let updated = structure(&home, &tables).await;
    assert_ne!(updated.sync_id, first.sync_id);
    let report = structure(&home, &tables.map(with_default)).await;
    assert_eq!(texts(&report, "public.a"), ["~ id: default none → 1"]);
}
