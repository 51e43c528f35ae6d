//! Ingests of a log of calls, of which a run reads only the days since the last one, with a fake daemon.

#![allow(clippy::unwrap_used, clippy::panic, reason = "an unwrap in a test is an assertion")]

#[path = "support/ingest.rs"]
mod support;

use ktx::{env::Environment, ingest::RunReport};
use serde_json::{Value, json};
use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::PathBuf,
};
use support::{Daemon, Home, names_in, read_all};

const HISTORY: &str = "/database/query-history";
const HOUR_MS: i64 = 60 * 60 * 1000;
const WINDOW_DAYS: i64 = 7;
const DAYS: i64 = 20;

/// Calls of a statement that ended on one day, and the day on which the log shows them.
#[derive(Clone)]
struct Calls {
    id: i64,
    sql: String,
    day: i64,
    shown: i64,
    calls: i64,
}

fn home(settings: &str) -> Home {
    let config = format!(
        "connections:\n  shop: {{ driver: clickhouse, url: env:SHOP_URL, readonly: true, historicSql: {{ enabled: true, {settings} }} }}\ningest: {{ adapters: [historic-sql] }}\n"
    );
    Home::new(&config, Environment::default().with("SHOP_URL", "clickhouse://ada:hunter2@db.example:8123/shop"))
}

fn today() -> i64 {
    jiff::Timestamp::now().as_millisecond() / (24 * HOUR_MS)
}

/// A log of `DAYS` days up to today: statements come and go, and some calls are shown a day late.
fn log() -> Vec<Calls> {
    let first = today() - DAYS + 1;
    let mut log = Vec::new();
    for (day, id) in (0..DAYS).flat_map(|day| (0..12).map(move |id| (day, id))) {
        if (day * 7 + id * 5) % (id + 2) == 0 {
            let sql = match id {
                11 => "SELECT id FROM broken".to_owned(),
                10 => "-- Metabase:: x\nSELECT id FROM t1 WHERE a IN (3)".to_owned(),
                _ => format!("SELECT id FROM t{} WHERE a IN ({id})", id % 5),
            };
            let late = i64::from((day + id) % 4 == 0);
            log.push(Calls { id, sql, day: first + day, shown: first + day + late, calls: day * 3 + id + 1 });
        }
    }
    log
}

/// Returns what the daemon answers on a day.
fn answer(log: &[Calls], today: i64, request: &Value) -> Value {
    let begin = today - request["window_days"].as_i64().unwrap();
    let first_day = request["first_day"].as_i64().unwrap_or(begin).max(begin);
    let mut statements = BTreeMap::<i64, (&str, Vec<Value>)>::new();
    for Calls { id, sql, day, calls, .. } in log.iter().filter(|row| row.day >= first_day && row.shown <= today) {
        let users: Vec<_> = (0..calls % 30).map(|user| format!("{user:016}")).collect();
        let counts = json!({ "day": day, "calls": calls, "total_ms": 0.1 * *calls as f64, "rows": 3,
            "since_ms": day * 24 * HOUR_MS, "last_seen_ms": day * 24 * HOUR_MS + calls, "bytes": 10, "errors": calls % 2,
            "users": users, "callers": { "person": calls }, "credits": 0.3 });
        statements.entry(*id).or_insert((sql, Vec::new())).1.push(counts);
    }
    let statements: Vec<_> = statements
        .into_iter()
        .map(|(id, (sql, days))| {
            json!({ "query_id": id.to_string(), "sql": sql, "calls": 1, "total_ms": 1.0, "rows": 1, "since_ms": 1,
                "nested": false, "last_seen_ms": 1, "days": days })
        })
        .collect();
    json!({ "extracted_at": "2026-01-02T03:04:05.678+00:00", "unavailable": null,
        "metadata": { "driver": "clickhouse", "server_version": "26.1" },
        "statistics": { "reset_at_ms": null, "dealloc": null }, "statements": statements, "without_text": 0,
        "truncated": false, "next_cursor": null, "warnings": [],
        "log": { "name": "query_log", "window_begin_day": begin, "first_day": first_day } })
}

fn baseline_file(home: &Home) -> PathBuf {
    home.dir.path().join(".ktx/cache/historic-sql/shop.json")
}

/// Changes the recorded days of the last run.
fn change_baseline(home: &Home, change: impl FnOnce(&mut Value)) {
    let mut recorded: Value = serde_json::from_str(&fs::read_to_string(baseline_file(home)).unwrap()).unwrap();
    change(&mut recorded["log"]);
    fs::write(baseline_file(home), recorded.to_string()).unwrap();
}

