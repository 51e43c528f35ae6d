//! Launching natively: the socket is bound and the life lock held before there is a process.

use super::{
    host::{LaunchFailure, LaunchPlan, Launched},
    state::HOST,
};
use crate::{
    error::{Code, Error, Result},
    files::{self, Access, FileLock, LockWait},
    hop,
    process::{Detached, Ending, Identity, Launch, Ready},
};
use serde::{Deserialize, Serialize};
use std::{net::TcpListener, path::PathBuf, time::Duration};

/// Longest wait for a daemon that was killed to let go of its lock.
const LIFE_WAIT: LockWait<'_> =
    LockWait { step: "Waiting for the previous daemon to be gone", limit: Duration::from_secs(20) };

/// Beside the life lock: whose life it is, for the case that no state names it.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Life {
    pub(super) identity: Identity,
    pub(super) port: u16,
    pub(super) token: Option<String>,
}

/// Spawns the daemon on a port (0: any that is free) and waits until it says that it serves.
pub async fn launch(plan: &LaunchPlan, port: u16) -> Result<Launched, LaunchFailure<Error>> {
    let life = FileLock::acquire(&plan.layout.life_lock(), LIFE_WAIT, || ()).await.map_err(LaunchFailure::Host)?;
    let listener = bind(port).await.map_err(LaunchFailure::Host)?;
    let port = listener.local_addr().map_err(|error| failed(error.to_string()))?.port();
    let child = spawn(plan, port, listener, life).await.map_err(LaunchFailure::Start)?;
    let identity = Identity::of(child.pid);
    let (pid, outcome) = (child.pid, child.outcome);
    let mut launched = Launched { pid, port, undo: identity.clone().map(undo) };
    if let Some(identity) = identity {
        record(plan, identity, port).await.map_err(LaunchFailure::Host)?;
    }
    let told = tokio::time::timeout_at(plan.deadline.into(), outcome);
    let _alive = hop::keep_alive();
    let reason = match told.await {
        Ok(Ok(Ok(ready))) => {
            adopt(plan, &mut launched, ready).await.map_err(LaunchFailure::Host)?;
            return Ok(launched);
        }
        Ok(Ok(Err(ended))) => format!("the process ended ({ended})"),
        Ok(Err(_)) => "the process could not be watched".to_owned(),
        Err(_) => format!("it did not say within {} ms that it serves", plan.timeout.as_millis()),
    };
    launched.end().await;
    Err(failed(reason))
}

fn failed(reason: impl Into<String>) -> LaunchFailure<Error> {
    LaunchFailure::Start(reason.into())
}

fn undo(identity: Identity) -> Box<dyn FnOnce()> {
    Box::new(move || identity.end(Ending::Kill))
}

/// A launcher may stand between us and the daemon, which then has another pid than our child.
async fn adopt(plan: &LaunchPlan, launched: &mut Launched, ready: Ready) -> Result<()> {
    launched.port = ready.port;
    if ready.pid != launched.pid
        && let Some(identity) = Identity::of(ready.pid)
    {
        launched.pid = ready.pid;
        launched.undo = Some(undo(identity.clone()));
        record(plan, identity, ready.port).await?;
    }
    Ok(())
}

async fn bind(port: u16) -> Result<TcpListener> {
    hop::blocking(move || {
        TcpListener::bind((HOST, port)).map_err(|error| {
            Error::new(Code::DaemonStartFailed, format!("Cannot listen on {HOST}:{port}: {error}")).caused_by(error)
        })
    })
    .await
}

async fn spawn(plan: &LaunchPlan, port: u16, listener: TcpListener, life: FileLock) -> Result<Detached, String> {
    let layout = &plan.layout;
    // Where handles are not inherited the daemon binds a port of its own and says which.
    let port = if cfg!(windows) { 0 } else { port };
    let (program, folder) = (layout.daemon_path.clone(), layout.version_dir.clone());
    let (stdout, stderr) = (layout.daemon_stdout_path.clone(), layout.daemon_stderr_path.clone());
    let env = plan.env.clone();
    hop::blocking(move || {
        let program = resolved(program);
        let launch = Launch { program, args: arguments(port), env, folder, stdout, stderr, listener, life };
        launch.spawn().map_err(|error| error.to_string())
    })
    .await
}

/// The daemon is run where it really is, so that a later `.venv` does not change what it imports.
fn resolved(program: PathBuf) -> PathBuf {
    let venv = program.parent().and_then(|bin| bin.parent());
    let real = venv.and_then(|venv| std::fs::canonicalize(venv).ok());
    match (real, venv.and_then(|venv| program.strip_prefix(venv).ok())) {
        (Some(real), Some(rest)) => real.join(rest),
        _ => program,
    }
}

/// The arguments of the daemon.
pub fn arguments(port: u16) -> Vec<String> {
    ["serve-http", "--host", HOST, "--port", &port.to_string()].map(str::to_owned).to_vec()
}

async fn record(plan: &LaunchPlan, identity: Identity, port: u16) -> Result<()> {
    let path = life_path(&plan.layout);
    let token = plan.env.get(crate::env::daemon::TOKEN).map(str::to_owned);
    let life = Life { identity, port, token };
    hop::blocking(move || files::write_atomically(&path, &crate::runtime::to_json(&life), Access::Owner)).await
}

pub(super) fn life_path(layout: &crate::runtime::Layout) -> PathBuf {
    layout.version_dir.join("daemon.life.json")
}
