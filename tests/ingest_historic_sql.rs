//! Whole ingests of the statements of a real PostgreSQL, which `scripts/with-databases.mjs` starts.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "an unwrap in a test is an assertion")]

#[path = "support/ingest.rs"]
mod support;

use ktx::{
    env::Environment,
    error::Code,
    ingest::{Progress, RunProgress, RunReport, RunStatus, ingest},
};
use std::{cell::RefCell, fs, future::pending};
use support::{Daemon, Home, everything_in, names_in, summary};
use tokio_postgres::{Client, NoTls};

const PASSWORD: &str = "hunter2 p@ss";

/// A database and a role of their own; both go with the test.
struct Shop {
    admin_url: String,
    name: String,
    client: Client,
}

async fn connect(url: &str) -> Client {
    let (client, connection) = tokio_postgres::connect(url, NoTls).await.unwrap();
    tokio::spawn(connection);
    client
}

fn admin_url() -> String {
    std::env::var("KTX_TEST_POSTGRES_URL")
        .expect("KTX_TEST_POSTGRES_URL must name a PostgreSQL; run the tests with: node scripts/test.mjs rust")
}

fn with_database(url: &str, name: &str) -> String {
    format!("{}/{name}", url.rsplit_once('/').unwrap().0)
}

impl Shop {
    async fn empty() -> Self {
        let admin_url = admin_url();
        let name = format!("ktx_test_{}", uuid::Uuid::new_v4().simple());
        let admin = connect(&admin_url).await;
        admin.batch_execute(&format!("CREATE DATABASE {name}")).await.unwrap();
        admin.batch_execute(&format!("CREATE ROLE {name} LOGIN PASSWORD '{PASSWORD}'")).await.unwrap();
        let client = connect(&with_database(&admin_url, &name)).await;
        client
            .batch_execute(
                "CREATE TABLE customers (id int PRIMARY KEY, name text);
                 CREATE TABLE orders (id int PRIMARY KEY, customer_id int REFERENCES customers, note text)",
            )
            .await
            .unwrap();
        Self { admin_url, name, client }
    }

    /// With the extension, and a role that may see everything.
    async fn new() -> Self {
        let shop = Self::empty().await;
        shop.run("CREATE EXTENSION pg_stat_statements").await;
        shop.run(&format!("GRANT pg_read_all_stats TO {}", shop.name)).await;
        shop.reset().await;
        shop
    }

    async fn run(&self, sql: &str) {
        self.client.batch_execute(sql).await.unwrap();
    }

    async fn reset(&self) {
        self.run(
            "SELECT pg_stat_statements_reset(0, (SELECT oid FROM pg_database WHERE datname = current_database()), 0)",
        )
        .await;
    }

    fn home(&self, settings: &str) -> Home {
        let url = with_database(&self.admin_url, &self.name);
        let place = url.rsplit_once('@').unwrap().1;
        let url = format!("postgres://{}:hunter2%20p%40ss@{place}", self.name);
        let config = format!(
            "connections:\n  shop: {{ driver: postgres, url: env:SHOP_URL, readonly: true, historicSql: {{ enabled: true, {settings} }} }}\n  plain: {{ driver: postgres, url: env:SHOP_URL, readonly: true }}\ningest: {{ adapters: [historic-sql] }}\n"
        );
        Home::new(&config, Environment::default().with("SHOP_URL", url))
    }
}

impl Drop for Shop {
    fn drop(&mut self) {
        let (url, name) = (self.admin_url.clone(), self.name.clone());
        let ended = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
            runtime.block_on(async {
                let admin = connect(&url).await;
                let _ = admin.batch_execute(&format!("DROP DATABASE {name} WITH (FORCE)")).await;
                let _ = admin.batch_execute(&format!("DROP ROLE {name}")).await;
            });
        });
        let _ = ended.join();
    }
}

