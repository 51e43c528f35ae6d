//! Scans with profiles, with a fake runner: batches, limits, staged files and changes.

use super::tests::{CloneableError, Home, URL, answer, names_in, read_all, request, table};
use crate::{
    error::{Code, Error, ErrorResponse},
    ingest::{
        Progress, RunProgress, RunReport, RunStatus, ScanMode, ScanRequest,
        profile::{ProfiledSyncs, TableIdentity},
        scan,
    },
    ports::JsonRunner,
};
use serde_json::{Value, json};
use std::{
    cell::{Cell, RefCell},
    fs,
    future::pending,
};

/// A runner that answers the introspection with tables, and requests for profiles by a
/// function; null is the status 404.
struct Fake<'a> {
    tables: Vec<Value>,
    profile: &'a dyn Fn(&Value) -> Value,
    /// Requests for profiles.
    requests: RefCell<Vec<Value>>,
    /// Requests that are being answered, and the most at a time.
    active: Cell<usize>,
    peak: Cell<usize>,
}

impl<'a> Fake<'a> {
    fn new(tables: Vec<Value>, profile: &'a dyn Fn(&Value) -> Value) -> Self {
        Self { tables, profile, requests: RefCell::default(), active: Cell::default(), peak: Cell::default() }
    }
}

impl JsonRunner for Fake<'_> {
    type Error = CloneableError;

    async fn request(&self, path: &str, payload: String) -> Result<String, CloneableError> {
        if path == "/database/introspect" {
            return Ok(answer(&self.tables));
        }
        assert_eq!(path, "/database/profile");
        let request: Value = serde_json::from_str(&payload).unwrap();
        self.requests.borrow_mut().push(request.clone());
        let tables = request["tables"].as_array().unwrap();
        let profiles: Vec<_> = tables.iter().map(self.profile).collect();
        self.active.update(|active| active + 1);
        self.peak.set(self.peak.get().max(self.active.get()));
        tokio::task::yield_now().await;
        self.active.update(|active| active - 1);
        if profiles[0].is_null() {
            let failed = Error::new(Code::HttpStatus, "POST /database/profile returned status 404");
            return Err(failed.with_response(Some(404), Some(ErrorResponse::from_detail("Not Found"))).into());
        }
        if request["tables"][0]["name"] == "hangs" {
            pending::<()>().await;
        }
        Ok(json!({ "connection_id": "shop", "profiled_at": "now", "tables": profiles, "keys": [], "links": [] })
            .to_string())
    }
}

/// The profile of a table of a request: 100 rows, with the value `a` in each column.
fn measured(table: &Value) -> Value {
    let columns = table["columns"].as_array().unwrap().iter().map(|column| {
        json!({
            "name": column["name"], "nulls": 0, "distinct": 1, "distinct_exact": true,
            "values": [{ "value": "a", "count": 100 }], "values_complete": true, "hashes": [5], "hash_limit": 9,
        })
    });
    json!({ "catalog": table["catalog"], "db": table["db"], "name": table["name"], "rows": 100, "rows_exact": true,
        "columns": columns.collect::<Vec<_>>(), "statements": 2, "seconds": 0.5 })
}

fn enriched() -> ScanRequest {
    ScanRequest { mode: ScanMode::Enriched, ..request("shop") }
}

async fn scan_with(home: &Home, request: &ScanRequest, fake: &Fake<'_>) -> Result<RunReport, CloneableError> {
    scan(&home.project, request, fake, Progress::silent(), pending()).await
}

fn shop(profile: &str) -> Home {
    Home::with_config(&format!(
        "connections:\n  shop: {{ driver: postgres, url: env:SHOP_URL, readonly: true, profile: {profile} }}\n"
    ))
}

