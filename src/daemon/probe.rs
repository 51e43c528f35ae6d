//! A probe of the daemon without a lock: it is usable, or the reason why it is not.

use super::{
    foreign,
    host::DaemonHost,
    launch,
    state::{self, DaemonState, StateRead},
};
use crate::{
    files::FileLock,
    offload,
    process::Holder,
    runtime::{Feature, Layout},
};
use serde::Serialize;

/// What a probe found.
#[derive(Debug)]
pub enum Probe {
    /// No state.
    NoState(String),
    /// A state that cannot be read.
    InvalidState(String),
    /// A daemon for another version.
    OtherVersion(String, Box<DaemonState>),
    /// A state whose process has ended.
    NotRunning(String, Box<DaemonState>),
    /// A daemon of another container or machine.
    Foreign(String, Box<DaemonState>),
    /// A daemon that does not answer as it should.
    Unhealthy(String, Box<DaemonState>),
    /// A daemon that cannot do what is needed.
    LacksFeature(String, Box<DaemonState>),
    /// It is usable.
    Usable(Box<DaemonState>),
}

impl Probe {
    /// Why, in a sentence.
    pub fn detail(&self) -> String {
        match self {
            Self::NoState(detail)
            | Self::InvalidState(detail)
            | Self::OtherVersion(detail, _)
            | Self::NotRunning(detail, _)
            | Self::Foreign(detail, _)
            | Self::Unhealthy(detail, _)
            | Self::LacksFeature(detail, _) => detail.clone(),
            Self::Usable(state) => format!("Daemon running at {}", state.base_url()),
        }
    }

    /// The state, as far as there is one.
    pub fn state(&self) -> Option<&DaemonState> {
        match self {
            Self::NoState(_) | Self::InvalidState(_) => None,
            Self::OtherVersion(_, state)
            | Self::NotRunning(_, state)
            | Self::Foreign(_, state)
            | Self::Unhealthy(_, state)
            | Self::LacksFeature(_, state)
            | Self::Usable(state) => Some(state),
        }
    }
}

/// Probes: state, version, process, health, features.
pub async fn probe<H: DaemonHost>(host: &H, layout: &Layout, features: &[Feature]) -> Result<Probe, H::Error> {
    let probed = layout.clone();
    let state = match offload::spawn_blocking(move || state::read(&probed)).await {
        StateRead::Missing => {
            return Ok(Probe::NoState(format!("No daemon state at {}", layout.daemon_state_path.display())));
        }
        StateRead::Invalid(reason) => return Ok(Probe::InvalidState(format!("Daemon state is invalid: {reason}"))),
        StateRead::Found(state) => state,
    };
    if state.version != layout.cli_version {
        let detail = format!("Daemon is for CLI {}, current CLI is {}", state.version, layout.cli_version);
        return Ok(Probe::OtherVersion(detail, state));
    }
    if foreign::is_foreign(&state) {
        let probed = layout.clone();
        if offload::spawn_blocking(move || foreign::is_running(&probed)).await {
            return Ok(Probe::Foreign(foreign::detail(layout), state));
        }
        return Ok(Probe::NotRunning(format!("Daemon process {} is not running", state.pid), state));
    }
    if !host.is_alive(layout, &state).await? {
        return Ok(Probe::NotRunning(format!("Daemon process {} is not running", state.pid), state));
    }
    if let Some(reason) = refusal(host, layout, &state).await {
        return Ok(Probe::Unhealthy(format!("Daemon at {} is not usable: {reason}", state.base_url()), state));
    }
    if let Some(feature) = state.lacks(features) {
        let detail = format!("Daemon at {} lacks the feature {}", state.base_url(), feature.as_str());
        return Ok(Probe::LacksFeature(detail, state));
    }
    crate::http::register(&state.base_url(), state.token.clone(), state.identity());
    Ok(Probe::Usable(state))
}

/// Why a daemon that runs is not usable; `None` if it is.
async fn refusal<H: DaemonHost>(host: &H, layout: &Layout, state: &DaemonState) -> Option<String> {
    let (probed, noted) = (layout.clone(), state.clone());
    if offload::spawn_blocking(move || has_another_token(&probed, &noted)).await {
        return Some(format!("{} does not have its token", layout.daemon_state_path.display()));
    }
    if crate::http::is_lost(&state.base_url(), state.identity().as_ref()) {
        return Some("it took calls and did not answer them".to_owned());
    }
    match host.health(&state.base_url(), state.token.as_deref()).await {
        Ok(health) => health.refusal(&layout.cli_version, state.instance.as_deref()),
        Err(reason) => Some(reason),
    }
}

/// Whether the state has no token, or not the one that the same process was launched with. Blocks.
fn has_another_token(layout: &Layout, state: &DaemonState) -> bool {
    if state.identity().is_some() && state.token.is_none() {
        return true;
    }
    let life = launch::read_life(layout).filter(|life| life.identity.is_some() && life.identity == state.identity());
    life.is_some_and(|life| life.token != state.token)
}

/// What hosts get of a probe.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct DaemonStatus {
    /// What was found.
    pub kind: DaemonStatusKind,
    /// Why.
    pub detail: String,
    /// Where it was probed.
    pub layout: Layout,
    /// The state, without its secrets.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub state: Option<DaemonState>,
    /// Where it answers.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub base_url: Option<String>,
}

/// Kinds of [`DaemonStatus`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum DaemonStatusKind {
    /// There is none.
    Stopped,
    /// It is usable.
    Running,
    /// There is a state, and it is not usable.
    Stale,
}

/// Probes the daemon and changes nothing.
pub async fn read_status<H: DaemonHost>(host: &H, layout: &Layout) -> Result<DaemonStatus, H::Error> {
    let found = probe(host, layout, &[]).await?;
    let kind = match found {
        Probe::NoState(_) => DaemonStatusKind::Stopped,
        Probe::Usable(_) => DaemonStatusKind::Running,
        Probe::InvalidState(_)
        | Probe::OtherVersion(..)
        | Probe::NotRunning(..)
        | Probe::Foreign(..)
        | Probe::Unhealthy(..)
        | Probe::LacksFeature(..) => DaemonStatusKind::Stale,
    };
    let state = found.state().map(DaemonState::without_secrets);
    let base_url = state.as_ref().filter(|_| kind == DaemonStatusKind::Running).map(DaemonState::base_url);
    let mut detail = found.detail();
    if let Probe::NoState(_) | Probe::InvalidState(_) | Probe::NotRunning(..) = found {
        detail += &under_way(layout).await;
    }
    Ok(DaemonStatus { kind, detail, layout: layout.clone(), state, base_url })
}

/// The process that starts or stops the daemon at this moment, as the end of a sentence; empty where there is none.
async fn under_way(layout: &Layout) -> String {
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
