//! 4. Recovery: a call finds a usable daemon again.

use crate::child::{begin, processes_of, ready, until};
use ktx::{
    daemon::{NativeDaemon, stop},
    error::{Code, Error, Result},
    http::Limits,
    ports::{BaseUrlSource, Trace, post_to},
    process::{Identity, Signal},
};
use std::{cell::Cell, fs, time::Duration};

/// Finds or starts the daemon for each call, and kills the first ones before a request can reach them.
struct Managed {
    host: NativeDaemon,
    kills: Cell<u32>,
    resolved: Cell<u32>,
}

impl BaseUrlSource for Managed {
    type Error = Error;

    async fn base_url(&self) -> Result<String> {
        self.resolved.set(self.resolved.get() + 1);
        let started = begin(&self.host, false).await?;
        if self.kills.get() > 0 {
            self.kills.set(self.kills.get() - 1);
            let daemon = Identity::of(started.state.pid).unwrap();
            daemon.send_signal(Signal::Kill);
            until("it is gone", || !daemon.is_alive());
        }
        Ok(started.base_url)
    }
}

fn managed(host: &NativeDaemon, kills: u32) -> Managed {
    Managed { host: host.clone(), kills: Cell::new(kills), resolved: Cell::new(0) }
}

async fn ask(source: &Managed, path: &str) -> Result<u64> {
    let text = post_to(source, path, "{}".into(), Limits::default(), &Trace::default()).await?;
    let answer: serde_json::Value = serde_json::from_str(&text).unwrap();
    Ok(answer["pid"].as_u64().unwrap())
}

#[tokio::test]
async fn guarantee_4_daemons_that_end_before_they_are_asked_cost_nothing_but_time() {
    let (place, host) = ready("ok").await;
    let source = managed(&host, 5);
    ask(&source, "/echo").await.unwrap();
    assert_eq!((source.resolved.get(), place.spawns().len()), (6, 6));
    // Within the time of the call.
    stop(&host, &host.layout).await.unwrap();
    let source = managed(&host, u32::MAX);
    let limits = Limits { total: Duration::from_millis(1500), ..Limits::default() };
    let error = post_to(&source, "/echo", "{}".into(), limits, &Trace::default()).await.unwrap_err();
    assert!(error.code() == Code::HttpConnect && error.to_string().contains("the daemon has ended"), "{error}");
    stop(&host, &host.layout).await.unwrap();
}

#[tokio::test]
async fn guarantee_4_a_daemon_that_lost_a_call_twice_is_replaced_though_it_says_that_it_is_healthy() {
    let (place, host) = ready("ok").await;
    let first = begin(&host, false).await.unwrap().state.pid;
    let source = managed(&host, 0);
    let answered = ask(&source, "/lose").await.unwrap();
    assert_ne!(answered, u64::from(first));
    assert_eq!((source.resolved.get(), place.spawns().len()), (3, 2));
    // One that answers in between is not taken for broken.
    fs::remove_file(place.layout.version_dir.join("lost")).unwrap();
    let echo = ask(&source, "/echo").await.unwrap();
    assert_eq!(echo, answered);
    stop(&host, &host.layout).await.unwrap();
    until("nothing runs any more", || processes_of(place.folder.path()).is_empty());
}

#[tokio::test]
async fn guarantee_4_a_call_that_fails_of_a_damaged_environment_is_made_once_more_on_a_new_daemon() {
    let (place, host) = ready("ok").await;
    let first = begin(&host, false).await.unwrap().state.pid;
    let source = managed(&host, 0);
    assert_ne!(ask(&source, "/break").await.unwrap(), u64::from(first));
    assert_eq!((source.resolved.get(), place.spawns().len()), (2, 2));
    stop(&host, &host.layout).await.unwrap();
}
