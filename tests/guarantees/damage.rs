//! 6. Damaged state is replaced.

use crate::{
    child::{processes_of, set_up, start_daemon, wait_until},
    disk::SmallDisk,
    support::{Fixture, RecordingHost},
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

fn replace_by_folder(folder: &Path) {
    let _ = fs::remove_file(folder);
    fs::create_dir_all(folder.join("deep")).unwrap();
    fs::write(folder.join("deep/file"), "x").unwrap();
}

#[tokio::test]
async fn guarantee_6_folders_and_pipes_in_place_of_daemon_files_are_replaced() {
    let (fixture, host) = set_up("ok").await;
    for name in ["daemon.json", "daemon.life.json", "daemon.stdout.log", "daemon.stderr.log"] {
        replace_by_folder(&fixture.layout.version_dir.join(name));
        let status = read_status(&host, &host.layout).await.unwrap();
        assert_ne!(status.kind, DaemonStatusKind::Running, "{name}");
        assert_eq!(start_daemon(&host, false).await.unwrap().status, StartStatus::Started, "{name}");
        assert_eq!(stop(&host, &host.layout).await.unwrap().status, StopStatus::Stopped, "{name}");
    }
    for name in ["daemon.json", "daemon.life.json", "daemon.stdout.log", "daemon.stderr.log"] {
        let path = fixture.layout.version_dir.join(name);
        let _ = fs::remove_file(&path);
        assert!(Command::new("mkfifo").arg(&path).status().unwrap().success());
        assert_ne!(read_status(&host, &host.layout).await.unwrap().kind, DaemonStatusKind::Running, "{name}");
        assert_eq!(start_daemon(&host, false).await.unwrap().status, StartStatus::Started, "{name}");
        assert_eq!(stop(&host, &host.layout).await.unwrap().status, StopStatus::Stopped, "{name}");
    }
    for path in [fixture.layout.daemon_lock(), fixture.layout.life_lock()] {
        fs::remove_file(&path).unwrap();
        fs::create_dir(&path).unwrap();
        start_daemon(&host, false).await.unwrap();
        stop(&host, &host.layout).await.unwrap();
    }
}

/// The daemon is found by its life lock, without the launch record.
#[tokio::test]
async fn guarantee_6_running_daemon_with_damaged_files_is_stopped() {
    let (fixture, host) = set_up("ok").await;
    for names in
        [&["daemon.json"][..], &["daemon.stdout.log", "daemon.stderr.log"], &["daemon.json", "daemon.life.json"]]
    {
        start_daemon(&host, false).await.unwrap();
        names.iter().for_each(|name| replace_by_folder(&fixture.layout.version_dir.join(name)));
        assert_eq!(stop(&host, &host.layout).await.unwrap().status, StopStatus::Stopped, "{names:?}");
        wait_until("nothing runs any more", || processes_of(fixture.folder.path()).is_empty());
    }
}

#[tokio::test]
async fn guarantee_6_folders_in_place_of_installation_files_are_replaced() {
    let fixture = Fixture::new();
    for name in ["manifest.json", "install.log", "requirements.txt", "uv.toml"] {
        replace_by_folder(&fixture.layout.version_dir.join(name));
        let status = runtime::read_status(&fixture.layout);
        assert!(matches!(status.kind, StatusKind::Missing | StatusKind::Broken | StatusKind::Ready), "{name}");
        let installed = install(&RecordingHost::default(), &fixture.request(&[Feature::Core], true)).await.unwrap();
        assert_eq!(installed.status, InstallStatus::Installed, "{name}");
        assert_eq!(runtime::read_status(&fixture.layout).kind, StatusKind::Ready);
    }
}

#[tokio::test]
async fn guarantee_6_large_log_is_rotated_and_a_failed_start_quotes_its_own_lines() {
    let (fixture, host) = set_up("dies").await;
    let log = &fixture.layout.daemon_stderr_path;
    File::create(log).unwrap().set_len(1 << 30).unwrap();
    let error = start_daemon(&host, false).await.unwrap_err().to_string();
    assert!(error.contains("no module named ktx") && error.len() < 1000, "{error}");
    assert!(log.metadata().unwrap().len() < MAX_LOG_BYTES);
    assert_eq!(fixture.layout.version_dir.join("daemon.stderr.log.1").metadata().unwrap().len(), 1 << 30);
}

#[tokio::test]
async fn guarantee_6_missing_logs_and_a_clock_set_back_have_no_effect() {
    let (fixture, host) = set_up("ok").await;
    let first = start_daemon(&host, false).await.unwrap();
    for path in [&fixture.layout.daemon_stdout_path, &fixture.layout.daemon_stderr_path] {
        fs::remove_file(path).unwrap();
    }
    // As written when the clock was years ahead.
    let future = SystemTime::now() + Duration::from_secs(20 * 365 * 86_400);
    let state = fs::read_to_string(&fixture.layout.daemon_state_path).unwrap();
    let state = state.replace(&first.state.started_at, "2099-01-01T00:00:00Z");
    fs::write(&fixture.layout.daemon_state_path, state).unwrap();
    for path in [&fixture.layout.daemon_state_path, &fixture.layout.manifest_path, &fixture.layout.life_lock()] {
        File::options().write(true).open(path).unwrap().set_modified(future).unwrap();
    }
    let again = start_daemon(&host, false).await.unwrap();
    assert_eq!((again.status, again.state.pid), (StartStatus::Reused, first.state.pid));
    assert_eq!(again.state.started_at, "2099-01-01T00:00:00Z");
    assert_eq!(stop(&host, &host.layout).await.unwrap().status, StopStatus::Stopped);
    assert_eq!(start_daemon(&host, false).await.unwrap().status, StartStatus::Started);
    stop(&host, &host.layout).await.unwrap();
}

/// The old daemon then exits by itself, which `test_guarantees.py` tests with the real one.
#[tokio::test]
async fn guarantee_6_deleted_version_folder_of_a_running_daemon_is_recreated() {
    let (fixture, host) = set_up("ok").await;
    let first = start_daemon(&host, false).await.unwrap();
    fs::remove_dir_all(&fixture.layout.version_dir).unwrap();
    let status = read_status(&host, &host.layout).await.unwrap();
    assert_eq!(status.kind, DaemonStatusKind::Stopped);
    assert_eq!(stop(&host, &host.layout).await.unwrap().status, StopStatus::AlreadyStopped);
    let second = start_daemon(&host, false).await.unwrap();
    assert_eq!(second.status, StartStatus::Started);
    assert_ne!(second.state.pid, first.state.pid);
    stop(&host, &host.layout).await.unwrap();
    ktx::process::Identity::of(first.state.pid).unwrap().send_signal(ktx::process::Signal::Kill);
}

#[tokio::test]
async fn guarantee_6_read_only_root_can_be_read_and_writes_are_errors() {
    let fixture = Fixture::new();
    let root = fixture.layout.runtime_root.clone();
    let Some(disk) = SmallDisk::mount(&root) else { return };
    let core = [Feature::Core];
    install(&RecordingHost::default(), &fixture.request(&core, false)).await.unwrap();
    FileLock::try_acquire(&fixture.layout.daemon_lock()).unwrap();
    disk.make_read_only();
    let again = install(&RecordingHost::default(), &fixture.request(&core, false)).await.unwrap();
    assert_eq!(again.status, InstallStatus::Ready);
    let host = NativeDaemon { layout: fixture.layout.clone(), env: fixture.env.clone() };
    assert_eq!(stop(&host, &host.layout).await.unwrap().status, StopStatus::AlreadyStopped);
    for error in [
        start_daemon(&host, false).await.map(drop).unwrap_err(),
        install(&RecordingHost::default(), &fixture.request(&core, true)).await.map(drop).unwrap_err(),
    ] {
        let message = error.to_string();
        assert!(message.contains("Read-only file system") && message.contains("1.2.3"), "{message}");
    }
    assert_eq!(runtime::read_status(&fixture.layout).kind, StatusKind::Ready);
    assert!(processes_of(fixture.folder.path()).is_empty());
}
