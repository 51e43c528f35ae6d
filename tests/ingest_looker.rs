//! Ingests of a fake Looker over HTTP: pagination, permissions, faults, retries, and staged files.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "an unwrap in a test is an assertion")]

#[path = "support/ingest.rs"]
mod support;

use ktx::{
    env::Environment,
    error::{Code, Error},
    ingest::{Depth, Phase, Progress, RunProgress, RunReport, RunRequest, RunStatus, adapters::looker::Looker, run},
    retry::Backoff,
};
use serde_json::{Value, json};
use std::{
    cell::RefCell,
    fs,
    future::pending,
    path::Path,
    process::{Child, Command},
    thread,
    time::Duration,
};
use support::{Daemon, Home, names_in, read_all, summary};

const CONFIG: &str = "
connections:
  looker: { driver: looker, base_url: env:LOOKER_URL, client_id: api-client, client_secret: env:LOOKER_SECRET,
            mappings: { connectionMappings: { lk_warehouse: warehouse } } }
  second: { driver: looker, base_url: env:LOOKER_URL, client_id: api-client, client_secret: env:LOOKER_SECRET }
  warehouse: { driver: postgres }
ingest: { adapters: [looker] }
";

/// The server, which is killed at the end of the test.
struct FakeLooker {
    folder: tempfile::TempDir,
    process: Child,
    url: String,
}

impl FakeLooker {
    fn start() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fakes/looker.py");
        let process = Command::new("python3").arg(script).arg(folder.path()).spawn().unwrap();
        let port = folder.path().join("port");
        while !port.exists() {
            thread::yield_now();
        }
        let url = format!("http://127.0.0.1:{}", fs::read_to_string(port).unwrap());
        Self { folder, process, url }
    }

    fn control(&self, settings: &Value) {
        let path = self.folder.path().join("control.json");
        fs::write(path.with_extension("new"), settings.to_string()).unwrap();
        fs::rename(path.with_extension("new"), path).unwrap();
    }

    fn with(settings: &Value) -> Self {
        let server = Self::start();
        server.control(settings);
        server
    }

    fn requests(&self, part: &str) -> usize {
        let log = fs::read_to_string(self.folder.path().join("requests")).unwrap_or_default();
        log.lines().filter(|line| line.contains(part)).count()
    }

    fn home(&self) -> Home {
        let env = Environment::default().with("LOOKER_URL", &*self.url).with("LOOKER_SECRET", "hunter2 secret");
        Home::new(CONFIG, env)
    }
}

