//! 6. Damaged state heals.

use crate::{
    child::{begin, processes_of, ready, until},
    disk::SmallDisk,
    support::{Place, Watching},
};
use ktx::{
    daemon::{DaemonStatusKind, NativeDaemon, StartStatus, StopStatus, read_status, stop},
    files::{FileLock, MAX_LOG_BYTES},
    runtime::{self, Feature, InstallStatus, StatusKind, install},
};
use std::{
    fs::{self, File},
    path::Path,
    process::Command,
    time::{Duration, SystemTime},
};

fn fill(folder: &Path) {
    let _ = fs::remove_file(folder);
    fs::create_dir_all(folder.join("deep")).unwrap();
    fs::write(folder.join("deep/file"), "x").unwrap();
}

#[tokio::test]
async fn guarantee_6_folders_and_pipes_in_place_of_the_daemons_files_give_way() {
    let (place, host) = ready("ok").await;
    for name in ["daemon.json", "daemon.life.json", "daemon.stdout.log", "daemon.stderr.log"] {
        fill(&place.layout.version_dir.join(name));
        let status = read_status(&host, &host.layout).await.unwrap();
        assert_ne!(status.kind, DaemonStatusKind::Running, "{name}");
        assert_eq!(begin(&host, false).await.unwrap().status, StartStatus::Started, "{name}");
        assert_eq!(stop(&host, &host.layout).await.unwrap().status, StopStatus::Stopped, "{name}");
    }
    for name in ["daemon.json", "daemon.life.json", "daemon.stdout.log", "daemon.stderr.log"] {
        let path = place.layout.version_dir.join(name);
        let _ = fs::remove_file(&path);
        assert!(Command::new("mkfifo").arg(&path).status().unwrap().success());
        assert_ne!(read_status(&host, &host.layout).await.unwrap().kind, DaemonStatusKind::Running, "{name}");
        assert_eq!(begin(&host, false).await.unwrap().status, StartStatus::Started, "{name}");
        assert_eq!(stop(&host, &host.layout).await.unwrap().status, StopStatus::Stopped, "{name}");
    }
    for path in [place.layout.daemon_lock(), place.layout.life_lock()] {
        fs::remove_file(&path).unwrap();
        fs::create_dir(&path).unwrap();
        begin(&host, false).await.unwrap();
        stop(&host, &host.layout).await.unwrap();
    }
}

/// The lock that the daemon holds is what finds it, not the note beside it.
#[tokio::test]
async fn guarantee_6_a_running_daemon_is_stopped_when_its_files_are_damaged() {
    let (place, host) = ready("ok").await;
    for names in
        [&["daemon.json"][..], &["daemon.stdout.log", "daemon.stderr.log"], &["daemon.json", "daemon.life.json"]]
    {
        begin(&host, false).await.unwrap();
        names.iter().for_each(|name| fill(&place.layout.version_dir.join(name)));
        assert_eq!(stop(&host, &host.layout).await.unwrap().status, StopStatus::Stopped, "{names:?}");
        until("nothing runs any more", || processes_of(place.folder.path()).is_empty());
    }
}

#[tokio::test]
async fn guarantee_6_folders_in_place_of_the_installations_files_give_way() {
    let place = Place::new();
    for name in ["manifest.json", "install.log", "requirements.txt", "uv.toml"] {
        fill(&place.layout.version_dir.join(name));
        let status = runtime::read_status(&place.layout);
        assert!(matches!(status.kind, StatusKind::Missing | StatusKind::Broken | StatusKind::Ready), "{name}");
        let installed = install(&Watching::default(), &place.request(&[Feature::Core], true)).await.unwrap();
        assert_eq!(installed.status, InstallStatus::Installed, "{name}");
        assert_eq!(runtime::read_status(&place.layout).kind, StatusKind::Ready);
    }
}

