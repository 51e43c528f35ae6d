//! 3. One install.

use crate::{
    child::{Job, Worker, processes_of, run_concurrently, set_up, start_daemon, wait_until},
    disk::SmallDisk,
    support::{Fixture, RecordingHost},
};
use ktx::{
    daemon::{StartStatus, stop},
    files::FileLock,
    http::{Call, Limits},
    runtime::{Feature, InstallStatus, RuntimeStatus, StatusKind, install, read_status},
};
use std::{fs, time::Duration};

const CORE: &[Feature] = &[Feature::Core];
const BOTH: &[Feature] = &[Feature::Core, Feature::LocalEmbeddings];

/// Reads the status, and asserts that a ready runtime has its executables.
fn consistent_status(fixture: &Fixture) -> RuntimeStatus {
    let status = read_status(&fixture.layout);
    if status.kind == StatusKind::Ready {
        let real = fs::canonicalize(&fixture.layout.venv_dir).unwrap();
        assert!(real.join("bin/ktx-daemon").exists() && real.join("bin/python").exists());
    }
    status
}

#[test]
fn guarantee_3_four_concurrent_installations_install_once() {
    let fixture = Fixture::new();
    fixture.uv_mode("slow");
    let mut outcomes: Vec<_> = run_concurrently(&fixture, [Job::Install; 4]).into_iter().map(Result::unwrap).collect();
    outcomes.sort();
    assert_eq!(outcomes, ["Installed", "Ready", "Ready", "Ready"]);
    assert_eq!(fixture.uv_calls().len(), 2);
    assert_eq!(consistent_status(&fixture).kind, StatusKind::Ready);
}

/// Kills an installation after each step of 50 ms, and asserts that the next one repairs the runtime. The tool is in
/// another process group, so it keeps writing after the installer was killed.
async fn kill_at_every_moment(job: Job, before: Option<&[Feature]>, features_after: &[Feature]) {
    for step in 0.. {
        let fixture = Fixture::new();
        fixture.uv_mode("slow");
        if let Some(features) = before {
            fixture.uv_mode("ok");
            install(&RecordingHost::default(), &fixture.request(features, false)).await.unwrap();
            fixture.uv_mode("slow");
        }
        let mut worker = Worker::new(&fixture, job);
        worker.release();
        let killed = worker.kill_after(Duration::from_millis(50 * step));
        let status = consistent_status(&fixture);
        if let Some(features) = before {
            assert!(status.ready_with(features).is_some(), "after {step} steps: {}", status.detail);
        }
        install(&RecordingHost::default(), &fixture.request(features_after, false)).await.unwrap();
        assert!(consistent_status(&fixture).ready_with(features_after).is_some());
        wait_until("no tool runs any more", || processes_of(fixture.folder.path()).is_empty());
        assert!(
            consistent_status(&fixture).ready_with(features_after).is_some(),
            "the orphaned tool has broken nothing"
        );
        if !killed {
            break;
        }
    }
}

#[tokio::test]
async fn guarantee_3_installation_killed_at_any_moment_is_repaired_by_the_next() {
    kill_at_every_moment(Job::Install, None, CORE).await;
}

#[tokio::test]
async fn guarantee_3_reinstall_killed_at_any_moment_keeps_the_working_runtime() {
    kill_at_every_moment(Job::Reinstall, Some(CORE), CORE).await;
}

#[tokio::test]
async fn guarantee_3_feature_addition_killed_at_any_moment_is_completed_by_the_next() {
    kill_at_every_moment(Job::Add, Some(CORE), BOTH).await;
}

