//! 7. No access for other users. 8. No leftovers. 9. Upgrade.

use crate::{
    child::{Job, Worker, processes_of, set_umask, set_up, start_daemon, wait_until},
    support::{Fixture, RecordingHost, layout_and_env},
};
use ktx::{
    daemon::{NativeDaemon, StartStatus, StopStatus, lock_version_folder, stop, stop_all},
    runtime::{Feature, InstallRequest, Layout, install, prune},
};
use std::{fs, os::unix::fs::PermissionsExt, path::Path};

fn mode(path: &Path) -> u32 {
    path.metadata().unwrap_or_else(|error| panic!("{}: {error}", path.display())).permissions().mode() & 0o777
}

/// Installs another version or root of a fixture and starts its daemon.
async fn running(fixture: &Fixture, version: &str, root: Option<&Path>) -> (NativeDaemon, u32) {
    let (layout, env) = layout_and_env(fixture.folder.path(), version);
    let layout = root.map_or(layout.clone(), |root| layout.with_root(root));
    let host = NativeDaemon { layout: layout.clone(), env: env.clone() };
    let request = InstallRequest { layout, env, features: vec![Feature::Core], force: false };
    install(&RecordingHost::default(), &request).await.unwrap();
    let started = start_daemon(&host, false).await.unwrap();
    assert_eq!(started.status, StartStatus::Started);
    (host, started.state.pid)
}

#[tokio::test]
async fn guarantee_7_token_is_private_with_any_umask() {
    for umask in [0o000, 0o077] {
        let (fixture, host) = set_up("ok").await;
        let mut worker = Worker::with_version(&fixture, Job::Start, "1.2.3", |command| set_umask(command, umask));
        worker.release();
        worker.outcome().unwrap();
        let layout = &fixture.layout;
        let state = fs::read_to_string(&layout.daemon_state_path).unwrap();
        let state: serde_json::Value = serde_json::from_str(&state).unwrap();
        let (token, pid) = (state["token"].as_str().unwrap(), state["pid"].as_u64().unwrap());
        for file in ["daemon.json", "daemon.life.json", "daemon.lock", "daemon.life.lock"] {
            assert_eq!(mode(&layout.version_dir.join(file)), 0o600, "{file} with umask {umask:o}");
        }
        for log in [&layout.daemon_stdout_path, &layout.daemon_stderr_path, &layout.install_log_path] {
            assert_eq!(mode(log) & 0o077, 0);
            assert!(!fs::read_to_string(log).unwrap().contains(token));
        }
        let command = fs::read(format!("/proc/{pid}/cmdline")).unwrap();
        assert!(!String::from_utf8_lossy(&command).contains(token));
        stop(&host, &host.layout).await.unwrap();
    }
}

#[tokio::test]
async fn guarantee_8_stop_all_stops_all_versions_of_recorded_roots_only() {
    let (fixture, _) = set_up("ok").await;
    let (here, elsewhere) = (fixture.layout.runtime_root.clone(), fixture.folder.path().join("elsewhere"));
    let mut pids = Vec::new();
    for (version, root) in [("1.2.3", &here), ("2.0.0", &here), ("1.2.3", &elsewhere)] {
        pids.push(running(&fixture, version, Some(root)).await.1);
    }
    // Another process with the pid in an old state.
    let mut stranger = std::process::Command::new("sleep").arg("600").spawn().unwrap();
    let (old, _) = layout_and_env(fixture.folder.path(), "0.0.1");
    fs::create_dir_all(&old.version_dir).unwrap();
    let state = fs::read_to_string(&fixture.layout.daemon_state_path).unwrap();
    let state = state.replace(&format!("\"pid\": {}", pids[0]), &format!("\"pid\": {}", stranger.id()));
    fs::write(&old.daemon_state_path, state).unwrap();
    // From a third root, which has no daemon.
    let third = fixture.layout.with_root(&fixture.folder.path().join("third"));
    let stopped = stop_all(&third, &fixture.env).await.unwrap();
    let mut found: Vec<_> =
        stopped.iter().filter(|one| one.status == StopStatus::Stopped).filter_map(|one| one.pid).collect();
    found.sort_unstable();
    pids.sort_unstable();
    assert_eq!(found, pids);
    wait_until("nothing runs any more", || processes_of(fixture.folder.path()).is_empty());
    assert!(stranger.try_wait().unwrap().is_none(), "the other process is running");
    stranger.kill().unwrap();
    stranger.wait().unwrap();
}

