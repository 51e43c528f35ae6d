//! Ingests of a query history, with a fake daemon.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "an unwrap in a test is an assertion")]

#[path = "support/ingest.rs"]
mod support;

use ktx::{
    env::Environment,
    error::Code,
    ingest::{Progress, RunProgress, RunReport, RunStatus, ingest},
};
use serde_json::{Value, json};
use std::{cell::RefCell, fs, future::pending};
use support::{Daemon, Home, names_in, read_all, summary};

const URL: &str = "postgres://reader:hunter2%20p%40ss@db.example:5433/shop";
const HISTORY: &str = "/database/query-history";
const ANALYSIS: &str = "/sql/analyze-batch";

fn home(settings: &str) -> Home {
    let config = format!(
        "connections:\n  shop: {{ driver: postgres, url: env:SHOP_URL, readonly: true, historicSql: {{ enabled: true, {settings} }} }}\n  plain: {{ driver: postgres, url: env:SHOP_URL, readonly: true }}\ningest: {{ adapters: [historic-sql] }}\n"
    );
    Home::new(&config, Environment::default().with("SHOP_URL", URL))
}

fn statement(id: usize, sql: &str, calls: i64, total_ms: f64) -> Value {
    json!({ "query_id": id.to_string(), "sql": sql, "calls": calls, "total_ms": total_ms, "rows": calls,
        "since_ms": null, "nested": false })
}

fn page(statements: &[Value]) -> Value {
    json!({ "extracted_at": "2026-01-02T03:04:05.678+00:00", "unavailable": null,
        "metadata": { "driver": "postgres", "server_version": "17.2" },
        "statistics": { "reset_at_ms": 1_700_000_000_000_i64, "dealloc": 0 },
        "statements": statements, "without_text": 0, "truncated": false, "next_cursor": null })
}

/// Replaces the values at some JSON pointers of a page.
fn with(mut page: Value, changes: &[(&str, Value)]) -> Value {
    for (path, value) in changes {
        *page.pointer_mut(path).unwrap() = value.clone();
    }
    page
}

/// Returns a daemon whose query history has these statements.
fn daemon(statements: &[Value]) -> Daemon {
    let daemon = Daemon::default();
    daemon.set_history(vec![page(statements)]);
    daemon
}

async fn pull(home: &Home, daemon: &Daemon) -> RunReport {
    home.ingest(daemon, &home.request("shop", "historic-sql")).await.unwrap()
}

async fn refused(home: &Home, daemon: &Daemon, connection: &str) -> (Code, String) {
    let error = home.ingest(daemon, &home.request(connection, "historic-sql")).await.unwrap_err();
    assert!(!format!("{error:?}").contains("hunter2"), "{error:?}");
    (error.code(), error.with_hint_text())
}

