//! Scans with a fake runner: staged files, recorded runs and cleanup.

use crate::{
    env::Environment,
    error::{Code, Error, ErrorResponse, rejected_with},
    files::FileLock,
    ingest::{
        Depth, DiffSummary, Phase, Progress, RunFailure, RunProgress, RunReport, RunStatus, ScanRequest,
        layout::SourceLayout,
        scan,
        store::{RunFilter, Store, list_runs},
        test_connection,
    },
    ports::JsonRunner,
    project::{self, Project},
};
use serde_json::{Value, json};
use std::{
    cell::{Cell, RefCell},
    fmt, fs,
    future::{Future, pending},
    path::{Path, PathBuf},
    sync::Arc,
    task::{Context, Poll, Waker},
};

pub(super) const URL: &str = "postgres://reader:hunt%20er2@db.example/shop";

/// A runner with a configurable answer.
struct Fake<E> {
    answer: RefCell<Result<String, E>>,
    requests: RefCell<Vec<(String, Value)>>,
    /// If set, each request waits for a permit.
    gate: Option<tokio::sync::Semaphore>,
}

impl<E> Fake<E> {
    fn with(answer: Result<String, E>) -> Self {
        Self { answer: RefCell::new(answer), requests: RefCell::default(), gate: None }
    }

    fn with_tables(tables: &[Value]) -> Self {
        Self::with(Ok(answer(tables)))
    }

    fn set_tables(&self, tables: &[Value]) {
        *self.answer.borrow_mut() = Ok(answer(tables));
    }
}

impl<E: From<Error> + Clone> JsonRunner for Fake<E> {
    type Error = E;

    async fn request(&self, path: &str, payload: String) -> Result<String, E> {
        self.requests.borrow_mut().push((path.to_owned(), serde_json::from_str(&payload).unwrap()));
        if let Some(gate) = &self.gate {
            let _permit = gate.acquire().await;
        }
        self.answer.borrow().clone()
    }
}

/// An [`Error`] that can be cloned.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct CloneableError(pub(super) Code, pub(super) String, Option<ErrorResponse>, Option<u16>);

impl CloneableError {
    pub(super) fn new(code: Code, message: impl Into<String>) -> Self {
        Self(code, message.into(), None, None)
    }
}

impl From<Error> for CloneableError {
    fn from(error: Error) -> Self {
        Self(error.code(), error.to_string(), error.response().cloned(), error.status())
    }
}

impl fmt::Display for CloneableError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.1)
    }
}

impl RunFailure for CloneableError {
    fn code(&self) -> Option<Code> {
        Some(self.0)
    }

    fn map_core_error(self, change: impl FnOnce(Error) -> Error) -> Self {
        change(Error::new(self.0, self.1).with_response(self.3, self.2)).into()
    }
}

/// An error type of a host.
#[derive(Debug, Clone, PartialEq)]
enum HostError {
    Core(String),
    Host(&'static str),
}

impl From<Error> for HostError {
    fn from(error: Error) -> Self {
        Self::Core(format!("{}: {error}", error.code().as_str()))
    }
}

impl fmt::Display for HostError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Core(text) => formatter.write_str(text),
            Self::Host(text) => formatter.write_str(text),
        }
    }
}

impl RunFailure for HostError {
    fn map_core_error(self, _: impl FnOnce(Error) -> Error) -> Self {
        self
    }
}

pub(super) fn table(name: &str, columns: &[&str]) -> Value {
    let columns: Vec<_> = columns
        .iter()
        .map(
            |column| json!({ "name": column, "type": "text", "nullable": true, "primary_key": false, "comment": null }),
        )
        .collect();
    json!({ "catalog": "shop", "db": "public", "name": name, "kind": "table", "comment": null, "estimated_rows": 7,
        "columns": columns, "foreign_keys": [] })
}

pub(super) fn answer(tables: &[Value]) -> String {
    let at = jiff::Timestamp::now().to_string();
    json!({ "connection_id": "shop", "extracted_at": at, "metadata": { "driver": "postgres", "schemas": ["public"] }, "tables": tables })
        .to_string()
}

pub(super) struct Home {
    pub(super) dir: tempfile::TempDir,
    pub(super) project: Arc<Project>,
}

