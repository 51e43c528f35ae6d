//! 1. One daemon. 2. No port race.

use crate::child::{Job, Worker, processes_of, run_concurrently, set_up, start_daemon, wait_until};
use ktx::{
    daemon::{StartStatus, StopStatus, stop},
    files::FileLock,
};
use std::time::Duration;

#[tokio::test]
async fn guarantee_1_eight_concurrent_starts_get_one_daemon() {
    let (fixture, host) = set_up("slow").await;
    let outcomes = run_concurrently(&fixture, [Job::Start; 8]);
    let texts: Vec<_> = outcomes.into_iter().map(Result::unwrap).collect();
    assert_eq!(texts.iter().filter(|text| text.starts_with("Started")).count(), 1, "{texts:?}");
    let spawns = fixture.spawns();
    assert_eq!(spawns.len(), 1);
    assert!(texts.iter().all(|text| text.ends_with(&spawns[0].to_string())), "{texts:?}");
    stop(&host, &host.layout).await.unwrap();
    wait_until("nothing runs any more", || processes_of(fixture.folder.path()).is_empty());
}

#[tokio::test]
async fn guarantee_1_concurrent_start_stop_force_and_crash_leave_no_orphan() {
    let (fixture, host) = set_up("ok").await;
    for round in 0..4 {
        let jobs = [Job::Start, Job::Force, Job::Stop, Job::Start, Job::Force];
        let mut workers: Vec<_> = jobs.map(|job| Worker::new(&fixture, job)).into();
        workers.iter_mut().for_each(Worker::release);
        if round % 2 == 1 {
            // Kills the newest daemon in the meantime.
            wait_until("there is a daemon", || !fixture.spawns().is_empty());
            let pid = *fixture.spawns().last().unwrap();
            ktx::process::Identity::of(pid).inspect(|daemon| daemon.send_signal(ktx::process::Signal::Kill));
        }
        for error in workers.into_iter().filter_map(|worker| worker.outcome().err()) {
            // The killed daemon may be one that is being started.
            assert!(round % 2 == 1 && error.contains("failed to start"), "{error}");
        }
        let started = start_daemon(&host, false).await.unwrap();
        wait_until("only the daemon runs", || processes_of(fixture.folder.path()) == [started.state.pid]);
    }
    stop(&host, &host.layout).await.unwrap();
    wait_until("nothing runs any more", || processes_of(fixture.folder.path()).is_empty());
}

/// The starting process is killed before the daemon is spawned, before it is ready, and before it is recorded.
#[tokio::test]
async fn guarantee_1_start_killed_at_any_moment_leaves_no_orphan() {
    let (fixture, host) = set_up("slow").await;
    for step in 0.. {
        let mut worker = Worker::new(&fixture, Job::Force);
        worker.release();
        let killed = worker.kill_after(Duration::from_millis(50 * step));
        let started = start_daemon(&host, false).await.unwrap();
        wait_until("only the daemon runs", || processes_of(fixture.folder.path()) == [started.state.pid]);
        assert_eq!(stop(&host, &host.layout).await.unwrap().status, StopStatus::Stopped);
        wait_until("nothing runs any more", || processes_of(fixture.folder.path()).is_empty());
        if !killed {
            break;
        }
    }
}

/// A stop during a start takes effect before or after it, without an orphan.
#[tokio::test]
async fn guarantee_1_stop_during_a_start_is_serialised() {
    let (fixture, host) = set_up("slow").await;
    for _ in 0..4 {
        for outcome in run_concurrently(&fixture, [Job::Start, Job::Stop]) {
            outcome.unwrap();
        }
        stop(&host, &host.layout).await.unwrap();
        wait_until("nothing runs any more", || processes_of(fixture.folder.path()).is_empty());
    }
}

#[tokio::test]
async fn guarantee_2_aborted_start_leaves_no_process() {
    let (fixture, host) = set_up("hangs").await;
    let log = &fixture.layout.daemon_stderr_path;
    tokio::select! {
        _ = start_daemon(&host, false) => unreachable!("it hangs"),
        () = async {
            while std::fs::read_to_string(log).unwrap_or_default().is_empty() {
                tokio::task::yield_now().await;
            }
        } => {}
    }
    wait_until("nothing runs any more", || processes_of(fixture.folder.path()).is_empty());
    // Another test of this process may be between fork and exec, with an inherited descriptor of the lock.
    wait_until("the life lock is free", || !FileLock::is_held(&fixture.layout.life_lock()));
    fixture.daemon_mode("ok");
    assert_eq!(start_daemon(&host, false).await.unwrap().status, StartStatus::Started);
    stop(&host, &host.layout).await.unwrap();
}

#[tokio::test]
async fn guarantee_2_daemon_with_invalid_health_responses_is_refused_and_killed() {
    let (fixture, host) = set_up("garbage").await;
    let mut request = ktx::daemon::StartRequest {
        layout: host.layout.clone(),
        env: host.env.clone(),
        features: vec![],
        force: false,
        timeout: Duration::from_millis(500),
    };
    let mut error = ktx::daemon::start(&host, &request).await.unwrap_err().to_string();
    // On a busy machine the daemon may take longer to start.
    while error.contains("it did not report within") {
        request.timeout *= 2;
        error = ktx::daemon::start(&host, &request).await.unwrap_err().to_string();
    }
    assert!(error.contains(&format!("no healthy answer within {} ms", request.timeout.as_millis())), "{error}");
    wait_until("nothing runs any more", || processes_of(fixture.folder.path()).is_empty());
    fixture.daemon_mode("ok");
    request.timeout = Duration::from_secs(60);
    ktx::daemon::start(&host, &request).await.unwrap();
    stop(&host, &host.layout).await.unwrap();
}