/// pip counts a partially installed package as installed.
#[tokio::test]
async fn guarantee_3_partial_addition_is_not_reused() {
    let fixture = Fixture::new();
    install(&RecordingHost::default(), &fixture.request(CORE, false)).await.unwrap();
    let before = fs::canonicalize(&fixture.layout.venv_dir).unwrap();
    fixture.uv_mode("fail");
    install(&RecordingHost::default(), &fixture.request(BOTH, false)).await.unwrap_err();
    assert!(consistent_status(&fixture).ready_with(CORE).is_some());
    fixture.uv_mode("ok");
    install(&RecordingHost::default(), &fixture.request(BOTH, false)).await.unwrap();
    assert_ne!(fs::canonicalize(&fixture.layout.venv_dir).unwrap(), before);
    assert!(consistent_status(&fixture).ready_with(BOTH).is_some());
}

/// A forced reinstall with fewer features must at no moment leave a manifest that lists the others.
#[tokio::test]
async fn guarantee_3_manifest_never_lists_missing_features() {
    let fixture = Fixture::new();
    install(&RecordingHost::default(), &fixture.request(BOTH, false)).await.unwrap();
    let locked = fixture.layout.version_dir.join(".venv.next");
    // Makes the switch fail after the environment was built.
    fs::create_dir(&locked).unwrap();
    install(&RecordingHost::default(), &fixture.request(CORE, true)).await.unwrap_err();
    assert!(
        consistent_status(&fixture).ready_with(CORE).is_some()
            && consistent_status(&fixture).ready_with(BOTH).is_none()
    );
    fs::remove_dir(&locked).unwrap();
    install(&RecordingHost::default(), &fixture.request(BOTH, false)).await.unwrap();
    assert!(consistent_status(&fixture).ready_with(BOTH).is_some());
}

#[tokio::test]
async fn guarantee_3_installation_keeps_the_environment_of_a_running_daemon() {
    let (fixture, host) = set_up("ok").await;
    let started = start_daemon(&host, false).await.unwrap();
    let before = fs::canonicalize(&fixture.layout.venv_dir).unwrap();
    for features in [CORE, BOTH] {
        let installed = install(&RecordingHost::default(), &fixture.request(features, true)).await.unwrap();
        assert_eq!(installed.status, InstallStatus::Installed);
        assert!(before.join("bin/ktx-daemon").exists(), "the running daemon keeps its environment");
        let call = Call::post(&started.base_url, "/echo", "{}".into(), Limits::default()).unwrap();
        assert!(call.send().await.unwrap().contains(&started.state.pid.to_string()));
    }
    stop(&host, &host.layout).await.unwrap();
    install(&RecordingHost::default(), &fixture.request(CORE, true)).await.unwrap();
    assert!(!before.exists(), "without a daemon it is unused");
    assert_eq!(start_daemon(&host, false).await.unwrap().status, StartStatus::Started);
    stop(&host, &host.layout).await.unwrap();
}

#[tokio::test]
async fn guarantee_3_full_disk_keeps_the_working_runtime_without_leftovers() {
    let fixture = Fixture::new();
    let root = fixture.layout.runtime_root.clone();
    let Some(_disk) = SmallDisk::mount(&root) else { return };
    fixture.uv_mode("full");
    let error = install(&RecordingHost::default(), &fixture.request(CORE, false)).await.unwrap_err().to_string();
    assert!(error.contains("No space left on device"), "{error}");
    assert_eq!(consistent_status(&fixture).kind, StatusKind::Missing);
    fixture.uv_mode("ok");
    install(&RecordingHost::default(), &fixture.request(CORE, false)).await.unwrap();
    fixture.uv_mode("full");
    install(&RecordingHost::default(), &fixture.request(CORE, true)).await.unwrap_err();
    assert!(consistent_status(&fixture).ready_with(CORE).is_some());
    assert_eq!(fs::read_dir(fixture.layout.environments_dir()).unwrap().count(), 1, "the half-built one is gone");
    // A child that another test forks at this moment has the lock's descriptor until it runs its program.
    wait_until("the installation lock is free", || !FileLock::is_held(&fixture.layout.install_lock()));
}

