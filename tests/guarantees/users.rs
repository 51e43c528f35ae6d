//! 7. No access for other users. 8. No leftovers. 9. Upgrade.

use crate::{
    child::{Job, Worker, begin, processes_of, ready, set_umask, until},
    support::{Place, Watching, located},
};
use ktx::{
    daemon::{NativeDaemon, StartStatus, StopStatus, lock_version_folder, stop, stop_all},
    runtime::{Feature, InstallRequest, Layout, install, prune},
};
use std::{fs, os::unix::fs::PermissionsExt, path::Path};

fn mode(path: &Path) -> u32 {
    path.metadata().unwrap_or_else(|error| panic!("{}: {error}", path.display())).permissions().mode() & 0o777
}

/// The same place with another version or root, its runtime installed and its daemon running.
async fn running(place: &Place, version: &str, root: Option<&Path>) -> (NativeDaemon, u32) {
    let (layout, env) = located(place.folder.path(), version);
    let layout = root.map_or(layout.clone(), |root| layout.with_root(root));
    let host = NativeDaemon { layout: layout.clone(), env: env.clone() };
    let request = InstallRequest { layout, env, features: vec![Feature::Core], force: false };
    install(&Watching::default(), &request).await.unwrap();
    let started = begin(&host, false).await.unwrap();
    assert_eq!(started.status, StartStatus::Started);
    (host, started.state.pid)
}

#[tokio::test]
async fn guarantee_7_only_the_user_can_read_the_token_with_any_umask() {
    for umask in [0o000, 0o077] {
        let (place, host) = ready("ok").await;
        let mut worker = Worker::of_version(&place, Job::Start, "1.2.3", |command| set_umask(command, umask));
        worker.go();
        worker.outcome().unwrap();
        let layout = &place.layout;
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
async fn guarantee_8_stop_all_finds_every_version_and_recorded_root_and_nothing_else() {
    let (place, _) = ready("ok").await;
    let (here, elsewhere) = (place.layout.runtime_root.clone(), place.folder.path().join("elsewhere"));
    let mut pids = Vec::new();
    for (version, root) in [("1.2.3", &here), ("2.0.0", &here), ("1.2.3", &elsewhere)] {
        pids.push(running(&place, version, Some(root)).await.1);
    }
    // A stranger that has the pid which a root remembers.
    let mut stranger = std::process::Command::new("sleep").arg("600").spawn().unwrap();
    let (old, _) = located(place.folder.path(), "0.0.1");
    fs::create_dir_all(&old.version_dir).unwrap();
    let state = fs::read_to_string(&place.layout.daemon_state_path).unwrap();
    let state = state.replace(&format!("\"pid\": {}", pids[0]), &format!("\"pid\": {}", stranger.id()));
    fs::write(&old.daemon_state_path, state).unwrap();
    // From a third root, which has no daemon at all.
    let third = place.layout.with_root(&place.folder.path().join("third"));
    let stopped = stop_all(&third, &place.env).await.unwrap();
    let mut found: Vec<_> =
        stopped.iter().filter(|one| one.status == StopStatus::Stopped).filter_map(|one| one.pid).collect();
    found.sort_unstable();
    pids.sort_unstable();
    assert_eq!(found, pids);
    until("nothing runs any more", || processes_of(place.folder.path()).is_empty());
    assert!(stranger.try_wait().unwrap().is_none(), "the stranger lives");
    stranger.kill().unwrap();
    stranger.wait().unwrap();
}

#[tokio::test]
async fn guarantee_8_a_record_of_roots_that_is_damaged_fails_no_start_and_heals() {
    let (place, host) = ready("ok").await;
    let record = place.folder.path().join("home/kaelio/ktx/roots.json");
    for damage in ["", "{", "[]", "{\"schemaVersion\":1,\"roots\":[1]}", "\0"] {
        fs::create_dir_all(record.parent().unwrap()).unwrap();
        fs::write(&record, damage).unwrap();
        begin(&host, true).await.unwrap();
        let text = fs::read_to_string(&record).unwrap();
        let roots: serde_json::Value = serde_json::from_str(&text).unwrap();
        assert_eq!(roots["roots"], serde_json::json!([place.layout.runtime_root]));
    }
    // Nowhere to write it at all.
    fs::remove_dir_all(record.parent().unwrap()).unwrap();
    fs::write(record.parent().unwrap(), "a file").unwrap();
    begin(&host, true).await.unwrap();
    stop(&host, &host.layout).await.unwrap();
}

fn pruned(layout: &Layout) -> Vec<String> {
    let hold = |folder: &Path| lock_version_folder(layout, folder).ok();
    let pruned = prune(&layout.runtime_root, &layout.cli_version, false, hold).unwrap();
    pruned.removed.iter().map(|path| path.file_name().unwrap().to_string_lossy().into_owned()).collect()
}

#[tokio::test]
async fn guarantee_9_versions_run_side_by_side_and_prune_removes_only_what_no_daemon_uses() {
    let (place, _) = ready("ok").await;
    let (old, old_pid) = running(&place, "1.2.3", None).await;
    let (new, new_pid) = running(&place, "2.0.0", None).await;
    assert_ne!(old_pid, new_pid);
    // The new version forces, stops and prunes; the old one does not notice.
    begin(&new, true).await.unwrap();
    stop(&new, &new.layout).await.unwrap();
    assert!(pruned(&new.layout).is_empty());
    let again = begin(&old, false).await.unwrap();
    assert_eq!((again.status, again.state.pid), (StartStatus::Reused, old_pid));
    stop(&old, &old.layout).await.unwrap();
    assert_eq!(pruned(&new.layout), ["1.2.3"]);
    assert!(!old.layout.version_dir.exists() && new.layout.version_dir.exists());
    // The old version, used again, comes back.
    assert_eq!(begin(&old, false).await.unwrap().status, StartStatus::Started);
    stop(&old, &old.layout).await.unwrap();
}

#[tokio::test]
async fn guarantee_9_prune_against_a_start_of_the_pruned_version_ends_in_one_of_the_two() {
    let (place, host) = ready("ok").await;
    let (new, _) = located(place.folder.path(), "2.0.0");
    for round in 0..8 {
        let mut worker = Worker::new(&place, Job::Start);
        worker.go();
        until("it is pruned or started", || !pruned(&new).is_empty() || place.layout.daemon_state_path.exists());
        let outcome = worker.outcome();
        // A start that lost says so; the next one works, on a runtime that is rebuilt.
        assert!(outcome.is_ok() || outcome.as_ref().unwrap_err().contains("1.2.3"), "{round}: {outcome:?}");
        let started = begin(&host, false).await.unwrap();
        until("only the daemon runs", || processes_of(place.folder.path()) == [started.state.pid]);
        stop(&host, &host.layout).await.unwrap();
    }
}
