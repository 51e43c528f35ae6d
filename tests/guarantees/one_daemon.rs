//! 1. One daemon. 2. No port race.

use crate::child::{Job, Worker, begin, processes_of, ready, together, until};
use ktx::{
    daemon::{StartStatus, StopStatus, stop},
    files::FileLock,
};
use std::time::Duration;

#[tokio::test]
async fn guarantee_1_eight_processes_that_start_at_once_get_one_daemon() {
    let (place, host) = ready("slow").await;
    let outcomes = together(&place, [Job::Start; 8]);
    let texts: Vec<_> = outcomes.into_iter().map(Result::unwrap).collect();
    assert_eq!(texts.iter().filter(|text| text.starts_with("Started")).count(), 1, "{texts:?}");
    let spawns = place.spawns();
    assert_eq!(spawns.len(), 1);
    assert!(texts.iter().all(|text| text.ends_with(&spawns[0].to_string())), "{texts:?}");
    stop(&host, &host.layout).await.unwrap();
    until("nothing runs any more", || processes_of(place.folder.path()).is_empty());
}

#[tokio::test]
async fn guarantee_1_start_stop_force_and_crash_at_once_leave_no_orphan() {
    let (place, host) = ready("ok").await;
    for round in 0..4 {
        let jobs = [Job::Start, Job::Force, Job::Stop, Job::Start, Job::Force];
        let mut workers: Vec<_> = jobs.map(|job| Worker::new(&place, job)).into();
        workers.iter_mut().for_each(Worker::go);
        if round % 2 == 1 {
            // A crash in the middle of it: whichever daemon came first.
            until("there is a daemon", || !place.spawns().is_empty());
            let pid = *place.spawns().last().unwrap();
            ktx::process::Identity::of(pid).inspect(|daemon| daemon.send_signal(ktx::process::Signal::Kill));
        }
        for error in workers.into_iter().filter_map(|worker| worker.outcome().err()) {
            // The crash may hit a daemon that is being started.
            assert!(round % 2 == 1 && error.contains("failed to start"), "{error}");
        }
        let started = begin(&host, false).await.unwrap();
        until("only the daemon runs", || processes_of(place.folder.path()) == [started.state.pid]);
    }
    stop(&host, &host.layout).await.unwrap();
    until("nothing runs any more", || processes_of(place.folder.path()).is_empty());
}

/// A starter may be killed before the daemon exists, before it is ready, and before it is recorded.
#[tokio::test]
async fn guarantee_1_a_starter_killed_at_any_moment_leaves_no_orphan_and_the_next_start_works() {
    let (place, host) = ready("slow").await;
    for step in 0.. {
        let mut worker = Worker::new(&place, Job::Force);
        worker.go();
        let killed = worker.killed_after(Duration::from_millis(50 * step));
        let started = begin(&host, false).await.unwrap();
        until("only the daemon runs", || processes_of(place.folder.path()) == [started.state.pid]);
        assert_eq!(stop(&host, &host.layout).await.unwrap().status, StopStatus::Stopped);
        until("nothing runs any more", || processes_of(place.folder.path()).is_empty());
        if !killed {
            break;
        }
    }
}

/// A stop that comes while a start is under way ends in one of the two orders, and never in an orphan.
#[tokio::test]
async fn guarantee_1_a_stop_during_a_start_is_before_or_after_it() {
    let (place, host) = ready("slow").await;
    for _ in 0..4 {
        for outcome in together(&place, [Job::Start, Job::Stop]) {
            outcome.unwrap();
        }
        stop(&host, &host.layout).await.unwrap();
        until("nothing runs any more", || processes_of(place.folder.path()).is_empty());
    }
}

#[tokio::test]
async fn guarantee_2_an_aborted_start_leaves_no_process() {
    let (place, host) = ready("hangs").await;
    let log = &place.layout.daemon_stderr_path;
    tokio::select! {
        _ = begin(&host, false) => unreachable!("it hangs"),
        () = async {
            while std::fs::read_to_string(log).unwrap_or_default().is_empty() {
                tokio::task::yield_now().await;
            }
        } => {}
    }
    until("nothing runs any more", || processes_of(place.folder.path()).is_empty());
    // Another test of this process may be between fork and exec, and hold what this process held at that moment.
    until("the life lock is free", || !FileLock::is_held(&place.layout.life_lock()));
    place.daemon_mode("ok");
    assert_eq!(begin(&host, false).await.unwrap().status, StartStatus::Started);
    stop(&host, &host.layout).await.unwrap();
}

#[tokio::test]
async fn guarantee_2_a_daemon_that_talks_nonsense_is_refused_and_ended() {
    let (place, host) = ready("garbage").await;
    let mut request = ktx::daemon::StartRequest {
        layout: host.layout.clone(),
        env: host.env.clone(),
        features: vec![],
        force: false,
        timeout: Duration::from_millis(500),
    };
    let mut error = ktx::daemon::start(&host, &request).await.unwrap_err().to_string();
    // On a busy machine it may need longer to be born.
    while error.contains("it did not report within") {
        request.timeout *= 2;
        error = ktx::daemon::start(&host, &request).await.unwrap_err().to_string();
    }
    assert!(error.contains(&format!("no healthy answer within {} ms", request.timeout.as_millis())), "{error}");
    until("nothing runs any more", || processes_of(place.folder.path()).is_empty());
    place.daemon_mode("ok");
    request.timeout = Duration::from_secs(60);
    ktx::daemon::start(&host, &request).await.unwrap();
    stop(&host, &host.layout).await.unwrap();
}
