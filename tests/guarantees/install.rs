//! 3. One install.

use crate::{
    child::{Job, Worker, begin, processes_of, ready, together, until},
    disk::SmallDisk,
    support::{Place, Watching},
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

/// What the status says holds: a ready runtime has a daemon that can be run.
fn honest(place: &Place) -> RuntimeStatus {
    let status = read_status(&place.layout);
    if status.kind == StatusKind::Ready {
        let real = fs::canonicalize(&place.layout.venv_dir).unwrap();
        assert!(real.join("bin/ktx-daemon").exists() && real.join("bin/python").exists());
    }
    status
}

#[test]
fn guarantee_3_of_four_installing_processes_one_works_and_all_succeed() {
    let place = Place::new();
    place.uv_mode("slow");
    let mut outcomes: Vec<_> = together(&place, [Job::Install; 4]).into_iter().map(Result::unwrap).collect();
    outcomes.sort();
    assert_eq!(outcomes, ["Installed", "Ready", "Ready", "Ready"]);
    assert_eq!(place.uv_calls().len(), 2);
    assert_eq!(honest(&place).kind, StatusKind::Ready);
}

/// The tool is in a group of its own, so it goes on writing after its installer was killed with its group.
async fn sweep(job: Job, before: Option<&[Feature]>, wanted: &[Feature]) {
    for step in 0.. {
        let place = Place::new();
        place.uv_mode("slow");
        if let Some(features) = before {
            place.uv_mode("ok");
            install(&Watching::default(), &place.request(features, false)).await.unwrap();
            place.uv_mode("slow");
        }
        let mut worker = Worker::new(&place, job);
        worker.go();
        let killed = worker.killed_after(Duration::from_millis(50 * step));
        let status = honest(&place);
        if let Some(features) = before {
            assert!(status.ready_with(features).is_some(), "after {step} steps: {}", status.detail);
        }
        install(&Watching::default(), &place.request(wanted, false)).await.unwrap();
        assert!(honest(&place).ready_with(wanted).is_some());
        until("no tool runs any more", || processes_of(place.folder.path()).is_empty());
        assert!(honest(&place).ready_with(wanted).is_some(), "the orphaned tool has broken nothing");
        if !killed {
            break;
        }
    }
}

#[tokio::test]
async fn guarantee_3_an_installer_killed_at_any_moment_is_repaired_by_the_next() {
    sweep(Job::Install, None, CORE).await;
}

#[tokio::test]
async fn guarantee_3_a_forced_reinstall_killed_at_any_moment_leaves_what_worked() {
    sweep(Job::Reinstall, Some(CORE), CORE).await;
}

#[tokio::test]
async fn guarantee_3_a_feature_whose_adding_was_killed_at_any_moment_is_added_by_the_next() {
    sweep(Job::Add, Some(CORE), BOTH).await;
}

/// Half a package that a killed installer left counts as installed for pip, for ever.
#[tokio::test]
async fn guarantee_3_what_was_added_by_half_is_not_built_upon() {
    let place = Place::new();
    install(&Watching::default(), &place.request(CORE, false)).await.unwrap();
    let before = fs::canonicalize(&place.layout.venv_dir).unwrap();
    place.uv_mode("fail");
    install(&Watching::default(), &place.request(BOTH, false)).await.unwrap_err();
    assert!(honest(&place).ready_with(CORE).is_some());
    place.uv_mode("ok");
    install(&Watching::default(), &place.request(BOTH, false)).await.unwrap();
    assert_ne!(fs::canonicalize(&place.layout.venv_dir).unwrap(), before);
    assert!(honest(&place).ready_with(BOTH).is_some());
}

/// A forced reinstall with fewer features must at no moment leave a manifest that promises the others.
#[tokio::test]
async fn guarantee_3_a_manifest_never_promises_more_than_there_is() {
    let place = Place::new();
    install(&Watching::default(), &place.request(BOTH, false)).await.unwrap();
    let locked = place.layout.version_dir.join(".venv.next");
    // The switch fails after everything was built.
    fs::create_dir(&locked).unwrap();
    install(&Watching::default(), &place.request(CORE, true)).await.unwrap_err();
    assert!(honest(&place).ready_with(CORE).is_some() && honest(&place).ready_with(BOTH).is_none());
    fs::remove_dir(&locked).unwrap();
    install(&Watching::default(), &place.request(BOTH, false)).await.unwrap();
    assert!(honest(&place).ready_with(BOTH).is_some());
}

#[tokio::test]
async fn guarantee_3_an_install_disturbs_no_running_daemon_and_its_environment_stays() {
    let (place, host) = ready("ok").await;
    let started = begin(&host, false).await.unwrap();
    let before = fs::canonicalize(&place.layout.venv_dir).unwrap();
    for features in [CORE, BOTH] {
        let installed = install(&Watching::default(), &place.request(features, true)).await.unwrap();
        assert_eq!(installed.status, InstallStatus::Installed);
        assert!(before.join("bin/ktx-daemon").exists(), "the running daemon keeps its environment");
        let call = Call::post(&started.base_url, "/echo", "{}".into(), Limits::default()).unwrap();
        assert!(call.send().await.unwrap().contains(&started.state.pid.to_string()));
    }
    stop(&host, &host.layout).await.unwrap();
    install(&Watching::default(), &place.request(CORE, true)).await.unwrap();
    assert!(!before.exists(), "without a daemon it is unused");
    assert_eq!(begin(&host, false).await.unwrap().status, StartStatus::Started);
    stop(&host, &host.layout).await.unwrap();
}

#[tokio::test]
async fn guarantee_3_a_full_disk_leaves_what_worked_and_no_rubbish() {
    let place = Place::new();
    let root = place.layout.runtime_root.clone();
    let Some(_disk) = SmallDisk::mount(&root) else { return };
    place.uv_mode("full");
    let error = install(&Watching::default(), &place.request(CORE, false)).await.unwrap_err().to_string();
    assert!(error.contains("No space left on device"), "{error}");
    assert_eq!(honest(&place).kind, StatusKind::Missing);
    place.uv_mode("ok");
    install(&Watching::default(), &place.request(CORE, false)).await.unwrap();
    place.uv_mode("full");
    install(&Watching::default(), &place.request(CORE, true)).await.unwrap_err();
    assert!(honest(&place).ready_with(CORE).is_some());
    assert_eq!(fs::read_dir(place.layout.environments_dir()).unwrap().count(), 1, "the half-built one is gone");
    assert!(!FileLock::is_held(&place.layout.install_lock()));
}

/// The last step needs space as well: a disk that everything but that fits on is no reason to lose the old runtime.
#[tokio::test]
async fn guarantee_3_a_disk_that_is_full_at_the_last_step_leaves_what_worked_and_space_for_a_daemon() {
    let mut failed = 0;
    for room in [0, 1, 4, 8, 16, 64, 128, 240, 256, 272, 300, 512] {
        let (place, host) = ready("ok").await;
        fs::remove_dir_all(&place.layout.runtime_root).unwrap();
        let root = place.layout.runtime_root.clone();
        let Some(_disk) = SmallDisk::mount(&root) else { return };
        install(&Watching::default(), &place.request(CORE, false)).await.unwrap();
        place.uv_mode("fill");
        fs::write(place.tools().join("room"), (room * 1024).to_string()).unwrap();
        let before = fs::canonicalize(&place.layout.venv_dir).unwrap();
        let outcome = install(&Watching::default(), &place.request(CORE, true)).await;
        assert!(honest(&place).ready_with(CORE).is_some(), "{room} KiB");
        assert_eq!(fs::read_dir(place.layout.environments_dir()).unwrap().count(), 1, "{room} KiB: the loser is gone");
        assert!(!place.layout.version_dir.join("manifest.next.json").exists(), "{room} KiB");
        if let Err(error) = outcome {
            failed += 1;
            assert!(error.to_string().contains("No space left on device"), "{room} KiB: {error}");
            assert_eq!(fs::canonicalize(&place.layout.venv_dir).unwrap(), before, "{room} KiB");
        }
        assert_eq!(begin(&host, false).await.unwrap().status, StartStatus::Started, "{room} KiB");
        stop(&host, &host.layout).await.unwrap();
    }
    assert!((1..12).contains(&failed), "of the sizes some are too small and some are not: {failed}");
}

/// What a daemon kept from being removed when its successor was installed.
#[tokio::test]
async fn guarantee_3_installing_once_more_frees_what_a_daemon_has_kept() {
    let (place, host) = ready("ok").await;
    begin(&host, false).await.unwrap();
    install(&Watching::default(), &place.request(CORE, true)).await.unwrap();
    let environments = || fs::read_dir(place.layout.environments_dir()).unwrap().count();
    assert_eq!(environments(), 2);
    stop(&host, &host.layout).await.unwrap();
    let again = install(&Watching::default(), &place.request(CORE, false)).await.unwrap();
    assert_eq!((again.status, environments()), (InstallStatus::Ready, 1));
}

#[tokio::test]
async fn guarantee_3_what_is_installed_on_a_disk_without_programs_is_refused_at_once() {
    let place = Place::new();
    let root = place.layout.runtime_root.clone();
    let Some(_disk) = SmallDisk::mount_with(&root, "size=4m,noexec") else { return };
    let error = install(&Watching::default(), &place.request(CORE, false)).await.unwrap_err();
    assert!(error.to_string().contains("Permission denied"), "{error}");
    assert!(error.hint().unwrap().contains("KTX_RUNTIME_ROOT to a folder"), "{error:?}");
    assert_eq!(honest(&place).kind, StatusKind::Missing);
    assert_eq!(fs::read_dir(place.layout.environments_dir()).unwrap().count(), 0);
}

/// Its parent has ended, and it is in a group of its own.
#[cfg(target_os = "linux")]
#[test]
fn guarantee_3_a_tool_does_not_outlive_its_installer() {
    let place = Place::new();
    place.uv_mode("hang");
    let mut worker = Worker::new(&place, Job::Install);
    worker.go();
    until("the tool is at work", || place.tools().join("hanging").exists());
    assert!(worker.killed_after(Duration::ZERO));
    until("the tool is gone", || processes_of(place.folder.path()).is_empty());
}