#[tokio::test]
async fn templates_are_merged_and_ranked_and_unchanged_in_the_next_run() {
    let mut statements = vec![
        statement(1, "SELECT name FROM customers WHERE id = $1", 6, 3.0),
        statement(2, "select   NAME from customers where id = $1", 4, 3.0),
        statement(3, "/* report */ SELECT c.name FROM customers c JOIN orders o ON true", 1, 90.0),
        statement(4, "INSERT INTO customers VALUES ($1, $2)", 1, 1.0),
        statement(5, "UPDATE customers SET name = $1", 1, 2.0),
        statement(6, "SELECT relname FROM pg_catalog.pg_class", 1, 2.0),
        statement(7, "ANALYZE customers", 1, 2.0),
        statement(8, "SELECT $1", 1, 2.0),
        statement(9, "SHOW work_mem", 1, 2.0),
    ];
    let (home, daemon) = (home(""), daemon(&statements));
    let report = pull(&home, &daemon).await;
    assert_eq!(report.status, RunStatus::Done);
    let sync = home.sync(&report);
    assert_eq!(names_in(&sync), ["templates", "templates.json", "usage.json"]);
    let index = home.staged(&report, "templates.json");
    let index = index.as_array().unwrap();
    let times: Vec<_> = index.iter().map(|template| template["total_ms"].as_f64().unwrap()).collect();
    assert!(times.is_sorted_by(|left, right| left >= right), "{times:?}");
    assert_eq!((index.len(), names_in(&sync.join("templates")).len()), (4, 4), "{index:#?}");
    let lookup = index.iter().find(|template| template["calls"] == 10).expect("both spellings together");
    let file = format!("templates/{}.json", ktx::project::file_names::encode(lookup["fingerprint"].as_str().unwrap()));
    let template = home.staged(&report, &file);
    assert!(template["normalized_sql"].as_str().unwrap().contains("where id = $1"), "{template}");
    assert_eq!((&template["tables"][0]["name"], &template["dialect"]), (&"customers".into(), &"postgres".into()));
    assert_eq!((&template["mean_ms"], &template["statements"]), (&0.6.into(), &2.into()));
    assert_eq!(daemon.requests_to(ANALYSIS).len(), 1, "one batch");

    statements[0]["calls"] = 7.into();
    daemon.set_history(vec![page(&statements)]);
    let again = pull(&home, &daemon).await;
    assert_eq!((again.diff_summary, &again.warnings), (summary(0, 0, 0, 4), &Vec::new()));
    statements.push(statement(10, "SELECT note FROM orders WHERE id = $1", 1, 1.0));
    daemon.set_history(vec![page(&statements)]);
    let changed = pull(&home, &daemon).await;
    assert_eq!(changed.diff_summary, summary(1, 0, 0, 4));
    assert!(!read_all(home.dir.path()).contains("hunter2"));
}

#[tokio::test]
async fn all_pages_are_read_and_limits_are_warnings() {
    let (home, daemon) = (home(""), Daemon::default());
    let pages = [("a", 1), ("b", 2), ("c", 3)].map(|(table, id)| {
        let read = page(&[statement(id, &format!("SELECT id FROM {table}"), 1, 1.0)]);
        with(read, &[("/without_text", 1.into()), ("/truncated", (id == 2).into())])
    });
    daemon.set_history(pages.to_vec());
    let report = pull(&home, &daemon).await;
    assert_eq!(report.diff_summary, summary(3, 0, 0, 0));
    assert_eq!(
        report.warnings,
        [
            "3 statements are skipped: the database no longer has their text, or it is very long",
            "There are more than 100,000 statements: only those with the longest total time are read",
        ]
    );
    let requests = daemon.requests_to(HISTORY);
    let cursors: Vec<_> = requests.iter().map(|request| request["cursor"].as_str()).collect();
    assert_eq!(cursors, [None, Some("1"), Some("2")]);
    assert_eq!(
        requests[0],
        json!({ "connection_id": "shop", "driver": "postgres", "url": URL, "max_statements": 100_000,
            "statement_timeout_ms": 60_000, "connection_timeout_seconds": 10 })
    );
}

#[tokio::test]
async fn endless_pagination_is_stopped() {
    let (home, daemon) = (home(""), Daemon::default());
    daemon.set_history(vec![with(page(&[]), &[("/next_cursor", "0".into())])]);
    let (code, text) = refused(&home, &daemon, "shop").await;
    assert_eq!(code, Code::HttpAnswerInvalid);
    assert!(text.ends_with("answered unexpectedly at statements: a page that others follow is empty"), "{text}");
    let many: Vec<_> = (0..60_000).map(|id| statement(id, "BEGIN", 1, 1.0)).collect();
    daemon.set_history(vec![with(page(&many), &[("/next_cursor", "0".into())])]);
    let warnings = pull(&home, &daemon).await.warnings;
    assert!(warnings[0].starts_with("There are more than 100,000 statements"), "{warnings:?}");
    assert_eq!(daemon.requests_to(HISTORY).len(), 1 + 2);
}