#[tokio::test]
async fn guarantee_6_a_huge_log_is_set_aside_and_a_failed_start_quotes_only_its_own_lines() {
    let (place, host) = ready("dies").await;
    let log = &place.layout.daemon_stderr_path;
    File::create(log).unwrap().set_len(1 << 30).unwrap();
    let error = begin(&host, false).await.unwrap_err().to_string();
    assert!(error.contains("no module named ktx") && error.len() < 1000, "{error}");
    assert!(log.metadata().unwrap().len() < MAX_LOG_BYTES);
    assert_eq!(place.layout.version_dir.join("daemon.stderr.log.1").metadata().unwrap().len(), 1 << 30);
}

#[tokio::test]
async fn guarantee_6_missing_logs_and_a_clock_that_was_set_back_make_no_difference() {
    let (place, host) = ready("ok").await;
    let first = begin(&host, false).await.unwrap();
    for path in [&place.layout.daemon_stdout_path, &place.layout.daemon_stderr_path] {
        fs::remove_file(path).unwrap();
    }
    // What a clock that was years ahead has left.
    let future = SystemTime::now() + Duration::from_secs(20 * 365 * 86_400);
    let state = fs::read_to_string(&place.layout.daemon_state_path).unwrap();
    let state = state.replace(&first.state.started_at, "2099-01-01T00:00:00Z");
    fs::write(&place.layout.daemon_state_path, state).unwrap();
    for path in [&place.layout.daemon_state_path, &place.layout.manifest_path, &place.layout.life_lock()] {
        File::options().write(true).open(path).unwrap().set_modified(future).unwrap();
    }
    let again = begin(&host, false).await.unwrap();
    assert_eq!((again.status, again.state.pid), (StartStatus::Reused, first.state.pid));
    assert_eq!(again.state.started_at, "2099-01-01T00:00:00Z");
    assert_eq!(stop(&host, &host.layout).await.unwrap().status, StopStatus::Stopped);
    assert_eq!(begin(&host, false).await.unwrap().status, StartStatus::Started);
    stop(&host, &host.layout).await.unwrap();
}

/// The old daemon then ends by itself: `test_guarantees.py` shows that with the real one.
#[tokio::test]
async fn guarantee_6_a_version_folder_deleted_under_a_running_daemon_is_made_again() {
    let (place, host) = ready("ok").await;
    let first = begin(&host, false).await.unwrap();
    fs::remove_dir_all(&place.layout.version_dir).unwrap();
    let status = read_status(&host, &host.layout).await.unwrap();
    assert_eq!(status.kind, DaemonStatusKind::Stopped);
    assert_eq!(stop(&host, &host.layout).await.unwrap().status, StopStatus::AlreadyStopped);
    let second = begin(&host, false).await.unwrap();
    assert_eq!(second.status, StartStatus::Started);
    assert_ne!(second.state.pid, first.state.pid);
    stop(&host, &host.layout).await.unwrap();
    ktx::process::Identity::of(first.state.pid).unwrap().send_signal(ktx::process::Signal::Kill);
}

#[tokio::test]
async fn guarantee_6_a_read_only_root_is_used_as_far_as_it_goes_and_named() {
    let place = Place::new();
    let root = place.layout.runtime_root.clone();
    let Some(disk) = SmallDisk::mount(&root) else { return };
    let core = [Feature::Core];
    install(&Watching::default(), &place.request(&core, false)).await.unwrap();
    FileLock::try_acquire(&place.layout.daemon_lock()).unwrap();
    disk.make_read_only();
    let again = install(&Watching::default(), &place.request(&core, false)).await.unwrap();
    assert_eq!(again.status, InstallStatus::Ready);
    let host = NativeDaemon { layout: place.layout.clone(), env: place.env.clone() };
    assert_eq!(stop(&host, &host.layout).await.unwrap().status, StopStatus::AlreadyStopped);
    for error in [
        begin(&host, false).await.map(drop).unwrap_err(),
        install(&Watching::default(), &place.request(&core, true)).await.map(drop).unwrap_err(),
    ] {
        let said = error.to_string();
        assert!(said.contains("Read-only file system") && said.contains("1.2.3"), "{said}");
    }
    assert_eq!(runtime::read_status(&place.layout).kind, StatusKind::Ready);
    assert!(processes_of(place.folder.path()).is_empty());
}