impl Home {
    pub(super) fn new() -> Self {
        Self::with_config(
            "connections:\n  shop: { driver: postgres, url: env:SHOP_URL, readonly: true, schemas: [public] }\n  other: { driver: postgres, url: env:SHOP_URL, readonly: true }\n  open: { driver: postgres, url: env:SHOP_URL }\n",
        )
    }

    pub(super) fn with_config(config: &str) -> Self {
        let dir = tempfile::Builder::new().prefix("größe b ").tempdir().unwrap();
        fs::write(dir.path().join("ktx.yaml"), config).unwrap();
        let project = Arc::new(project::load(dir.path()).unwrap());
        Self { dir, project }
    }

    async fn scan<E: RunFailure + Clone>(&self, fake: &Fake<E>) -> Result<RunReport, E> {
        scan(&self.project, &request("shop"), fake, Progress::silent(), pending()).await
    }

    pub(super) fn path(&self, rest: &str) -> PathBuf {
        self.dir.path().join(rest)
    }

    pub(super) fn syncs(&self) -> Vec<String> {
        names_in(&self.path("raw-sources/shop/live-database"))
    }

    pub(super) fn runs(&self) -> Vec<RunReport> {
        list_runs(self.dir.path(), &RunFilter::default()).unwrap()
    }
}

pub(super) fn request(connection_id: &str) -> ScanRequest {
    let env = Environment::default().with("SHOP_URL", URL).with("KTX_TRUST", "1");
    ScanRequest { connection_id: connection_id.into(), env, ..ScanRequest::default() }
}