async fn pull(home: &Home, daemon: &Daemon) -> RunReport {
    home.ingest(daemon, &home.request("shop", "historic-sql")).await.unwrap()
}

#[tokio::test]
async fn templates_are_merged_ranked_and_the_second_time_unchanged() {
    let (shop, daemon) = (Shop::new().await, Daemon::default());
    for id in 0..5 {
        shop.run(&format!("SELECT name FROM customers WHERE id = {id}")).await;
        shop.run(&format!("select   NAME from customers where id = {id}")).await;
    }
    shop.run("/* report */ SELECT c.name, count(o.id), pg_sleep(0.05) FROM customers c JOIN orders o ON o.customer_id = c.id GROUP BY c.name UNION ALL SELECT note, 1, pg_sleep(0.05) FROM orders LIMIT 1").await;
    shop.run("SELECT pg_sleep(0.05), id FROM customers UNION ALL SELECT NULL, 1").await;
    shop.run("INSERT INTO customers VALUES (1, 'a')").await;
    shop.run("BEGIN; UPDATE customers SET name = 'b'; COMMIT").await;
    shop.run("SELECT relname FROM pg_catalog.pg_class; ANALYZE customers; SELECT 1; SHOW work_mem").await;
    let home = shop.home("");
    let report = pull(&home, &daemon).await;
    assert_eq!(report.status, RunStatus::Done);
    let sync = home.sync(&report);
    assert_eq!(names_in(&sync), ["templates", "templates.json"]);
    let index = home.staged(&report, "templates.json");
    let index = index.as_array().unwrap();
    let times: Vec<_> = index.iter().map(|template| template["total_ms"].as_f64().unwrap()).collect();
    assert!(times.is_sorted_by(|left, right| left >= right), "{times:?}");
    assert_eq!((index.len(), names_in(&sync.join("templates")).len()), (5, 5), "{index:#?}");
    let lookup = index.iter().find(|template| template["calls"] == 10).expect("both spellings together");
    let file = format!("templates/{}.json", ktx::project::names::single(lookup["fingerprint"].as_str().unwrap()));
    let template = home.staged(&report, &file);
    assert!(template["normalized_sql"].as_str().unwrap().contains("where id = $1"), "{template}");
    assert_eq!((&template["tables"][0]["name"], &template["dialect"]), (&"customers".into(), &"postgres".into()));
    assert!(template["mean_ms"].as_f64().unwrap() * 10.0 - template["total_ms"].as_f64().unwrap() < 1e-6);
    assert_eq!(daemon.requests.borrow().len(), 1, "one batch");

    shop.run("SELECT name FROM customers WHERE id = 77").await;
    let again = pull(&home, &daemon).await;
    assert_eq!((again.diff_summary, &again.warnings), (summary(0, 0, 0, 5), &Vec::new()));
    shop.run("SELECT note FROM orders WHERE id = 1").await;
    let changed = pull(&home, &daemon).await;
    assert_eq!(changed.diff_summary, summary(1, 0, 0, 5));
    assert!(!everything_in(home.dir.path()).contains("hunter2"));
}

#[tokio::test]
async fn few_calls_are_left_out_and_what_cannot_be_analysed_is_a_warning() {
    let (shop, daemon) = (Shop::new().await, Daemon::default());
    for _ in 0..3 {
        shop.run("SELECT id FROM customers").await;
    }
    shop.run("SELECT id FROM orders").await;
    shop.run("CREATE TABLE broken (id int)").await;
    shop.run("SELECT id FROM broken").await;
    let home = shop.home("minCalls: 3");
    let report = pull(&home, &daemon).await;
    assert_eq!(report.diff_summary, summary(1, 0, 0, 0));
    assert_eq!(report.warnings, ["1 statements cannot be analysed and are left out; the first: Line 1: it is broken"]);
}

