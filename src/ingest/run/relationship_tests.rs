//! Scans in the mode `relationships`, with a fake runner: counts, limits, answers and the staged file.

use super::tests::{CloneableError, Home, answer, request, table};
use crate::{
    ingest::{Progress, RunReport, ScanMode, ScanRequest, scan},
    ports::JsonRunner,
};
use serde_json::{Value, json};
use std::{cell::RefCell, fs, future::pending};

/// A runner with two tables: 200 orders of 40 buyers, whose ids no other column has by accident.
#[derive(Default)]
struct Fake {
    /// Requests with keys or links.
    counts: RefCell<Vec<Value>>,
    /// Bytes that the profile of a table has read.
    bytes: u64,
    /// Whether `buyers` is locked: its profile takes too long.
    is_locked: bool,
}

impl JsonRunner for Fake {
    type Error = CloneableError;

    async fn request(&self, path: &str, payload: String) -> Result<String, CloneableError> {
        if path == "/database/introspect" {
            let sized = |mut table: Value| {
                table["bytes"] = 1000.into();
                table
            };
            return Ok(answer(&[table("buyers", &["buyer_id"]), table("orders", &["buyer_id"])].map(sized)));
        }
        let request: Value = serde_json::from_str(&payload).unwrap();
        let (keys, links) = (length(&request["keys"]), length(&request["links"]));
        if keys + links > 0 {
            self.counts.borrow_mut().push(request.clone());
        }
        let tables: Vec<_> = request["tables"].as_array().unwrap().iter().map(|table| self.measure(table)).collect();
        let key = json!({ "rows": 40, "null_rows": 0, "distinct": 40 });
        let link =
            json!({ "rows": 200, "distinct": 40, "unmatched_rows": 0, "target_rows": 40, "target_distinct": 40 });
        let answer = json!({ "connection_id": "shop", "profiled_at": "now", "tables": tables,
            "keys": vec![key; keys], "links": vec![link; links] });
        Ok(answer.to_string())
    }
}

impl Fake {
    fn measure(&self, table: &Value) -> Value {
        let mut profile = measured(table, self.bytes);
        if self.is_locked && table["name"] == "buyers" {
            (profile["columns"], profile["unread"]) = (json!([]), "The statement took too long".into());
        }
        profile
    }
}

fn length(list: &Value) -> usize {
    list.as_array().map_or(0, Vec::len)
}

fn measured(table: &Value, bytes: u64) -> Value {
    let rows = if table["name"] == "orders" { 200 } else { 40 };
    let hashes: Vec<_> = (1..=40_u64).map(|hash| hash << 50).collect();
    let column = json!({ "name": "buyer_id", "nulls": 0, "distinct": 40, "distinct_exact": true,
        "min": "K-0017-x", "max": "K-9971-x", "min_length": 8, "max_length": 8, "mean_length": 8.0, "hashes": hashes });
    json!({ "catalog": table["catalog"], "db": table["db"], "name": table["name"], "rows": rows, "rows_exact": true,
        "columns": [column], "statements": 1, "seconds": 0.5, "bytes": bytes })
}

async fn detect(home: &Home, fake: &Fake) -> (RunReport, Value) {
    let request = ScanRequest { mode: ScanMode::Relationships, ..request("shop") };
    let report = scan(&home.project, &request, fake, Progress::silent(), pending()).await.unwrap();
    let sync = home.path("raw-sources/shop/live-database").join(&report.sync_id);
    let text = fs::read_to_string(sync.join("relationships.json")).unwrap();
    assert!(!text.contains("hashes") && !text.contains("hunt"), "{text}");
    (report, serde_json::from_str(&text).unwrap())
}

#[tokio::test]
async fn proposed_links_are_counted_and_the_result_is_staged() {
    let (home, fake) = (Home::new(), Fake::default());
    let (report, detection) = detect(&home, &fake).await;
    let side = |table: &str| json!({ "catalog": "shop", "db": "public", "name": table, "columns": ["buyer_id"] });
    let requests = fake.counts.borrow();
    assert_eq!(requests.last().unwrap()["links"], json!([{ "from": side("orders"), "to": side("buyers") }]));
    assert_eq!(requests.last().unwrap()["tables"], json!([]));
    let link = &detection["relationships"][0];
    assert_eq!((&link["status"], &link["cardinality"]), (&"accepted".into(), &"many_to_one".into()));
    assert_eq!(report.relationships.unwrap().accepted, 1);
    assert_eq!(home.runs(), [report]);
}

#[tokio::test]
async fn answers_of_the_user_are_used_and_unusable_ones_are_warnings() {
    let (home, fake) = (Home::new(), Fake::default());
    let entry = |to: &str, status: &str| {
        format!(
            "  - {{ from: {{ table: Orders, columns: [buyer_id] }}, to: {{ table: {to}, columns: [buyer_id] }}, status: {status} }}\n"
        )
    };
    fs::create_dir(home.path("relationships")).unwrap();
    let text = format!("relationships:\n{}{}", entry("public.buyers", "rejected"), entry("dropped", "accepted"));
    fs::write(home.path("relationships/shop.yaml"), text).unwrap();
    let (report, detection) = detect(&home, &fake).await;
    assert_eq!(detection["relationships"][0]["status"], "rejected");
    assert!(fake.counts.borrow().iter().all(|request| length(&request["links"]) == 0), "an answer is not asked again");
    let warning = "The scan of shop has no columns dropped (buyer_id), which relationships answers name";
    assert_eq!(report.warnings, [warning]);
}

#[tokio::test]
async fn what_a_limit_leaves_uncounted_is_not_accepted() {
    let home = |bytes: u64| {
        Home::with_config(&format!(
            "connections:\n  shop: {{ driver: postgres, url: env:SHOP_URL, readonly: true, profile: {{ max_bytes: {bytes} }} }}\n"
        ))
    };
    let fake = Fake { bytes: 500, ..Fake::default() };
    for (bytes, status) in [(4000, "accepted"), (2500, "review")] {
        let (_, detection) = detect(&home(bytes), &fake).await;
        assert_eq!(detection["relationships"][0]["status"], status, "{bytes}: {detection}");
    }
}

#[tokio::test]
async fn results_of_a_locked_table_are_kept_with_a_warning() {
    let home = Home::new();
    let (first, before) = detect(&home, &Fake::default()).await;
    let (locked, kept) = detect(&home, &Fake { is_locked: true, ..Fake::default() }).await;
    assert_eq!((locked.relationships, &kept), (first.relationships, &before), "nothing is written");
    assert!(locked.warnings.iter().any(|text| text.contains("1 tables were not measured")), "{:?}", locked.warnings);
    assert!(locked.warnings.iter().any(|text| text.contains(&first.sync_id)), "{:?}", locked.warnings);
}
