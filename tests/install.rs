//! Installations with a fake uv that can fail and hang.
#![cfg(unix)]
#![allow(clippy::unwrap_used, reason = "an unwrap in a test is an assertion")]

mod support;

use ktx::{
    env::Environment,
    error::Code,
    runtime::{
        Check, CheckStatus, Feature, InstallRequest, InstallStatus, NativeExec, Phase, StatusKind, doctor, install,
        read_status,
    },
};
use std::{
    fs,
    os::unix::fs::{MetadataExt, PermissionsExt, chown, lchown},
    path::{Path, PathBuf},
};
use support::{Fixture, RecordingHost};

const CORE: &[Feature] = &[Feature::Core];
const BOTH: &[Feature] = &[Feature::Core, Feature::LocalEmbeddings];

fn environments(fixture: &Fixture) -> Vec<PathBuf> {
    fs::read_dir(fixture.layout.environments_dir()).unwrap().map(|entry| entry.unwrap().path()).collect()
}

#[tokio::test]
async fn up_to_date_runtime_is_not_changed() {
    let fixture = Fixture::new();
    let installed = install(&RecordingHost::default(), &fixture.request(CORE, false)).await.unwrap();
    assert_eq!(installed.status, InstallStatus::Installed);
    let again = install(&RecordingHost::default(), &fixture.request(CORE, false)).await.unwrap();
    assert_eq!(again.status, InstallStatus::Ready);
    assert_eq!(fixture.uv_calls().len(), 2);
}

#[tokio::test]
async fn guarantee_3_failed_reinstall_keeps_the_working_runtime() {
    let fixture = Fixture::new();
    install(&RecordingHost::default(), &fixture.request(CORE, false)).await.unwrap();
    let before = fs::canonicalize(&fixture.layout.venv_dir).unwrap();
    fixture.uv_mode("fail");
    let error = install(&RecordingHost::default(), &fixture.request(CORE, true)).await.unwrap_err();
    assert_eq!(error.code(), Code::RuntimeInstallFailed);
    let message = error.to_string();
    assert!(message.starts_with("Python runtime install failed") && message.contains("no space left"), "{message}");
    assert!(message.contains("install.log") && !message.contains("secret"), "{message}");
    assert!(!fs::read_to_string(&fixture.layout.install_log_path).unwrap().contains("secret"));
    assert_eq!(read_status(&fixture.layout).kind, StatusKind::Ready);
    assert_eq!(fs::canonicalize(&fixture.layout.venv_dir).unwrap(), before);
}

#[tokio::test]
async fn forced_reinstall_switches_and_removes_the_old_environment() {
    let fixture = Fixture::new();
    install(&RecordingHost::default(), &fixture.request(CORE, false)).await.unwrap();
    let before = environments(&fixture);
    install(&RecordingHost::default(), &fixture.request(CORE, true)).await.unwrap();
    let after = environments(&fixture);
    assert_eq!((before.len(), after.len()), (1, 1));
    assert_ne!(before, after);
}

#[tokio::test]
async fn feature_is_added_to_the_existing_environment() {
    let fixture = Fixture::new();
    install(&RecordingHost::default(), &fixture.request(CORE, false)).await.unwrap();
    let before = environments(&fixture);
    let installed =
        install(&RecordingHost::default(), &fixture.request(&[Feature::LocalEmbeddings], false)).await.unwrap();
    assert_eq!(installed.manifest.features, BOTH);
    assert_eq!(environments(&fixture), before);
    // Installing core again does not remove the feature.
    install(&RecordingHost::default(), &fixture.request(CORE, false)).await.unwrap();
    assert!(read_status(&fixture.layout).ready_with(BOTH).is_some());
}

#[tokio::test]
async fn guarantee_3_second_installer_waits_for_the_first() {
    let fixture = Fixture::new();
    let (first, second) = (RecordingHost::default(), RecordingHost::default());
    let request = fixture.request(CORE, false);
    let (one, other) = tokio::join!(install(&first, &request), install(&second, &request));
    let mut statuses = [one.unwrap().status, other.unwrap().status];
    statuses.sort_by_key(|status| *status == InstallStatus::Installed);
    assert_eq!(statuses, [InstallStatus::Ready, InstallStatus::Installed]);
    assert_eq!(fixture.uv_calls().len(), 2);
    let waited = |host: &RecordingHost| host.progress.borrow().iter().any(|progress| progress.phase == Phase::Waiting);
    assert!(waited(&first) != waited(&second));
}

