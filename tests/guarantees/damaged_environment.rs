//! 2 and 6: a start that fails says why and what helps, and keeps its time; a daemon whose files are gone is replaced.

use crate::child::{begin, processes_of, ready, until};
use ktx::{
    daemon::{DaemonStatusKind, NativeDaemon, StartRequest, StartStatus, read_status, start, stop},
    error::{Code, REBUILD},
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
    let said = error.to_string();
    assert!(said.starts_with("KTX Python daemon failed to start: "), "{said}");
    assert!(said.ends_with(&format!("stderr: {}", host.layout.daemon_stderr_path.display())), "{said}");
    (said, error.hint().map(str::to_owned))
}

#[tokio::test]
async fn guarantee_2_a_start_whose_environment_is_damaged_says_how_to_rebuild_it() {
    let (place, host) = ready("imports").await;
    let (said, hint) = failure(&host, Duration::from_secs(60)).await;
    assert!(said.contains("its environment is damaged") && said.contains("No module named 'h_eleven'"), "{said}");
    assert_eq!(hint.as_deref(), Some(REBUILD));
    place.daemon_mode("ok");
    // The interpreter that the script's first line names is gone, as after an upgrade of the base Python.
    let script = fs::read_to_string(&place.layout.daemon_path).unwrap();
    fs::write(&place.layout.daemon_path, script.replacen("#!/usr/bin/env python3", "#!/nowhere/python3", 1)).unwrap();
    let (said, hint) = failure(&host, Duration::from_secs(60)).await;
    assert!(said.contains("ktx-daemon cannot be run: "), "{said}");
    assert_eq!(hint.as_deref(), Some(REBUILD));
    // Other failures are no damage.
    fs::write(&place.layout.daemon_path, script).unwrap();
    for mode in ["dies", "lies"] {
        place.daemon_mode(mode);
        let (said, hint) = failure(&host, Duration::from_secs(60)).await;
        assert_ne!(hint.as_deref(), Some(REBUILD), "{said}");
    }
    until("nothing runs any more", || processes_of(place.folder.path()).is_empty());
}

#[tokio::test]
async fn guarantee_2_a_failed_start_says_the_last_answer_of_health_and_keeps_its_time() {
    let (place, host) = ready("sick").await;
    for (mode, reason) in
        [("sick", "/health failed with 503: the model is still loading"), ("mute", "no healthy answer")]
    {
        place.daemon_mode(mode);
        let mut timeout = Duration::from_millis(1000);
        loop {
            let began = Instant::now();
            let (said, _) = failure(&host, timeout).await;
            // On a busy machine it may need longer to be born.
            if said.contains("it did not report within") || (mode == "sick" && said.contains("did not answer")) {
                timeout *= 2;
                continue;
            }
            assert!(said.contains(reason), "{mode}: {said}");
            assert!(began.elapsed() < timeout + Duration::from_secs(4), "{mode}: it took {:?}", began.elapsed());
            break;
        }
    }
    until("nothing runs any more", || processes_of(place.folder.path()).is_empty());
}

#[tokio::test]
async fn guarantee_6_a_daemon_that_says_that_its_environment_is_damaged_is_replaced_by_the_next_start() {
    let (place, host) = ready("ok").await;
    let first = begin(&host, false).await.unwrap();
    let call = Call::post(&first.base_url, "/break", "{}".into(), Limits::default()).unwrap();
    assert_eq!(call.send().await.unwrap_err().code(), Code::HttpStatus);
    let status = read_status(&host, &host.layout).await.unwrap();
    assert_eq!(status.kind, DaemonStatusKind::Stale);
    assert!(status.detail.ends_with("/health failed with 503: my files are gone"), "{}", status.detail);
    let second = begin(&host, false).await.unwrap();
    assert_eq!(second.status, StartStatus::Started);
    until("only the daemon runs", || processes_of(place.folder.path()) == [second.state.pid]);
    stop(&host, &host.layout).await.unwrap();
}
