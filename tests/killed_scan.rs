//! Recovery from scans that were killed while they were staging files.

#![allow(clippy::unwrap_used, reason = "an unwrap in a test is an assertion")]

use ktx::{
    env::Environment,
    error::{Code, Error},
    ingest::{Progress, RunProgress, RunStatus, ScanRequest, scan, store},
    ports::JsonRunner,
    project,
};
use std::{
    fs,
    future::pending,
    path::Path,
    process::{Child, Command},
    sync::Arc,
    thread,
};

const PROJECT: &str = "KTX_TEST_KILLED_SCAN_PROJECT";
const SYNCS: &str = "raw-sources/shop/live-database";

struct ManyTables;

impl JsonRunner for ManyTables {
    type Error = Error;

    async fn request(&self, _: &str, _: String) -> Result<String, Error> {
        let table =
            |index| format!(r#"{{"db":"main","name":"t{index}","kind":"table","columns":[],"foreign_keys":[]}}"#);
        let tables = (0..600).map(table).collect::<Vec<_>>().join(",");
        Ok(format!(
            r#"{{"connection_id":"shop","extracted_at":"now","metadata":{{"schemas":["main"]}},"tables":[{tables}]}}"#
        ))
    }
}

fn run(dir: &Path, sink: &dyn Fn(RunProgress)) -> Result<ktx::ingest::RunReport, Error> {
    let project = Arc::new(project::load(dir).unwrap());
    let env = Environment::default();
    let request = ScanRequest { connection_id: "shop".into(), env, ..ScanRequest::default() };
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(scan(&project, &request, &ManyTables, Progress::new(sink), pending()))
}

/// Child process of the test below, which kills it. It parks in the middle of staging.
#[test]
#[ignore = "runs as a child of another test"]
fn child_that_stops_while_it_stages() {
    let dir = std::env::var_os(PROJECT).unwrap();
    let stop = |progress: RunProgress| {
        if progress.done == Some(250) && progress.total == Some(600) {
            fs::write(Path::new(&dir).join("stopped"), "").unwrap();
            loop {
                thread::park();
            }
        }
    };
    let _ = run(Path::new(&dir), &stop);
}

/// Kills the child when dropped, also after a panic.
struct KillOnDrop(Child);

impl Drop for KillOnDrop {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn names_in(path: &Path) -> Vec<String> {
    fs::read_dir(path).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect()
}

#[test]
fn scan_is_exclusive_until_the_process_dies_and_cleans_up_after_it() {
    let home = tempfile::tempdir().unwrap();
    let dir = home.path();
    fs::write(dir.join("shop.db"), "").unwrap();
    fs::write(dir.join("ktx.yaml"), "connections: { shop: { driver: sqlite, path: shop.db, readonly: true } }")
        .unwrap();
    let mut child = Command::new(std::env::current_exe().unwrap());
    let child = child.args(["--exact", "child_that_stops_while_it_stages", "--ignored"]).env(PROJECT, dir);
    let mut child = KillOnDrop(child.spawn().unwrap());
    while !dir.join("stopped").exists() {
        assert!(child.0.try_wait().unwrap().is_none(), "the child ended early");
        thread::yield_now();
    }

    let busy = run(dir, &|_| ()).unwrap_err();
    assert_eq!(busy.code(), Code::RunBusy);
    assert!(busy.to_string().contains(&format!("(process {}, since ", child.0.id())), "{busy}");
    assert!(names_in(&dir.join(SYNCS)).iter().all(|name| name.starts_with('.')), "an incomplete sync is visible");

    drop(child);
    let report = run(dir, &|_| ()).unwrap();
    assert_eq!((report.status, report.diff_summary.added), (RunStatus::Done, 600));
    assert_eq!(names_in(&dir.join(SYNCS)), std::slice::from_ref(&report.sync_id));
    let runs = store::list_runs(dir, &store::RunFilter::default()).unwrap();
    assert_eq!((runs.len(), runs[1].status, runs[1].error.as_deref()), (2, RunStatus::Failed, Some("interrupted")));
}
