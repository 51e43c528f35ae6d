//! The interface between the lifecycle and its environment: processes, HTTP and time. Starts, stops and probes are
//! generic over [`DaemonHost`].

use super::{
    Health,
    state::{DaemonState, ProgramRecord},
    subject::{DAEMON, Subject},
};
use crate::{
    env::{Environment, daemon},
    error::{Code, Error},
    offload,
    process::{Identity, Signal},
    runtime::{Feature, Layout},
};
use std::{
    path::PathBuf,
    time::{Duration, Instant},
};

/// Longest wait for a killed process to exit.
const END_TIMEOUT: Duration = Duration::from_secs(2);
/// Time between checks whether it has exited.
const POLL_INTERVAL: Duration = Duration::from_millis(5);

/// Parameters of a launch.
#[derive(Debug, Clone)]
pub struct LaunchPlan {
    /// Paths of the runtime.
    pub layout: Layout,
    /// Environment of the daemon, without the variables that the launch itself adds.
    pub env: Environment,
    /// Token of the launch, for the launch record.
    pub token: String,
    /// Deadline of the start.
    pub deadline: Instant,
    /// Time from the beginning of the start to its deadline, for messages.
    pub timeout: Duration,
}

/// What tells one launch from all others.
#[derive(Debug, Clone)]
pub struct LaunchIdentity {
    /// Random id that `/health` reports.
    pub instance: String,
    /// Bearer token of the process.
    pub token: String,
}

/// A daemon that was spawned and is not yet in use: dropping this kills it.
pub struct Launched {
    /// Process id.
    pub pid: u32,
    /// Port on loopback that it listens on.
    pub port: u16,
    /// Kills the process; called on drop unless it was removed.
    pub terminate: Option<Box<dyn FnOnce()>>,
    /// Whether `terminate` is a function of the host, which is trusted to have ended the process when it returns.
    pub is_host_managed: bool,
}

impl Launched {
    /// Releases the daemon, so that it outlives this value.
    pub(super) fn defuse(mut self) {
        self.terminate = None;
    }

    /// Kills the daemon and waits until its process has exited, for at most [`END_TIMEOUT`].
    pub(super) async fn end(self) {
        let identity = if self.is_host_managed { None } else { Identity::of(self.pid) };
        drop(self);
        let gone = async {
            while identity.as_ref().is_some_and(Identity::is_alive) {
                offload::sleep(POLL_INTERVAL).await;
            }
            Ok::<_, Error>(())
        };
        let _ = offload::with_timeout(END_TIMEOUT, Code::DaemonStopFailed, "Ending the daemon", gone).await;
    }
}

impl Drop for Launched {
    fn drop(&mut self) {
        if let Some(terminate) = self.terminate.take() {
            terminate();
        }
    }
}

/// The reason why a daemon did not become ready.
#[derive(Debug)]
pub struct StartFailureReason {
    /// The text that the error message quotes.
    pub text: String,
    /// The next step, if there is a more specific one than that of the error code.
    pub hint: Option<&'static str>,
}

impl From<String> for StartFailureReason {
    fn from(text: String) -> Self {
        Self { text, hint: None }
    }
}

/// Failure of a launch.
#[derive(Debug)]
pub enum LaunchFailure<E> {
    /// The daemon did not become ready.
    Start(StartFailureReason),
    /// The host failed.
    Host(E),
}

/// Runs processes, makes health checks and reads the clock for the lifecycle.
#[expect(async_fn_in_trait, reason = "orchestration stays on one thread, so futures need not be Send")]
pub trait DaemonHost {
    /// Error type of the host.
    type Error: From<Error>;

    /// The kind of process, for messages.
    fn subject(&self) -> &'static Subject {
        &DAEMON
    }

    /// The environment of a launch.
    fn launch_environment(&self, host: &Environment, layout: &Layout, launch: &LaunchIdentity) -> Environment {
        let env = host.clone().filtered(|name| !daemon::is_excluded(name));
        env.with(daemon::VERSION, &layout.cli_version)
            .with(daemon::STATE_FILE, layout.daemon_state_path.to_string_lossy())
            .with(daemon::INSTANCE, &launch.instance)
            .with(daemon::TOKEN, &launch.token)
            .with("PYTHONUTF8", "1")
    }

    /// The program that the state records; a process that runs another one is replaced by a start.
    fn program(&self) -> Option<ProgramRecord> {
        None
    }

    /// Installs missing features of the runtime; returns the executable if it is not the layout's.
    async fn install_runtime(&self, features: &[Feature]) -> Result<Option<PathBuf>, Self::Error>;

    /// Reports, as soon as a start or stop has to wait, what it waits for.
    fn report_wait(&self, message: &str) {
        let _ = message;
    }

    /// Spawns the daemon. Returns when it reports that it is ready, or immediately if it cannot report it.
    async fn launch(&self, plan: &LaunchPlan) -> Result<Launched, LaunchFailure<Self::Error>>;

    /// Makes a health check, with the token that the daemon should accept.
    ///
    /// Errors: the reason why there is no health response.
    async fn health(&self, base_url: &str, token: Option<&str>) -> Result<Health, String>;

    /// Whether the process of this state is running.
    async fn is_alive(&self, layout: &Layout, state: &DaemonState) -> Result<bool, Self::Error>;

    /// Whether the process of this state is identified well enough to be signalled.
    fn owns(&self, state: &DaemonState) -> bool;

    /// Whether the spawned process has exited.
    fn has_ended(&self, launched: &Launched) -> Result<bool, Self::Error>;

    /// Asks the daemon over HTTP to shut down; returns whether it accepted.
    async fn request_shutdown(&self, state: &DaemonState) -> bool;

    /// Sends a signal to the process of this state.
    fn send_signal(&self, state: &DaemonState, signal: Signal) -> Result<(), Self::Error>;

    /// Waits until the process of this state has exited; returns `false` after `limit`.
    async fn wait_for_exit(&self, layout: &Layout, state: &DaemonState, limit: Duration) -> Result<bool, Self::Error>;

    /// Finds a daemon of this version that runs without being named in the state file.
    async fn find_unrecorded(&self, layout: &Layout) -> Option<DaemonState>;

    /// Waits for one poll interval between two health checks; returns its length.
    async fn pause(&self) -> Result<Duration, Self::Error>;

    /// The current time as ISO 8601.
    fn now(&self) -> Result<String, Self::Error>;
}