#[tokio::test]
async fn templates_with_few_calls_are_skipped_and_unparsed_statements_are_a_warning() {
    let daemon = daemon(&[
        statement(1, "SELECT id FROM customers", 3, 1.0),
        statement(2, "SELECT id FROM orders", 1, 1.0),
        statement(3, "SELECT id FROM broken", 1, 1.0),
    ]);
    let home = home("minCalls: 3");
    let report = pull(&home, &daemon).await;
    assert_eq!(report.diff_summary, summary(1, 0, 0, 0));
    assert_eq!(report.warnings, ["1 statements cannot be analysed and are skipped; the first: Line 1: it is broken"]);
}

#[tokio::test]
async fn reset_and_statements_of_unknown_age_are_warnings() {
    let without_reset = |calls| {
        let read = page(&[statement(1, "SELECT id FROM customers", calls, 1.0)]);
        with(read, &[("/statistics/reset_at_ms", Value::Null)])
    };
    let (home, daemon) = (home("windowDays: 7"), Daemon::default());
    daemon.set_history(vec![without_reset(9)]);
    let first = pull(&home, &daemon).await;
    assert_eq!(first.diff_summary.added, 1);
    assert!(first.warnings[0].contains("does not record when some statements last ran"));
    // Moves the last known call to 1970.
    let baseline = home.dir.path().join(".ktx/cache/historic-sql/shop.json");
    let mut recorded: Value = serde_json::from_str(&fs::read_to_string(&baseline).unwrap()).unwrap();
    recorded["seen"]["1"][1] = 1.into();
    fs::write(&baseline, recorded.to_string()).unwrap();
    let second = pull(&home, &daemon).await;
    assert_eq!(second.diff_summary.deleted, 1, "it did not run within the window");
    daemon.set_history(vec![without_reset(1)]);
    let third = pull(&home, &daemon).await;
    assert!(third.warnings.iter().any(|warning| warning.contains("were reset")), "{:?}", third.warnings);
    assert_eq!(third.diff_summary.added, 1, "it ran again");
}

#[tokio::test]
async fn statistics_of_newer_servers_are_used_and_evictions_are_a_warning() {
    let now = jiff::Timestamp::now().as_millisecond();
    let mut nested = statement(1, "SELECT id FROM customers", 3, 1.5);
    let mut other = statement(2, "SELECT id FROM orders", 3, 2.5);
    (nested["nested"], nested["since_ms"], other["since_ms"]) = (true.into(), now.into(), now.into());
    let read = page(&[nested, other]);
    let (home, daemon) = (home("windowDays: 7"), Daemon::default());
    daemon.set_history(vec![read.clone()]);
    let report = pull(&home, &daemon).await;
    assert_eq!((report.diff_summary, &report.warnings), (summary(2, 0, 0, 0), &Vec::new()));
    let index = home.staged(&report, "templates.json");
    let is_nested = |template: &Value| {
        let file = ktx::project::file_names::encode(template["fingerprint"].as_str().unwrap());
        home.staged(&report, &format!("templates/{file}.json"))["nested"] == true
    };
    assert_eq!((is_nested(&index[0]), is_nested(&index[1])), (false, true));

    let dropped = with(read, &[("/statistics/dealloc", 3.into())]);
    daemon.set_history(vec![dropped.clone()]);
    let warnings = pull(&home, &daemon).await.warnings;
    assert!(warnings.len() == 1 && warnings[0].contains("evicted rare statements 3 times"), "{warnings:?}");
    daemon.set_history(vec![with(dropped, &[("/statistics/reset_at_ms", 4_071_006_245_000_i64.into())])]);
    let warnings = pull(&home, &daemon).await.warnings;
    assert!(warnings.len() == 1 && warnings[0].contains("were reset at 2099-01-02T03:04:05Z"), "{warnings:?}");
}