/// The last step needs disk space too; if there is none, the old runtime must be kept.
#[tokio::test]
async fn guarantee_3_disk_full_at_the_last_step_keeps_the_working_runtime_and_space_for_a_daemon() {
    let mut failed = 0;
    for room in [0, 1, 4, 8, 16, 64, 128, 240, 256, 272, 300, 512] {
        let (fixture, host) = set_up("ok").await;
        fs::remove_dir_all(&fixture.layout.runtime_root).unwrap();
        let root = fixture.layout.runtime_root.clone();
        let Some(_disk) = SmallDisk::mount(&root) else { return };
        install(&RecordingHost::default(), &fixture.request(CORE, false)).await.unwrap();
        fixture.uv_mode("fill");
        fs::write(fixture.tools().join("room"), (room * 1024).to_string()).unwrap();
        let before = fs::canonicalize(&fixture.layout.venv_dir).unwrap();
        let outcome = install(&RecordingHost::default(), &fixture.request(CORE, true)).await;
        assert!(consistent_status(&fixture).ready_with(CORE).is_some(), "{room} KiB");
        assert_eq!(
            fs::read_dir(fixture.layout.environments_dir()).unwrap().count(),
            1,
            "{room} KiB: the loser is gone"
        );
        assert!(!fixture.layout.version_dir.join("manifest.next.json").exists(), "{room} KiB");
        if let Err(error) = outcome {
            failed += 1;
            assert!(error.to_string().contains("No space left on device"), "{room} KiB: {error}");
            assert_eq!(fs::canonicalize(&fixture.layout.venv_dir).unwrap(), before, "{room} KiB");
        }
        assert_eq!(start_daemon(&host, false).await.unwrap().status, StartStatus::Started, "{room} KiB");
        stop(&host, &host.layout).await.unwrap();
    }
    assert!((1..12).contains(&failed), "of the sizes some are too small and some are not: {failed}");
}

/// While a daemon runs, its environment is not removed.
#[tokio::test]
async fn guarantee_3_next_installation_removes_environments_that_a_daemon_used() {
    let (fixture, host) = set_up("ok").await;
    start_daemon(&host, false).await.unwrap();
    install(&RecordingHost::default(), &fixture.request(CORE, true)).await.unwrap();
    let environments = || fs::read_dir(fixture.layout.environments_dir()).unwrap().count();
    assert_eq!(environments(), 2);
    stop(&host, &host.layout).await.unwrap();
    let again = install(&RecordingHost::default(), &fixture.request(CORE, false)).await.unwrap();
    assert_eq!((again.status, environments()), (InstallStatus::Ready, 1));
}

#[tokio::test]
async fn guarantee_3_installation_on_a_noexec_disk_fails_its_trial_run() {
    let fixture = Fixture::new();
    let root = fixture.layout.runtime_root.clone();
    let Some(_disk) = SmallDisk::mount_with(&root, "size=4m,noexec") else { return };
    let error = install(&RecordingHost::default(), &fixture.request(CORE, false)).await.unwrap_err();
    assert!(error.to_string().contains("Permission denied"), "{error}");
    assert!(error.hint().unwrap().contains("KTX_RUNTIME_ROOT to a folder"), "{error:?}");
    assert_eq!(consistent_status(&fixture).kind, StatusKind::Missing);
    assert_eq!(fs::read_dir(fixture.layout.environments_dir()).unwrap().count(), 0);
}

/// The tool is in another process group than its installer.
#[cfg(target_os = "linux")]
#[test]
fn guarantee_3_tool_is_killed_with_its_installer() {
    let fixture = Fixture::new();
    fixture.uv_mode("hang");
    let mut worker = Worker::new(&fixture, Job::Install);
    worker.release();
    wait_until("the tool is at work", || fixture.tools().join("hanging").exists());
    assert!(worker.kill_after(Duration::ZERO));
    wait_until("the tool is gone", || processes_of(fixture.folder.path()).is_empty());
}