pub(super) fn names_in(path: &Path) -> Vec<String> {
    let Ok(entries) = fs::read_dir(path) else { return Vec::new() };
    let mut names: Vec<_> = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

/// Returns the bytes of all files in a folder.
pub(super) fn read_all(path: &Path) -> Vec<u8> {
    let mut bytes = Vec::new();
    for entry in fs::read_dir(path).unwrap() {
        let path = entry.unwrap().path();
        bytes.extend(if path.is_dir() { read_all(&path) } else { fs::read(&path).unwrap() });
    }
    bytes
}

fn summary(added: usize, modified: usize, deleted: usize, unchanged: usize) -> DiffSummary {
    DiffSummary { added, modified, deleted, unchanged }
}

fn poll_once<F: Future>(future: std::pin::Pin<&mut F>) -> Poll<F::Output> {
    future.poll(&mut Context::from_waker(Waker::noop()))
}

#[tokio::test]
async fn scan_stages_a_file_for_each_table_and_is_recorded() {
    let home = Home::new();
    let fake = Fake::<CloneableError>::with_tables(&[table("orders", &["id"]), table("Größe", &["id"])]);
    let report = home.scan(&fake).await.unwrap();
    assert_eq!((report.status, report.diff_summary), (RunStatus::Done, summary(2, 0, 0, 0)));
    assert_eq!(report.changes.added, ["public.Größe", "public.orders"]);
    assert_eq!(report.work_units[0].key, "public");
    assert_eq!(home.syncs(), std::slice::from_ref(&report.sync_id));
    let sync = home.path("raw-sources/shop/live-database").join(&report.sync_id);
    assert_eq!(names_in(&sync), ["connection.json", "foreign-keys.json", "tables"]);
    assert_eq!(names_in(&sync.join("tables")), ["public.Größe.json", "public.orders.json"]);
    let staged: Value =
        serde_json::from_str(&fs::read_to_string(sync.join("tables/public.orders.json")).unwrap()).unwrap();
    assert_eq!(staged, table("orders", &["id"]));
    assert_eq!(home.runs(), [report]);
    let requests = fake.requests.borrow();
    assert_eq!(requests[0].0, "/database/introspect");
    assert_eq!(
        requests[0].1,
        json!({ "connection_id": "shop", "driver": "postgres", "url": URL, "schemas": ["public"] })
    );
}

#[tokio::test]
async fn second_scan_reports_changes_only() {
    let home = Home::new();
    let fake = Fake::<CloneableError>::with_tables(&[table("a", &["id"]), table("b", &["id"]), table("c", &["id"])]);
    let first = home.scan(&fake).await.unwrap();
    let again = home.scan(&fake).await.unwrap();
    assert_eq!((again.diff_summary, again.work_units.len()), (summary(0, 0, 0, 3), 0));
    assert_eq!((&again.sync_id, again.details.len()), (&first.sync_id, 0));
    fake.set_tables(&[table("a", &["id"]), table("b", &["id", "more"]), table("d", &["id"])]);
    let report = home.scan(&fake).await.unwrap();
    assert_eq!(report.diff_summary, summary(1, 1, 1, 1));
    assert_eq!(report.changes.added, ["public.d"]);
    assert_eq!(report.changes.modified, ["public.b"]);
    assert_eq!(report.changes.deleted, ["public.c"]);
    assert_eq!(home.syncs(), [first.sync_id, report.sync_id]);
}

#[tokio::test]
async fn tables_with_hostile_names_are_staged_and_compared() {
    let home = Home::new();
    let long = "n".repeat(300);
    let names = ["../../../evil", "/etc/evil", "..", "a/b", "nul\0byte", "Orders", "orders", "nul", &long];
    let fake = Fake::<CloneableError>::with_tables(&names.map(|name| table(name, &["id"])));
    let report = home.scan(&fake).await.unwrap();
    assert_eq!(report.diff_summary, summary(9, 0, 0, 0));
    let folder = home.path("raw-sources/shop/live-database").join(&report.sync_id).join("tables");
    let staged: Vec<Value> = names_in(&folder)
        .iter()
        .map(|file| serde_json::from_str(&fs::read_to_string(folder.join(file)).unwrap()).unwrap())
        .collect();
    for name in names {
        assert!(staged.iter().any(|table| table["name"] == name), "{name:?}");
    }
    assert_eq!(names_in(home.dir.path()), [".ktx", "ktx.yaml", "raw-sources"]);
    assert_eq!(home.scan(&fake).await.unwrap().diff_summary, summary(0, 0, 0, 9));
    fake.set_tables(&names.map(|name| table(name, if name == "orders" { &["id", "x"] } else { &["id"] })));
    assert_eq!(home.scan(&fake).await.unwrap().changes.modified, ["public.orders"]);
}

#[tokio::test]
async fn dry_run_stages_no_files_and_is_not_a_base() {
    let home = Home::new();
    let fake = Fake::<CloneableError>::with_tables(&[table("a", &["id"])]);
    let dry = ScanRequest { dry_run: true, ..request("shop") };
    for _ in 0..2 {
        let report = scan(&home.project, &dry, &fake, Progress::silent(), pending()).await.unwrap();
        assert_eq!((report.dry_run, report.diff_summary), (true, summary(1, 0, 0, 0)));
    }
    assert!(!home.path("raw-sources").exists());
    assert_eq!(home.scan(&fake).await.unwrap().diff_summary, summary(1, 0, 0, 0));
    assert_eq!(home.runs().iter().map(|run| run.dry_run).collect::<Vec<_>>(), [false, true, true]);
}

#[tokio::test]
async fn progress_is_reported_for_each_batch_of_files() {
    let home = Home::new();
    let tables: Vec<_> = (0..600).map(|index| table(&format!("t{index:03}"), &["id", "name"])).collect();
    let fake = Fake::<CloneableError>::with_tables(&tables);
    let events = RefCell::new(Vec::new());
    let sink = |progress: RunProgress| events.borrow_mut().push(progress);
    let report = scan(&home.project, &request("shop"), &fake, Progress::new(&sink), pending()).await.unwrap();
    assert_eq!(report.diff_summary, summary(600, 0, 0, 0));
    assert_eq!(names_in(&home.path("raw-sources/shop/live-database").join(&report.sync_id).join("tables")).len(), 600);
    let events = events.into_inner();
    let mut phases: Vec<_> = events.iter().map(|progress| progress.phase).collect();
    phases.dedup();
    assert_eq!(phases, [Phase::Fetch, Phase::Stage, Phase::Diff, Phase::Report]);
    let staged = events.iter().filter(|progress| progress.phase == Phase::Stage);
    let done: Vec<_> = staged.filter_map(|progress| progress.done).collect();
    assert_eq!(done, [0, 250, 500, 600]);
    assert_eq!(home.scan(&fake).await.unwrap().diff_summary, summary(0, 0, 0, 600));
}

#[tokio::test]
async fn failed_scan_is_recorded_and_leaves_no_folder() {
    let home = Home::new();
    let fake = Fake::<HostError>::with(Err(HostError::Host(
        "no way to postgres://reader:hunt%20er2@db.example/shop, hunt er2",
    )));
    let error = home.scan(&fake).await.unwrap_err();
    assert!(matches!(error, HostError::Host(_)), "the error of the host is returned unchanged");
    let runs = home.runs();
    assert_eq!((runs[0].status, runs[0].error.as_deref()), (RunStatus::Failed, Some("no way to ***, ***")));
    assert!(home.syncs().is_empty());
    let fake = Fake::<HostError>::with(Ok("{}".into()));
    let HostError::Core(text) = home.scan(&fake).await.unwrap_err() else { panic!("not ours") };
    assert!(text.starts_with("KTX_HTTP_ANSWER_INVALID: ") && text.contains("missing field `extracted_at`"), "{text}");
    assert_eq!(home.scan(&Fake::<HostError>::with_tables(&[])).await.unwrap().diff_summary, summary(0, 0, 0, 0));
}

#[tokio::test]
async fn refusal_of_the_daemon_is_a_redacted_connection_error() {
    let home = Home::new();
    let body = format!(r#"{{"detail":"login as reader with hunt er2 at {URL} failed.","code":"auth"}}"#);
    let fake = Fake::<CloneableError>::with(Err(rejected_with(&body).into()));
    let error = home.scan(&fake).await.unwrap_err();
    assert_eq!(error.0, Code::ConnectionFailed);
    assert_eq!(error.1, "Cannot read the connection shop: login as reader with *** at *** failed");
    let error = test_connection(&home.project, &request("shop"), Depth::Columns, &fake).await.unwrap_err();
    assert_eq!(error.0, Code::ConnectionFailed);
    // A fault of the daemon is not an error of the connection.
    let damaged = r#"{"detail":"The environment is damaged: No module named 'sqlite3'","code":"environment_damaged"}"#;
    let error = home.scan(&Fake::<CloneableError>::with(Err(rejected_with(damaged).into()))).await.unwrap_err();
    assert_eq!(error.0, Code::HttpStatus);
    assert_eq!(error.1, "The environment is damaged: No module named 'sqlite3'");
    assert!(error.2.unwrap().is_environment_damaged());
}

#[tokio::test]
async fn password_is_not_written_to_the_project() {
    let home = Home::new();
    home.scan(&Fake::<CloneableError>::with_tables(&[table("a", &["id"])])).await.unwrap();
    let echo = format!("you sent {URL} with hunt er2");
    home.scan(&Fake::<CloneableError>::with(Err(CloneableError::new(Code::HttpConnect, echo)))).await.unwrap_err();
    let odd = json!({ "extracted_at": "now", "metadata": { "schemas": [] }, "tables": [{ "name": "a", "kind": URL }] });
    home.scan(&Fake::<CloneableError>::with(Ok(odd.to_string()))).await.unwrap_err();
    let text = String::from_utf8_lossy(&read_all(home.dir.path())).into_owned();
    assert!(!text.contains("hunt"), "{:?}", home.runs());
}

#[tokio::test]
async fn invalid_connection_is_rejected_before_the_run_begins() {
    let home = Home::new();
    let fake = Fake::<CloneableError>::with_tables(&[]);
    for (id, code) in [("shpo", Code::ConnectionUnknown), ("open", Code::ConnectionInvalid)] {
        let error = scan(&home.project, &request(id), &fake, Progress::silent(), pending()).await.unwrap_err();
        assert_eq!(error.0, code);
    }
    let unset = ScanRequest { env: Environment::default().with("KTX_TRUST", "1"), ..request("shop") };
    assert_eq!(
        scan(&home.project, &unset, &fake, Progress::silent(), pending()).await.unwrap_err().0,
        Code::SecretMissing
    );
    assert_eq!(names_in(home.dir.path()), ["ktx.yaml"]);
    assert!(fake.requests.borrow().is_empty());
}

#[tokio::test]
async fn test_of_a_connection_writes_no_files() {
    let home = Home::new();
    let fake = Fake::<CloneableError>::with_tables(&[table("a", &["id"]), table("b", &["id"])]);
    let tested = test_connection(&home.project, &request("shop"), Depth::Columns, &fake).await.unwrap();
    assert_eq!(
        serde_json::to_string(&tested).unwrap(),
        r#"{"connectionId":"shop","driver":"postgres","tableCount":2}"#
    );
    assert_eq!(names_in(home.dir.path()), ["ktx.yaml"]);
}

#[tokio::test]
async fn test_of_a_connection_reads_names_only_if_the_daemon_can() {
    let home = Home::new();
    let fake = Fake::<CloneableError>::with_tables(&[table("a", &[])]);
    for (depth, names_only) in [(Depth::Names, Some(true)), (Depth::Columns, None)] {
        test_connection(&home.project, &request("shop"), depth, &fake).await.unwrap();
        let (_, payload) = fake.requests.borrow_mut().pop().unwrap();
        assert_eq!(payload.get("names_only").and_then(Value::as_bool), names_only);
    }
}

#[tokio::test]
async fn scans_of_one_connection_are_exclusive_and_of_others_concurrent() {
    let home = Home::new();
    let mut slow = Fake::<CloneableError>::with_tables(&[table("a", &["id"])]);
    slow.gate = Some(tokio::sync::Semaphore::new(0));
    let quick = Fake::<CloneableError>::with_tables(&[table("a", &["id"])]);
    let first = home.scan(&slow);
    let others = async {
        while slow.requests.borrow().is_empty() {
            tokio::task::yield_now().await;
        }
        let busy = home.scan(&quick).await.unwrap_err();
        let beside = scan(&home.project, &request("other"), &quick, Progress::silent(), pending()).await;
        slow.gate.as_ref().unwrap().add_permits(1);
        (busy, beside)
    };
    let (first, (busy, beside)) = tokio::join!(first, others);
    assert_eq!(first.unwrap().status, RunStatus::Done);
    assert_eq!(beside.unwrap().status, RunStatus::Done);
    assert_eq!(busy.0, Code::RunBusy);
    assert!(busy.1.contains(&format!("(process {}, since 20", std::process::id())), "{}", busy.1);
    assert_eq!(home.runs().len(), 2);
}

#[tokio::test]
async fn scan_dropped_while_fetching_is_recorded_as_interrupted() {
    let home = Home::new();
    let mut slow = Fake::<CloneableError>::with_tables(&[]);
    slow.gate = Some(tokio::sync::Semaphore::new(0));
    let mut scanning = Box::pin(home.scan(&slow));
    while slow.requests.borrow().is_empty() {
        assert!(poll_once(scanning.as_mut()).is_pending());
        tokio::task::yield_now().await;
    }
    drop(scanning);
    wait_until_interrupted(&home).await;
    slow.gate = None;
    assert_eq!(home.scan(&slow).await.unwrap().status, RunStatus::Done);
}

#[tokio::test]
async fn scan_dropped_while_staging_leaves_no_folder() {
    let home = Home::new();
    let tables: Vec<_> = (0..600).map(|index| table(&format!("t{index}"), &["id"])).collect();
    let fake = Fake::<CloneableError>::with_tables(&tables);
    let writing = Cell::new(false);
    let sink = |progress: RunProgress| writing.set(writing.get() || progress.done == Some(250));
    let request = request("shop");
    let mut scanning = Box::pin(scan(&home.project, &request, &fake, Progress::new(&sink), pending()));
    while !writing.get() {
        assert!(poll_once(scanning.as_mut()).is_pending());
        tokio::task::yield_now().await;
    }
    drop(scanning);
    wait_until_interrupted(&home).await;
    assert!(home.syncs().is_empty(), "{:?}", home.syncs());
}

/// The error of a host that stops a run.
fn stop_error() -> CloneableError {
    CloneableError::new(Code::Internal, "the host's own reason")
}

#[tokio::test]
async fn run_stopped_while_fetching_has_ended_when_it_returns() {
    let home = Home::new();
    let mut slow = Fake::<CloneableError>::with_tables(&[]);
    slow.gate = Some(tokio::sync::Semaphore::new(0));
    let stop = async {
        while slow.requests.borrow().is_empty() {
            tokio::task::yield_now().await;
        }
        stop_error()
    };
    let error = scan(&home.project, &request("shop"), &slow, Progress::silent(), stop).await.unwrap_err();
    assert_eq!(error, stop_error());
    assert_interrupted(&home);
    assert!(home.syncs().is_empty());
}

#[tokio::test]
async fn run_stopped_while_staging_has_removed_its_folder_when_it_returns() {
    let home = Home::new();
    let first = home.scan(&Fake::<CloneableError>::with_tables(&[table("a", &["id"])])).await.unwrap();
    let tables: Vec<_> = (0..600).map(|index| table(&format!("t{index}"), &["id"])).collect();
    let request = request("shop");
    for phase in [Phase::Stage, Phase::Diff] {
        let reached = Cell::new(false);
        let sink = |progress: RunProgress| {
            reached.set(reached.get() || (progress.phase == phase && progress.done != Some(0)));
        };
        let stop = std::future::poll_fn(|_| if reached.get() { Poll::Ready(stop_error()) } else { Poll::Pending });
        let fake = Fake::<CloneableError>::with_tables(&tables);
        let error = scan(&home.project, &request, &fake, Progress::new(&sink), stop).await.unwrap_err();
        assert_eq!(error, stop_error(), "{phase:?}");
        assert_interrupted(&home);
        assert_eq!(home.syncs(), std::slice::from_ref(&first.sync_id));
    }
    assert_eq!(
        home.scan(&Fake::<CloneableError>::with_tables(&tables)).await.unwrap().diff_summary,
        summary(600, 0, 1, 0)
    );
}

#[tokio::test]
async fn run_stopped_before_it_begins_is_not_recorded() {
    let home = Home::new();
    let fake = Fake::<CloneableError>::with_tables(&[]);
    let stop = std::future::ready(stop_error());
    let error = scan(&home.project, &request("shop"), &fake, Progress::silent(), stop).await.unwrap_err();
    assert_eq!(error, stop_error());
    assert_eq!(names_in(home.dir.path()), ["ktx.yaml"]);
}

/// Asserts that the newest run is recorded as interrupted and its lock is free.
fn assert_interrupted(home: &Home) {
    let run = &home.runs()[0];
    assert_eq!((run.status, run.error.as_deref()), (RunStatus::Failed, Some("interrupted")));
    assert!(!FileLock::is_held(&SourceLayout::new(home.dir.path(), "shop", "live-database").lock));
}

async fn wait_until_interrupted(home: &Home) {
    while home.runs().first().is_none_or(|run| run.status == RunStatus::Running) {
        tokio::task::yield_now().await;
    }
    let run = &home.runs()[0];
    assert_eq!((run.status, run.error.as_deref()), (RunStatus::Failed, Some("interrupted")));
    assert!(run.finished_at.is_some());
    // The lock is released last.
    while FileLock::is_held(&SourceLayout::new(home.dir.path(), "shop", "live-database").lock) {
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn next_scan_cleans_up_after_a_dead_run() {
    let home = Home::new();
    let fake = Fake::<CloneableError>::with_tables(&[table("a", &["id"])]);
    let layout = SourceLayout::new(home.dir.path(), "shop", "live-database");
    let dead = [RunReport::begin("shop", "live-database", false), RunReport::begin("other", "live-database", false)];
    let store = Store::open(home.dir.path()).unwrap();
    dead.iter().for_each(|report| store.insert(report).unwrap());
    drop(store);
    fs::create_dir_all(layout.partial("20200101T000000000Z-aaaaaa").join("tables")).unwrap();
    // The process died between publishing and recording.
    fs::create_dir_all(layout.sync(&dead[0].sync_id).join("tables")).unwrap();
    let report = home.scan(&fake).await.unwrap();
    assert_eq!(home.syncs(), std::slice::from_ref(&report.sync_id));
    let runs = home.runs();
    assert_eq!(runs.len(), 3);
    for run in &runs[1..] {
        assert_eq!((run.status, run.error.as_deref()), (RunStatus::Failed, Some("interrupted")));
    }
}

#[tokio::test]
async fn run_with_a_held_lock_is_not_ended() {
    let home = Home::new();
    let fake = Fake::<CloneableError>::with_tables(&[table("a", &["id"])]);
    let alive = RunReport::begin("other", "live-database", false);
    let layout = SourceLayout::new(home.dir.path(), "other", "live-database");
    fs::create_dir_all(layout.lock.parent().unwrap()).unwrap();
    let _lock = FileLock::try_acquire(&layout.lock).unwrap().unwrap();
    Store::open(home.dir.path()).unwrap().insert(&alive).unwrap();
    home.scan(&fake).await.unwrap();
    assert_eq!(home.runs().iter().find(|run| run.run_id == alive.run_id).unwrap().status, RunStatus::Running);
}

#[cfg(unix)]
#[tokio::test]
async fn write_error_fails_the_run_and_keeps_the_last_sync() {
    let home = Home::new();
    let fake = Fake::<CloneableError>::with_tables(&[table("a", &["id"])]);
    let first = home.scan(&fake).await.unwrap();
    let syncs = home.path("raw-sources/shop/live-database");
    // A file instead of the folder fails for every user, also for root.
    fs::rename(&syncs, home.path("aside")).unwrap();
    fs::write(&syncs, "in the way").unwrap();
    assert_eq!(home.scan(&fake).await.unwrap_err().0, Code::FileIo);
    fs::remove_file(&syncs).unwrap();
    fs::rename(home.path("aside"), &syncs).unwrap();
    assert_eq!(home.syncs(), [first.sync_id]);
    assert_eq!(home.runs()[0].status, RunStatus::Failed);
    assert_eq!(home.scan(&fake).await.unwrap().diff_summary, summary(0, 0, 0, 1));
}

/// A clone may have links. Targets of those that lead out of the project must not be read, written or removed.
#[cfg(unix)]
#[tokio::test]
async fn links_out_of_the_project_are_rejected() {
    use std::os::unix::fs::symlink;
    for link in [
        "raw-sources",
        "raw-sources/shop",
        "raw-sources/shop/live-database",
        ".ktx",
        ".ktx/db.sqlite",
        ".ktx/locks",
        ".ktx/locks/shop",
        ".ktx/locks/shop/live-database.lock",
    ] {
        let (home, victim) = (Home::new(), tempfile::tempdir().unwrap());
        let fake = Fake::<CloneableError>::with_tables(&[table("a", &["id"])]);
        fs::create_dir(victim.path().join(".partial-mine")).unwrap();
        fs::write(victim.path().join(".partial-mine/precious"), "x").unwrap();
        let path = home.path(link);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        let _ = fs::remove_dir_all(&path);
        let target = if link.contains("db.") || link.ends_with(".lock") { "file" } else { "." };
        symlink(victim.path().join(target), &path).unwrap();
        for target_exists in [false, true] {
            if target == "file" && target_exists {
                fs::write(victim.path().join("file"), "").unwrap();
            }
            let error = home.scan(&fake).await.unwrap_err();
            assert_eq!(error.0, Code::ProjectUnsafe, "{link}: {error:?}");
        }
        let expected = if target == "file" { 2 } else { 1 };
        assert_eq!(fs::read_dir(victim.path()).unwrap().count(), expected, "{link}");
        assert!(victim.path().join(".partial-mine/precious").exists());
        assert!(fs::read(victim.path().join("file")).is_ok_and(|bytes| bytes.is_empty()) == (target == "file"));
    }
}

/// The store of a clone may have a sync id with a path outside, whose folder must not be removed as that of a dead run.
#[tokio::test]
async fn sync_ids_of_the_store_cannot_lead_out_of_the_project() {
    let (home, victim) = (Home::new(), tempfile::tempdir().unwrap());
    fs::write(victim.path().join("precious"), "x").unwrap();
    let fake = Fake::<CloneableError>::with_tables(&[table("a", &["id"])]);
    for sync_id in [victim.path().display().to_string(), format!("../../../..{}", victim.path().display())] {
        let dead = RunReport { sync_id, ..RunReport::begin("shop", "live-database", false) };
        Store::open(home.dir.path()).unwrap().insert(&dead).unwrap();
    }
    home.scan(&fake).await.unwrap();
    assert!(victim.path().join("precious").exists());
}

#[cfg(unix)]
#[tokio::test]
async fn links_within_the_project_are_followed() {
    use std::os::unix::fs::symlink;
    let home = Home::new();
    fs::create_dir_all(home.path("data/staged")).unwrap();
    symlink("data/staged", home.path("raw-sources")).unwrap();
    let report = home.scan(&Fake::<CloneableError>::with_tables(&[table("a", &["id"])])).await.unwrap();
    let staged = home.path("data/staged/shop/live-database").join(report.sync_id);
    assert!(staged.join("tables").is_dir());
    use std::os::unix::fs::PermissionsExt;
    let mode = staged.join("connection.json").metadata().unwrap().permissions().mode();
    assert_eq!(mode & 0o022, 0, "not writable by others, with any umask");
}