#[tokio::test]
async fn a_reset_is_noticed_and_the_window_says_what_it_cannot_know() {
    let (shop, daemon) = (Shop::new().await, Daemon::default());
    for _ in 0..9 {
        shop.run("SELECT id FROM customers").await;
    }
    let home = shop.home("windowDays: 7");
    let first = pull(&home, &daemon).await;
    assert_eq!(first.diff_summary.added, 1);
    assert!(first.warnings.is_empty() || first.warnings[0].contains("does not say when some statements last ran"));
    // Seen for the last time long ago: as if the first run had been then.
    let baseline = home.dir.path().join(".ktx/cache/historic-sql/shop.json");
    let mut memory: serde_json::Value = serde_json::from_str(&fs::read_to_string(&baseline).unwrap()).unwrap();
    for seen in memory["seen"].as_object_mut().unwrap().values_mut() {
        seen[1] = 1.into();
    }
    memory["reset_at"] = serde_json::Value::Null;
    fs::write(&baseline, memory.to_string()).unwrap();
    let second = pull(&home, &daemon).await;
    assert_eq!(second.diff_summary.deleted, 1, "nobody ran it within the window");
    shop.reset().await;
    shop.run("SELECT id FROM customers").await;
    let mut memory: serde_json::Value = serde_json::from_str(&fs::read_to_string(&baseline).unwrap()).unwrap();
    memory["reset_at"] = serde_json::Value::Null;
    fs::write(&baseline, memory.to_string()).unwrap();
    let third = pull(&home, &daemon).await;
    assert!(third.warnings.iter().any(|warning| warning.contains("were reset")), "{:?}", third.warnings);
    assert_eq!(third.diff_summary.added, 1, "it ran again");
}

#[tokio::test]
async fn what_is_missing_says_what_to_create_or_grant() {
    let (shop, daemon) = (Shop::empty().await, Daemon::default());
    let home = shop.home("");
    let refused = async |connection: &str| {
        let error = home.ingest(&daemon, &home.request(connection, "historic-sql")).await.unwrap_err();
        assert!(!error.to_string().contains("hunter2"), "{error}");
        (error.code(), error.to_string())
    };
    let (code, text) = refused("shop").await;
    assert_eq!(code, Code::SourceForbidden);
    assert!(text.ends_with("run in this database: CREATE EXTENSION pg_stat_statements"), "{text}");

    shop.run("CREATE EXTENSION pg_stat_statements; SELECT id FROM customers").await;
    let (code, text) = refused("shop").await;
    assert_eq!(code, Code::SourceForbidden);
    assert!(text.ends_with(&format!("GRANT pg_read_all_stats TO \"{}\"", shop.name)), "{text}");

    shop.run("REVOKE ALL ON pg_stat_statements FROM PUBLIC").await;
    assert_eq!(refused("shop").await.0, Code::SourceForbidden);
    let (code, text) = refused("plain").await;
    assert_eq!(code, Code::ConnectionInvalid);
    assert!(text.contains("Add historicSql: { enabled: true }"), "{text}");
    assert!(home.runs().iter().all(|run| run.status == RunStatus::Failed));
    assert_eq!(names_in(&home.dir.path().join("raw-sources/shop/historic-sql")), Vec::<String>::new());
}

#[tokio::test]
async fn a_wrong_password_or_no_server_is_said_without_the_password() {
    let (shop, daemon) = (Shop::new().await, Daemon::default());
    let mut home = shop.home("");
    let place = shop.admin_url.rsplit_once('@').unwrap().1.to_owned();
    for (url, part) in [
        (format!("postgres://{}:hunter3@{place}", shop.name), "password authentication failed"),
        ("postgres://u:hunter3@127.0.0.1:1/d".to_owned(), "refused"),
    ] {
        home.env = Environment::default().with("SHOP_URL", url).with("KTX_TRUST", "1");
        let error = home.ingest(&daemon, &home.request("shop", "historic-sql")).await.unwrap_err();
        assert_eq!(error.code(), Code::ConnectionFailed);
        assert!(error.to_string().starts_with("Cannot read the connection shop at 127.0.0.1:"), "{error}");
        assert!(error.to_string().contains(part) && !format!("{error:?}").contains("hunter3"), "{error:?}");
    }
}