#[tokio::test]
async fn guarantee_3_cancelled_installation_kills_its_tools_and_the_next_succeeds() {
    let fixture = Fixture::new();
    fixture.uv_mode("hang");
    let hanging = fixture.tools().join("hanging");
    let host = RecordingHost::default();
    let request = fixture.request(CORE, false);
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
    assert_eq!(read_status(&fixture.layout).kind, StatusKind::Missing);
    fixture.uv_mode("ok");
    install(&RecordingHost::default(), &request).await.unwrap();
    assert_eq!(environments(&fixture).len(), 1);
}

#[tokio::test]
async fn root_that_is_a_file_is_an_error_and_unchanged() {
    let fixture = Fixture::new();
    fs::write(&fixture.layout.runtime_root, "mine").unwrap();
    let error = install(&RecordingHost::default(), &fixture.request(CORE, false)).await.unwrap_err();
    assert_eq!(error.code(), Code::FileIo);
    assert!(error.hint().unwrap().contains("KTX_RUNTIME_ROOT"), "{error}");
    assert_eq!(fs::read_to_string(&fixture.layout.runtime_root).unwrap(), "mine");
}

#[tokio::test]
async fn wheel_with_wrong_checksum_creates_no_files() {
    let fixture = Fixture::new();
    fs::write(fixture.layout.asset_dir.join("x-1-py3-none-any.whl"), "y").unwrap();
    let error = install(&RecordingHost::default(), &fixture.request(CORE, false)).await.unwrap_err();
    assert_eq!(error.code(), Code::AssetChecksum);
    assert!(!fixture.layout.version_dir.exists());
}

/// Runs the doctor's check of the installer with a `PATH` that has these programs only.
async fn check_installer(programs: &[(&str, &str)], more: &[(&str, &str)]) -> Check {
    let fixture = Fixture::new();
    let folder = fixture.folder.path().join("bin");
    fs::create_dir(&folder).unwrap();
    for (name, script) in programs {
        let path = folder.join(name);
        fs::write(&path, format!("#!/bin/sh\n{script}\n")).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
    }
    let env = fixture.env.clone().filtered(|name| name != "KTX_UV");
    let env = env.with("PATH", folder.to_string_lossy());
    let env = more.iter().fold(env, |env, (name, value)| env.with(name, *value));
    let env: Environment = env.iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
    let path = fixture.folder.path().to_string_lossy().into_owned();
    let mut check = doctor(&NativeExec, &fixture.layout, &env).await.remove(0);
    check.detail = check.detail.replace(&path, "");
    check
}

const PYTHON: &str = "echo 3.12.1";

#[tokio::test]
async fn old_or_broken_uv_is_skipped_if_a_python_is_usable() {
    for old in ["echo uv 0.1.24", "echo uv 0.4.29", "echo nothing", "exit 3", "exec /no/such"] {
        let check = check_installer(&[("uv", old), ("python3", PYTHON)], &[]).await;
        let detail = "no uv 0.4.30 or later was found; Python 3.12.1 is used instead (/bin/python3)";
        assert_eq!(check.detail, detail, "{old}");
        assert_eq!(check.status, CheckStatus::Pass);
    }
    for new in ["echo uv 0.4.30", "echo 'uv 0.13.9 (x86_64-unknown-linux-gnu)'", "echo WARNING; echo uv 1.0.0; echo"] {
        let check = check_installer(&[("uv", new), ("python3", PYTHON)], &[]).await;
        assert!(check.detail.starts_with("uv "), "{new}: {}", check.detail);
    }
}

#[tokio::test]
async fn unusable_installers_are_named() {
    let check = check_installer(&[("uv", "echo uv 0.1.24"), ("python3", "echo 3.9.1")], &[]).await;
    assert_eq!(check.status, CheckStatus::Pass);
    let found = "found only: /bin/uv has version 0.1.24, but 0.4.30 or later is needed; /bin/python3 is Python 3.9.1";
    let version = ktx::runtime::UvPin::bundled().unwrap().version;
    assert_eq!(check.detail, format!("uv {version} will be downloaded; {found}"));
    let named = check_installer(&[], &[("KTX_UV", "/no/such/uv")]).await;
    assert!(named.detail.starts_with("KTX_UV does not work: /no/such/uv could not"), "{}", named.detail);
    assert_eq!(named.fix.as_deref(), Some("Correct the variable or unset it, then run: ktx runtime doctor"));
}