#[tokio::test]
async fn missing_extension_or_privilege_is_an_error_with_a_hint() {
    let (home, daemon) = (home(""), Daemon::default());
    for (reason, code) in [
        ("extension_missing", Code::SourceForbidden),
        ("extension_not_loaded", Code::SourceForbidden),
        ("permission_denied", Code::SourceForbidden),
        ("server_too_old", Code::ConnectionInvalid),
    ] {
        let unavailable = json!({ "code": reason, "detail": "hunter2 p@ss is missing", "hint": "Run: CREATE it" });
        daemon.set_history(vec![with(page(&[]), &[("/unavailable", unavailable)])]);
        assert_eq!(refused(&home, &daemon, "shop").await, (code, "*** is missing. Run: CREATE it".into()));
    }
    let (code, text) = refused(&home, &daemon, "plain").await;
    assert_eq!(code, Code::ConnectionInvalid);
    assert!(text.contains("Add historicSql: { enabled: true }"), "{text}");
    assert!(home.runs().iter().all(|run| run.status == RunStatus::Failed));
    assert_eq!(names_in(&home.dir.path().join("raw-sources/shop/historic-sql")), Vec::<String>::new());
}

#[tokio::test]
async fn refusal_of_the_daemon_is_a_connection_error_and_keeps_the_last_sync() {
    let (home, daemon) = (home(""), daemon(&[statement(1, "SELECT id FROM customers", 1, 1.0)]));
    let first = pull(&home, &daemon).await;
    let body = r#"{"detail":"PostgreSQL at db.example:5433/shop refused the login of user 'reader' with hunter2 p@ss","code":"authentication_failed"}"#;
    daemon.refuse_history(body);
    let (code, text) = refused(&home, &daemon, "shop").await;
    assert_eq!(code, Code::ConnectionFailed);
    assert_eq!(
        text,
        "Cannot read the connection shop: PostgreSQL at db.example:5433/shop refused the login of user 'reader' with ***. \
         Correct the user or the password with: ktx connection edit shop"
    );
    assert_eq!(home.runs()[0].error.as_deref(), Some(text.as_str()));
    assert_eq!(names_in(&home.dir.path().join("raw-sources/shop/historic-sql")), [first.sync_id]);
    // A fault of the daemon is not an error of the connection.
    daemon.fail_history(Code::HttpConnect, "could not connect");
    assert_eq!(refused(&home, &daemon, "shop").await, (Code::HttpConnect, "could not connect".into()));
    daemon.set_history(vec![with(page(&[statement(1, "SELECT", 1, 1.0)]), &[("/statements/0/calls", "many".into())])]);
    let (code, text) = refused(&home, &daemon, "shop").await;
    assert_eq!(code, Code::HttpAnswerInvalid);
    assert!(text.contains("statements[0].calls"), "{text}");
}

#[tokio::test]
async fn fifty_thousand_statements_are_analysed_in_batches() {
    const COUNT: usize = 50_000;
    let statements: Vec<_> = (0..COUNT).map(|id| statement(id, &format!("SELECT c{id} FROM orders"), 1, 1.0)).collect();
    let (home, daemon) = (home(""), daemon(&statements));
    let events = RefCell::new(Vec::new());
    let sink = |progress: RunProgress| events.borrow_mut().push(progress);
    let request = home.request("shop", "historic-sql");
    let report = ingest(&home.project, &request, &daemon, Progress::new(&sink), pending()).await.unwrap();
    assert_eq!(report.diff_summary, summary(COUNT, 0, 0, 0), "{:?}", report.warnings);
    let sizes: Vec<_> =
        daemon.requests_to(ANALYSIS).iter().map(|request| request["items"].as_array().unwrap().len()).collect();
    assert_eq!(sizes, [1000; COUNT / 1000]);
    let done: Vec<_> = events
        .borrow()
        .iter()
        .filter(|progress| progress.message == "Analysing statements")
        .filter_map(|progress| progress.done)
        .collect();
    assert!(done.len() == sizes.len() + 1 && done.is_sorted() && done.last() == Some(&COUNT), "{done:?}");
    assert_eq!(names_in(&home.sync(&report).join("templates")).len(), COUNT);
}
