//! Stopping: ask, wait, signal, wait, kill, verify, say so.

use super::{
    foreign,
    host::DaemonHost,
    lifecycle_lock::lock,
    state::{self, DaemonState, StateRead},
};
use crate::{
    error::{Code, Error, Result},
    offload,
    process::Ending,
    runtime::Layout,
};
use serde::Serialize;
use std::time::{Duration, Instant};

/// Time to end by itself: the daemon gives requests in flight ten seconds.
const ASKED: Duration = Duration::from_secs(12);
/// Time to end after a signal.
const SIGNALLED: Duration = Duration::from_secs(5);

/// Time that another process may take to start the daemon.
const START: Duration = Duration::from_secs(60);

/// What a stop did.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum StopStatus {
    /// It ended.
    Stopped,
    /// There was none.
    AlreadyStopped,
}

/// Result of a stop.
#[derive(Debug, Clone, Serialize)]
pub struct Stopped {
    /// What was done.
    pub status: StopStatus,
    /// Where.
    pub layout: Layout,
    /// The daemon that was there, without its secrets.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub state: Option<DaemonState>,
}

/// Stops the daemon of this version, if it is ours, and verifies that it is gone.
pub async fn stop<H: DaemonHost>(host: &H, layout: &Layout) -> Result<Stopped, H::Error> {
    stop_with_progress(host, layout, |message| host.waiting(message)).await
}

/// The same, where another host is called with what it waits for.
pub(super) async fn stop_with_progress<H: DaemonHost>(
    host: &H,
    layout: &Layout,
    waiting: impl FnOnce(&str),
) -> Result<Stopped, H::Error> {
    let probed = layout.clone();
    let (folder, recorded) = offload::spawn_blocking(move || (probed.version_dir.is_dir(), state::read(&probed))).await;
    if !folder {
        return Ok(Stopped { status: StopStatus::AlreadyStopped, layout: layout.clone(), state: None });
    }
    foreign::check(layout).await?;
    // Without a state there is usually nothing to stop, and then no lock to wait for.
    if matches!(recorded, StateRead::Missing) && host.unrecorded(layout).await.is_none() {
        return Ok(Stopped { status: StopStatus::AlreadyStopped, layout: layout.clone(), state: None });
    }
    let _lock = lock(layout, START, waiting).await?;
    stop_conflicting_daemon(host, layout).await
}

/// Stops what runs and removes its state. The lock is held.
pub(super) async fn stop_conflicting_daemon<H: DaemonHost>(host: &H, layout: &Layout) -> Result<Stopped, H::Error> {
    foreign::check(layout).await?;
    let probed = layout.clone();
    let recorded = match offload::spawn_blocking(move || state::read(&probed)).await {
        StateRead::Found(state) => Some(*state),
        StateRead::Missing | StateRead::Invalid(_) => None,
    };
    let recorded_alive = match &recorded {
        Some(state) => host.owns(state) && host.is_alive(layout, state).await?,
        None => false,
    };
    let running = if recorded_alive { recorded.clone() } else { host.unrecorded(layout).await };
    if let Some(state) = &running {
        end(host, layout, state).await?;
        crate::http::mark_down(&state.base_url());
    }
    let cleared = layout.clone();
    offload::spawn_blocking(move || state::remove(&cleared)).await?;
    let status = if running.is_some() { StopStatus::Stopped } else { StopStatus::AlreadyStopped };
    let state = recorded.or(running).map(|state| state.without_secrets());
    Ok(Stopped { status, layout: layout.clone(), state })
}

async fn end<H: DaemonHost>(host: &H, layout: &Layout, state: &DaemonState) -> Result<(), H::Error> {
    let began = Instant::now();
    if host.ask_to_end(state).await && host.wait_until_gone(layout, state, ASKED).await? {
        return Ok(());
    }
    for ending in [Ending::Ask, Ending::Kill] {
        host.end(state, ending)?;
        if host.wait_until_gone(layout, state, SIGNALLED).await? {
            return Ok(());
        }
    }
    let (pid, waited) = (state.pid, began.elapsed().as_millis());
    let message = format!("KTX Python daemon {pid} is still running {waited} ms after it was asked and then killed");
    Err(Error::new(Code::DaemonStopFailed, message).into())
}