#[tokio::test]
async fn guarantee_8_damaged_roots_record_is_replaced_by_the_next_start() {
    let (fixture, host) = set_up("ok").await;
    let record = fixture.folder.path().join("home/kaelio/ktx/roots.json");
    for damage in ["", "{", "[]", "{\"schemaVersion\":1,\"roots\":[1]}", "\0"] {
        fs::create_dir_all(record.parent().unwrap()).unwrap();
        fs::write(&record, damage).unwrap();
        start_daemon(&host, true).await.unwrap();
        let text = fs::read_to_string(&record).unwrap();
        let roots: serde_json::Value = serde_json::from_str(&text).unwrap();
        assert_eq!(roots["roots"], serde_json::json!([fixture.layout.runtime_root]));
    }
    // The record cannot be written.
    fs::remove_dir_all(record.parent().unwrap()).unwrap();
    fs::write(record.parent().unwrap(), "a file").unwrap();
    start_daemon(&host, true).await.unwrap();
    stop(&host, &host.layout).await.unwrap();
}

fn pruned(layout: &Layout) -> Vec<String> {
    let hold = |folder: &Path| lock_version_folder(layout, folder).ok();
    let pruned = prune(&layout.runtime_root, &layout.cli_version, false, hold).unwrap();
    pruned.removed.iter().map(|path| path.file_name().unwrap().to_string_lossy().into_owned()).collect()
}

#[tokio::test]
async fn guarantee_9_versions_run_side_by_side_and_prune_removes_unused_ones_only() {
    let (fixture, _) = set_up("ok").await;
    let (old, old_pid) = running(&fixture, "1.2.3", None).await;
    let (new, new_pid) = running(&fixture, "2.0.0", None).await;
    assert_ne!(old_pid, new_pid);
    // A forced start, a stop and a prune by the new version do not affect the old one.
    start_daemon(&new, true).await.unwrap();
    stop(&new, &new.layout).await.unwrap();
    assert!(pruned(&new.layout).is_empty());
    let again = start_daemon(&old, false).await.unwrap();
    assert_eq!((again.status, again.state.pid), (StartStatus::Reused, old_pid));
    stop(&old, &old.layout).await.unwrap();
    assert_eq!(pruned(&new.layout), ["1.2.3"]);
    assert!(!old.layout.version_dir.exists() && new.layout.version_dir.exists());
    // The old version is installed again when it is used.
    assert_eq!(start_daemon(&old, false).await.unwrap().status, StartStatus::Started);
    stop(&old, &old.layout).await.unwrap();
}

#[tokio::test]
async fn guarantee_9_prune_and_start_of_the_same_version_are_serialised() {
    let (fixture, host) = set_up("ok").await;
    let (new, _) = layout_and_env(fixture.folder.path(), "2.0.0");
    for round in 0..8 {
        let mut worker = Worker::new(&fixture, Job::Start);
        worker.release();
        wait_until("it is pruned or started", || !pruned(&new).is_empty() || fixture.layout.daemon_state_path.exists());
        let outcome = worker.outcome();
        // A start that was pruned fails; the next one rebuilds the runtime and succeeds.
        assert!(outcome.is_ok() || outcome.as_ref().unwrap_err().contains("1.2.3"), "{round}: {outcome:?}");
        let started = start_daemon(&host, false).await.unwrap();
        wait_until("only the daemon runs", || processes_of(fixture.folder.path()) == [started.state.pid]);
        stop(&host, &host.layout).await.unwrap();
    }
}
