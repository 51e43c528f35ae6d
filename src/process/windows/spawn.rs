//! Spawning: detached children, and commands. Windows.

use crate::{
    env::daemon,
    process::detached::{Detached, Launch, Ready, watch},
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

/// Launches a child without a console. Handles are not inherited: it binds the port and takes the life lock itself,
/// and reports readiness in a file.
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

/// Some jobs forbid their processes to leave; then the daemon lives as long as the job.
fn spawn_outside_job(command: &mut Command) -> io::Result<Child> {
    let flags = CREATE_NO_WINDOW | CREATE_NEW_PROCESS_GROUP;
    match command.creation_flags(flags | CREATE_BREAKAWAY_FROM_JOB).spawn() {
        Err(error) if error.kind() == io::ErrorKind::PermissionDenied => command.creation_flags(flags).spawn(),
        other => other,
    }
}

/// The file is looked at until it is there or the child has ended.
fn wait_for(mut child: Child, report: &Path, outcome: oneshot::Sender<Result<Ready, String>>) {
    let outcome_of_child = loop {
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
    let _ = outcome.send(outcome_of_child);
}

pub(crate) fn separate(command: &mut Command) {
    command.creation_flags(CREATE_NO_WINDOW | CREATE_NEW_PROCESS_GROUP);
}

/// The handle of a child keeps its pid its own.
pub(crate) fn await_end(_: &Child) {}

/// `taskkill` ends a whole tree, for which there is no single system call.
pub(crate) fn end_group(pid: u32) {
    let mut command = Command::new("taskkill");
    command.args(["/T", "/F", "/PID", &pid.to_string()]).creation_flags(CREATE_NO_WINDOW);
    let _ = command.output();
}
