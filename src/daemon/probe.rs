//! Probes the daemon without a lock: it is usable, or there is a reason why it is not.

use super::{
    foreign,
    host::DaemonHost,
    launch,
    state::{self, DaemonState, StateRead},
    subject::Subject,
};
use crate::{
    files::FileLock,
    offload,
    process::Holder,
    runtime::{Feature, Layout},
};
use serde::Serialize;

/// Result of a probe; the texts are the detail that a user reads.
#[derive(Debug)]
pub enum Probe {
    /// There is no state file.
    NoState(String),
    /// The state file cannot be read.
    InvalidState(String),
    /// The daemon was started for another version.
    OtherVersion(String, Box<DaemonState>),
    /// The process of the state has ended.
    NotRunning(String, Box<DaemonState>),
    /// The daemon belongs to another container or machine.
    Foreign(String, Box<DaemonState>),
    /// The daemon failed its health check.
    Unhealthy(String, Box<DaemonState>),
    /// The daemon lacks a requested feature.
    MissingFeature(String, Box<DaemonState>),
    /// The daemon is usable.
    Usable(String, Box<DaemonState>),
}

impl Probe {
    /// The reason for this result, one sentence without a full stop.
    pub fn detail(&self) -> String {
        match self {
            Self::NoState(detail)
            | Self::InvalidState(detail)
            | Self::OtherVersion(detail, _)
            | Self::NotRunning(detail, _)
            | Self::Foreign(detail, _)
            | Self::Unhealthy(detail, _)
            | Self::MissingFeature(detail, _)
            | Self::Usable(detail, _) => detail.clone(),
        }
    }

    /// The state that was read, if any.
    pub fn state(&self) -> Option<&DaemonState> {
        match self {
            Self::NoState(_) | Self::InvalidState(_) => None,
            Self::OtherVersion(_, state)
            | Self::NotRunning(_, state)
            | Self::Foreign(_, state)
            | Self::Unhealthy(_, state)
            | Self::MissingFeature(_, state)
            | Self::Usable(_, state) => Some(state),
        }
    }
}

/// Probes the daemon, in this order: state file, version, process, health, features.
pub async fn probe<H: DaemonHost>(host: &H, layout: &Layout, features: &[Feature]) -> Result<Probe, H::Error> {
    let Subject { capitalized, name, .. } = host.subject();
    let probed = layout.clone();
    let state = match offload::spawn_blocking(move || state::read(&probed)).await {
        StateRead::Missing => {
            return Ok(Probe::NoState(format!("No {name} state at {}", layout.daemon_state_path.display())));
        }
        StateRead::Invalid(reason) => {
            return Ok(Probe::InvalidState(format!("{capitalized} state is invalid: {reason}")));
        }
        StateRead::Found(state) => state,
    };
    if state.version != layout.cli_version {
        let detail = format!("{capitalized} is for CLI {}, current CLI is {}", state.version, layout.cli_version);
        return Ok(Probe::OtherVersion(detail, state));
    }
    if foreign::is_foreign(&state) {
        let probed = layout.clone();
        if offload::spawn_blocking(move || foreign::is_running(&probed)).await {
            return Ok(Probe::Foreign(foreign::detail(layout), state));
        }
        return Ok(Probe::NotRunning(format!("{capitalized} process {} is not running", state.pid), state));
    }
    if !host.is_alive(layout, &state).await? {
        return Ok(Probe::NotRunning(format!("{capitalized} process {} is not running", state.pid), state));
    }
    if let Some(reason) = unusable_reason(host, layout, &state).await {
        return Ok(Probe::Unhealthy(format!("{capitalized} at {} is not usable: {reason}", state.base_url()), state));
    }
    if let Some(feature) = state.missing_feature(features) {
        let detail = format!("{capitalized} at {} lacks the feature {}", state.base_url(), feature.as_str());
        return Ok(Probe::MissingFeature(detail, state));
    }
    crate::http::register(&state.base_url(), state.token.clone(), state.identity());
    Ok(Probe::Usable(format!("{capitalized} running at {}", state.base_url()), state))
}

/// The reason why a running daemon is not usable; `None` if it is.
async fn unusable_reason<H: DaemonHost>(host: &H, layout: &Layout, state: &DaemonState) -> Option<String> {
    let (probed, recorded) = (layout.clone(), state.clone());
    if offload::spawn_blocking(move || has_wrong_token(&probed, &recorded)).await {
        return Some(format!("{} does not contain its token", layout.daemon_state_path.display()));
    }
    if crate::http::is_lost(&state.base_url(), state.identity().as_ref()) {
        return Some("it accepted calls without answering them".to_owned());
    }
    match host.health(&state.base_url(), state.token.as_deref()).await {
        Ok(health) => health.unusable_reason(&layout.cli_version, state.instance.as_deref()),
        Err(reason) => Some(reason),
    }
}

/// Whether the state lacks a token or has another one than its process was launched with. Blocks.
fn has_wrong_token(layout: &Layout, state: &DaemonState) -> bool {
    if state.identity().is_some() && state.token.is_none() {
        return true;
    }
    let launch = launch::read_launch_record(layout)
        .filter(|record| record.identity.is_some() && record.identity == state.identity());
    launch.is_some_and(|record| record.token != state.token)
}

/// Status of the daemon as hosts see it.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct DaemonStatus {
    /// Kind of status.
    pub kind: DaemonStatusKind,
    /// The reason for it, one sentence without a full stop.
    pub detail: String,
    /// Paths of the runtime.
    pub layout: Layout,
    /// The state, without its secrets.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub state: Option<DaemonState>,
    /// Base URL of a running daemon.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub base_url: Option<String>,
}

/// Kinds of [`DaemonStatus`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum DaemonStatusKind {
    /// There is no daemon.
    Stopped,
    /// The daemon is usable.
    Running,
    /// There is a state file, and its daemon is not usable.
    Stale,
}

/// Probes the daemon without changing anything.
pub async fn read_status<H: DaemonHost>(host: &H, layout: &Layout) -> Result<DaemonStatus, H::Error> {
    let found = probe(host, layout, &[]).await?;
    let kind = match found {
        Probe::NoState(_) => DaemonStatusKind::Stopped,
        Probe::Usable(..) => DaemonStatusKind::Running,
        Probe::InvalidState(_)
        | Probe::OtherVersion(..)
        | Probe::NotRunning(..)
        | Probe::Foreign(..)
        | Probe::Unhealthy(..)
        | Probe::MissingFeature(..) => DaemonStatusKind::Stale,
    };
    let state = found.state().map(DaemonState::without_secrets);
    let base_url = state.as_ref().filter(|_| kind == DaemonStatusKind::Running).map(DaemonState::base_url);
    let mut detail = found.detail();
    if let Probe::NoState(_) | Probe::InvalidState(_) | Probe::NotRunning(..) = found {
        detail += &describe_running_operation(layout).await;
    }
    Ok(DaemonStatus { kind, detail, layout: layout.clone(), state, base_url })
}

/// A clause that names the process that starts or stops the daemon at this moment; empty if there is none.
async fn describe_running_operation(layout: &Layout) -> String {
    let lock = layout.daemon_lock();
    offload::spawn_blocking(move || {
        if !FileLock::is_held(&lock) {
            return String::new();
        }
        let holder = Holder::of(&lock).map_or_else(|| "another process".to_owned(), |holder| holder.to_string());
        format!("; {holder} is starting or stopping it")
    })
    .await
}
