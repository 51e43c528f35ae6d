//! Installing, with a fake uv that can fail and hang.
#![cfg(unix)]
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod support;

use ktx::{
    error::Code,
    runtime::{Feature, InstallStatus, Phase, StatusKind, install, read_status},
};
use std::{fs, path::PathBuf};
use support::{Place, Watching};

const CORE: &[Feature] = &[Feature::Core];
const BOTH: &[Feature] = &[Feature::Core, Feature::LocalEmbeddings];

fn environments(place: &Place) -> Vec<PathBuf> {
    fs::read_dir(place.layout.environments_dir()).unwrap().map(|entry| entry.unwrap().path()).collect()
}

#[tokio::test]
async fn a_right_runtime_is_left_alone() {
    let place = Place::new();
    let installed = install(&Watching::default(), &place.request(CORE, false)).await.unwrap();
    assert_eq!(installed.status, InstallStatus::Installed);
    let again = install(&Watching::default(), &place.request(CORE, false)).await.unwrap();
    assert_eq!(again.status, InstallStatus::Ready);
    assert_eq!(place.uv_calls().len(), 2);
}

#[tokio::test]
async fn a_forced_reinstall_that_fails_keeps_what_worked() {
    let place = Place::new();
    install(&Watching::default(), &place.request(CORE, false)).await.unwrap();
    let before = fs::canonicalize(&place.layout.venv_dir).unwrap();
    place.uv_mode("fail");
    let error = install(&Watching::default(), &place.request(CORE, true)).await.unwrap_err();
    assert_eq!(error.code(), Code::RuntimeInstallFailed);
    let said = error.to_string();
    assert!(said.starts_with("Python runtime install failed") && said.contains("no space left"), "{said}");
    assert!(said.contains("install.log") && !said.contains("secret"), "{said}");
    assert!(!fs::read_to_string(&place.layout.install_log_path).unwrap().contains("secret"));
    assert_eq!(read_status(&place.layout).kind, StatusKind::Ready);
    assert_eq!(fs::canonicalize(&place.layout.venv_dir).unwrap(), before);
}

#[tokio::test]
async fn a_forced_reinstall_switches_and_removes_the_old_one() {
    let place = Place::new();
    install(&Watching::default(), &place.request(CORE, false)).await.unwrap();
    let before = environments(&place);
    install(&Watching::default(), &place.request(CORE, true)).await.unwrap();
    let after = environments(&place);
    assert_eq!((before.len(), after.len()), (1, 1));
    assert_ne!(before, after);
}

#[tokio::test]
async fn a_feature_is_added_to_what_is_there() {
    let place = Place::new();
    install(&Watching::default(), &place.request(CORE, false)).await.unwrap();
    let before = environments(&place);
    let installed = install(&Watching::default(), &place.request(&[Feature::LocalEmbeddings], false)).await.unwrap();
    assert_eq!(installed.manifest.features, BOTH);
    assert_eq!(environments(&place), before);
    // Asking for core again does not take the feature away.
    install(&Watching::default(), &place.request(CORE, false)).await.unwrap();
    assert!(read_status(&place.layout).ready_with(BOTH).is_some());
}

#[tokio::test]
async fn of_two_installers_one_works_and_the_other_waits() {
    let place = Place::new();
    let (first, second) = (Watching::default(), Watching::default());
    let request = place.request(CORE, false);
    let (one, other) = tokio::join!(install(&first, &request), install(&second, &request));
    let mut statuses = [one.unwrap().status, other.unwrap().status];
    statuses.sort_by_key(|status| *status == InstallStatus::Installed);
    assert_eq!(statuses, [InstallStatus::Ready, InstallStatus::Installed]);
    assert_eq!(place.uv_calls().len(), 2);
    let waited = |host: &Watching| host.progress.borrow().iter().any(|progress| progress.phase == Phase::Waiting);
    assert!(waited(&first) != waited(&second));
}

#[tokio::test]
async fn a_cancelled_installation_ends_its_tools_and_the_next_one_works() {
    let place = Place::new();
    place.uv_mode("hang");
    let hanging = place.tools().join("hanging");
    let host = Watching::default();
    let request = place.request(CORE, false);
    let pid: u32 = tokio::select! {
        _ = install(&host, &request) => unreachable!("it hangs"),
        pid = async {
            loop {
                match fs::read_to_string(&hanging).ok().and_then(|text| text.parse().ok()) {
                    Some(pid) => break pid,
                    None => tokio::task::yield_now().await,
                }
            }
        } => pid,
    };
    while ktx::process::pid_is_alive(pid) {
        tokio::task::yield_now().await;
    }
    assert_eq!(read_status(&place.layout).kind, StatusKind::Missing);
    place.uv_mode("ok");
    install(&Watching::default(), &request).await.unwrap();
    assert_eq!(environments(&place).len(), 1);
}

#[tokio::test]
async fn a_root_that_is_a_file_is_named_and_untouched() {
    let place = Place::new();
    fs::write(&place.layout.runtime_root, "mine").unwrap();
    let error = install(&Watching::default(), &place.request(CORE, false)).await.unwrap_err();
    assert_eq!(error.code(), Code::FileIo);
    assert!(error.to_string().contains("KTX_RUNTIME_ROOT"), "{error}");
    assert_eq!(fs::read_to_string(&place.layout.runtime_root).unwrap(), "mine");
}

#[tokio::test]
async fn a_damaged_wheel_stops_everything_before_it_begins() {
    let place = Place::new();
    fs::write(place.layout.asset_dir.join("x-1-py3-none-any.whl"), "y").unwrap();
    let error = install(&Watching::default(), &place.request(CORE, false)).await.unwrap_err();
    assert_eq!(error.code(), Code::AssetChecksum);
    assert!(!place.layout.version_dir.exists());
}
