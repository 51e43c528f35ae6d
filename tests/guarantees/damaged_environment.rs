//! 2 and 6: a failed start has a reason, a hint and a timeout; a daemon with missing files is replaced.

use crate::child::{processes_of, set_up, start_daemon, wait_until};
use ktx::{
    daemon::{DaemonStatusKind, NativeDaemon, StartRequest, StartStatus, read_status, start, stop},
    error::{Code, REBUILD_HINT},
    http::{Call, Limits},
};
use std::{
    fs,
    time::{Duration, Instant},
};

/// The message and the hint of a failed start.
async fn failure(host: &NativeDaemon, timeout: Duration) -> (String, Option<String>) {
    let request =
        StartRequest { layout: host.layout.clone(), env: host.env.clone(), features: vec![], force: false, timeout };
    let error = start(host, &request).await.unwrap_err();
    assert_eq!(error.code(), Code::DaemonStartFailed);
    let message = error.to_string();
    assert!(message.starts_with("KTX Python daemon failed to start: "), "{message}");
    assert!(message.ends_with(&format!("stderr: {}", host.layout.daemon_stderr_path.display())), "{message}");
    (message, error.hint().map(str::to_owned))
}

#[tokio::test]
async fn guarantee_2_start_with_a_damaged_environment_has_the_rebuild_hint() {
    let (fixture, host) = set_up("imports").await;
    let (message, hint) = failure(&host, Duration::from_secs(60)).await;
    assert!(
        message.contains("its environment is damaged") && message.contains("No module named 'h_eleven'"),
        "{message}"
    );
    assert_eq!(hint.as_deref(), Some(REBUILD_HINT));
    fixture.daemon_mode("ok");
    // The interpreter of the shebang line is missing, as after an upgrade of the base Python.
    let script = fs::read_to_string(&fixture.layout.daemon_path).unwrap();
    fs::write(&fixture.layout.daemon_path, script.replacen("#!/usr/bin/env python3", "#!/nowhere/python3", 1)).unwrap();
    let (message, hint) = failure(&host, Duration::from_secs(60)).await;
    assert!(message.contains("ktx-daemon cannot be run: "), "{message}");
    assert_eq!(hint.as_deref(), Some(REBUILD_HINT));
    // Other failures do not have the hint.
    fs::write(&fixture.layout.daemon_path, script).unwrap();
    for mode in ["dies", "lies"] {
        fixture.daemon_mode(mode);
        let (message, hint) = failure(&host, Duration::from_secs(60)).await;
        assert_ne!(hint.as_deref(), Some(REBUILD_HINT), "{message}");
    }
    wait_until("nothing runs any more", || processes_of(fixture.folder.path()).is_empty());
}

#[tokio::test]
async fn guarantee_2_failed_start_quotes_the_last_health_response_within_its_timeout() {
    let (fixture, host) = set_up("sick").await;
    for (mode, reason) in
        [("sick", "/health failed with 503: the model is still loading"), ("mute", "no healthy answer")]
    {
        fixture.daemon_mode(mode);
        let mut timeout = Duration::from_millis(1000);
        loop {
            let began = Instant::now();
            let (message, _) = failure(&host, timeout).await;
            // On a busy machine the daemon may take longer to start.
            if message.contains("it did not report within") || (mode == "sick" && message.contains("did not answer")) {
                timeout *= 2;
                continue;
            }
            assert!(message.contains(reason), "{mode}: {message}");
            assert!(began.elapsed() < timeout + Duration::from_secs(4), "{mode}: it took {:?}", began.elapsed());
            break;
        }
    }
    wait_until("nothing runs any more", || processes_of(fixture.folder.path()).is_empty());
}

#[tokio::test]
async fn guarantee_6_daemon_with_a_damaged_environment_is_replaced_by_the_next_start() {
    let (fixture, host) = set_up("ok").await;
    let first = start_daemon(&host, false).await.unwrap();
    let call = Call::post(&first.base_url, "/break", "{}".into(), Limits::default()).unwrap();
    assert_eq!(call.send().await.unwrap_err().code(), Code::HttpStatus);
    let status = read_status(&host, &host.layout).await.unwrap();
    assert_eq!(status.kind, DaemonStatusKind::Stale);
    assert!(status.detail.ends_with("/health failed with 503: my files are gone"), "{}", status.detail);
    let second = start_daemon(&host, false).await.unwrap();
    assert_eq!(second.status, StartStatus::Started);
    wait_until("only the daemon runs", || processes_of(fixture.folder.path()) == [second.state.pid]);
    stop(&host, &host.layout).await.unwrap();
}
