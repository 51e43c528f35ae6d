//! Process information and signals on Linux and macOS.

use crate::process::signal::Signal;
use std::io;
#[cfg(target_os = "linux")]
use std::os::fd::RawFd;

pub(crate) fn effective_user() -> Option<u32> {
    Some(crate::process::user::effective_user())
}

pub(crate) fn owner_of(path: &std::path::Path, follow: bool) -> Option<u32> {
    use std::os::unix::fs::MetadataExt;
    let found = if follow { path.metadata() } else { path.symlink_metadata() };
    found.ok().map(|found| found.uid())
}

/// When the process began; `None` for none and for a zombie.
#[cfg(not(target_os = "macos"))]
pub(crate) fn start_time(pid: u32) -> Option<String> {
    let stat = std::fs::read(format!("/proc/{pid}/stat")).ok()?;
    let zombie = matches!(stat_field(&stat, 3)?, b"Z" | b"X");
    let ticks = stat_field(&stat, 22)?;
    (!zombie).then(|| String::from_utf8_lossy(ticks).into_owned())
}

/// On Unix every process can be queried.
pub(crate) fn is_hidden(_: u32) -> bool {
    false
}

/// Whether the process is stopped by a signal.
#[cfg(not(target_os = "macos"))]
pub(crate) fn is_suspended(pid: u32) -> bool {
    let stat = std::fs::read(format!("/proc/{pid}/stat")).unwrap_or_default();
    stat_field(&stat, 3).is_some_and(|state| matches!(state, b"T" | b"t"))
}

/// The boot of this kernel and the namespace of pids in it: `<boot id>/<inode>`.
#[cfg(target_os = "linux")]
pub(crate) fn namespace() -> Option<String> {
    use std::os::unix::fs::MetadataExt;
    let boot = std::fs::read_to_string("/proc/sys/kernel/random/boot_id").ok()?;
    let inode = std::fs::metadata("/proc/self/ns/pid").ok()?.ino();
    Some(format!("{}/{inode}", boot.trim()))
}

#[cfg(not(target_os = "linux"))]
pub(crate) fn namespace() -> Option<String> {
    None
}

/// A field of `/proc/<pid>/stat`, numbered as in proc_pid_stat(5): 3 is the state, 22 the start time in clock ticks
/// since boot. The command name is in parentheses and may contain any character, so fields are counted from the last
/// `)`. Does not allocate.
#[cfg(not(target_os = "macos"))]
pub(super) fn stat_field(stat: &[u8], number: usize) -> Option<&[u8]> {
    let end = stat.iter().rposition(|byte| *byte == b')')?;
    let mut fields = stat[end + 1..].split(u8::is_ascii_whitespace).filter(|field| !field.is_empty());
    fields.nth(number.checked_sub(3)?)
}

/// When the process began; `None` for none and for a zombie.
#[cfg(target_os = "macos")]
pub(crate) fn start_time(pid: u32) -> Option<String> {
    let info = bsd_info(libc::c_int::try_from(pid).ok()?)?;
    let zombie = info.pbi_status == libc::SZOMB;
    (!zombie).then(|| format!("{}.{:06}", info.pbi_start_tvsec, info.pbi_start_tvusec))
}

/// Whether the process is stopped by a signal.
#[cfg(target_os = "macos")]
pub(crate) fn is_suspended(pid: u32) -> bool {
    let info = libc::c_int::try_from(pid).ok().and_then(bsd_info);
    info.is_some_and(|info| info.pbi_status == libc::SSTOP)
}

/// The kernel's information about a process. Does not allocate.
#[cfg(target_os = "macos")]
pub(super) fn bsd_info(pid: libc::c_int) -> Option<libc::proc_bsdinfo> {
    let mut info = std::mem::MaybeUninit::<libc::proc_bsdinfo>::zeroed();
    let size = size_of::<libc::proc_bsdinfo>() as libc::c_int;
    // SAFETY: the buffer has the size that is passed, and `zeroed` is a valid value of this plain C struct.
    unsafe {
        let read = libc::proc_pidinfo(pid, libc::PROC_PIDTBSDINFO, 0, info.as_mut_ptr().cast(), size);
        (read == size).then(|| info.assume_init())
    }
}

/// Signals the process with that pid and start time.
pub(crate) fn send_signal(pid: u32, began: &str, signal: Signal) {
    let Ok(pid) = libc::pid_t::try_from(pid) else { return };
    let signal = match signal {
        Signal::Terminate => libc::SIGTERM,
        Signal::Kill => libc::SIGKILL,
    };
    // A pid of 0 or below would address process groups.
    if pid > 0 {
        signal_verified(pid, began, signal);
    }
}

/// Signals through a pidfd, so that the pid cannot be reused between the check and the signal.
#[cfg(target_os = "linux")]
fn signal_verified(pid: libc::pid_t, began: &str, signal: libc::c_int) {
    // SAFETY: plain system calls on integers; the descriptor is ours and closed once.
    unsafe {
        let handle = libc::syscall(libc::SYS_pidfd_open, pid, 0);
        if handle < 0 {
            // Kernels before 5.3 and sandboxes do not have the system call.
            if io::Error::last_os_error().raw_os_error() != Some(libc::ESRCH) && is_alive(pid, began) {
                libc::kill(pid, signal);
            }
            return;
        }
        if is_alive(pid, began) {
            libc::syscall(libc::SYS_pidfd_send_signal, handle, signal, std::ptr::null::<libc::siginfo_t>(), 0);
        }
        libc::close(handle as RawFd);
    }
}

#[cfg(not(target_os = "linux"))]
fn signal_verified(pid: libc::pid_t, began: &str, signal: libc::c_int) {
    if is_alive(pid, began) {
        // SAFETY: a plain system call on integers.
        unsafe { libc::kill(pid, signal) };
    }
}

fn is_alive(pid: libc::pid_t, began: &str) -> bool {
    u32::try_from(pid).ok().and_then(start_time).is_some_and(|now| now == began)
}
