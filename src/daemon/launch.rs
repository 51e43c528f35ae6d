//! Native launch of the daemon: the socket is bound and the life lock is held before the process is spawned.

use super::{
    host::{LaunchFailure, LaunchPlan, Launched, StartFailureReason},
    state::HOST,
};
use crate::{
    error::{Code, Error, REBUILD_HINT, Result, os_error_hint},
    files::{self, Access, FileLock, LockWait},
    offload,
    process::{self, Detached, Identity, Launch, Ready, Signal, acquire_reporting_holder, spawn_detached},
};
use serde::{Deserialize, Serialize};
use std::{io::ErrorKind, net::TcpListener, path::PathBuf, time::Duration};

/// Longest wait for a killed daemon to release its life lock.
const LIFE_LOCK_WAIT: LockWait<'_> =
    LockWait { step: "Waiting for the previous daemon to exit", limit: Duration::from_secs(20) };

/// Contents of `daemon.life.json`, by which a daemon is found that the state file does not name.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct LaunchRecord {
    /// `None` until the process has been spawned.
    #[serde(default)]
    pub(super) identity: Option<Identity>,
    pub(super) port: u16,
    pub(super) token: Option<String>,
    /// Pid namespace in which `identity` is valid.
    #[serde(default)]
    pub(super) namespace: Option<String>,
}

/// Spawns the daemon on a port (0: any free one) and waits until it reports that it is ready.
pub async fn launch(plan: &LaunchPlan, port: u16) -> Result<Launched, LaunchFailure<Error>> {
    launch_with(plan, port, arguments).await
}

/// Spawns the process like [`launch`], with the arguments for the port: 0 where the process binds it itself.
pub async fn launch_with(
    plan: &LaunchPlan,
    port: u16,
    arguments: impl FnOnce(u16) -> Vec<String>,
) -> Result<Launched, LaunchFailure<Error>> {
    // The daemon writes its own pid record into the lock file, so no record is written here.
    let life = acquire_reporting_holder(&plan.layout.life_lock(), LIFE_LOCK_WAIT, |_| ())
        .await
        .map_err(LaunchFailure::Host)?;
    let listener = bind(port).await.map_err(LaunchFailure::Host)?;
    let port = listener.local_addr().map_err(|error| start_failure(error.to_string()))?.port();
    // Written before the spawn, so that a crash of this process leaves a record by which the daemon is found.
    write_launch_record(plan, None, port).await.map_err(LaunchFailure::Host)?;
    // On Windows the socket is not inherited: the process binds a port itself and reports it.
    let arguments = arguments(if cfg!(windows) { 0 } else { port });
    let child = spawn(plan, arguments, listener, life).await.map_err(LaunchFailure::Start)?;
    let (pid, outcome) = (child.pid, child.outcome);
    let mut launched =
        Launched { pid, port, terminate: child.end_on_drop.defuse().map(kill_callback), is_host_managed: false };
    write_launch_record(plan, Identity::of(pid), port).await.map_err(LaunchFailure::Host)?;
    let outcome = tokio::time::timeout_at(plan.deadline.into(), outcome);
    let _alive = offload::keep_alive();
    let reason = match outcome.await {
        Ok(Ok(Ok(ready))) => {
            adopt(plan, &mut launched, ready).await.map_err(LaunchFailure::Host)?;
            return Ok(launched);
        }
        Ok(Ok(Err(exit_status))) => format!("the process ended ({exit_status})"),
        Ok(Err(_)) => "the process could not be waited for".to_owned(),
        Err(_) => format!("it did not report within {} ms that it is ready", plan.timeout.as_millis()),
    };
    launched.end().await;
    Err(start_failure(reason))
}

fn start_failure(reason: impl Into<String>) -> LaunchFailure<Error> {
    LaunchFailure::Start(StartFailureReason::from(reason.into()))
}

fn kill_callback(identity: Identity) -> Box<dyn FnOnce()> {
    Box::new(move || identity.send_signal(Signal::Kill))
}

/// Takes over pid and port from the ready report. A launcher script may run the daemon as a process of its own, with
/// another pid than the child's.
async fn adopt(plan: &LaunchPlan, launched: &mut Launched, ready: Ready) -> Result<()> {
    launched.port = ready.port;
    if ready.pid != launched.pid
        && let Some(identity) = Identity::of(ready.pid)
    {
        launched.pid = ready.pid;
        launched.terminate = Some(kill_callback(identity.clone()));
        write_launch_record(plan, Some(identity), ready.port).await?;
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

async fn spawn(
    plan: &LaunchPlan,
    args: Vec<String>,
    listener: TcpListener,
    life: FileLock,
) -> Result<Detached, StartFailureReason> {
    let layout = &plan.layout;
    let (program, folder) = (layout.daemon_path.clone(), layout.version_dir.clone());
    let (stdout, stderr) = (layout.daemon_stdout_path.clone(), layout.daemon_stderr_path.clone());
    let env = plan.env.clone();
    offload::spawn_blocking(move || {
        let program = resolve_environment(program);
        let shown = program.display().to_string();
        let launch = Launch { program, args, env, folder, stdout, stderr, listener, life };
        spawn_detached(launch).map_err(|error| match error.kind() {
            // Either the script is missing or the interpreter of its shebang line.
            ErrorKind::NotFound => {
                StartFailureReason { text: format!("{shown} cannot be run: {error}"), hint: Some(REBUILD_HINT) }
            }
            _ => StartFailureReason { hint: os_error_hint(&error), text: error.to_string() },
        })
    })
    .await
}

/// Resolves the link `.venv` in the path of an executable, so that a running daemon keeps importing from its own
/// environment when the link is switched.
fn resolve_environment(program: PathBuf) -> PathBuf {
    let venv = program.parent().and_then(|bin| bin.parent());
    let real = venv.and_then(|venv| std::fs::canonicalize(venv).ok());
    match (real, venv.and_then(|venv| program.strip_prefix(venv).ok())) {
        (Some(real), Some(rest)) if cfg!(windows) => without_verbatim_prefix(real).join(rest),
        (Some(real), Some(rest)) => real.join(rest),
        _ => program,
    }
}

/// Removes the verbatim prefix (`\\?\C:\x`) that `canonicalize` adds on Windows, as Python and its child processes do
/// not all support it. Paths of `MAX_PATH` or more characters keep it.
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

/// Command-line arguments of the daemon.
pub fn arguments(port: u16) -> Vec<String> {
    ["serve-http", "--host", HOST, "--port", &port.to_string()].map(str::to_owned).to_vec()
}

async fn write_launch_record(plan: &LaunchPlan, identity: Option<Identity>, port: u16) -> Result<()> {
    let path = launch_record_path(&plan.layout);
    let token = Some(plan.token.clone());
    let namespace = process::namespace().map(str::to_owned);
    let record = LaunchRecord { identity, port, token, namespace };
    offload::spawn_blocking(move || {
        files::remove_dir_in_place_of_file(&path)?;
        files::write_atomically(&path, &crate::runtime::to_json(&record), Access::Owner)
    })
    .await
}

/// Reads the record of the last launch; `None` if it is missing, damaged or not private. Blocks.
pub(super) fn read_launch_record(layout: &crate::runtime::Layout) -> Option<LaunchRecord> {
    let text = process::read_private_state(&launch_record_path(layout)).ok()??;
    serde_json::from_str(&text).ok()
}

fn launch_record_path(layout: &crate::runtime::Layout) -> PathBuf {
    layout.version_dir.join("daemon.life.json")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn verbatim_prefix_is_removed_from_short_paths() {
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