#[tokio::test]
async fn profiles_are_staged_beside_the_tables_without_what_varies() {
    let home = Home::new();
    let fake = Fake::new(vec![table("Orders", &["id"]), table("orders", &["id", "status"])], &measured);
    let report = scan_with(&home, &enriched(), &fake).await.unwrap();
    let sync = home.path("raw-sources/shop/live-database").join(&report.sync_id);
    assert_eq!(names_in(&sync), ["connection.json", "foreign-keys.json", "profiles", "tables"]);
    assert_eq!(names_in(&sync.join("profiles")), names_in(&sync.join("tables")));
    let file = names_in(&sync.join("profiles")).remove(0);
    let staged = fs::read_to_string(sync.join("profiles").join(file)).unwrap();
    let staged: Value = serde_json::from_str(&staged).unwrap();
    assert_eq!(
        staged["columns"][0],
        json!({ "name": "id", "type": "text", "nulls": 0, "distinct": 1,
        "distinct_exact": true, "values": [{ "value": "a", "count": 100 }], "values_complete": true })
    );
    assert_eq!(
        staged.as_object().unwrap().keys().collect::<Vec<_>>(),
        ["catalog", "db", "name", "rows", "rows_exact", "columns"]
    );
    let summary = report.profile.as_ref().unwrap();
    assert_eq!((report.mode, summary.profiled, summary.statements), (Some(ScanMode::Enriched), 2, 4));
    assert_eq!(home.runs(), [report]);
    let requests = fake.requests.borrow();
    let keys = [
        "connection_id",
        "driver",
        "url",
        "tables",
        "hashes",
        "sample_rows",
        "table_timeout_ms",
        "statement_timeout_ms",
        "scan_timeout_ms",
    ];
    assert_eq!(requests[0].as_object().unwrap().keys().collect::<Vec<_>>(), keys);
    assert_eq!(
        (&requests[0]["url"], &requests[0]["hashes"], &requests[0]["sample_rows"]),
        (&URL.into(), &0.into(), &1_000_000.into())
    );
    let expected = json!({ "catalog": "shop", "db": "public", "name": "Orders", "kind": "table", "estimated_rows": 7,
        "columns": [{ "name": "id", "type": "text", "masked": false, "unmasked": false }], "partition_filter_required": false });
    assert_eq!(requests[0]["tables"][0], expected);
}

#[tokio::test]
async fn requests_run_at_the_same_time_unless_bytes_are_limited() {
    let tables: Vec<_> = (0..150).map(|number| table(&format!("t{number}"), &["id"])).collect();
    for (profile, expected) in [("{}", 4), ("{ max_bytes: 1000000 }", 1)] {
        let fake = Fake::new(tables.clone(), &measured);
        let report = scan_with(&shop(profile), &enriched(), &fake).await.unwrap();
        assert_eq!((fake.requests.borrow().len(), fake.peak.get()), (10, expected));
        assert_eq!(report.profile.unwrap().profiled, 150);
    }
}

#[tokio::test]
async fn structural_scans_leave_the_newest_profile_readable() {
    let home = Home::new();
    let columns = ["id", "status"];
    let fake = Fake::new(vec![table("orders", &columns)], &measured);
    let report = scan_with(&home, &enriched(), &fake).await.unwrap();
    let structural = scan_with(&home, &request("shop"), &fake).await.unwrap();
    assert_eq!((structural.mode, structural.profile), (Some(ScanMode::Structural), None));
    let find = |columns: &[&'static str]| {
        let columns = columns.iter().map(|name| (*name, "text")).collect();
        let identity = TableIdentity { catalog: Some("shop"), db: Some("public"), name: "orders", columns };
        ProfiledSyncs::of(&home.project, "shop").unwrap().find(&identity).unwrap()
    };
    assert_eq!(find(&columns).unwrap().sync_id, report.sync_id);
    assert_eq!(find(&["id"]), None, "of other columns");
    assert_eq!(fake.requests.borrow().len(), 1);
}