/// Runs an ingest on a day, as if it were midnight, and returns the first day that was asked for.
async fn pull_on(home: &Home, daemon: &Daemon, day: i64) -> (RunReport, Option<i64>) {
    daemon.set_log(move |request| answer(&log(), day, request));
    let report = home.ingest(daemon, &home.request("shop", "historic-sql")).await.unwrap();
    change_baseline(home, |log| log["read_at"] = (day * 24 * HOUR_MS).into());
    (report, daemon.requests_to(HISTORY).last().unwrap()["first_day"].as_i64())
}

fn staged(home: &Home, report: &RunReport) -> (Vec<String>, Vec<Value>) {
    let folder = home.sync(report);
    let files = names_in(&folder.join("templates"));
    let read = |file: &String| home.staged(report, &format!("templates/{file}"));
    let templates = files.iter().map(read).chain([home.staged(report, "templates.json")]).collect();
    (files, templates)
}

#[tokio::test]
async fn new_days_give_the_sums_of_the_whole_window() {
    let settings = format!("windowDays: {WINDOW_DAYS}");
    let (continued, daemon) = (home(&settings), Daemon::default());
    let mut seen = BTreeSet::new();
    for day in today() - DAYS + 1..=today() {
        let (report, first_day) = pull_on(&continued, &daemon, day).await;
        let is_first = day == today() - DAYS + 1;
        assert_eq!(first_day, (!is_first).then_some(day - 2), "the days from twelve hours before the last run on");
        let whole = home(&settings);
        let (expected, _) = pull_on(&whole, &Daemon::default(), day).await;
        assert_eq!(staged(&continued, &report), staged(&whole, &expected), "day {day}");
        assert_eq!(report.warnings, expected.warnings, "day {day}");
        seen.insert(staged(&whole, &expected).0);
    }
    assert!(seen.len() > 2, "templates come and go: {seen:?}");
}

#[tokio::test]
async fn whole_window_is_read_if_the_recorded_days_are_of_no_use() {
    let (home, daemon) = (home("windowDays: 7"), Daemon::default());
    let first_day = async || pull_on(&home, &daemon, today()).await.1;
    assert_eq!(first_day().await, None, "no baseline");
    assert!(first_day().await.is_some());
    change_baseline(&home, |log| log["templates"] = "?".into());
    assert_eq!(first_day().await, None, "corrupt days");
    fs::write(baseline_file(&home), "{").unwrap();
    assert_eq!(first_day().await, None, "corrupt baseline");
    change_baseline(&home, |log| log["read_at"] = i64::MAX.into());
    assert_eq!(first_day().await, None, "a run of the future");
    change_baseline(&home, |log| log["name"] = "another log".into());
    assert_eq!(first_day().await, None, "the days of another log");
    let requests = daemon.requests_to(HISTORY);
    assert!(requests[requests.len() - 2]["first_day"].is_i64(), "the other log was found by its answer");
    change_baseline(&home, |log| log["read_at"] = 1.into());
    let (report, first_day) = pull_on(&home, &daemon, today()).await;
    assert_eq!(first_day, Some(0), "days before the window are not asked for a second time");
    assert!(report.diff_summary.unchanged > 0 && report.diff_summary.deleted == 0, "{:?}", report.diff_summary);
}

#[tokio::test]
async fn changed_settings_read_the_whole_window() {
    let daemon = Daemon::default();
    let first = home("windowDays: 7");
    pull_on(&first, &daemon, today()).await;
    for settings in ["windowDays: 8", "windowDays: 7, minCalls: 2", "windowDays: 7, cluster: all"] {
        let changed = home(settings);
        fs::create_dir_all(baseline_file(&changed).parent().unwrap()).unwrap();
        fs::copy(baseline_file(&first), baseline_file(&changed)).unwrap();
        assert_eq!(pull_on(&changed, &daemon, today()).await.1, None, "{settings}");
    }
}

#[tokio::test]
async fn texts_of_statements_are_not_recorded() {
    let (home, daemon) = (home("windowDays: 7"), Daemon::default());
    let sql = "SELECT id FROM t WHERE name = 'Ada'";
    let row = Calls { id: 1, sql: sql.into(), day: today(), shown: today(), calls: 1 };
    daemon.set_log(move |request| answer(std::slice::from_ref(&row), today(), request));
    home.ingest(&daemon, &home.request("shop", "historic-sql")).await.unwrap();
    let text = read_all(&home.dir.path().join(".ktx/cache"));
    // The analysis of the fake daemon is in lower case.
    assert!(text.contains(&sql.to_lowercase()) && !text.contains("Ada") && !text.contains("hunter2"), "{text}");
}
