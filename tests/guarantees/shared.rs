//! 1, 5 and 6 with other processes and users: holders of locks are named, and files of other users and containers are
//! neither trusted nor changed.

use crate::{
    child::{Job, Worker, processes_of, set_up, start_daemon, wait_until},
    support::Fixture,
};
use ktx::{
    daemon::{
        DaemonStatusKind, NativeDaemon, StartStatus, StopStatus, lock_version_folder, read_status, stop,
        stop_all_with_progress,
    },
    error::Code,
    files::FileLock,
};
use std::{
    cell::RefCell,
    fs::{self, File},
    os::unix::fs::{PermissionsExt, chown},
    time::{Duration, Instant},
};

fn signal(pid: u32, signal: libc::c_int) {
    // SAFETY: a plain system call on a process of this test.
    assert_eq!(unsafe { libc::kill(pid.cast_signed(), signal) }, 0);
}

async fn detail(host: &NativeDaemon) -> (DaemonStatusKind, String) {
    let status = read_status(host, &host.layout).await.unwrap();
    (status.kind, status.detail)
}

#[tokio::test]
async fn guarantee_5_wait_for_a_suspended_start_names_its_process() {
    let (fixture, host) = set_up("hangs").await;
    let mut starter = Worker::new(&fixture, Job::Start);
    starter.release();
    wait_until("it holds the lock", || FileLock::is_held(&fixture.layout.daemon_lock()));
    let log = &fixture.layout.daemon_stderr_path;
    wait_until("there is a daemon", || fs::read_to_string(log).is_ok_and(|text| text.contains("starting")));
    let pid = starter.pid();
    signal(pid, libc::SIGSTOP);
    wait_until("it is suspended", || {
        let stat = fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
        stat.rsplit(')').next().is_some_and(|state| state.trim_start().starts_with('T'))
    });
    let named = format!("process {pid}, which is suspended,");
    let (kind, detail) = detail(&host).await;
    assert_eq!(kind, DaemonStatusKind::Stopped);
    let expected = format!("No daemon state at {}; {named} is starting", fixture.layout.daemon_state_path.display());
    assert!(detail.starts_with(&expected), "{detail}");
    let messages = RefCell::new(Vec::new());
    let began = Instant::now();
    let stopping =
        stop_all_with_progress(&fixture.layout, &fixture.env, |message| messages.borrow_mut().push(message.to_owned()));
    tokio::select! {
        _ = stopping => unreachable!("the lock is held"),
        () = async {
            while messages.borrow().is_empty() {
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
        } => {}
    }
    assert!(began.elapsed() < Duration::from_secs(30));
    let message = format!("Waiting for {named} to start or stop the KTX daemon, for up to 240 s");
    assert_eq!(messages.into_inner(), [message]);
    signal(pid, libc::SIGCONT);
    assert!(starter.kill_after(Duration::ZERO));
    fixture.daemon_mode("ok");
    start_daemon(&host, false).await.unwrap();
    stop(&host, &host.layout).await.unwrap();
    wait_until("nothing runs any more", || processes_of(fixture.folder.path()).is_empty());
}

/// Asserts that an invalid state is replaced together with its daemon, and that a single daemon is left.
async fn assert_replaced(fixture: &Fixture, host: &NativeDaemon, what: &str, reason: &str) {
    let (kind, message) = detail(host).await;
    assert_eq!(kind, DaemonStatusKind::Stale, "{what}: {message}");
    assert!(message.contains(reason), "{what}: {message}");
    let began = Instant::now();
    let started = start_daemon(host, false).await.unwrap();
    assert_eq!(started.status, StartStatus::Started, "{what}");
    assert!(began.elapsed() < Duration::from_secs(60), "{what}: it took {:?}", began.elapsed());
    wait_until("only the daemon runs", || processes_of(fixture.folder.path()) == [started.state.pid]);
    assert_eq!(start_daemon(host, false).await.unwrap().state.pid, started.state.pid, "{what}");
}

#[tokio::test]
async fn guarantee_6_state_with_another_token_is_replaced_with_its_daemon() {
    let (fixture, host) = set_up("ok").await;
    let path = &fixture.layout.daemon_state_path;
    for (what, with_life) in [("\"x\"", true), ("\"x\"", false), ("\"\"", true), ("null", true), ("null", false)] {
        start_daemon(&host, false).await.unwrap();
        let mut state: serde_json::Value = serde_json::from_slice(&fs::read(path).unwrap()).unwrap();
        state["token"] = serde_json::from_str(what).unwrap();
        fs::write(path, state.to_string()).unwrap();
        if !with_life {
            fs::remove_file(fixture.layout.version_dir.join("daemon.life.json")).unwrap();
        }
        let reason = if with_life || what == "null" { "does not contain its token" } else { "wrong token" };
        assert_replaced(&fixture, &host, what, reason).await;
    }
    stop(&host, &host.layout).await.unwrap();
}

#[tokio::test]
async fn guarantee_6_state_that_is_not_private_or_too_large_is_invalid() {
    let (fixture, host) = set_up("ok").await;
    let path = &fixture.layout.daemon_state_path;
    let set = |mode| fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
    start_daemon(&host, false).await.unwrap();
    set(0o666);
    assert_replaced(&fixture, &host, "writable", "other users can write to it (mode 666)").await;
    set(0o620);
    assert_replaced(&fixture, &host, "writable by a group", "other users can write to it (mode 620)").await;
    // Sparse: reading all of it would take minutes.
    File::options().write(true).open(path).unwrap().set_len(64 << 30).unwrap();
    assert_replaced(&fixture, &host, "huge", "it is larger than 1048576 bytes").await;
    if chown(path, Some(65_534), None).is_ok() {
        assert_replaced(&fixture, &host, "another user's", "it belongs to another user (uid 65534)").await;
        set(0o644);
        assert_eq!(detail(&host).await.0, DaemonStatusKind::Running, "a state that others can only read is valid");
    }
    // Launch record and pid record that others can write are not trusted; no process is signalled because of them.
    for name in ["daemon.life.json", "daemon.life.lock"] {
        fs::set_permissions(fixture.layout.version_dir.join(name), fs::Permissions::from_mode(0o666)).unwrap();
    }
    assert_eq!(detail(&host).await.0, DaemonStatusKind::Running);
    assert_eq!(stop(&host, &host.layout).await.unwrap().status, StopStatus::Stopped);
}

#[tokio::test]
async fn guarantee_6_special_file_in_place_of_a_lock_is_an_error() {
    let (fixture, host) = set_up("ok").await;
    for path in [fixture.layout.life_lock(), fixture.layout.daemon_lock()] {
        let _ = fs::remove_file(&path);
        assert!(std::process::Command::new("mkfifo").arg(&path).status().unwrap().success());
        let message = start_daemon(&host, false).await.unwrap_err().with_hint_text();
        assert!(message.contains(&format!("{}: it is not a file. Remove it", path.display())), "{message}");
        fs::remove_file(&path).unwrap();
        assert_eq!(start_daemon(&host, false).await.unwrap().status, StartStatus::Started);
        stop(&host, &host.layout).await.unwrap();
    }
}

/// Regression: the daemon of a container that shares the root was considered dead, its state was removed, and its lock
/// was waited for.
#[tokio::test]
async fn guarantee_1_daemon_of_another_container_is_reported_and_not_touched() {
    let (fixture, host) = set_up("ok").await;
    let Some(mut container) = Worker::in_container(&fixture, Job::Hold) else { return };
    container.release();
    container.wait_until_started();
    let path = &fixture.layout.daemon_state_path;
    let before = fs::read(path).unwrap();
    let (kind, message) = detail(&host).await;
    assert_eq!(kind, DaemonStatusKind::Stale);
    assert!(message.contains("belongs to another container or machine. Set KTX_RUNTIME_ROOT"), "{message}");
    // Without a state, the launch record shows it.
    for with_state in [true, false] {
        if !with_state {
            fs::rename(path, path.with_extension("aside")).unwrap();
        }
        let began = Instant::now();
        for force in [false, true] {
            let error = start_daemon(&host, force).await.unwrap_err();
            assert_eq!(error.code(), Code::DaemonElsewhere, "{error}");
        }
        assert_eq!(stop(&host, &host.layout).await.unwrap_err().code(), Code::DaemonElsewhere);
        assert!(lock_version_folder(&host.layout, &host.layout.version_dir).is_err(), "it is not pruned");
        assert!(began.elapsed() < Duration::from_secs(15), "nothing is waited for");
    }
    fs::rename(path.with_extension("aside"), path).unwrap();
    assert_eq!(fs::read(path).unwrap(), before);
    assert_eq!(fixture.spawns().len(), 1);
    container.release();
    container.outcome().unwrap();
    // After it has exited, its state is stale like any other.
    fs::write(path, &before).unwrap();
    let (kind, message) = detail(&host).await;
    assert!(kind == DaemonStatusKind::Stale && message.ends_with("is not running"), "{message}");
    assert_eq!(start_daemon(&host, false).await.unwrap().status, StartStatus::Started);
    stop(&host, &host.layout).await.unwrap();
}