#[tokio::test]
async fn changes_of_profiles_are_reported_and_their_noise_is_not() {
    let home = Home::new();
    let value = Cell::new("a");
    let profile = |table: &Value| {
        let mut profile = measured(table);
        profile["columns"][0]["values"][0]["value"] = value.get().into();
        profile
    };
    let fake = Fake::new(vec![table("orders", &["status"])], &profile);
    assert!(scan_with(&home, &enriched(), &fake).await.unwrap().profile_changes.is_empty());
    assert!(scan_with(&home, &enriched(), &fake).await.unwrap().profile_changes.is_empty());
    scan_with(&home, &request("shop"), &fake).await.unwrap();
    value.set("b");
    let report = scan_with(&home, &enriched(), &fake).await.unwrap();
    let texts: Vec<_> =
        report.profile_changes.iter().map(|it| (it.table.as_str(), it.column.as_str(), it.text.as_str())).collect();
    assert_eq!(
        texts,
        [("public.orders", "status", "new value \"b\""), ("public.orders", "status", "vanished value \"a\"")]
    );
    assert_eq!(report.diff_summary.unchanged, 1, "a profile is no change of its table");
}

#[tokio::test]
async fn unread_tables_are_reported_and_have_no_profile() {
    let home = Home::new();
    let profile = |table: &Value| {
        let unread = table["name"] == "secret";
        let mut profile = measured(table);
        if unread {
            profile["columns"] = json!([]);
            profile["unread"] = format!("no right to read {URL}").into();
        }
        profile
    };
    let fake = Fake::new(vec![table("orders", &["id"]), table("secret", &["id"])], &profile);
    let report = scan_with(&home, &enriched(), &fake).await.unwrap();
    let summary = report.profile.unwrap();
    assert_eq!((summary.profiled, summary.unread.len()), (1, 1));
    assert_eq!(
        (summary.unread[0].table.as_str(), summary.unread[0].reason.as_str()),
        ("public.secret", "no right to read ***")
    );
    let profiles = home.path("raw-sources/shop/live-database").join(report.sync_id).join("profiles");
    assert_eq!(names_in(&profiles), ["public.orders.json"]);
    assert!(!String::from_utf8_lossy(&read_all(home.dir.path())).contains("hunt"));
}

#[tokio::test]
async fn progress_is_reported_between_requests() {
    let home = Home::new();
    let tables = (10..50).map(|index| table(&format!("t{index}"), &["id"])).collect();
    let fake = Fake::new(tables, &measured);
    let steps = RefCell::new(Vec::new());
    let sink = |step: RunProgress| {
        if step.message.starts_with("Profiling") {
            steps.borrow_mut().push((step.done, step.total));
        }
    };
    let relationships = ScanRequest { mode: ScanMode::Relationships, ..request("shop") };
    scan(&home.project, &relationships, &fake, Progress::new(&sink), pending()).await.unwrap();
    let expected = [0, 10, 20, 30, 40].map(|done| (Some(done), Some(40)));
    assert_eq!(*steps.borrow(), expected);
    assert!(fake.requests.borrow().iter().all(|request| request["hashes"] == 256));
}

#[tokio::test]
async fn tables_beyond_a_limit_are_skipped() {
    let home = shop("{ max_bytes: 50, scan_seconds: 1 }");
    let tables = |last: &str| {
        [&(10..42).map(|index| table(&format!("a{index}"), &["id"])).collect::<Vec<_>>()[..], &[table(last, &["id"])]]
            .concat()
    };
    let bytes = |table: &Value| {
        let mut profile = measured(table);
        profile["bytes"] = 5.into();
        profile
    };
    let report = scan_with(&home, &enriched(), &Fake::new(tables("z"), &bytes)).await.unwrap();
    let summary = report.profile.unwrap();
    assert_eq!((summary.profiled, summary.skipped.len(), summary.bytes), (16, 17, Some(80)));
    let warning = "17 of 33 tables were not profiled: the limit of 50 bytes was reached. Raise the limits of profile of shop in ktx.yaml";
    assert_eq!(report.warnings, [warning]);
    tokio::time::pause();
    let fake = Fake::new(tables("hangs"), &measured);
    let summary = scan_with(&home, &enriched(), &fake).await.unwrap().profile.unwrap();
    assert_eq!((summary.profiled, summary.skipped.len()), (32, 1));
    assert_eq!(summary.skipped[0].reason, "the time limit of the scan was reached");
    let limits = ["table_timeout_ms", "scan_timeout_ms"];
    let is_limited = |request: &Value| limits.iter().all(|limit| request[limit].as_u64().unwrap() <= 1000);
    assert!(fake.requests.borrow().iter().all(is_limited));
}

