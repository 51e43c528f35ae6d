//! The daemon's lifecycle, with a fake daemon that can exit early, hang and report another version.
#![cfg(unix)]
#![allow(clippy::unwrap_used, reason = "an unwrap in a test is an assertion")]

mod support;

use ktx::{
    daemon::{
        DaemonStatusKind, NativeDaemon, StartRequest, StartStatus, Started, StopStatus, read_status, start, stop,
    },
    error::{Code, Result},
    files::FileLock,
    http::{Call, Limits},
    process::{Identity, Signal},
    runtime::{Feature, install},
};
use std::{fs, time::Duration};
use support::{Fixture, RecordingHost};

async fn set_up(mode: &str) -> (Fixture, NativeDaemon) {
    let fixture = Fixture::new();
    install(&RecordingHost::default(), &fixture.request(&[Feature::Core], false)).await.unwrap();
    let fixture = fixture.with_daemon(mode);
    let host = NativeDaemon { layout: fixture.layout.clone(), env: fixture.env.clone() };
    (fixture, host)
}

fn request(host: &NativeDaemon) -> StartRequest {
    StartRequest {
        layout: host.layout.clone(),
        env: host.env.clone(),
        features: vec![Feature::Core],
        force: false,
        timeout: Duration::from_secs(60),
    }
}

async fn start_daemon(host: &NativeDaemon) -> Started {
    start(host, &request(host)).await.unwrap()
}

async fn call(started: &Started) -> Result<String> {
    Call::post(&started.base_url, "/echo", "{}".into(), Limits::default()).unwrap().send().await
}

