//! 1, 5 and 6, as far as others have a hand in it: who holds a lock is named, and what belongs to others is neither
//! believed nor touched.

use crate::{
    child::{Job, Worker, begin, processes_of, ready, until},
    support::Place,
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
async fn guarantee_5_a_wait_for_a_suspended_start_names_its_process_at_once() {
    let (place, host) = ready("hangs").await;
    let mut starter = Worker::new(&place, Job::Start);
    starter.go();
    until("it holds the lock", || FileLock::is_held(&place.layout.daemon_lock()));
    let log = &place.layout.daemon_stderr_path;
    until("there is a daemon", || fs::read_to_string(log).is_ok_and(|text| text.contains("starting")));
    let pid = starter.pid();
    signal(pid, libc::SIGSTOP);
    until("it is suspended", || {
        let stat = fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
        stat.rsplit(')').next().is_some_and(|state| state.trim_start().starts_with('T'))
    });
    let named = format!("process {pid}, which is suspended,");
    let (kind, detail) = detail(&host).await;
    assert_eq!(kind, DaemonStatusKind::Stopped);
    let expected = format!("No daemon state at {}; {named} is starting", place.layout.daemon_state_path.display());
    assert!(detail.starts_with(&expected), "{detail}");
    let messages = RefCell::new(Vec::new());
    let began = Instant::now();
    let stopping =
        stop_all_with_progress(&place.layout, &place.env, |message| messages.borrow_mut().push(message.to_owned()));
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
    assert!(starter.killed_after(Duration::ZERO));
    place.daemon_mode("ok");
    begin(&host, false).await.unwrap();
    stop(&host, &host.layout).await.unwrap();
    until("nothing runs any more", || processes_of(place.folder.path()).is_empty());
}

/// A state that leads elsewhere is replaced with its daemon; one of the same daemon is left at the end.
async fn heals(place: &Place, host: &NativeDaemon, what: &str, reason: &str) {
    let (kind, said) = detail(host).await;
    assert_eq!(kind, DaemonStatusKind::Stale, "{what}: {said}");
    assert!(said.contains(reason), "{what}: {said}");
    let began = Instant::now();
    let started = begin(host, false).await.unwrap();
    assert_eq!(started.status, StartStatus::Started, "{what}");
    assert!(began.elapsed() < Duration::from_secs(60), "{what}: it took {:?}", began.elapsed());
    until("only the daemon runs", || processes_of(place.folder.path()) == [started.state.pid]);
    assert_eq!(begin(host, false).await.unwrap().state.pid, started.state.pid, "{what}");
}

#[tokio::test]
async fn guarantee_6_a_state_with_another_token_is_replaced_with_its_daemon() {
    let (place, host) = ready("ok").await;
    let path = &place.layout.daemon_state_path;
    for (what, with_life) in [("\"x\"", true), ("\"x\"", false), ("\"\"", true), ("null", true), ("null", false)] {
        begin(&host, false).await.unwrap();
        let mut state: serde_json::Value = serde_json::from_slice(&fs::read(path).unwrap()).unwrap();
        state["token"] = serde_json::from_str(what).unwrap();
        fs::write(path, state.to_string()).unwrap();
        if !with_life {
            fs::remove_file(place.layout.version_dir.join("daemon.life.json")).unwrap();
        }
        let reason = if with_life || what == "null" { "does not have its token" } else { "wrong token" };
        heals(&place, &host, what, reason).await;
    }
    stop(&host, &host.layout).await.unwrap();
}

#[tokio::test]
async fn guarantee_6_a_state_that_others_wrote_or_may_write_or_that_is_too_large_is_not_believed() {
    let (place, host) = ready("ok").await;
    let path = &place.layout.daemon_state_path;
    let set = |mode| fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
    begin(&host, false).await.unwrap();
    set(0o666);
    heals(&place, &host, "writable", "other users may write it (mode 666)").await;
    set(0o620);
    heals(&place, &host, "writable by a group", "other users may write it (mode 620)").await;
    // Sparse: to read it whole would take minutes.
    File::options().write(true).open(path).unwrap().set_len(64 << 30).unwrap();
    heals(&place, &host, "huge", "it is larger than 1048576 bytes").await;
    if chown(path, Some(65_534), None).is_ok() {
        heals(&place, &host, "another user's", "it belongs to another user (uid 65534)").await;
        set(0o644);
        assert_eq!(detail(&host).await.0, DaemonStatusKind::Running, "one that all may read is ours all the same");
    }
    // What leads to the daemon is not followed either where others wrote it, and no process is signalled because of it.
    for name in ["daemon.life.json", "daemon.life.lock"] {
        fs::set_permissions(place.layout.version_dir.join(name), fs::Permissions::from_mode(0o666)).unwrap();
    }
    assert_eq!(detail(&host).await.0, DaemonStatusKind::Running);
    assert_eq!(stop(&host, &host.layout).await.unwrap().status, StopStatus::Stopped);
}

#[tokio::test]
async fn guarantee_6_what_is_no_file_in_place_of_a_lock_is_named() {
    let (place, host) = ready("ok").await;
    for path in [place.layout.life_lock(), place.layout.daemon_lock()] {
        let _ = fs::remove_file(&path);
        assert!(std::process::Command::new("mkfifo").arg(&path).status().unwrap().success());
        let said = begin(&host, false).await.unwrap_err().with_hint_text();
        assert!(said.contains(&format!("{}: it is not a file. Remove it", path.display())), "{said}");
        fs::remove_file(&path).unwrap();
        assert_eq!(begin(&host, false).await.unwrap().status, StartStatus::Started);
        stop(&host, &host.layout).await.unwrap();
    }
}

/// A container that shares the root: its daemon was taken for dead, its state removed, and its lock waited for.
#[tokio::test]
async fn guarantee_1_a_daemon_of_another_container_is_named_and_left_alone() {
    let (place, host) = ready("ok").await;
    let Some(mut container) = Worker::in_container(&place, Job::Hold) else { return };
    container.go();
    container.holds();
    let path = &place.layout.daemon_state_path;
    let before = fs::read(path).unwrap();
    let (kind, said) = detail(&host).await;
    assert_eq!(kind, DaemonStatusKind::Stale);
    assert!(said.contains("belongs to another container or machine. Set KTX_RUNTIME_ROOT"), "{said}");
    // Without a state the note of its launch says so.
    for with_state in [true, false] {
        if !with_state {
            fs::rename(path, path.with_extension("aside")).unwrap();
        }
        let began = Instant::now();
        for force in [false, true] {
            let error = begin(&host, force).await.unwrap_err();
            assert_eq!(error.code(), Code::DaemonElsewhere, "{error}");
        }
        assert_eq!(stop(&host, &host.layout).await.unwrap_err().code(), Code::DaemonElsewhere);
        assert!(lock_version_folder(&host.layout, &host.layout.version_dir).is_err(), "it is not pruned");
        assert!(began.elapsed() < Duration::from_secs(15), "nothing is waited for");
    }
    fs::rename(path.with_extension("aside"), path).unwrap();
    assert_eq!(fs::read(path).unwrap(), before);
    assert_eq!(place.spawns().len(), 1);
    container.go();
    container.outcome().unwrap();
    // Once it is gone, what it left is as any other state of a daemon that is gone.
    fs::write(path, &before).unwrap();
    let (kind, said) = detail(&host).await;
    assert!(kind == DaemonStatusKind::Stale && said.ends_with("is not running"), "{said}");
    assert_eq!(begin(&host, false).await.unwrap().status, StartStatus::Started);
    stop(&host, &host.layout).await.unwrap();
}