#[tokio::test]
async fn tables_with_more_bytes_than_may_be_read_are_refused_before_anything_is_read() {
    let home = shop("{ max_bytes: 10 }");
    let sized = |name: &str| {
        let mut table = table(name, &["id"]);
        table["bytes"] = 6.into();
        table
    };
    let fake = Fake::new(vec![sized("a"), sized("b")], &measured);
    let error = scan_with(&home, &enriched(), &fake).await.unwrap_err();
    assert_eq!(
        (error.0, error.1.as_str()),
        (Code::ConnectionInvalid, "The profiles of shop could read 12 bytes, which is more than 10 bytes")
    );
    assert!(fake.requests.borrow().is_empty() && home.syncs().is_empty());
    assert_eq!(home.runs()[0].status, RunStatus::Failed);
    let fake = Fake::new(vec![sized("a")], &measured);
    assert!(scan_with(&home, &enriched(), &fake).await.is_ok());
}

#[tokio::test]
async fn profiles_that_are_switched_off_are_refused_or_left_out() {
    let home = shop("{ enabled: false }");
    let fake = Fake::new(vec![table("a", &["id"])], &measured);
    let error = scan_with(&home, &enriched(), &fake).await.unwrap_err();
    assert_eq!(
        (error.0, error.1.as_str()),
        (Code::ConnectionInvalid, "Profiles of the connection shop are switched off")
    );
    let optional = ScanRequest { profile_is_optional: true, ..enriched() };
    let report = scan_with(&home, &optional, &fake).await.unwrap();
    assert_eq!((report.mode, report.warnings.len()), (Some(ScanMode::Structural), 0));
    assert!(fake.requests.borrow().is_empty());
}

#[tokio::test]
async fn daemon_without_the_endpoint_is_an_error_or_a_warning() {
    let home = Home::new();
    let fake = Fake::new(vec![table("a", &["id"])], &|_| Value::Null);
    let error = scan_with(&home, &enriched(), &fake).await.unwrap_err();
    assert_eq!(error.1, "The daemon cannot profile tables: it does not have the endpoint /database/profile");
    let optional = ScanRequest { profile_is_optional: true, ..enriched() };
    let report = scan_with(&home, &optional, &fake).await.unwrap();
    assert_eq!((report.diff_summary.added, report.profile), (1, None));
    assert!(
        report.warnings[0].starts_with("The tables of shop were not profiled: The daemon cannot"),
        "{:?}",
        report.warnings
    );
}

#[tokio::test]
async fn unexpected_profile_is_an_error() {
    let home = Home::new();
    let other = |table: &Value| {
        let mut profile = measured(table);
        profile["columns"][0]["name"] = "other".into();
        profile
    };
    let error = scan_with(&home, &enriched(), &Fake::new(vec![table("a", &["id"])], &other)).await.unwrap_err();
    assert_eq!(error.0, Code::HttpAnswerInvalid);
    assert!(error.1.ends_with("the profile of a has no column id in its place"), "{}", error.1);
}

#[tokio::test]
async fn columns_that_the_user_may_not_read_are_not_requested() {
    let home = Home::new();
    let mut orders = table("orders", &["id", "secret"]);
    orders["columns"][1]["readable"] = false.into();
    let fake = Fake::new(vec![orders], &measured);
    let report = scan_with(&home, &enriched(), &fake).await.unwrap();
    let requests = fake.requests.borrow();
    let names = requests[0]["tables"][0]["columns"].as_array().unwrap().iter().map(|column| &column["name"]);
    assert_eq!(names.collect::<Vec<_>>(), ["id"]);
    let staged = home.path("raw-sources/shop/live-database").join(&report.sync_id).join("tables/public.orders.json");
    let staged: Value = serde_json::from_str(&fs::read_to_string(staged).unwrap()).unwrap();
    assert_eq!(staged["columns"][1]["readable"], false);
}