impl Drop for FakeLooker {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

const FAST_BACKOFF: Backoff = Backoff {
    attempts: 4,
    initial_wait: Duration::from_millis(2),
    max_wait: Duration::from_secs(5),
    response_timeout: Duration::from_secs(120),
};

async fn pull_with_progress(
    home: &Home,
    daemon: &Daemon,
    id: &str,
    progress: Progress<'_>,
) -> Result<RunReport, Error> {
    pull_with(FAST_BACKOFF, home, daemon, id, progress).await
}

async fn pull_with(
    backoff: Backoff,
    home: &Home,
    daemon: &Daemon,
    id: &str,
    progress: Progress<'_>,
) -> Result<RunReport, Error> {
    let instance = home.project.looker(id, &home.env)?;
    let adapter = Looker::new(instance, home.dir.path().to_owned(), daemon).with_backoff(backoff);
    run(RunRequest::new(home.dir.path(), id), &adapter, progress, pending()).await
}

async fn pull(home: &Home, daemon: &Daemon) -> Result<RunReport, Error> {
    pull_with_progress(home, daemon, "looker", Progress::silent()).await
}

/// 2 models, 60 explores, 205 dashboards, 1 look that is not deleted, 2 folders, 1 user.
const ALL: usize = 2 + 60 + 205 + 1 + 2 + 1;

#[tokio::test]
async fn all_entities_are_staged_and_unchanged_in_the_next_run() {
    let (server, daemon) = (FakeLooker::start(), Daemon::default());
    let home = server.home();
    let report = home.ingest(&daemon, &home.request("looker", "looker")).await.unwrap();
    assert_eq!((report.status, report.diff_summary), (RunStatus::Done, summary(ALL, 0, 0, 0)), "{report:?}");
    let sync = home.sync(&report);
    assert_eq!(names_in(&sync), ["connection.json", "dashboards", "explores", "folders", "looks", "models", "users"]);
    assert_eq!(names_in(&sync.join("dashboards")).len(), 205);
    assert_eq!(server.requests("GET /api/4.0/dashboards?"), 1, "this list has no pages");
    assert_eq!((server.requests("POST /api/4.0/login"), server.requests("DELETE /api/4.0/logout")), (1, 1));
    assert!(report.work_units.iter().any(|unit| unit.key == "models/shop" && unit.entities.len() == 59));

    let again = pull(&home, &daemon).await.unwrap();
    assert_eq!(again.diff_summary, summary(0, 0, 0, ALL));
    server.control(&json!({ "label": "All orders", "size": 204 }));
    let changed = pull(&home, &daemon).await.unwrap();
    assert_eq!(changed.diff_summary, summary(0, 1, 1, ALL - 2));
    assert_eq!(changed.changes.modified, ["explores/shop.e00"]);
    assert_eq!(changed.changes.deleted, ["dashboards/204"]);
}

#[tokio::test]
async fn tables_are_resolved_in_one_request_and_unresolved_ones_have_a_reason() {
    let (server, daemon) = (FakeLooker::start(), Daemon::default());
    let home = server.home();
    let report = pull(&home, &daemon).await.unwrap();
    assert_eq!(daemon.requests.borrow().len(), 1);
    let items = daemon.requests.borrow()[0].1["items"].as_array().unwrap().clone();
    // 57 explores of the warehouse have distinct texts (one has none), and all share one joined table.
    assert_eq!(items.len(), 57 + 1);
    assert_eq!(items[0], json!({ "key": "shop.e00", "sql_table_name": "public.orders", "dialect": "postgres" }));
    assert_eq!(items[1]["key"], "shop.e00.customers");

    let explore = home.staged(&report, "explores/shop.e00.json");
    assert_eq!(
        explore["connection"],
        json!({ "looker": "lk_warehouse", "dialect": "postgres", "project": "warehouse" })
    );
    let table = |view: &str, alias: &str, name: &str| {
        json!({ "view": view, "alias": alias, "sql_table_name": format!("public.{name}"), "ok": true, "catalog": null, "schema": "public",
            "name": name, "canonical_table": format!("public.{name}"), "connection": "warehouse" })
    };
    let joined = ["customers", "sellers"].map(|alias| table("people", alias, "customers"));
    assert_eq!(explore["physicalTables"], json!([table("e00", "e00", "orders"), joined[0], joined[1]]));
    let dashboard = home.staged(&report, "dashboards/0.json");
    let query = &dashboard["dashboard_elements"][0]["query"];
    assert_eq!((&query["connection"]["project"], &query["table"]), (&json!("warehouse"), &json!("public.orders")));
    for (file, reason) in [
        ("shop.e01", "looker_template_unresolved"),
        ("shop.e02", "no_physical_table"),
        ("events.clicks", "unsupported_dialect"),
    ] {
        let explore = home.staged(&report, &format!("explores/{file}.json"));
        assert_eq!(explore["physicalTables"][0]["reason"], reason, "{file}");
    }
    let warnings = report.warnings.join("\n");
    for part in [
        "The Looker connection lk_events is not mapped to a connection of this project",
        "The view e01 has no physical table: looker_template_unresolved (The text holds a template)",
        "The view e02 has no physical table: no_physical_table",
        "the dialect netezza of the Looker connection lk_events is not known",
    ] {
        assert!(warnings.contains(part), "{part} in\n{warnings}");
    }
}

#[tokio::test]
async fn secrets_addresses_and_counters_are_not_staged() {
    let (server, daemon) = (FakeLooker::start(), Daemon::default());
    let home = server.home();
    pull(&home, &daemon).await.unwrap();
    let text = read_all(home.dir.path());
    for secret in ["hunter2", "token-0", "secret-user", "ada@example.com", "view_count", "last_viewed_at", "times_used"]
    {
        assert!(!text.contains(secret), "{secret}");
    }
    assert!(text.contains("Dashboard 204") && text.contains("Ada"));
}

#[tokio::test]
async fn temporary_errors_are_retried() {
    let settings = json!({ "size": 3, "token_uses": 20, "faults": [
        { "path": "/login", "status": 503, "times": 1 },
        { "path": "/lookml_models/shop/explores/e05", "status": 429, "times": 2, "headers": { "Retry-After": "0" } },
        { "path": "/lookml_models/shop/explores/e06", "status": 429, "times": 1, "headers": { "Retry-After": "Sun, 06 Nov 1994 08:49:37 GMT" } },
        { "path": "/looks", "status": 500, "times": 2 },
        { "path": "/folders", "drop": true, "times": 1 },
    ] });
    let (server, daemon) = (FakeLooker::with(&settings), Daemon::default());
    let home = server.home();
    let report = pull(&home, &daemon).await.unwrap();
    assert_eq!(report.diff_summary.added, ALL - 202);
    assert_eq!(server.requests("/explores/e05"), 3);
    let logins = server.requests("POST /api/4.0/login");
    assert!((4..20).contains(&logins), "a token is good for 20 of some 75 requests: {logins}");
}

#[tokio::test]
async fn expiring_token_is_renewed_in_advance() {
    let (server, daemon) = (FakeLooker::with(&json!({ "size": 1, "expires_in": 0 })), Daemon::default());
    let home = server.home();
    pull(&home, &daemon).await.unwrap();
    assert!(server.requests("POST /api/4.0/login") > 60);
}

#[tokio::test]
async fn run_fails_after_the_last_retry_and_keeps_the_last_sync() {
    let (server, daemon) = (FakeLooker::with(&json!({ "size": 1 })), Daemon::default());
    let home = server.home();
    let first = pull(&home, &daemon).await.unwrap();
    for (fault, code, part) in [
        (
            json!({ "path": "/looks", "status": 500 }),
            Code::ConnectionFailed,
            "Cannot read the connection looker: Looker GET /looks at 127.0.0.1:",
        ),
        (
            json!({ "path": "/users", "status": 429, "headers": { "Retry-After": "3600" } }),
            Code::ConnectionFailed,
            "failed with 429: A fault. Try again later: Looker asks for fewer requests",
        ),
        (json!({ "path": "/folders", "status": 200, "body": "{\"id\": " }), Code::ConnectionFailed, "broken JSON"),
        (
            json!({ "path": "/folders", "status": 200, "body": "{}" }),
            Code::ConnectionFailed,
            "a value that is not a list",
        ),
        (json!({ "path": "/looks", "status": 418 }), Code::ConnectionFailed, "failed with 418"),
        (
            json!({ "path": "/looks", "drop": true }),
            Code::ConnectionFailed,
            "Looker GET /looks lost the connection to 127.0.0.1:",
        ),
        (json!({ "path": "/login", "status": 200, "body": "{}" }), Code::ConnectionFailed, "no access_token"),
        (
            json!({ "path": "/users", "status": 401 }),
            Code::SourceForbidden,
            "Check that the API client is still enabled",
        ),
    ] {
        server.control(&json!({ "size": 1, "faults": [fault] }));
        let error = pull(&home, &daemon).await.unwrap_err();
        assert_eq!(error.code(), code, "{error}");
        assert!(error.with_hint_text().contains(part) && !error.with_hint_text().contains("hunter2"), "{error}");
    }
    assert_eq!(names_in(&home.dir.path().join("raw-sources/looker/looker")), [first.sync_id]);
    server.control(&json!({ "size": 1 }));
    assert_eq!(pull(&home, &daemon).await.unwrap().diff_summary, summary(0, 0, 0, ALL - 204));
}

#[tokio::test]
async fn rejected_token_is_renewed_once() {
    let settings = json!({ "size": 1, "faults": [{ "path": "/folders", "status": 401, "times": 1 }] });
    let (server, daemon) = (FakeLooker::with(&settings), Daemon::default());
    let home = server.home();
    assert_eq!(pull(&home, &daemon).await.unwrap().diff_summary.added, ALL - 204);
    assert_eq!((server.requests("POST /api/4.0/login"), server.requests("GET /api/4.0/folders")), (2, 2));
    server.control(&json!({ "size": 1, "faults": [{ "path": "/folders", "status": 401, "times": -1 }] }));
    assert_eq!(pull(&home, &daemon).await.unwrap_err().code(), Code::SourceForbidden);
    assert_eq!((server.requests("POST /api/4.0/login"), server.requests("GET /api/4.0/folders")), (4, 4));
}

#[tokio::test]
async fn timeout_is_retried_once() {
    let (server, daemon) = (FakeLooker::with(&json!({ "hold": "/connections" })), Daemon::default());
    let home = server.home();
    let backoff = Backoff { response_timeout: Duration::from_secs(1), ..FAST_BACKOFF };
    let error = pull_with(backoff, &home, &daemon, "looker", Progress::silent()).await.unwrap_err();
    assert_eq!(error.code(), Code::ConnectionFailed);
    let expected = "Cannot read the connection looker: Looker GET /connections timed out after 1000 ms";
    assert_eq!((error.to_string().as_str(), home.runs()[0].error.as_deref()), (expected, Some(expected)));
    assert_eq!(server.requests("GET /api/4.0/connections"), 2);
}

#[tokio::test]
async fn rejected_login_names_the_connection_without_secrets() {
    let (server, daemon) = (FakeLooker::start(), Daemon::default());
    let mut home = server.home();
    home.env = home.env.clone().with("LOOKER_SECRET", "hunter3");
    let error = pull(&home, &daemon).await.unwrap_err();
    assert_eq!(error.code(), Code::SourceForbidden);
    let text = error.with_hint_text();
    assert!(text.contains("refused the login of the connection looker (404). Check its base_url"), "{text}");
    assert!(!read_all(home.dir.path()).contains("hunter3"));
    assert_eq!((home.runs()[0].status, home.runs()[0].error.as_deref()), (RunStatus::Failed, Some(text.as_str())));
}

#[tokio::test]
async fn forbidden_entities_are_warnings_and_no_permission_at_all_is_an_error() {
    let forbidden = |paths: &[&str]| {
        let faults: Vec<_> = paths.iter().map(|path| json!({ "path": path, "status": 403 })).collect();
        json!({ "size": 2, "faults": faults })
    };
    let some = ["/users", "/connections", "/dashboards/1", "/lookml_models/shop/explores/e1"];
    let (server, daemon) = (FakeLooker::with(&forbidden(&some)), Daemon::default());
    let home = server.home();
    let report = pull(&home, &daemon).await.unwrap();
    assert_eq!(report.diff_summary.added, 2 + 50 + 2 + 1 + 2, "dashboard 1 as far as the list shows it");
    let warnings = report.warnings.join("\n");
    for part in [
        "Looker does not show users to the API user (403). Give the user the permission see_users",
        "10 explores cannot be read and are skipped (403): shop.e10, shop.e11, shop.e12, shop.e13, shop.e14, …",
        "1 dashboards cannot be read in full (403): 1.",
    ] {
        assert!(warnings.contains(part), "{part} in\n{warnings}");
    }
    // Without the list of connections, the dialect is that of the mapped connection's driver.
    assert_eq!(home.staged(&report, "explores/shop.e00.json")["connection"]["dialect"], "postgres");

    server.control(&forbidden(&["/lookml_models", "/dashboards", "/folders", "/looks", "/users"]));
    let error = pull(&home, &daemon).await.unwrap_err();
    assert_eq!(error.code(), Code::SourceForbidden);
    assert!(error.to_string().contains("shows no lists to the API user of the connection looker"), "{error}");
}

#[tokio::test]
async fn repeated_page_ends_the_list_with_a_warning() {
    let settings = json!({ "ignore_paging": true, "size": 1, "users": 300 });
    let (server, daemon) = (FakeLooker::with(&settings), Daemon::default());
    let home = server.home();
    let report = pull(&home, &daemon).await.unwrap();
    let warned = report.warnings.iter().any(|warning| warning.contains("the same page of users twice"));
    assert!(warned, "{:?}", report.warnings);
    assert_eq!(names_in(&home.sync(&report).join("users")).len(), 200);
}

#[tokio::test]
async fn unpaginated_list_of_exactly_one_page_is_complete() {
    let (server, daemon) = (FakeLooker::with(&json!({ "size": 200, "users": 401 })), Daemon::default());
    let home = server.home();
    let report = pull(&home, &daemon).await.unwrap();
    assert!(!report.warnings.iter().any(|warning| warning.contains("twice")), "{:?}", report.warnings);
    assert_eq!(names_in(&home.sync(&report).join("dashboards")).len(), 200);
    assert_eq!((names_in(&home.sync(&report).join("users")).len(), server.requests("/users?")), (401, 3));
}

/// Regression: one dashboard that always returned 500, or one explore that returned 422, failed every run of the
/// source.
#[tokio::test]
async fn entity_that_cannot_be_read_is_a_warning_and_carried_over() {
    let (server, daemon) = (FakeLooker::with(&json!({ "size": 3 })), Daemon::default());
    let home = server.home();
    let first = pull(&home, &daemon).await.unwrap();
    let faults = json!([
        { "path": "/dashboards/1", "status": 500, "body": { "message": "token-0 broke" } },
        { "path": "/lookml_models/shop/explores/e05", "status": 422 },
        { "path": "/lookml_models/shop/explores/e06", "status": 200, "body": "{" },
        { "path": "/lookml_models/events/explores/views", "status": 404 },
    ]);
    server.control(&json!({ "size": 3, "faults": faults }));
    let report = pull(&home, &daemon).await.unwrap();
    assert_eq!(report.diff_summary, summary(0, 0, 0, ALL - 202), "{:?}", report.changes);
    for file in ["dashboards/1.json", "explores/shop.e05.json", "explores/events.views.json"] {
        assert_eq!(home.staged(&report, file), home.staged(&first, file), "{file}");
    }
    let warnings = report.warnings.join("\n");
    for part in [
        "1 dashboards cannot be read in full; those of an earlier sync are kept: 1. The first: Cannot read the connection looker: Looker GET /dashboards/1 at",
        "failed with 500: *** broke",
        "2 explores cannot be read and are skipped; those of an earlier sync are kept: shop.e05, shop.e06",
        "1 explores cannot be read and are skipped (404): events.views",
    ] {
        assert!(warnings.contains(part), "{part} in\n{warnings}");
    }
    assert!(!read_all(home.dir.path()).contains("token-0"));
    // Without an earlier sync, the keys of the list are staged.
    fs::remove_dir_all(home.dir.path().join("raw-sources")).unwrap();
    fs::remove_dir_all(home.dir.path().join(".ktx")).unwrap();
    let report = pull(&home, &daemon).await.unwrap();
    assert_eq!(report.diff_summary.added, ALL - 202 - 3);
    assert_eq!(home.staged(&report, "dashboards/1.json")["title"], "Dashboard 1");
}

#[tokio::test]
async fn forbidden_list_is_carried_over() {
    let (server, daemon) = (FakeLooker::with(&json!({ "size": 3 })), Daemon::default());
    let home = server.home();
    pull(&home, &daemon).await.unwrap();
    for path in ["/dashboards", "/users", "/lookml_models", "/looks", "/folders"] {
        server.control(&json!({ "size": 3, "faults": [{ "path": path, "status": 403 }] }));
        let report = pull(&home, &daemon).await.unwrap();
        assert_eq!(report.diff_summary, summary(0, 0, 0, ALL - 202), "{path}: {:?}", report.changes);
    }
    // Entities that a list no longer has are deleted.
    server.control(&json!({ "size": 2 }));
    assert_eq!(pull(&home, &daemon).await.unwrap().changes.deleted, ["dashboards/2"]);
}

#[tokio::test]
async fn only_failures_of_many_requests_fail_the_run() {
    let fault = json!({ "path": "/lookml_models/shop/explores", "status": 500 });
    let (server, daemon) = (FakeLooker::with(&json!({ "size": 1, "faults": [fault] })), Daemon::default());
    let home = server.home();
    let error = pull(&home, &daemon).await.unwrap_err();
    assert!(error.with_hint_text().contains("failed with 500: A fault. Try again later"), "{error}");
    assert!(server.requests("/explores/") < 60 * 3);
}

#[tokio::test]
async fn order_of_lists_and_counters_are_not_compared() {
    let (server, daemon) = (FakeLooker::with(&json!({ "size": 3, "users": 5 })), Daemon::default());
    let home = server.home();
    let first = pull(&home, &daemon).await.unwrap();
    assert_eq!(
        home.staged(&first, "dashboards/0.json")["usage"],
        json!({ "views": 0, "favourites": 2, "schedules": 1 })
    );
    assert_eq!(home.staged(&first, "looks/7.json")["usage"], json!({ "schedules": 1 }));
    server.control(&json!({ "size": 3, "users": 5, "shuffle": true, "views": 9 }));
    let report = pull(&home, &daemon).await.unwrap();
    assert_eq!(report.diff_summary, summary(0, 0, 0, ALL - 202 + 4), "{:?}", report.changes);
    assert_eq!(home.staged(&report, "dashboards/0.json")["usage"]["views"], 9);
}

#[tokio::test]
async fn keys_that_define_queries_and_measures_are_staged() {
    let (server, daemon) = (FakeLooker::with(&json!({ "size": 1 })), Daemon::default());
    let home = server.home();
    let report = pull(&home, &daemon).await.unwrap();
    let explore = home.staged(&report, "explores/shop.e00.json");
    let measure = &explore["fields"]["measures"][0];
    assert_eq!(measure["filters"], json!([{ "condition": "complete", "field": "status" }]));
    for key in ["sql_case", "percentile", "dimension_group", "time_interval", "original_view"] {
        assert!(!measure[key].is_null(), "{key}");
    }
    assert_eq!(explore["access_filters"][0]["user_attribute"], "region");
    let tiles = &home.staged(&report, "dashboards/0.json")["dashboard_elements"];
    assert_eq!((&tiles[0]["note_text"], &tiles[0]["title_text"]), (&json!("Mind the gap"), &json!("T")));
    let source = &tiles[1]["merge_query"]["source_queries"][0];
    assert_eq!((&source["query"]["view"], &source["query"]["table"]), (&json!("e00"), &json!("public.orders")));
    assert_eq!(tiles[1]["result_maker"]["filterables"][0]["listen"][0]["field"], "e00.region");
    assert_eq!(tiles[2]["sql_query"], json!({ "sql": "SELECT 1", "connection_name": "lk_warehouse" }));
}

#[tokio::test]
async fn hidden_lookml_is_one_warning() {
    let (server, daemon) = (FakeLooker::with(&json!({ "size": 1, "hide_lookml": true })), Daemon::default());
    let home = server.home();
    let report = pull(&home, &daemon).await.unwrap();
    let warnings: Vec<_> = report.warnings.iter().filter(|warning| warning.contains("see_lookml")).collect();
    assert_eq!(warnings.len(), 1, "{:?}", report.warnings);
    assert!(!report.warnings.iter().any(|warning| warning.contains("has no physical table")), "{:?}", report.warnings);
}

#[tokio::test]
async fn test_of_a_looker_connection_counts_models_and_explores() {
    let (server, daemon) = (FakeLooker::start(), Daemon::default());
    let home = server.home();
    let project = std::sync::Arc::new(home.project.clone());
    let request = |env| ktx::ingest::ScanRequest { connection_id: "looker".into(), env, ..Default::default() };
    let tested =
        ktx::ingest::test_connection(&project, &request(home.env.clone()), Depth::Columns, &daemon).await.unwrap();
    let json = serde_json::to_value(tested).unwrap();
    assert_eq!(
        (&json["driver"], &json["modelCount"], &json["exploreCount"]),
        (&json!("looker"), &json!(2), &json!(60))
    );
    assert_eq!(server.requests("DELETE /api/4.0/logout"), 1);
    let wrong = request(home.env.clone().with("LOOKER_SECRET", "hunter3"));
    let error = ktx::ingest::test_connection(&project, &wrong, Depth::Columns, &daemon).await.unwrap_err();
    assert_eq!(error.code(), Code::SourceForbidden);
}

#[tokio::test]
async fn runs_of_one_connection_are_exclusive_and_a_dropped_run_leaves_no_files() {
    let (server, daemon) = (FakeLooker::with(&json!({ "size": 1, "hold": "/folders" })), Daemon::default());
    let home = server.home();
    let events = RefCell::new(Vec::new());
    let sink = |progress: RunProgress| events.borrow_mut().push(progress);
    let first = pull_with_progress(&home, &daemon, "looker", Progress::new(&sink));
    let others = async {
        while !server.folder.path().join("holding").exists() {
            tokio::task::yield_now().await;
        }
        assert_eq!(pull(&home, &daemon).await.unwrap_err().code(), Code::RunBusy);
        let dropped = tokio::select! {
            biased;
            _ = pull_with_progress(&home, &daemon, "second", Progress::silent()) => false,
            () = async { while server.requests("/folders") < 2 { tokio::task::yield_now().await; } } => true,
        };
        assert!(dropped);
        fs::write(server.folder.path().join("go"), "").unwrap();
    };
    let (first, ()) = tokio::join!(first, others);
    assert_eq!(first.unwrap().status, RunStatus::Done);
    while home.runs().iter().any(|run| run.status == RunStatus::Running) {
        tokio::task::yield_now().await;
    }
    let runs = home.runs();
    assert_eq!(runs.iter().map(|run| run.error.as_deref()).collect::<Vec<_>>(), [Some("interrupted"), None]);
    assert_eq!(names_in(&home.dir.path().join("raw-sources/second/looker")), Vec::<String>::new());
    let explores: Vec<_> = events
        .borrow()
        .iter()
        .filter(|progress| progress.phase == Phase::Fetch && progress.message == "Reading explores")
        .filter_map(|progress| progress.done)
        .collect();
    assert_eq!(explores, (1..=60).collect::<Vec<_>>());
}

const HOME: &str = "KTX_TEST_KILLED_INGEST";

/// Child process of the test below, which kills it while it waits for the server.
#[tokio::test]
#[ignore = "runs as a child of another test"]
async fn child_that_waits_for_looker() {
    let project = std::sync::Arc::new(ktx::project::load(Path::new(&std::env::var(HOME).unwrap())).unwrap());
    let env = std::env::vars().collect::<Environment>().with("KTX_TRUST", "1");
    let request = ktx::ingest::IngestRequest {
        connection_id: "looker".into(),
        adapter: "looker".into(),
        env,
        ..Default::default()
    };
    let _ = ktx::ingest::ingest(&project, &request, &Daemon::default(), Progress::silent(), pending()).await;
}

#[tokio::test]
async fn next_run_cleans_up_after_a_killed_one() {
    let (server, daemon) = (FakeLooker::with(&json!({ "size": 1, "hold": "/looks" })), Daemon::default());
    let home = server.home();
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.args(["--exact", "child_that_waits_for_looker", "--ignored"]).env(HOME, home.dir.path());
    command.env("LOOKER_URL", &server.url).env("LOOKER_SECRET", "hunter2 secret");
    let mut child = command.spawn().unwrap();
    while !server.folder.path().join("holding").exists() {
        assert!(child.try_wait().unwrap().is_none(), "the child ended early");
        thread::yield_now();
    }
    child.kill().unwrap();
    child.wait().unwrap();
    fs::write(server.folder.path().join("go"), "").unwrap();
    let report = pull(&home, &daemon).await.unwrap();
    assert_eq!(report.diff_summary.added, ALL - 204);
    let runs = home.runs();
    assert_eq!((runs.len(), runs[1].error.as_deref()), (2, Some("interrupted")));
}

#[tokio::test]
async fn staged_folder_replaces_the_source() {
    let (server, daemon) = (FakeLooker::with(&json!({ "size": 2 })), Daemon::default());
    let home = server.home();
    let report = pull(&home, &daemon).await.unwrap();
    drop(server);
    let copy = tempfile::tempdir().unwrap();
    for folder in names_in(&home.sync(&report)).iter().filter(|name| !name.ends_with(".json")) {
        fs::create_dir(copy.path().join(folder)).unwrap();
        for file in names_in(&home.sync(&report).join(folder)) {
            fs::copy(home.sync(&report).join(folder).join(&file), copy.path().join(folder).join(&file)).unwrap();
        }
    }
    let mut request = home.request("looker", "looker");
    request.source_dir = Some(copy.path().to_owned());
    let request_count = daemon.requests.borrow().len();
    assert_eq!(home.ingest(&daemon, &request).await.unwrap().diff_summary, summary(0, 0, 0, ALL - 203));
    fs::remove_file(copy.path().join("looks/7.json")).unwrap();
    let changed = home.ingest(&daemon, &request).await.unwrap();
    assert_eq!(
        (changed.diff_summary, &*changed.changes.deleted),
        (summary(0, 0, 1, ALL - 204), ["looks/7".to_owned()].as_slice())
    );
    assert_eq!(daemon.requests.borrow().len(), request_count, "no request is sent");

    let refused = async |dir: &Path| {
        let mut request = home.request("looker", "looker");
        request.source_dir = Some(dir.to_owned());
        let error = home.ingest(&daemon, &request).await.unwrap_err();
        assert_eq!(error.code(), Code::SourceDirInvalid, "{error}");
        error.to_string()
    };
    assert!(refused(&copy.path().join("none")).await.contains("cannot be read"));
    assert!(refused(&copy.path().join("users")).await.contains("is not a staged folder of looker"));
    fs::write(copy.path().join("users/9.json"), "{").unwrap();
    assert!(refused(copy.path()).await.contains("9.json is not a staged file of this source"));
    fs::remove_file(copy.path().join("users/9.json")).unwrap();
    fs::write(copy.path().join("users/9.json"), fs::read(copy.path().join("users/1.json")).unwrap()).unwrap();
    assert!(refused(copy.path()).await.contains("have the entity users/1"));
    fs::remove_file(copy.path().join("users/9.json")).unwrap();
    #[cfg(unix)]
    {
        let outside = tempfile::NamedTempFile::new().unwrap();
        std::os::unix::fs::symlink(outside.path(), copy.path().join("users/link.json")).unwrap();
        assert!(refused(copy.path()).await.contains("link.json is a link that leads out of the folder"));
    }
}

#[tokio::test]
async fn invalid_requests_are_rejected_before_the_run_begins() {
    let (server, daemon) = (FakeLooker::start(), Daemon::default());
    let home = server.home();
    for (connection, adapter, code) in [
        ("looker", "loker", Code::AdapterUnknown),
        ("looker", "historic-sql", Code::AdapterDisabled),
        ("loker", "looker", Code::ConnectionUnknown),
        ("warehouse", "looker", Code::ConnectionInvalid),
    ] {
        let error = home.ingest(&daemon, &home.request(connection, adapter)).await.unwrap_err();
        assert_eq!(error.code(), code, "{error}");
    }
    let env = Environment::default().with("KTX_TRUST", "1");
    let unset = ktx::ingest::IngestRequest { env, ..home.request("looker", "looker") };
    assert_eq!(home.ingest(&daemon, &unset).await.unwrap_err().code(), Code::SecretMissing);
    assert_eq!(names_in(home.dir.path()), ["ktx.yaml"]);
    assert_eq!(server.requests(""), 0);
}
