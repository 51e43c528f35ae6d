//! What the lifecycle needs of the world; the lifecycle itself stands once and cannot tell who provides it.

use super::{Health, state::DaemonState};
use crate::{
    env::Environment,
    error::{Code, Error},
    offload,
    process::{Ending, Identity},
    runtime::{Feature, Layout},
};
use std::{
    path::PathBuf,
    time::{Duration, Instant},
};

/// Longest wait for a killed process to be gone, and time between looks at it.
const END_LIMIT: Duration = Duration::from_secs(2);
const LOOK_AGAIN: Duration = Duration::from_millis(5);

/// Everything that a launch needs to know.
#[derive(Debug, Clone)]
pub struct LaunchPlan {
    /// Where the runtime is.
    pub layout: Layout,
    /// Environment of the daemon, without what the launch itself adds.
    pub env: Environment,
    /// When the start is given up.
    pub deadline: Instant,
    /// How long that is from its beginning.
    pub timeout: Duration,
}

/// A daemon that was spawned and is not yet in use: dropping this ends it.
pub struct Launched {
    /// Its process id.
    pub pid: u32,
    /// Where it listens.
    pub port: u16,
    /// Ends it.
    pub undo: Option<Box<dyn FnOnce()>>,
    /// What ends it is the host's, who says that it is gone then.
    pub is_trusted: bool,
}

impl Launched {
    /// It is in use: nothing ends it when this is dropped.
    pub(super) fn keep(mut self) {
        self.undo = None;
    }

    /// Ends it, and waits until it is gone as far as this machine can tell.
    pub(super) async fn end(self) {
        let identity = if self.is_trusted { None } else { Identity::of(self.pid) };
        drop(self);
        let gone = async {
            while identity.as_ref().is_some_and(Identity::is_alive) {
                offload::sleep(LOOK_AGAIN).await;
            }
            Ok::<_, Error>(())
        };
        let _ = offload::within(END_LIMIT, Code::DaemonStopFailed, "Ending the daemon", gone).await;
    }
}

impl Drop for Launched {
    fn drop(&mut self) {
        if let Some(undo) = self.undo.take() {
            undo();
        }
    }
}

/// Why a daemon did not come to serve.
#[derive(Debug)]
pub struct StartReason {
    /// A statement, for the message of an error.
    pub text: String,
    /// The next step, where there is a special one.
    pub hint: Option<&'static str>,
}

impl From<String> for StartReason {
    fn from(text: String) -> Self {
        Self { text, hint: None }
    }
}

/// Why there is no daemon.
#[derive(Debug)]
pub enum LaunchFailure<E> {
    /// It did not come to serve, and why.
    Start(StartReason),
    /// The host failed.
    Host(E),
}

/// Who runs processes, asks daemons and tells the time.
#[expect(async_fn_in_trait, reason = "orchestration stays on one thread, so futures need not be Send")]
pub trait DaemonHost {
    /// What the host fails with.
    type Error: From<Error>;

    /// Makes sure that the runtime has these features; returns the daemon's executable where it is not the layout's.
    async fn install_runtime(&self, features: &[Feature]) -> Result<Option<PathBuf>, Self::Error>;

    /// Called at once with what a start or stop waits for.
    fn waiting(&self, message: &str) {
        let _ = message;
    }

    /// Spawns the daemon and returns when it says that it serves, or at once where it cannot say so.
    async fn launch(&self, plan: &LaunchPlan) -> Result<Launched, LaunchFailure<Self::Error>>;

    /// Asks `/health`, with the token that the daemon should know; the reason says why there is no answer.
    async fn health(&self, base_url: &str, token: Option<&str>) -> Result<Health, String>;

    /// Whether the process of this state still runs.
    async fn is_alive(&self, layout: &Layout, state: &DaemonState) -> Result<bool, Self::Error>;

    /// Whether the process of this state is known to be ours to end.
    fn owns(&self, state: &DaemonState) -> bool;

    /// Whether the spawned process is known to have ended.
    fn has_ended(&self, launched: &Launched) -> Result<bool, Self::Error>;

    /// Asks a daemon to end by itself; whether it heard.
    async fn ask_to_end(&self, state: &DaemonState) -> bool;

    /// Ends the process of this state.
    fn end(&self, state: &DaemonState, ending: Ending) -> Result<(), Self::Error>;

    /// Waits until the process of this state is gone; whether it is.
    async fn wait_until_gone(&self, layout: &Layout, state: &DaemonState, limit: Duration)
    -> Result<bool, Self::Error>;

    /// A daemon of this version that runs without a state that names it.
    async fn unrecorded(&self, layout: &Layout) -> Option<DaemonState>;

    /// Waits until the next look at a daemon that cannot say when it serves; returns how long that was.
    async fn pause(&self) -> Result<Duration, Self::Error>;

    /// Now, as ISO 8601.
    fn now(&self) -> Result<String, Self::Error>;
}
