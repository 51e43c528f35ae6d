//! Windows.

use super::{
    Ending, Identity,
    detached::{Detached, Launch, Ready, watch},
};
use crate::env::daemon;
use std::{
    io,
    os::windows::process::CommandExt,
    path::Path,
    process::{Child, Command},
    time::Duration,
};
use tokio::sync::oneshot;
use windows_sys::Win32::{
    Foundation::{CloseHandle, FILETIME, HANDLE, WAIT_TIMEOUT},
    System::Threading::{
        CREATE_BREAKAWAY_FROM_JOB, CREATE_NEW_PROCESS_GROUP, CREATE_NO_WINDOW, GetProcessTimes, OpenProcess,
        PROCESS_QUERY_LIMITED_INFORMATION, PROCESS_SYNCHRONIZE, PROCESS_TERMINATE, TerminateProcess,
        WaitForSingleObject,
    },
};

/// Users have names of another kind there.
pub(super) fn effective_user() -> Option<u32> {
    None
}

pub(super) fn owner_of(_: &std::path::Path, _: bool) -> Option<u32> {
    None
}

struct Process(HANDLE);

impl Process {
    fn open(pid: u32, access: u32) -> Option<Self> {
        // SAFETY: a plain system call on integers; a handle that is returned is ours.
        let handle = unsafe { OpenProcess(access | PROCESS_QUERY_LIMITED_INFORMATION | PROCESS_SYNCHRONIZE, 0, pid) };
        (!handle.is_null()).then_some(Self(handle))
    }

    /// 100-nanosecond intervals since 1601; `None` once the process has ended.
    fn start_time(&self) -> Option<String> {
        let mut times = [FILETIME { dwLowDateTime: 0, dwHighDateTime: 0 }; 4];
        let [created, exited, kernel, user] = &mut times;
        // SAFETY: the handle is open and the four structs are ours.
        let known = unsafe {
            WaitForSingleObject(self.0, 0) == WAIT_TIMEOUT
                && GetProcessTimes(self.0, created, exited, kernel, user) != 0
        };
        known.then(|| ((u64::from(created.dwHighDateTime) << 32) | u64::from(created.dwLowDateTime)).to_string())
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // SAFETY: the handle is ours and closed once.
        unsafe { CloseHandle(self.0) };
    }
}

pub(super) fn start_time(pid: u32) -> Option<String> {
    Process::open(pid, 0)?.start_time()
}

/// Whether there is such a process, and this user may not look at it: an elevated one, or one of another session.
pub(super) fn is_hidden(pid: u32) -> bool {
    Process::open(pid, 0).is_none() && io::Error::last_os_error().kind() == io::ErrorKind::PermissionDenied
}

/// Processes are not suspended as a whole here.
pub(super) fn is_suspended(_: u32) -> bool {
    false
}

/// There is one namespace of process ids.
pub(super) fn namespace() -> Option<String> {
    None
}

pub(super) fn end(identity: &Identity, ending: Ending) {
    let Ending::Kill = ending else { return };
    if let Some(process) = Process::open(identity.pid, PROCESS_TERMINATE)
        && process.start_time().as_ref() == Some(&identity.start_time)
    {
        // SAFETY: the handle is open with the right to terminate, and pins the very process that was verified.
        unsafe { TerminateProcess(process.0, 1) };
    }
}

/// Launches a child without a console. Handles are not inherited: it binds the port and takes the life lock itself,
/// and tells readiness in a file.
pub(super) fn launch(mut launch: Launch) -> io::Result<Detached> {
    let told = launch.folder.join("daemon.ready.json");
    let _ = std::fs::remove_file(&told);
    launch.env = launch
        .env
        .with(daemon::LIFE_LOCK, launch.life.path().to_string_lossy())
        .with(daemon::READY_FILE, told.to_string_lossy());
    let mut command = launch.command()?;
    drop(launch);
    let child = spawn_outside_job(&mut command)?;
    watch(child.id(), move |outcome| wait_for(child, &told, outcome))
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
fn wait_for(mut child: Child, told: &Path, outcome: oneshot::Sender<Result<Ready, String>>) {
    let told_or_ended = loop {
        let ready = std::fs::read_to_string(told).ok().and_then(|text| serde_json::from_str(&text).ok());
        if let Some(ready) = ready {
            break Ok(ready);
        }
        if let Ok(Some(status)) = child.try_wait() {
            break Err(status.to_string());
        }
        std::thread::sleep(Duration::from_millis(10));
    };
    let _ = std::fs::remove_file(told);
    let _ = outcome.send(told_or_ended);
}

pub(super) fn separate(command: &mut Command) {
    command.creation_flags(CREATE_NO_WINDOW | CREATE_NEW_PROCESS_GROUP);
}

/// The handle of a child keeps its pid its own.
pub(super) fn await_end(_: &Child) {}

/// `taskkill` ends a whole tree, for which there is no single system call.
pub(super) fn end_group(pid: u32) {
    let mut command = Command::new("taskkill");
    command.args(["/T", "/F", "/PID", &pid.to_string()]).creation_flags(CREATE_NO_WINDOW);
    let _ = command.output();
}
