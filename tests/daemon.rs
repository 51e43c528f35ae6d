//! The daemon's life, with a fake daemon that can die, hang and lie.
#![cfg(unix)]
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

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
use support::{Place, Watching};

async fn ready(mode: &str) -> (Place, NativeDaemon) {
    let place = Place::new();
    install(&Watching::default(), &place.request(&[Feature::Core], false)).await.unwrap();
    let place = place.with_daemon(mode);
    let host = NativeDaemon { layout: place.layout.clone(), env: place.env.clone() };
    (place, host)
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

async fn begin(host: &NativeDaemon) -> Started {
    start(host, &request(host)).await.unwrap()
}

async fn ask(started: &Started) -> Result<String> {
    Call::post(&started.base_url, "/echo", "{}".into(), Limits::default()).unwrap().send().await
}

async fn gone(pid: u32) {
    while ktx::process::pid_is_alive(pid) {
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn started_reused_answering_and_stopped() {
    let (place, host) = ready("ok").await;
    let first = begin(&host).await;
    assert_eq!(first.status, StartStatus::Started);
    assert!(first.state.token.is_none(), "hosts do not see the token");
    assert!(ask(&first).await.unwrap().contains("echo"));
    let second = begin(&host).await;
    assert_eq!((second.status, second.state.pid), (StartStatus::Reused, first.state.pid));
    assert_eq!(read_status(&host, &host.layout).await.unwrap().kind, DaemonStatusKind::Running);
    assert_eq!(stop(&host, &host.layout).await.unwrap().status, StopStatus::Stopped);
    assert!(!place.layout.daemon_state_path.exists());
    // Another test of this process may be between fork and exec, and hold what this process held at that moment.
    while FileLock::is_held(&place.layout.life_lock()) {
        tokio::task::yield_now().await;
    }
    assert_eq!(stop(&host, &host.layout).await.unwrap().status, StopStatus::AlreadyStopped);
}

#[tokio::test]
async fn guarantee_1_many_starters_get_one_daemon() {
    let (place, host) = ready("ok").await;
    let (a, b, c, d) = tokio::join!(begin(&host), begin(&host), begin(&host), begin(&host));
    assert_eq!(place.spawns().len(), 1);
    assert!([b, c, d].iter().all(|other| other.state.pid == a.state.pid));
    stop(&host, &host.layout).await.unwrap();
}

#[tokio::test]
async fn guarantee_2_a_daemon_that_dies_ends_the_wait_and_is_quoted() {
    let (place, host) = ready("dies").await;
    let error = start(&host, &request(&host)).await.unwrap_err();
    assert_eq!(error.code(), Code::DaemonStartFailed);
    let said = error.to_string();
    assert!(said.starts_with("KTX Python daemon failed to start: ") && said.contains("no module named ktx"), "{said}");
    assert!(said.ends_with(&format!("stderr: {}", place.layout.daemon_stderr_path.display())), "{said}");
    assert!(!place.layout.daemon_state_path.exists());
}

#[tokio::test]
async fn guarantee_5_a_daemon_that_hangs_is_given_up_and_ended() {
    let (place, host) = ready("hangs").await;
    let request = StartRequest { timeout: Duration::from_millis(300), ..request(&host) };
    let error = start(&host, &request).await.unwrap_err();
    assert_eq!(error.code(), Code::DaemonStartFailed);
    // Nothing remains: the life lock is free, so a good daemon can start at once.
    place.daemon_mode("ok");
    begin(&host).await;
    stop(&host, &host.layout).await.unwrap();
}

#[tokio::test]
async fn guarantee_2_a_daemon_of_another_version_is_refused() {
    let (place, host) = ready("lies").await;
    let error = start(&host, &request(&host)).await.unwrap_err();
    assert!(error.to_string().contains("it is for CLI 9.9.9, current CLI is 1.2.3"), "{error}");
    gone(place.spawns()[0]).await;
}

#[tokio::test]
async fn guarantee_4_after_a_kill_the_next_start_is_a_new_daemon() {
    let (_place, host) = ready("ok").await;
    let first = begin(&host).await;
    Identity::of(first.state.pid).unwrap().send_signal(Signal::Kill);
    gone(first.state.pid).await;
    let status = read_status(&host, &host.layout).await.unwrap();
    assert_eq!(status.detail, format!("Daemon process {} is not running", first.state.pid));
    let second = begin(&host).await;
    assert_eq!(second.status, StartStatus::Started);
    stop(&host, &host.layout).await.unwrap();
}

#[tokio::test]
async fn guarantee_5_a_daemon_that_ignores_the_signal_is_killed() {
    let (_place, host) = ready("deaf").await;
    let started = begin(&host).await;
    let stopped = stop(&host, &host.layout).await.unwrap();
    assert_eq!(stopped.status, StopStatus::Stopped);
    assert!(!ktx::process::pid_is_alive(started.state.pid));
}

#[tokio::test]
async fn guarantee_1_a_pid_of_another_process_is_not_signalled() {
    let (place, host) = ready("ok").await;
    let first = begin(&host).await;
    stop(&host, &host.layout).await.unwrap();
    let mut stranger = std::process::Command::new("sleep").arg("600").spawn().unwrap();
    for start_time in [r#","processStartTime":"1""#, ""] {
        let text = format!(
            r#"{{"schemaVersion":1,"pid":{},"host":"127.0.0.1","port":{},"version":"1.2.3","features":["core"],
                "startedAt":"","stdoutLog":"/o","stderrLog":"/e"{start_time}}}"#,
            stranger.id(),
            first.state.port
        );
        fs::write(&place.layout.daemon_state_path, text).unwrap();
        let stopped = stop(&host, &host.layout).await.unwrap();
        assert_eq!(stopped.status, StopStatus::AlreadyStopped);
        assert!(stranger.try_wait().unwrap().is_none());
    }
    stranger.kill().unwrap();
    stranger.wait().unwrap();
}

#[tokio::test]
async fn guarantee_6_damaged_states_heal_and_their_daemon_is_found() {
    let (place, host) = ready("ok").await;
    let mut running = begin(&host).await.state.pid;
    for damage in ["", "{\"schemaVersion\":1,", "\u{0}\u{1}", "{\"schemaVersion\":99}"] {
        fs::write(&place.layout.daemon_state_path, damage).unwrap();
        let status = read_status(&host, &host.layout).await.unwrap();
        assert_eq!(status.kind, DaemonStatusKind::Stale);
        assert!(status.detail.starts_with("Daemon state is invalid: "), "{}", status.detail);
        let started = begin(&host).await;
        assert_eq!(started.status, StartStatus::Started);
        assert!(!ktx::process::pid_is_alive(running), "no orphan");
        running = started.state.pid;
    }
    fs::remove_file(&place.layout.daemon_state_path).unwrap();
    assert_eq!(stop(&host, &host.layout).await.unwrap().status, StopStatus::Stopped);
    assert!(!ktx::process::pid_is_alive(running));
}

#[tokio::test]
async fn guarantee_1_a_forced_start_replaces_the_daemon() {
    let (_place, host) = ready("ok").await;
    let first = begin(&host).await;
    let second = start(&host, &StartRequest { force: true, ..request(&host) }).await.unwrap();
    assert_eq!(second.status, StartStatus::Started);
    assert!(!ktx::process::pid_is_alive(first.state.pid));
    stop(&host, &host.layout).await.unwrap();
}
