//! What the kernel says of a process, and how one is ended: Windows.

use crate::process::ending::Ending;
use std::io;
use windows_sys::Win32::{
    Foundation::{CloseHandle, FILETIME, HANDLE, WAIT_TIMEOUT},
    System::Threading::{
        GetProcessTimes, OpenProcess, PROCESS_QUERY_LIMITED_INFORMATION, PROCESS_SYNCHRONIZE, PROCESS_TERMINATE,
        TerminateProcess, WaitForSingleObject,
    },
};

/// Users have names of another kind there.
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

pub(crate) fn start_time(pid: u32) -> Option<String> {
    Process::open(pid, 0)?.start_time()
}

/// Whether there is such a process, and this user may not look at it: an elevated one, or one of another session.
pub(crate) fn is_hidden(pid: u32) -> bool {
    Process::open(pid, 0).is_none() && io::Error::last_os_error().kind() == io::ErrorKind::PermissionDenied
}

/// Processes are not suspended as a whole here.
pub(crate) fn is_suspended(_: u32) -> bool {
    false
}

/// There is one namespace of process ids.
pub(crate) fn namespace() -> Option<String> {
    None
}

/// Ends the process of that pid that began at that time.
pub(crate) fn end(pid: u32, began: &str, ending: Ending) {
    let Ending::Kill = ending else { return };
    if let Some(process) = Process::open(pid, PROCESS_TERMINATE)
        && process.start_time().as_deref() == Some(began)
    {
        // SAFETY: the handle is open with the right to terminate, and pins the very process that was verified.
        unsafe { TerminateProcess(process.0, 1) };
    }
}
