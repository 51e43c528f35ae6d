//! Process information and signals on Windows.

use crate::process::signal::Signal;
use std::io;
use windows_sys::Win32::{
    Foundation::{CloseHandle, FILETIME, HANDLE, WAIT_TIMEOUT},
    System::Threading::{
        GetProcessTimes, OpenProcess, PROCESS_QUERY_LIMITED_INFORMATION, PROCESS_SYNCHRONIZE, PROCESS_TERMINATE,
        TerminateProcess, WaitForSingleObject,
    },
};

/// Windows has no numeric user ids.
pub(crate) fn effective_user() -> Option<u32> {
    None
}

pub(crate) fn owner_of(_: &std::path::Path, _: bool) -> Option<u32> {
    None
}

struct Process(HANDLE);

impl Process {
    fn open(pid: u32, access: u32) -> Option<Self> {
        // SAFETY: a plain system call on integers; a handle that is returned is ours.
        let handle = unsafe { OpenProcess(access | PROCESS_QUERY_LIMITED_INFORMATION | PROCESS_SYNCHRONIZE, 0, pid) };
        (!handle.is_null()).then_some(Self(handle))
    }

    /// Start time in 100-nanosecond intervals since 1601; `None` after the process has exited.
    fn start_time(&self) -> Option<String> {
        let mut times = [FILETIME { dwLowDateTime: 0, dwHighDateTime: 0 }; 4];
        let [created, exited, kernel, user] = &mut times;
        // SAFETY: the handle is open and the four structs are ours.
        let is_running = unsafe {
            WaitForSingleObject(self.0, 0) == WAIT_TIMEOUT
                && GetProcessTimes(self.0, created, exited, kernel, user) != 0
        };
        is_running.then(|| ((u64::from(created.dwHighDateTime) << 32) | u64::from(created.dwLowDateTime)).to_string())
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // SAFETY: the handle is ours and closed once.
        unsafe { CloseHandle(self.0) };
    }
}

pub(crate) fn start_time(pid: u32) -> Option<String> {
    Process::open(pid, 0)?.start_time()
}

/// Whether the process exists but cannot be opened by this user: an elevated one, or one of another session.
pub(crate) fn is_hidden(pid: u32) -> bool {
    Process::open(pid, 0).is_none() && io::Error::last_os_error().kind() == io::ErrorKind::PermissionDenied
}

/// Windows has no suspended processes.
pub(crate) fn is_suspended(_: u32) -> bool {
    false
}

/// Windows has no pid namespaces.
pub(crate) fn namespace() -> Option<String> {
    None
}

/// Signals the process with that pid and start time.
pub(crate) fn send_signal(pid: u32, began: &str, signal: Signal) {
    let Signal::Kill = signal else { return };
    if let Some(process) = Process::open(pid, PROCESS_TERMINATE)
        && process.start_time().as_deref() == Some(began)
    {
        // SAFETY: the handle is open with the right to terminate, and pins the process that was verified.
        unsafe { TerminateProcess(process.0, 1) };
    }
}
