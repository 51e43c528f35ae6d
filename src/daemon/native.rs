//! The native side of the lifecycle: real processes, real HTTP, the real clock.

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
    process::{Ending, Identity, pid_is_alive},
    runtime::{self, Exec, ExecError, Feature, InstallHost, InstallRequest, Layout, NativeExec, Progress},
};
use std::{
    net::TcpListener,
    path::{Path, PathBuf},
    time::Duration,
};

/// Time between looks at a process that cannot be waited for.
const LOOK_AGAIN: Duration = Duration::from_millis(20);

/// Runs the daemon of one runtime.
#[derive(Debug, Clone)]
pub struct NativeDaemon {
    /// Where the runtime is.
    pub layout: Layout,
    /// Environment variables of the host.
    pub env: Environment,
}

/// Installs without reporting progress.
struct Quiet;

impl Exec for Quiet {
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

impl InstallHost for Quiet {
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
        runtime::install(&Quiet, &request).await.map(|_| None)
    }

    async fn launch(&self, plan: &LaunchPlan) -> Result<Launched, LaunchFailure<Error>> {
        launch::launch(plan, 0).await
    }

    async fn health(&self, base_url: &str, token: Option<&str>) -> Result<Health, String> {
        health::ask(base_url, token).await
    }

    async fn is_alive(&self, layout: &Layout, state: &DaemonState) -> Result<bool> {
        let Some(identity) = state.identity() else { return Ok(pid_is_alive(state.pid)) };
        // Where the system does not tell, the lock does.
        Ok(identity.is_alive() || (identity.is_hidden() && FileLock::is_held(&layout.life_lock())))
    }

    /// A bare pid may be anybody's by now.
    fn owns(&self, state: &DaemonState) -> bool {
        state.process_start_time.is_some()
    }

    fn has_ended(&self, launched: &Launched) -> Result<bool> {
        Ok(!pid_is_alive(launched.pid))
    }

    async fn ask_to_end(&self, state: &DaemonState) -> bool {
        if state.port == 0 {
            return false;
        }
        let limits = Limits { connect: Duration::from_secs(1), total: Duration::from_secs(2), max_bytes: 4096 };
        match Call::post(&state.base_url(), "/shutdown", "{}".into(), limits) {
            Ok(call) => call.with_token(state.token.clone()).send().await.is_ok(),
            Err(_) => false,
        }
    }

    fn end(&self, state: &DaemonState, ending: Ending) -> Result<()> {
        if let Some(identity) = state.identity() {
            identity.end(ending);
        }
        Ok(())
    }

    async fn wait_until_gone(&self, layout: &Layout, state: &DaemonState, limit: Duration) -> Result<bool> {
        let gone = async {
            let life = layout.life_lock();
            if FileLock::is_held(&life) {
                let wait = LockWait { step: "Waiting for the daemon to end", limit };
                FileLock::acquire(&life, wait, || ()).await.map(drop)?;
            }
            while state.identity().is_some_and(|identity| identity.is_alive()) {
                offload::sleep(LOOK_AGAIN).await;
            }
            Ok::<_, Error>(())
        };
        match offload::within(limit, Code::LockTimeout, "Waiting for the daemon to end", gone).await {
            Ok(()) => Ok(true),
            Err(error) if error.code() == Code::LockTimeout => Ok(false),
            Err(error) => Err(error),
        }
    }

    async fn unrecorded(&self, layout: &Layout) -> Option<DaemonState> {
        let layout = layout.clone();
        offload::spawn_blocking(move || unrecorded(&layout)).await
    }

    async fn pause(&self) -> Result<Duration> {
        offload::sleep(LOOK_AGAIN).await;
        Ok(LOOK_AGAIN)
    }

    fn now(&self) -> Result<String> {
        Ok(jiff::Timestamp::now().to_string())
    }
}

/// A daemon that holds the life lock of a version, as what was noted beside the lock.
fn unrecorded(layout: &Layout) -> Option<DaemonState> {
    if !FileLock::is_held(&layout.life_lock()) {
        return None;
    }
    // A damaged file, or one of an earlier life, leads nowhere.
    let life = launch::read_life(layout).filter(|life| life.identity.as_ref().is_none_or(Identity::is_alive));
    // Its launcher may have been killed before it could record more than the child itself.
    let noted = || Identity::noted_in(&layout.life_lock());
    let identity = life.as_ref().and_then(|life| life.identity.clone()).or_else(noted).filter(Identity::is_alive)?;
    let (port, token) = life.map_or((0, None), |life| (life.port, life.token));
    let mut state = DaemonState::new(layout, identity.pid, port, Vec::new(), String::new());
    state.process_start_time = Some(identity.start_time);
    state.token = token;
    Some(state)
}

/// A TCP port on 127.0.0.1 that is free at this moment. Blocks.
pub fn allocate_port() -> Result<u16> {
    TcpListener::bind((state::HOST, 0))
        .and_then(|listener| listener.local_addr())
        .map(|address| address.port())
        .map_err(|error| Error::new(Code::DaemonStartFailed, format!("No port is free: {error}")).caused_by(error))
}

/// A version folder is in use: a daemon runs, or another process starts, stops or installs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct InUse;

/// Holds all locks of a version folder, so that no process begins to use it; in doubt it is in use. Locks that were never
/// made are not made now. Blocks.
pub fn hold_folder(layout: &Layout, folder: &Path) -> Result<Vec<FileLock>, InUse> {
    let name = folder.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    let layout = layout.of_version(&name);
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
