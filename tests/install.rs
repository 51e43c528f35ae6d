//! Installing, with a fake uv that can fail and hang.
#![cfg(unix)]
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod support;

use ktx::{
    env::Environment,
    error::Code,
    runtime::{
        Check, CheckStatus, Feature, InstallRequest, InstallStatus, MISSING_INSTALLER_MESSAGE, NativeExec, Phase,
        StatusKind, doctor, install, read_status,
    },
};
use std::{
    fs,
    os::unix::fs::{MetadataExt, PermissionsExt, chown, lchown},
    path::{Path, PathBuf},
};
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
async fn guarantee_3_a_forced_reinstall_that_fails_keeps_what_worked() {
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
async fn guarantee_3_of_two_installers_one_works_and_the_other_waits() {
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
async fn guarantee_3_a_cancelled_installation_ends_its_tools_and_the_next_one_works() {
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
    assert!(error.hint().unwrap().contains("KTX_RUNTIME_ROOT"), "{error}");
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

/// What the doctor says of the installer where `PATH` is a folder with these programs.
async fn installer(programs: &[(&str, &str)], more: &[(&str, &str)]) -> Check {
    let place = Place::new();
    let folder = place.folder.path().join("bin");
    fs::create_dir(&folder).unwrap();
    for (name, script) in programs {
        let path = folder.join(name);
        fs::write(&path, format!("#!/bin/sh\n{script}\n")).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
    }
    let env = place.env.clone().filtered(|name| name != "KTX_UV");
    let env = env.with("PATH", folder.to_string_lossy());
    let env = more.iter().fold(env, |env, (name, value)| env.with(name, *value));
    let env: Environment = env.iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
    let path = place.folder.path().to_string_lossy().into_owned();
    let mut check = doctor(&NativeExec, &place.layout, &env).await.remove(0);
    check.detail = check.detail.replace(&path, "");
    check
}

const PYTHON: &str = "echo 3.12.1";

#[tokio::test]
async fn an_uv_that_is_too_old_or_broken_is_passed_over_where_a_python_will_do() {
    for old in ["echo uv 0.1.24", "echo uv 0.4.29", "echo nothing", "exit 3", "exec /no/such"] {
        let check = installer(&[("uv", old), ("python3", PYTHON)], &[]).await;
        let detail = "no uv 0.4.30 or later was found; Python 3.12.1 is used instead (/bin/python3)";
        assert_eq!(check.detail, detail, "{old}");
        assert_eq!(check.status, CheckStatus::Pass);
    }
    for new in ["echo uv 0.4.30", "echo 'uv 0.13.9 (x86_64-unknown-linux-gnu)'", "echo WARNING; echo uv 1.0.0; echo"] {
        let check = installer(&[("uv", new), ("python3", PYTHON)], &[]).await;
        assert!(check.detail.starts_with("uv "), "{new}: {}", check.detail);
    }
}

#[tokio::test]
async fn what_was_found_and_will_not_do_is_said() {
    let check = installer(&[("uv", "echo uv 0.1.24"), ("python3", "echo 3.9.1")], &[]).await;
    assert_eq!(check.status, CheckStatus::Fail);
    let found = "Found only: /bin/uv has version 0.1.24, but 0.4.30 or later is needed; /bin/python3 is Python 3.9.1. ";
    assert_eq!(check.detail, format!("{found}{MISSING_INSTALLER_MESSAGE}"));
    assert_eq!(check.fix.as_deref(), Some("Install uv, make sure it is on PATH, and run: ktx runtime install --yes"));
    let named = installer(&[], &[("KTX_UV", "/no/such/uv")]).await;
    assert!(named.detail.starts_with("KTX_UV does not work: /no/such/uv could not"), "{}", named.detail);
    assert_eq!(named.fix.as_deref(), Some("Correct the variable or unset it, then run: ktx runtime doctor"));
}

#[tokio::test]
async fn a_python_behind_a_wrapper_that_talks_is_understood_and_a_tested_one_is_preferred() {
    let talking = "echo WARNING: conda is deprecated; echo; echo 3.13.0; echo";
    for (programs, version) in [
        (vec![("python3", talking)], "3.13.0"),
        (vec![("python3", "echo 3.15.2"), ("python3.14", "echo 3.14.1")], "3.14.1"),
        (vec![("python3", "echo 3.15.2")], "3.15.2"),
        (vec![("python3", "echo 3.9.1"), ("python", "exit 1"), ("python3.11", "echo 3.11.2")], "3.11.2"),
    ] {
        let check = installer(&programs, &[]).await;
        assert!(check.detail.contains(&format!("Python {version} is used instead")), "{version}: {}", check.detail);
    }
    let check = installer(&[("python3", "echo hello")], &[]).await;
    assert!(check.detail.contains(r#"it printed "hello" instead of its version"#), "{}", check.detail);
}

/// Shims of one folder hang together: one of them is waited for.
#[tokio::test]
async fn a_python_that_hangs_is_given_up_soon_and_named() {
    let begin = std::time::Instant::now();
    let programs = [
        ("python3", "exec /bin/sleep 1000"),
        ("python", "exec /bin/sleep 1000"),
        ("python3.12", "exec /bin/sleep 1000"),
    ];
    let check = installer(&programs, &[]).await;
    assert!(check.detail.contains("/bin/python3: it did not answer within 10 s"), "{}", check.detail);
    assert!(begin.elapsed().as_secs() < 25);
}

/// What a runtime is refused for, after `change`, which is undone then; `None` if it is not.
async fn refusal(place: &Place, change: impl Fn(&Place)) -> Option<String> {
    let before: Vec<_> = places(place).into_iter().map(|path| (fs::metadata(&path).unwrap(), path)).collect();
    change(place);
    let status = read_status(&place.layout);
    let said = if status.kind == StatusKind::Ready {
        None
    } else {
        let error = install(&Watching::default(), &place.request(CORE, true)).await.unwrap_err();
        assert_eq!(error.code(), Code::RuntimeUnsafe, "{error}");
        assert_eq!((status.kind, status.detail), (StatusKind::Broken, error.with_hint_text()));
        assert!(error.hint().unwrap().ends_with("KTX_RUNTIME_ROOT to a folder of your own"), "{error}");
        Some(error.to_string())
    };
    for (found, path) in before {
        if fs::metadata(&path).is_ok_and(|now| now.uid() != found.uid() || now.gid() != found.gid()) {
            chown(&path, Some(found.uid()), Some(found.gid())).unwrap();
        }
        fs::set_permissions(&path, found.permissions()).unwrap();
    }
    said
}

async fn installed() -> Place {
    let place = Place::new();
    install(&Watching::default(), &place.request(CORE, false)).await.unwrap();
    place
}

fn places(place: &Place) -> [PathBuf; 9] {
    let layout = &place.layout;
    let venv = fs::canonicalize(&layout.venv_dir).unwrap();
    let [root, folder, venvs] =
        [&layout.runtime_root, &layout.version_dir, &layout.environments_dir()].map(Clone::clone);
    let [bin, site] = [venv.join("bin"), venv.join("lib/python3.99/site-packages")];
    let [python, daemon] = [bin.join("python"), bin.join("ktx-daemon")];
    [root, folder, venvs, layout.manifest_path.clone(), venv, bin, site, python, daemon]
}

fn set_mode(path: &Path, mode: u32) {
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
}

#[tokio::test]
async fn what_others_may_write_is_refused() {
    let place = installed().await;
    for index in 0..9 {
        let said = refusal(&place, |place| set_mode(&places(place)[index], 0o777)).await;
        assert!(said.as_ref().is_some_and(|said| said.contains("can be written by everybody")), "{index}: {said:?}");
    }
    // As /tmp is.
    assert_eq!(refusal(&place, |place| set_mode(&place.layout.runtime_root, 0o1777)).await, None);
    let said = refusal(&place, |place| set_mode(&place.layout.version_dir, 0o1777)).await;
    assert!(said.is_some(), "others could put a file of the daemon there");
    for mode in [0o700, 0o750, 0o755, 0o711] {
        assert_eq!(refusal(&place, |place| set_mode(&place.layout.runtime_root, mode)).await, None);
    }
}

/// Only root can give files away.
#[tokio::test]
async fn what_belongs_to_another_user_is_refused_and_a_shared_group_too() {
    let (other_user, group) = (65_534, 54_321);
    let probe = tempfile::tempdir().unwrap();
    if chown(probe.path(), Some(other_user), None).is_err() {
        return;
    }
    let place = installed().await;
    for index in 0..9 {
        let said = refusal(&place, |place| chown(&places(place)[index], Some(other_user), None).unwrap()).await;
        assert!(said.as_ref().is_some_and(|said| said.contains("belongs to another user (id 65534,")), "{said:?}");
        let writable = |group: u32| {
            move |place: &Place| {
                let path = &places(place)[index];
                chown(path, None, Some(group)).unwrap();
                set_mode(path, 0o775);
            }
        };
        let said = refusal(&place, writable(group)).await;
        assert!(said.as_ref().is_some_and(|said| said.contains("can be written by its group")), "{index}: {said:?}");
        assert_eq!(refusal(&place, writable(0)).await, None, "root's group is root's own");
    }
    let (version, planted) = (&place.layout.version_dir, place.folder.path().join("planted"));
    fs::rename(version, &planted).unwrap();
    std::os::unix::fs::symlink(&planted, version).unwrap();
    assert_eq!(refusal(&place, |_| ()).await, None, "a link of the user's own");
    let said = refusal(&place, |_| lchown(version, Some(other_user), None).unwrap()).await;
    assert!(said.is_some_and(|said| said.contains("belongs to another user")));
}

/// Otherwise the installation succeeds, and every command after it refuses the runtime.
#[tokio::test]
async fn an_interpreter_that_others_may_write_is_refused_before_anything_is_installed() {
    let place = Place::new();
    place.uv_mode("shared_python");
    let error = install(&Watching::default(), &place.request(CORE, false)).await.unwrap_err();
    assert_eq!(error.code(), Code::RuntimeUnsafe);
    assert!(error.to_string().contains("bin/python can be written by everybody"), "{error}");
    assert_eq!(place.uv_calls().len(), 1, "no package is installed");
    assert_eq!(read_status(&place.layout).kind, StatusKind::Missing);
}

/// Nothing is installed in a root of another user.
#[tokio::test]
async fn nothing_is_installed_where_others_may_write() {
    let place = Place::new();
    fs::create_dir_all(&place.layout.runtime_root).unwrap();
    set_mode(&place.layout.runtime_root, 0o777);
    let error = install(&Watching::default(), &place.request(CORE, false)).await.unwrap_err();
    assert_eq!(error.code(), Code::RuntimeUnsafe);
    assert!(place.uv_calls().is_empty() && !place.layout.version_dir.exists());
}

#[tokio::test]
async fn what_was_repaired_can_do_what_it_could_before() {
    let place = Place::new();
    install(&Watching::default(), &place.request(&Feature::ALL, false)).await.unwrap();
    fs::remove_dir_all(place.layout.environments_dir()).unwrap();
    let status = read_status(&place.layout);
    assert_eq!(status.detail, format!("Missing Python executable: {}", place.layout.python_path.display()));
    let repaired = install(&Watching::default(), &place.request(CORE, false)).await.unwrap();
    assert_eq!(repaired.manifest.features, Feature::ALL);
}

#[tokio::test]
async fn the_status_says_what_is_missing() {
    let place = Place::new();
    let manifest = place.layout.manifest_path.display().to_string();
    assert_eq!(read_status(&place.layout).detail, format!("No runtime manifest at {manifest}"));
    install(&Watching::default(), &place.request(CORE, false)).await.unwrap();
    fs::remove_file(&place.layout.daemon_path).unwrap();
    let expected = format!("Missing ktx-daemon executable: {}", place.layout.daemon_path.display());
    assert_eq!(read_status(&place.layout).detail, expected);
    let request = InstallRequest { force: false, ..place.request(CORE, false) };
    assert_eq!(install(&Watching::default(), &request).await.unwrap().status, InstallStatus::Installed);
    let package = fs::canonicalize(&place.layout.venv_dir).unwrap().join("lib/python3.99/site-packages/h11");
    fs::remove_dir_all(&package).unwrap();
    let status = read_status(&place.layout);
    assert!(
        status.detail.starts_with("Missing Python package: ") && status.detail.ends_with("/h11"),
        "{}",
        status.detail
    );
    assert_eq!(install(&Watching::default(), &request).await.unwrap().status, InstallStatus::Installed);
    assert_eq!(read_status(&place.layout).kind, StatusKind::Ready);
}
