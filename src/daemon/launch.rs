//! Launching natively: the socket is bound and the life lock held before there is a process.

use super::{
    host::{LaunchFailure, LaunchPlan, Launched, StartReason},
    state::HOST,
};
use crate::{
    error::{Code, Error, REBUILD, Result, next_step},
    files::{self, Access, FileLock, LockWait},
    offload,
    process::{self, Detached, Ending, Identity, Launch, Ready, acquire_named, spawn_detached},
};
use serde::{Deserialize, Serialize};
use std::{io::ErrorKind, net::TcpListener, path::PathBuf, time::Duration};

/// Longest wait for a daemon that was killed to let go of its lock.
const LIFE_WAIT: LockWait<'_> =
    LockWait { step: "Waiting for the previous daemon to be gone", limit: Duration::from_secs(20) };

/// Beside the life lock: whose life it is, for the case that no state names it.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Life {
    /// Not known before there is a process.
    #[serde(default)]
    pub(super) identity: Option<Identity>,
    pub(super) port: u16,
    pub(super) token: Option<String>,
    /// Where the process id means this process.
    #[serde(default)]
    pub(super) namespace: Option<String>,
}

/// Spawns the daemon on a port (0: any that is free) and waits until it says that it serves.
pub async fn launch(plan: &LaunchPlan, port: u16) -> Result<Launched, LaunchFailure<Error>> {
    // The daemon itself writes its pid record there: until it runs, the lock has no holder to name.
    let life = acquire_named(&plan.layout.life_lock(), LIFE_WAIT, |_| ()).await.map_err(LaunchFailure::Host)?;
    let listener = bind(port).await.map_err(LaunchFailure::Host)?;
    let port = listener.local_addr().map_err(|error| failed(error.to_string()))?.port();
    // Before there is a process: if this one is killed now, this and the pid record of the daemon lead to it.
    record(plan, None, port).await.map_err(LaunchFailure::Host)?;
    let child = spawn(plan, port, listener, life).await.map_err(LaunchFailure::Start)?;
    let (pid, outcome) = (child.pid, child.outcome);
    let mut launched = Launched { pid, port, undo: child.undo.defuse().map(undo), is_trusted: false };
    record(plan, Identity::of(pid), port).await.map_err(LaunchFailure::Host)?;
    let outcome = tokio::time::timeout_at(plan.deadline.into(), outcome);
    let _alive = offload::keep_alive();
    let reason = match outcome.await {
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
    LaunchFailure::Start(StartReason::from(reason.into()))
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
        record(plan, Some(identity), ready.port).await?;
    }
    Ok(())
}

async fn bind(port: u16) -> Result<TcpListener> {
    offload::spawn_blocking(move || {
        TcpListener::bind((HOST, port)).map_err(|error| {
            Error::new(Code::DaemonStartFailed, format!("Cannot listen on {HOST}:{port}: {error}")).caused_by(error)
        })
    })
    .await
}

async fn spawn(plan: &LaunchPlan, port: u16, listener: TcpListener, life: FileLock) -> Result<Detached, StartReason> {
    let layout = &plan.layout;
    // Where handles are not inherited the daemon binds a port of its own and says which.
    let port = if cfg!(windows) { 0 } else { port };
    let (program, folder) = (layout.daemon_path.clone(), layout.version_dir.clone());
    let (stdout, stderr) = (layout.daemon_stdout_path.clone(), layout.daemon_stderr_path.clone());
    let env = plan.env.clone();
    offload::spawn_blocking(move || {
        let program = resolved(program);
        let shown = program.display().to_string();
        let launch = Launch { program, args: arguments(port), env, folder, stdout, stderr, listener, life };
        spawn_detached(launch).map_err(|error| match error.kind() {
            // The script, or the interpreter that its first line names.
            ErrorKind::NotFound => StartReason { text: format!("{shown} cannot be run: {error}"), hint: Some(REBUILD) },
            _ => StartReason { hint: next_step(&error), text: error.to_string() },
        })
    })
    .await
}

/// The daemon is run where it really is, so that a later `.venv` does not change what it imports.
fn resolved(program: PathBuf) -> PathBuf {
    let venv = program.parent().and_then(|bin| bin.parent());
    let real = venv.and_then(|venv| std::fs::canonicalize(venv).ok());
    match (real, venv.and_then(|venv| program.strip_prefix(venv).ok())) {
        (Some(real), Some(rest)) if cfg!(windows) => without_verbatim_prefix(real).join(rest),
        (Some(real), Some(rest)) => real.join(rest),
        _ => program,
    }
}

/// A path as Windows shows it, where `canonicalize` makes a verbatim one (`\\?\C:\x`), which Python and the programs
/// that it starts do not all understand. A long one needs the prefix.
fn without_verbatim_prefix(path: PathBuf) -> PathBuf {
    const MAX_PATH: usize = 260;
    let Some(rest) = path.to_str().and_then(|text| text.strip_prefix(r"\\?\")) else { return path };
    let plain = match rest.strip_prefix(r"UNC\") {
        Some(share) => format!(r"\\{share}"),
        None if rest.as_bytes().get(1..3) == Some(&br":\"[..]) => rest.to_owned(),
        None => return path,
    };
    if plain.len() < MAX_PATH { plain.into() } else { path }
}

/// The arguments of the daemon.
pub fn arguments(port: u16) -> Vec<String> {
    ["serve-http", "--host", HOST, "--port", &port.to_string()].map(str::to_owned).to_vec()
}

async fn record(plan: &LaunchPlan, identity: Option<Identity>, port: u16) -> Result<()> {
    let path = life_path(&plan.layout);
    let token = plan.env.get(crate::env::daemon::TOKEN).map(str::to_owned);
    let namespace = process::namespace().map(str::to_owned);
    let life = Life { identity, port, token, namespace };
    offload::spawn_blocking(move || {
        files::make_way(&path)?;
        files::write_atomically(&path, &crate::runtime::to_json(&life), Access::Owner)
    })
    .await
}

/// What was noted at the launch of the newest daemon. Blocks.
pub(super) fn read_life(layout: &crate::runtime::Layout) -> Option<Life> {
    let text = process::read_private_state(&life_path(layout)).ok()??;
    serde_json::from_str(&text).ok()
}

fn life_path(layout: &crate::runtime::Layout) -> PathBuf {
    layout.version_dir.join("daemon.life.json")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn verbatim_paths_are_simplified_where_nothing_is_lost() {
        let long = format!(r"\\?\C:\{}", "x".repeat(300));
        for (path, shown) in [
            (r"\\?\C:\k\0.1.0\venvs\x", r"C:\k\0.1.0\venvs\x"),
            (r"\\?\UNC\server\share\k", r"\\server\share\k"),
            (r"C:\k", r"C:\k"),
            (r"\\server\share", r"\\server\share"),
            (
                r"\\?\Volume{b75e2c83-0000-0000-0000-602f00000000}\k",
                r"\\?\Volume{b75e2c83-0000-0000-0000-602f00000000}\k",
            ),
            ("/home/ada/k", "/home/ada/k"),
            (&long, &long),
        ] {
            assert_eq!(without_verbatim_prefix(path.into()), PathBuf::from(shown), "{path}");
        }
    }
}
