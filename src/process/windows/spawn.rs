//! Spawning of detached children and commands on Windows.

use crate::{
    env::{Environment, daemon},
    error::Result,
    files,
    process::{
        self,
        detached::{Detached, Launch, Ready, watch},
    },
};
use std::{
    io,
    os::windows::process::CommandExt,
    path::Path,
    process::{Child, Command},
    time::Duration,
};
use tokio::sync::oneshot;
use windows_sys::Win32::System::Threading::{CREATE_BREAKAWAY_FROM_JOB, CREATE_NEW_PROCESS_GROUP, CREATE_NO_WINDOW};

/// Spawns a child without a console. Handles are not inherited: the child binds the port and acquires the life lock
/// itself, and writes its ready report to a file.
pub fn spawn_detached(mut launch: Launch) -> io::Result<Detached> {
    let report = launch.folder.join("daemon.ready.json");
    let _ = std::fs::remove_file(&report);
    launch.env = launch
        .env
        .with(daemon::LIFE_LOCK, launch.life.path().to_string_lossy())
        .with(daemon::READY_FILE, report.to_string_lossy());
    let mut command = launch.command()?;
    drop(launch);
    let child = spawn_outside_job(&mut command)?;
    watch(child.id(), move |outcome| wait_for(child, &report, outcome))
}

/// Spawns outside the job of this process. If the job forbids that, the daemon is killed with the job.
fn spawn_outside_job(command: &mut Command) -> io::Result<Child> {
    let flags = CREATE_NO_WINDOW | CREATE_NEW_PROCESS_GROUP;
    match command.creation_flags(flags | CREATE_BREAKAWAY_FROM_JOB).spawn() {
        Err(error) if error.kind() == io::ErrorKind::PermissionDenied => command.creation_flags(flags).spawn(),
        other => other,
    }
}

/// Polls for the ready report until it exists or the child has exited, and sends the outcome.
fn wait_for(mut child: Child, report: &Path, outcome: oneshot::Sender<Result<Ready, String>>) {
    let result = loop {
        let ready = std::fs::read_to_string(report).ok().and_then(|text| serde_json::from_str(&text).ok());
        if let Some(ready) = ready {
            break Ok(ready);
        }
        if let Ok(Some(status)) = child.try_wait() {
            break Err(status.to_string());
        }
        std::thread::sleep(Duration::from_millis(10));
    };
    let _ = std::fs::remove_file(report);
    let _ = outcome.send(result);
}

pub(crate) fn isolate(command: &mut Command) {
    command.creation_flags(CREATE_NO_WINDOW | CREATE_NEW_PROCESS_GROUP);
}

/// Does nothing, as the open handle of a child keeps its pid from being reused.
pub(crate) fn wait_without_reaping(_: &Child) {}

/// Kills a process tree with `taskkill`, as there is no system call for it.
pub(crate) fn kill_group(pid: u32) {
    let mut command = Command::new("taskkill");
    command.args(["/T", "/F", "/PID", &pid.to_string()]).creation_flags(CREATE_NO_WINDOW);
    let _ = command.output();
}

/// The file for the ready report of this process.
pub(crate) struct Reporter(std::path::PathBuf);

impl Reporter {
    /// Writes the report atomically, as the starter polls for it.
    pub(crate) fn send(self, report: &[u8]) -> io::Result<()> {
        files::write_atomically(&self.0, report, files::Access::Owner).map_err(io::Error::other)
    }
}

/// Acquires the life lock, which is not inherited, and keeps it until the process exits.
pub(crate) fn hold_inherited(env: &Environment) -> Result<Option<Reporter>> {
    static LIFE: std::sync::OnceLock<files::FileLock> = std::sync::OnceLock::new();
    if let Some(path) = env.get(daemon::LIFE_LOCK) {
        let wait = files::LockWait { step: "Waiting for the previous server to exit", limit: Duration::from_secs(20) };
        let lock = files::FileLock::acquire_blocking(Path::new(path), wait)?;
        if let Some(process::Identity { pid, start_time }) = process::Identity::of(std::process::id()) {
            lock.write_record(&format!("{pid} {start_time}\n"));
        }
        let _ = LIFE.set(lock);
    }
    Ok(env.get(daemon::READY_FILE).map(|path| Reporter(path.into())))
}