#[tokio::test]
async fn version_is_read_after_wrapper_output_and_tested_pythons_are_preferred() {
    let talking = "echo WARNING: conda is deprecated; echo; echo 3.13.0; echo";
    for (programs, version) in [
        (vec![("python3", talking)], "3.13.0"),
        (vec![("python3", "echo 3.15.2"), ("python3.14", "echo 3.14.1")], "3.14.1"),
        (vec![("python3", "echo 3.15.2")], "3.15.2"),
        (vec![("python3", "echo 3.9.1"), ("python", "exit 1"), ("python3.11", "echo 3.11.2")], "3.11.2"),
    ] {
        let check = check_installer(&programs, &[]).await;
        assert!(check.detail.contains(&format!("Python {version} is used instead")), "{version}: {}", check.detail);
    }
    let check = check_installer(&[("python3", "echo hello")], &[]).await;
    assert!(check.detail.contains(r#"it printed "hello" instead of its version"#), "{}", check.detail);
}

/// Of several hanging shims in one folder only the first is waited for.
#[tokio::test]
async fn hanging_python_is_skipped_after_a_timeout() {
    let started_at = std::time::Instant::now();
    let programs = [
        ("python3", "exec /bin/sleep 1000"),
        ("python", "exec /bin/sleep 1000"),
        ("python3.12", "exec /bin/sleep 1000"),
    ];
    let check = check_installer(&programs, &[]).await;
    assert!(check.detail.contains("/bin/python3: it did not answer within 10 s"), "{}", check.detail);
    assert!(started_at.elapsed().as_secs() < 25);
}

/// The reason why a runtime is refused after `change`, which is then undone; `None` if it is not refused.
async fn refusal_reason(fixture: &Fixture, change: impl Fn(&Fixture)) -> Option<String> {
    let before: Vec<_> = runtime_paths(fixture).into_iter().map(|path| (fs::metadata(&path).unwrap(), path)).collect();
    change(fixture);
    let status = read_status(&fixture.layout);
    let message = if status.kind == StatusKind::Ready {
        None
    } else {
        let error = install(&RecordingHost::default(), &fixture.request(CORE, true)).await.unwrap_err();
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
    message
}

async fn install_core() -> Fixture {
    let fixture = Fixture::new();
    install(&RecordingHost::default(), &fixture.request(CORE, false)).await.unwrap();
    fixture
}

fn runtime_paths(fixture: &Fixture) -> [PathBuf; 9] {
    let layout = &fixture.layout;
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
async fn runtime_that_others_can_write_is_refused() {
    let fixture = install_core().await;
    for index in 0..9 {
        let message = refusal_reason(&fixture, |fixture| set_mode(&runtime_paths(fixture)[index], 0o777)).await;
        assert!(
            message.as_ref().is_some_and(|message| message.contains("can be written by everybody")),
            "{index}: {message:?}"
        );
    }
    // Like /tmp.
    assert_eq!(refusal_reason(&fixture, |fixture| set_mode(&fixture.layout.runtime_root, 0o1777)).await, None);
    let message = refusal_reason(&fixture, |fixture| set_mode(&fixture.layout.version_dir, 0o1777)).await;
    assert!(message.is_some(), "others could put a file of the daemon there");
    for mode in [0o700, 0o750, 0o755, 0o711] {
        assert_eq!(refusal_reason(&fixture, |fixture| set_mode(&fixture.layout.runtime_root, mode)).await, None);
    }
}

/// Needs root, who can change the owner of files.
#[tokio::test]
async fn runtime_of_another_user_or_a_shared_group_is_refused() {
    let (other_user, group) = (65_534, 54_321);
    let probe = tempfile::tempdir().unwrap();
    if chown(probe.path(), Some(other_user), None).is_err() {
        return;
    }
    let fixture = install_core().await;
    for index in 0..9 {
        let message =
            refusal_reason(&fixture, |fixture| chown(&runtime_paths(fixture)[index], Some(other_user), None).unwrap())
                .await;
        assert!(
            message.as_ref().is_some_and(|message| message.contains("belongs to another user (id 65534,")),
            "{message:?}"
        );
        let writable = |group: u32| {
            move |fixture: &Fixture| {
                let path = &runtime_paths(fixture)[index];
                chown(path, None, Some(group)).unwrap();
                set_mode(path, 0o775);
            }
        };
        let message = refusal_reason(&fixture, writable(group)).await;
        assert!(
            message.as_ref().is_some_and(|message| message.contains("can be written by its group")),
            "{index}: {message:?}"
        );
        assert_eq!(refusal_reason(&fixture, writable(0)).await, None, "root's group is root's own");
    }
    let (version, planted) = (&fixture.layout.version_dir, fixture.folder.path().join("planted"));
    fs::rename(version, &planted).unwrap();
    std::os::unix::fs::symlink(&planted, version).unwrap();
    assert_eq!(refusal_reason(&fixture, |_| ()).await, None, "a link of the user's own");
    let message = refusal_reason(&fixture, |_| lchown(version, Some(other_user), None).unwrap()).await;
    assert!(message.is_some_and(|message| message.contains("belongs to another user")));
}

/// Regression: the installation succeeded, and every later command refused the runtime.
#[tokio::test]
async fn interpreter_that_others_can_write_is_refused_before_packages_are_installed() {
    let fixture = Fixture::new();
    fixture.uv_mode("shared_python");
    let error = install(&RecordingHost::default(), &fixture.request(CORE, false)).await.unwrap_err();
    assert_eq!(error.code(), Code::RuntimeUnsafe);
    assert!(error.to_string().contains("bin/python can be written by everybody"), "{error}");
    assert_eq!(fixture.uv_calls().len(), 1, "no package is installed");
    assert_eq!(read_status(&fixture.layout).kind, StatusKind::Missing);
}

#[tokio::test]
async fn root_that_others_can_write_is_refused_before_installation() {
    let fixture = Fixture::new();
    fs::create_dir_all(&fixture.layout.runtime_root).unwrap();
    set_mode(&fixture.layout.runtime_root, 0o777);
    let error = install(&RecordingHost::default(), &fixture.request(CORE, false)).await.unwrap_err();
    assert_eq!(error.code(), Code::RuntimeUnsafe);
    assert!(fixture.uv_calls().is_empty() && !fixture.layout.version_dir.exists());
}

#[tokio::test]
async fn repair_keeps_installed_features() {
    let fixture = Fixture::new();
    install(&RecordingHost::default(), &fixture.request(&Feature::ALL, false)).await.unwrap();
    fs::remove_dir_all(fixture.layout.environments_dir()).unwrap();
    let status = read_status(&fixture.layout);
    assert_eq!(status.detail, format!("Missing Python executable: {}", fixture.layout.python_path.display()));
    let repaired = install(&RecordingHost::default(), &fixture.request(CORE, false)).await.unwrap();
    assert_eq!(repaired.manifest.features, Feature::ALL);
}

#[tokio::test]
async fn status_names_missing_files() {
    let fixture = Fixture::new();
    let manifest = fixture.layout.manifest_path.display().to_string();
    assert_eq!(read_status(&fixture.layout).detail, format!("No runtime manifest at {manifest}"));
    install(&RecordingHost::default(), &fixture.request(CORE, false)).await.unwrap();
    fs::remove_file(&fixture.layout.daemon_path).unwrap();
    let expected = format!("Missing ktx-daemon executable: {}", fixture.layout.daemon_path.display());
    assert_eq!(read_status(&fixture.layout).detail, expected);
    let request = InstallRequest { force: false, ..fixture.request(CORE, false) };
    assert_eq!(install(&RecordingHost::default(), &request).await.unwrap().status, InstallStatus::Installed);
    let package = fs::canonicalize(&fixture.layout.venv_dir).unwrap().join("lib/python3.99/site-packages/h11");
    fs::remove_dir_all(&package).unwrap();
    let status = read_status(&fixture.layout);
    assert!(
        status.detail.starts_with("Missing Python package: ") && status.detail.ends_with("/h11"),
        "{}",
        status.detail
    );
    assert_eq!(install(&RecordingHost::default(), &request).await.unwrap().status, InstallStatus::Installed);
    assert_eq!(read_status(&fixture.layout).kind, StatusKind::Ready);
}