/// PostgreSQL 11 and 12 have other columns; a table that looks like theirs stands in for them.
#[tokio::test]
async fn the_columns_of_older_servers_are_understood() {
    let (shop, daemon) = (Shop::empty().await, Daemon::default());
    shop.run(&format!(
        "CREATE TABLE pg_stat_statements (userid oid, dbid oid, queryid bigint, query text, calls bigint, total_time double precision, rows bigint);
         GRANT SELECT ON pg_stat_statements TO {};
         INSERT INTO pg_stat_statements SELECT 10, oid, 7, 'SELECT id FROM customers WHERE id = $1', 3, 1.5, 3 FROM pg_database WHERE datname = current_database();
         INSERT INTO pg_stat_statements SELECT 11, oid, 7, 'SELECT id FROM customers WHERE id = $1', 4, 2.5, 4 FROM pg_database WHERE datname = current_database();
         INSERT INTO pg_stat_statements VALUES (10, 1, 8, 'SELECT id FROM of_another_database', 4, 2.5, 4)",
        shop.name
    ))
    .await;
    let home = shop.home("");
    let report = pull(&home, &daemon).await;
    let index = home.staged(&report, "templates.json");
    assert_eq!(index.as_array().unwrap().len(), 1);
    assert_eq!((&index[0]["calls"], &index[0]["total_ms"]), (&7.into(), &4.0.into()));
    shop.run("UPDATE pg_stat_statements SET calls = 1").await;
    assert!(pull(&home, &daemon).await.warnings[0].contains("were reset, after the last sync"));
}

/// PostgreSQL 14 added `toplevel` and the view `…_info`, 17 `stats_since`: tables stand in for them.
#[tokio::test]
async fn what_newer_servers_tell_is_used_and_dropped_entries_are_noticed() {
    let (shop, daemon) = (Shop::empty().await, Daemon::default());
    shop.run(&format!(
        "CREATE TABLE pg_stat_statements (userid oid, dbid oid, toplevel bool, queryid bigint, query text, calls bigint,
            total_plan_time double precision, total_exec_time double precision, rows bigint, stats_since timestamptz);
         CREATE TABLE pg_stat_statements_info (dealloc bigint, stats_reset timestamptz);
         GRANT SELECT ON pg_stat_statements, pg_stat_statements_info TO {};
         INSERT INTO pg_stat_statements_info VALUES (0, now());
         INSERT INTO pg_stat_statements SELECT 10, oid, false, 7, 'SELECT id FROM customers', 3, 9, 1.5, 3, now()
            FROM pg_database WHERE datname = current_database();
         INSERT INTO pg_stat_statements SELECT 10, oid, true, 8, 'SELECT id FROM orders', 3, 9, 2.5, 3, now()
            FROM pg_database WHERE datname = current_database()",
        shop.name
    ))
    .await;
    let home = shop.home("windowDays: 7");
    let report = pull(&home, &daemon).await;
    assert_eq!((report.diff_summary, &report.warnings), (summary(2, 0, 0, 0), &Vec::new()));
    let index = home.staged(&report, "templates.json");
    assert_eq!((&index[0]["total_ms"], &index[1]["total_ms"]), (&2.5.into(), &1.5.into()));
    let nested = |template: &serde_json::Value| {
        let file = ktx::project::names::single(template["fingerprint"].as_str().unwrap());
        home.staged(&report, &format!("templates/{file}.json"))["nested"] == true
    };
    assert_eq!((nested(&index[0]), nested(&index[1])), (false, true));

    shop.run("UPDATE pg_stat_statements_info SET dealloc = 3").await;
    let warnings = pull(&home, &daemon).await.warnings;
    assert!(warnings.len() == 1 && warnings[0].contains("dropped rare statements 3 times"), "{warnings:?}");
    shop.run("UPDATE pg_stat_statements_info SET stats_reset = '2099-01-02T03:04:05Z'").await;
    let warnings = pull(&home, &daemon).await.warnings;
    assert!(warnings.len() == 1 && warnings[0].contains("were reset at 2099-01-02T03:04:05Z"), "{warnings:?}");
}