async fn wait_for_exit(pid: u32) {
    while ktx::process::pid_is_alive(pid) {
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn daemon_is_started_reused_called_and_stopped() {
    let (fixture, host) = set_up("ok").await;
    let first = start_daemon(&host).await;
    assert_eq!(first.status, StartStatus::Started);
    assert!(first.state.token.is_none(), "hosts do not see the token");
    assert!(call(&first).await.unwrap().contains("echo"));
    let second = start_daemon(&host).await;
    assert_eq!((second.status, second.state.pid), (StartStatus::Reused, first.state.pid));
    assert_eq!(read_status(&host, &host.layout).await.unwrap().kind, DaemonStatusKind::Running);
    assert_eq!(stop(&host, &host.layout).await.unwrap().status, StopStatus::Stopped);
    assert!(!fixture.layout.daemon_state_path.exists());
    // Another test of this process may be between fork and exec, with an inherited descriptor of the lock.
    while FileLock::is_held(&fixture.layout.life_lock()) {
        tokio::task::yield_now().await;
    }
    assert_eq!(stop(&host, &host.layout).await.unwrap().status, StopStatus::AlreadyStopped);
}

#[tokio::test]
async fn guarantee_1_concurrent_starts_spawn_one_daemon() {
    let (fixture, host) = set_up("ok").await;
    let (a, b, c, d) = tokio::join!(start_daemon(&host), start_daemon(&host), start_daemon(&host), start_daemon(&host));
    assert_eq!(fixture.spawns().len(), 1);
    assert!([b, c, d].iter().all(|other| other.state.pid == a.state.pid));
    stop(&host, &host.layout).await.unwrap();
}

#[tokio::test]
async fn guarantee_2_daemon_that_dies_fails_the_start_with_its_log() {
    let (fixture, host) = set_up("dies").await;
    let error = start(&host, &request(&host)).await.unwrap_err();
    assert_eq!(error.code(), Code::DaemonStartFailed);
    let message = error.to_string();
    assert!(
        message.starts_with("KTX Python daemon failed to start: ") && message.contains("no module named ktx"),
        "{message}"
    );
    assert!(message.ends_with(&format!("stderr: {}", fixture.layout.daemon_stderr_path.display())), "{message}");
    assert!(!fixture.layout.daemon_state_path.exists());
}

#[tokio::test]
async fn guarantee_5_daemon_that_hangs_is_killed_after_the_timeout() {
    let (fixture, host) = set_up("hangs").await;
    let request = StartRequest { timeout: Duration::from_millis(300), ..request(&host) };
    let error = start(&host, &request).await.unwrap_err();
    assert_eq!(error.code(), Code::DaemonStartFailed);
    // The life lock is free, so that the next daemon can start immediately.
    fixture.daemon_mode("ok");
    start_daemon(&host).await;
    stop(&host, &host.layout).await.unwrap();
}

#[tokio::test]
async fn guarantee_2_daemon_of_another_version_is_refused() {
    let (fixture, host) = set_up("lies").await;
    let error = start(&host, &request(&host)).await.unwrap_err();
    assert!(error.to_string().contains("it is for CLI 9.9.9, current CLI is 1.2.3"), "{error}");
    wait_for_exit(fixture.spawns()[0]).await;
}

#[tokio::test]
async fn guarantee_4_start_after_a_kill_spawns_a_new_daemon() {
    let (_place, host) = set_up("ok").await;
    let first = start_daemon(&host).await;
    Identity::of(first.state.pid).unwrap().send_signal(Signal::Kill);
    wait_for_exit(first.state.pid).await;
    let status = read_status(&host, &host.layout).await.unwrap();
    assert_eq!(status.detail, format!("Daemon process {} is not running", first.state.pid));
    let second = start_daemon(&host).await;
    assert_eq!(second.status, StartStatus::Started);
    stop(&host, &host.layout).await.unwrap();
}

#[tokio::test]
async fn guarantee_5_daemon_that_ignores_sigterm_is_killed() {
    let (_place, host) = set_up("deaf").await;
    let started = start_daemon(&host).await;
    let stopped = stop(&host, &host.layout).await.unwrap();
    assert_eq!(stopped.status, StopStatus::Stopped);
    assert!(!ktx::process::pid_is_alive(started.state.pid));
}

#[tokio::test]
async fn guarantee_1_reused_pid_is_not_signalled() {
    let (fixture, host) = set_up("ok").await;
    let first = start_daemon(&host).await;
    stop(&host, &host.layout).await.unwrap();
    let mut stranger = std::process::Command::new("sleep").arg("600").spawn().unwrap();
    for start_time in [r#","processStartTime":"1""#, ""] {
        let text = format!(
            r#"{{"schemaVersion":1,"pid":{},"host":"127.0.0.1","port":{},"version":"1.2.3","features":["core"],
                "startedAt":"","stdoutLog":"/o","stderrLog":"/e"{start_time}}}"#,
            stranger.id(),
            first.state.port
        );
        fs::write(&fixture.layout.daemon_state_path, text).unwrap();
        let stopped = stop(&host, &host.layout).await.unwrap();
        assert_eq!(stopped.status, StopStatus::AlreadyStopped);
        assert!(stranger.try_wait().unwrap().is_none());
    }
    stranger.kill().unwrap();
    stranger.wait().unwrap();
}

#[tokio::test]
async fn guarantee_6_damaged_state_is_replaced_with_its_daemon() {
    let (fixture, host) = set_up("ok").await;
    let mut running = start_daemon(&host).await.state.pid;
    for damage in ["", "{\"schemaVersion\":1,", "\u{0}\u{1}", "{\"schemaVersion\":99}"] {
        fs::write(&fixture.layout.daemon_state_path, damage).unwrap();
        let status = read_status(&host, &host.layout).await.unwrap();
        assert_eq!(status.kind, DaemonStatusKind::Stale);
        assert!(status.detail.starts_with("Daemon state is invalid: "), "{}", status.detail);
        let started = start_daemon(&host).await;
        assert_eq!(started.status, StartStatus::Started);
        assert!(!ktx::process::pid_is_alive(running), "no orphan");
        running = started.state.pid;
    }
    fs::remove_file(&fixture.layout.daemon_state_path).unwrap();
    assert_eq!(stop(&host, &host.layout).await.unwrap().status, StopStatus::Stopped);
    assert!(!ktx::process::pid_is_alive(running));
}

#[tokio::test]
async fn guarantee_1_forced_start_replaces_the_daemon() {
    let (_place, host) = set_up("ok").await;
    let first = start_daemon(&host).await;
    let second = start(&host, &StartRequest { force: true, ..request(&host) }).await.unwrap();
    assert_eq!(second.status, StartStatus::Started);
    assert!(!ktx::process::pid_is_alive(first.state.pid));
    stop(&host, &host.layout).await.unwrap();
}
