//! 4. Recovery: calls are retried on a usable daemon.

use crate::child::{processes_of, set_up, start_daemon, wait_until};
use ktx::{
    daemon::{NativeDaemon, stop},
    error::{Code, Error, Result},
    http::Limits,
    ports::{BaseUrlSource, Trace, post_with_retry},
    process::{Identity, Signal},
};
use std::{cell::Cell, fs, time::Duration};

/// Resolves or starts the daemon for each call, and kills the first ones before a request is sent.
struct Managed {
    host: NativeDaemon,
    kills: Cell<u32>,
    resolved: Cell<u32>,
}

impl BaseUrlSource for Managed {
    type Error = Error;

    async fn base_url(&self) -> Result<String> {
        self.resolved.set(self.resolved.get() + 1);
        let started = start_daemon(&self.host, false).await?;
        if self.kills.get() > 0 {
            self.kills.set(self.kills.get() - 1);
            let daemon = Identity::of(started.state.pid).unwrap();
            daemon.send_signal(Signal::Kill);
            wait_until("it is gone", || !daemon.is_alive());
        }
        Ok(started.base_url)
    }
}

fn managed(host: &NativeDaemon, kills: u32) -> Managed {
    Managed { host: host.clone(), kills: Cell::new(kills), resolved: Cell::new(0) }
}

async fn call(source: &Managed, path: &str) -> Result<u64> {
    let text = post_with_retry(source, path, "{}".into(), Limits::default(), &Trace::default()).await?;
    let answer: serde_json::Value = serde_json::from_str(&text).unwrap();
    Ok(answer["pid"].as_u64().unwrap())
}

#[tokio::test]
async fn guarantee_4_call_is_retried_until_its_deadline_while_daemons_end_before_it() {
    let (fixture, host) = set_up("ok").await;
    let source = managed(&host, 5);
    call(&source, "/echo").await.unwrap();
    assert_eq!((source.resolved.get(), fixture.spawns().len()), (6, 6));
    // Until the deadline of the call.
    stop(&host, &host.layout).await.unwrap();
    let source = managed(&host, u32::MAX);
    let limits = Limits { total: Duration::from_millis(1500), ..Limits::default() };
    let error = post_with_retry(&source, "/echo", "{}".into(), limits, &Trace::default()).await.unwrap_err();
    assert!(error.code() == Code::HttpConnect && error.to_string().contains("the daemon has ended"), "{error}");
    stop(&host, &host.layout).await.unwrap();
}

#[tokio::test]
async fn guarantee_4_daemon_that_loses_two_calls_is_replaced_even_if_healthy() {
    let (fixture, host) = set_up("ok").await;
    let first = start_daemon(&host, false).await.unwrap().state.pid;
    let source = managed(&host, 0);
    let answered = call(&source, "/lose").await.unwrap();
    assert_ne!(answered, u64::from(first));
    assert_eq!((source.resolved.get(), fixture.spawns().len()), (3, 2));
    // An answer in between resets the count of lost calls.
    fs::remove_file(fixture.layout.version_dir.join("lost")).unwrap();
    let echo = call(&source, "/echo").await.unwrap();
    assert_eq!(echo, answered);
    stop(&host, &host.layout).await.unwrap();
    wait_until("nothing runs any more", || processes_of(fixture.folder.path()).is_empty());
}

#[tokio::test]
async fn guarantee_4_call_that_fails_by_a_damaged_environment_is_retried_on_a_new_daemon() {
    let (fixture, host) = set_up("ok").await;
    let first = start_daemon(&host, false).await.unwrap().state.pid;
    let source = managed(&host, 0);
    assert_ne!(call(&source, "/break").await.unwrap(), u64::from(first));
    assert_eq!((source.resolved.get(), fixture.spawns().len()), (2, 2));
    stop(&host, &host.layout).await.unwrap();
}