#[tokio::test]
async fn a_database_that_goes_away_while_it_is_read_fails_the_run_and_leaves_the_last_sync() {
    let (shop, daemon) = (Shop::new().await, Daemon::default());
    shop.run("SELECT id FROM customers").await;
    let home = shop.home("");
    let first = pull(&home, &daemon).await;
    // In front of the extension's view, and in nobody's hands for as long as the lock is held.
    let blocker = connect(&with_database(&shop.admin_url, &shop.name)).await;
    shop.run("DROP EXTENSION pg_stat_statements; CREATE TABLE pg_stat_statements (total_exec_time float8)").await;
    blocker.batch_execute("BEGIN; LOCK TABLE pg_stat_statements IN ACCESS EXCLUSIVE MODE").await.unwrap();
    let ending = async {
        let end = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity
            WHERE datname = current_database() AND application_name = 'ktx'";
        while shop.client.query(end, &[]).await.unwrap().is_empty() {}
    };
    let request = home.request("shop", "historic-sql");
    let (result, ()) = tokio::join!(home.ingest(&daemon, &request), ending);
    let error = result.unwrap_err();
    assert_eq!(error.code(), Code::ConnectionFailed);
    assert!(error.to_string().starts_with("Cannot read the connection shop at 127.0.0.1:"), "{error}");
    assert_eq!(home.runs()[0].error.as_deref(), Some(error.to_string().as_str()));
    assert_eq!(names_in(&home.dir.path().join("raw-sources/shop/historic-sql")), [first.sync_id]);
}

#[tokio::test]
async fn fifty_thousand_statements_go_in_batches() {
    const COUNT: usize = 50_000;
    let (shop, daemon) = (Shop::new().await, Daemon::default());
    shop.run("SET pg_stat_statements.track = 'all'").await;
    // PostgreSQL tells statements apart by their structure: the bits of a number, each as one of two columns.
    shop.run(&format!(
        "DO $$ DECLARE columns text; BEGIN FOR i IN 1..{COUNT} LOOP
            SELECT string_agg(CASE WHEN (i >> bit) & 1 = 1 THEN 'id' ELSE 'note' END, ', ' ORDER BY bit) INTO columns
            FROM generate_series(0, 16) AS bits (bit);
            EXECUTE format('SELECT %s FROM orders', columns);
        END LOOP; END $$"
    ))
    .await;
    let home = shop.home("");
    let news = RefCell::new(Vec::new());
    let sink = |progress: RunProgress| news.borrow_mut().push(progress);
    let request = home.request("shop", "historic-sql");
    let report = ingest(&home.project, &request, &daemon, Progress::new(&sink), pending()).await.unwrap();
    assert_eq!(report.diff_summary, summary(COUNT, 0, 0, 0), "{:?}", report.warnings);
    // A few more than the templates: what the database was asked to make them is left out after the analysis.
    let sizes: Vec<_> =
        daemon.requests.borrow().iter().map(|(_, payload)| payload["items"].as_array().unwrap().len()).collect();
    assert!(sizes.len() == COUNT / 1000 + 1 && sizes.iter().all(|size| *size <= 1000), "{sizes:?}");
    let done: Vec<_> = news
        .borrow()
        .iter()
        .filter(|progress| progress.message == "Analysing statements")
        .filter_map(|progress| progress.done)
        .collect();
    assert!(done.len() == sizes.len() + 1 && done.is_sorted() && done.last() == Some(&sizes.iter().sum()), "{done:?}");
    assert_eq!(names_in(&home.sync(&report).join("templates")).len(), COUNT);
}
