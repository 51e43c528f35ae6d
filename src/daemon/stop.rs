//! Stops the daemon: request a shutdown, then `SIGTERM`, then `SIGKILL`, each with a timeout; then remove the state.

use super::{
    foreign,
    host::DaemonHost,
    lifecycle_lock::acquire_lifecycle_lock,
    state::{self, DaemonState, StateRead},
};
use crate::{
    error::{Error, Result},
    offload,
    process::Signal,
    runtime::Layout,
};
use serde::Serialize;
use std::time::{Duration, Instant};

/// Longest wait after a shutdown request: the daemon drains requests in flight for up to ten seconds.
const SHUTDOWN_TIMEOUT: Duration = Duration::from_secs(12);
/// Longest wait after each signal.
const SIGNAL_TIMEOUT: Duration = Duration::from_secs(5);

/// Time that a start by another process is assumed to take at most.
const START_TIMEOUT: Duration = Duration::from_secs(60);

/// Outcome of a stop.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum StopStatus {
    /// The daemon was stopped.
    Stopped,
    /// No daemon was running.
    AlreadyStopped,
}

/// Result of a stop.
#[derive(Debug, Clone, Serialize)]
pub struct Stopped {
    /// Whether a daemon was stopped.
    pub status: StopStatus,
    /// Paths of the runtime.
    pub layout: Layout,
    /// The daemon that was recorded or running, without its secrets.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub state: Option<DaemonState>,
}

/// Stops the daemon of this version and verifies that its process has exited.
pub async fn stop<H: DaemonHost>(host: &H, layout: &Layout) -> Result<Stopped, H::Error> {
    stop_with_progress(host, layout, |message| host.report_wait(message)).await
}

/// Stops the daemon like [`stop`], with another callback for waits.
pub(super) async fn stop_with_progress<H: DaemonHost>(
    host: &H,
    layout: &Layout,
    report_wait: impl FnOnce(&str),
) -> Result<Stopped, H::Error> {
    let probed = layout.clone();
    let (folder, recorded) = offload::spawn_blocking(move || (probed.version_dir.is_dir(), state::read(&probed))).await;
    if !folder {
        return Ok(Stopped { status: StopStatus::AlreadyStopped, layout: layout.clone(), state: None });
    }
    foreign::check(layout).await?;
    // If no daemon runs, the lock need not be waited for.
    if matches!(recorded, StateRead::Missing) && host.find_unrecorded(layout).await.is_none() {
        return Ok(Stopped { status: StopStatus::AlreadyStopped, layout: layout.clone(), state: None });
    }
    let _lock = acquire_lifecycle_lock(host.subject(), layout, START_TIMEOUT, report_wait).await?;
    stop_conflicting_daemon(host, layout).await
}

/// Stops the running daemon and removes its state. The caller holds the lifecycle lock.
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
    let running = if recorded_alive { recorded.clone() } else { host.find_unrecorded(layout).await };
    if let Some(state) = &running {
        terminate(host, layout, state).await?;
        crate::http::mark_down(&state.base_url());
    }
    let cleared = layout.clone();
    offload::spawn_blocking(move || state::remove(&cleared)).await?;
    let status = if running.is_some() { StopStatus::Stopped } else { StopStatus::AlreadyStopped };
    let state = recorded.or(running).map(|state| state.without_secrets());
    Ok(Stopped { status, layout: layout.clone(), state })
}

async fn terminate<H: DaemonHost>(host: &H, layout: &Layout, state: &DaemonState) -> Result<(), H::Error> {
    let began = Instant::now();
    if host.request_shutdown(state).await && host.wait_for_exit(layout, state, SHUTDOWN_TIMEOUT).await? {
        return Ok(());
    }
    for signal in [Signal::Terminate, Signal::Kill] {
        host.send_signal(state, signal)?;
        if host.wait_for_exit(layout, state, SIGNAL_TIMEOUT).await? {
            return Ok(());
        }
    }
    let (pid, waited) = (state.pid, began.elapsed().as_millis());
    let subject = host.subject();
    let title = subject.title;
    let message = format!("{title} {pid} is still running {waited} ms after a shutdown request, SIGTERM and SIGKILL");
    Err(Error::new(subject.stop_failed, message).into())
}
