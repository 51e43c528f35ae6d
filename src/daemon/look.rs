//! A look at the daemon without a lock: either it will do, or a reason why not.

use super::{
    elsewhere,
    host::DaemonHost,
    launch,
    state::{self, DaemonState, StateRead},
};
use crate::{
    files::FileLock,
    hop,
    process::Holder,
    runtime::{Feature, Layout},
};
use serde::Serialize;

/// What a look found.
#[derive(Debug)]
pub enum Look {
    /// No state.
    NoState(String),
    /// A state that cannot be read.
    InvalidState(String),
    /// A daemon for another version.
    OtherVersion(String, Box<DaemonState>),
    /// A state whose process is gone.
    Gone(String, Box<DaemonState>),
    /// A daemon of another container or machine.
    Elsewhere(String, Box<DaemonState>),
    /// A daemon that does not answer as it should.
    Unhealthy(String, Box<DaemonState>),
    /// A daemon that cannot do what is needed.
    Lacking(String, Box<DaemonState>),
    /// It will do.
    Usable(Box<DaemonState>),
}

impl Look {
    /// Why, in a sentence.
    pub fn detail(&self) -> String {
        match self {
            Self::NoState(detail)
            | Self::InvalidState(detail)
            | Self::OtherVersion(detail, _)
            | Self::Gone(detail, _)
            | Self::Elsewhere(detail, _)
            | Self::Unhealthy(detail, _)
            | Self::Lacking(detail, _) => detail.clone(),
            Self::Usable(state) => format!("Daemon running at {}", state.base_url()),
        }
    }

    /// The state, as far as there is one.
    pub fn state(&self) -> Option<&DaemonState> {
        match self {
            Self::NoState(_) | Self::InvalidState(_) => None,
            Self::OtherVersion(_, state)
            | Self::Gone(_, state)
            | Self::Elsewhere(_, state)
            | Self::Unhealthy(_, state)
            | Self::Lacking(_, state)
            | Self::Usable(state) => Some(state),
        }
    }
}

/// Looks: state, version, process, health, features.
pub async fn look<H: DaemonHost>(host: &H, layout: &Layout, features: &[Feature]) -> Result<Look, H::Error> {
    let looked = layout.clone();
    let state = match hop::blocking(move || state::read(&looked)).await {
        StateRead::Missing => {
            return Ok(Look::NoState(format!("No daemon state at {}", layout.daemon_state_path.display())));
        }
        StateRead::Invalid(reason) => return Ok(Look::InvalidState(format!("Daemon state is invalid: {reason}"))),
        StateRead::Found(state) => state,
    };
    if state.version != layout.cli_version {
        let detail = format!("Daemon is for CLI {}, current CLI is {}", state.version, layout.cli_version);
        return Ok(Look::OtherVersion(detail, state));
    }
    if elsewhere::is_foreign(&state) {
        let looked = layout.clone();
        if hop::blocking(move || elsewhere::lives(&looked)).await {
            return Ok(Look::Elsewhere(elsewhere::detail(layout), state));
        }
        return Ok(Look::Gone(format!("Daemon process {} is not running", state.pid), state));
    }
    if !host.is_alive(layout, &state).await? {
        return Ok(Look::Gone(format!("Daemon process {} is not running", state.pid), state));
    }
    if let Some(reason) = refusal(host, layout, &state).await {
        return Ok(Look::Unhealthy(format!("Daemon at {} will not do: {reason}", state.base_url()), state));
    }
    if let Some(feature) = state.lacks(features) {
        let detail = format!("Daemon at {} lacks the feature {}", state.base_url(), feature.as_str());
        return Ok(Look::Lacking(detail, state));
    }
    crate::http::register(&state.base_url(), state.token.clone(), state.identity());
    Ok(Look::Usable(state))
}

/// Why a daemon that runs will not do; `None` if it will.
async fn refusal<H: DaemonHost>(host: &H, layout: &Layout, state: &DaemonState) -> Option<String> {
    let (looked, noted) = (layout.clone(), state.clone());
    if hop::blocking(move || has_another_token(&looked, &noted)).await {
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

/// What hosts are told of a look.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct DaemonStatus {
    /// What was found.
    pub kind: DaemonStatusKind,
    /// Why.
    pub detail: String,
    /// Where it was looked for.
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
    /// It will do.
    Running,
    /// There is a state, and it will not do.
    Stale,
}

/// Looks at the daemon and changes nothing.
pub async fn read_status<H: DaemonHost>(host: &H, layout: &Layout) -> Result<DaemonStatus, H::Error> {
    let look = look(host, layout, &[]).await?;
    let kind = match look {
        Look::NoState(_) => DaemonStatusKind::Stopped,
        Look::Usable(_) => DaemonStatusKind::Running,
        Look::InvalidState(_)
        | Look::OtherVersion(..)
        | Look::Gone(..)
        | Look::Elsewhere(..)
        | Look::Unhealthy(..)
        | Look::Lacking(..) => DaemonStatusKind::Stale,
    };
    let state = look.state().map(DaemonState::without_secrets);
    let base_url = state.as_ref().filter(|_| kind == DaemonStatusKind::Running).map(DaemonState::base_url);
    let mut detail = look.detail();
    if let Look::NoState(_) | Look::InvalidState(_) | Look::Gone(..) = look {
        detail += &under_way(layout).await;
    }
    Ok(DaemonStatus { kind, detail, layout: layout.clone(), state, base_url })
}

/// Who starts or stops the daemon at this moment, as the end of a sentence; nothing where nobody does.
async fn under_way(layout: &Layout) -> String {
    let lock = layout.daemon_lock();
    hop::blocking(move || {
        if !FileLock::is_held(&lock) {
            return String::new();
        }
        let holder = Holder::of(&lock).map_or_else(|| "another process".to_owned(), |holder| holder.to_string());
        format!("; {holder} is starting or stopping it")
    })
    .await
}
