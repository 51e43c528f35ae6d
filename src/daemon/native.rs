//! The native [`DaemonHost`]: real processes, real HTTP and the system's clock.

use super::{
    Health, health,
    host::{DaemonHost, LaunchFailure, LaunchPlan, Launched},
    launch,
    state::{self, DaemonState, StateRead},
};
use crate::{
    env::Environment,
    error::{Code, Error, Result},
    files::{FileLock, LockWait},
    http::{Call, Limits},
    offload,
    process::{Identity, Signal, pid_is_alive},
    runtime::{self, Exec, ExecError, Feature, InstallHost, InstallRequest, Layout, NativeExec, Progress},
};
use std::{
    net::TcpListener,
    path::{Path, PathBuf},
    time::Duration,
};

/// Time between checks of a process that is not a child, and between health checks.
const POLL_INTERVAL: Duration = Duration::from_millis(20);

/// Manages the daemon of one runtime.
#[derive(Debug, Clone)]
pub struct NativeDaemon {
    /// Paths of the runtime.
    pub layout: Layout,
    /// Environment variables of the host.
    pub env: Environment,
}

/// Installs without reporting progress.
struct SilentInstallHost;

impl Exec for SilentInstallHost {
    type Error = Error;

    async fn exec(
        &self,
        call: crate::process::CommandCall,
        on_line: &mut dyn FnMut(&str),
    ) -> Result<crate::process::CommandOutput, ExecError<Error>> {
        NativeExec.exec(call, on_line).await
    }

    fn is_injected(&self) -> bool {
        false
    }
}

impl InstallHost for SilentInstallHost {
    fn progress(&self, _: Progress) {}

    fn with_cause(&self, error: Error, cause: Error) -> Error {
        error.caused_by(cause)
    }
}

impl DaemonHost for NativeDaemon {
    type Error = Error;

    async fn install_runtime(&self, features: &[Feature]) -> Result<Option<PathBuf>> {
        let request = InstallRequest {
            layout: self.layout.clone(),
            env: self.env.clone(),
            features: features.to_vec(),
            force: false,
        };
        runtime::install(&SilentInstallHost, &request).await.map(|_| None)
    }

    async fn launch(&self, plan: &LaunchPlan) -> Result<Launched, LaunchFailure<Error>> {
        launch::launch(plan, 0).await
    }

    async fn health(&self, base_url: &str, token: Option<&str>) -> Result<Health, String> {
        health::check(base_url, token).await
    }

    async fn is_alive(&self, layout: &Layout, state: &DaemonState) -> Result<bool> {
        let Some(identity) = state.identity() else { return Ok(pid_is_alive(state.pid)) };
        // If the process cannot be queried, the life lock shows whether it runs.
        Ok(identity.is_alive() || (identity.is_hidden() && FileLock::is_held(&layout.life_lock())))
    }

    /// A pid without a start time may have been reused by another process.
    fn owns(&self, state: &DaemonState) -> bool {
        state.process_start_time.is_some()
    }

    fn has_ended(&self, launched: &Launched) -> Result<bool> {
        Ok(!pid_is_alive(launched.pid))
    }

    async fn request_shutdown(&self, state: &DaemonState) -> bool {
        if state.port == 0 {
            return false;
        }
        let limits = Limits { connect: Duration::from_secs(1), total: Duration::from_secs(2), max_bytes: 4096 };
        match Call::post(&state.base_url(), "/shutdown", "{}".into(), limits) {
            Ok(call) => call.with_token(state.token.clone()).send().await.is_ok(),
            Err(_) => false,
        }
    }

    fn send_signal(&self, state: &DaemonState, signal: Signal) -> Result<()> {
        if let Some(identity) = state.identity() {
            identity.send_signal(signal);
        }
        Ok(())
    }

    async fn wait_for_exit(&self, layout: &Layout, state: &DaemonState, limit: Duration) -> Result<bool> {
        let gone = async {
            let life = layout.life_lock();
            if FileLock::is_held(&life) {
                let wait = LockWait { step: "Waiting for the daemon to end", limit };
                FileLock::acquire(&life, wait, || ()).await.map(drop)?;
            }
            while state.identity().is_some_and(|identity| identity.is_alive()) {
                offload::sleep(POLL_INTERVAL).await;
            }
            Ok::<_, Error>(())
        };
        match offload::with_timeout(limit, Code::LockTimeout, "Waiting for the daemon to end", gone).await {
            Ok(()) => Ok(true),
            Err(error) if error.code() == Code::LockTimeout => Ok(false),
            Err(error) => Err(error),
        }
    }

    async fn find_unrecorded(&self, layout: &Layout) -> Option<DaemonState> {
        let layout = layout.clone();
        offload::spawn_blocking(move || find_unrecorded(&layout)).await
    }

    async fn pause(&self) -> Result<Duration> {
        offload::sleep(POLL_INTERVAL).await;
        Ok(POLL_INTERVAL)
    }

    fn now(&self) -> Result<String> {
        Ok(jiff::Timestamp::now().to_string())
    }
}

/// The daemon that holds the life lock of a version, identified by the launch record or the pid record.
fn find_unrecorded(layout: &Layout) -> Option<DaemonState> {
    if !FileLock::is_held(&layout.life_lock()) {
        return None;
    }
    // A damaged record, or that of an earlier launch, is ignored.
    let launch =
        launch::read_launch_record(layout).filter(|record| record.identity.as_ref().is_none_or(Identity::is_alive));
    // If the launcher was killed early, the child's own pid record is the only one.
    let pid_record = || Identity::read_pid_record(&layout.life_lock());
    let identity =
        launch.as_ref().and_then(|record| record.identity.clone()).or_else(pid_record).filter(Identity::is_alive)?;
    let (port, token) = launch.map_or((0, None), |record| (record.port, record.token));
    let mut state = DaemonState::new(layout, identity.pid, port, Vec::new(), String::new());
    state.process_start_time = Some(identity.start_time);
    state.token = token;
    Some(state)
}

/// Finds a TCP port on 127.0.0.1 that is free at this moment. Blocks.
pub fn allocate_port() -> Result<u16> {
    TcpListener::bind((state::HOST, 0))
        .and_then(|listener| listener.local_addr())
        .map(|address| address.port())
        .map_err(|error| Error::new(Code::DaemonStartFailed, format!("No port is free: {error}")).caused_by(error))
}

/// The version folder is in use: a daemon runs in it, or another process starts, stops or installs there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct InUse;

/// Acquires all locks of a version folder, so that no process can begin to use it. Lock files that do not exist are not
/// created. Blocks.
///
/// Errors: [`InUse`], also if a lock cannot be checked.
pub fn lock_version_folder(layout: &Layout, folder: &Path) -> Result<Vec<FileLock>, InUse> {
    let name = folder.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    let layout = layout.with_version(&name);
    let mut held = Vec::new();
    for path in [layout.install_lock(), layout.daemon_lock(), layout.life_lock()] {
        if path.exists() {
            held.push(FileLock::try_acquire(&path).ok().flatten().ok_or(InUse)?);
        }
    }
    let alive = match state::read(&layout) {
        StateRead::Found(state) => match state.identity() {
            Some(identity) => identity.is_alive(),
            None => pid_is_alive(state.pid),
        },
        StateRead::Missing | StateRead::Invalid(_) => false,
    };
    if alive { Err(InUse) } else { Ok(held) }
}
