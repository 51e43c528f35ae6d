//! Linux and macOS.

use super::{
    Ending, Identity,
    detached::{Detached, Launch, Ready, watch},
};
use crate::env::daemon;
use std::{
    io::{self, Read},
    os::fd::{AsRawFd, RawFd},
    os::unix::process::CommandExt,
    process::{Child, Command},
};
use tokio::sync::oneshot;

/// When the process began; `None` for none and for a zombie.
#[cfg(not(target_os = "macos"))]
pub(super) fn start_time(pid: u32) -> Option<String> {
    // The command's name stands in parentheses and may hold anything; what follows the last one has fixed places
    // (proc_pid_stat(5): state is field 3, starttime, in clock ticks since boot, field 22).
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    let fields: Vec<&str> = stat.rsplit_once(')')?.1.split_whitespace().collect();
    let zombie = matches!(*fields.first()?, "Z" | "X");
    (!zombie).then(|| fields.get(19).map(|ticks| (*ticks).to_owned()))?
}

/// When the process began; `None` for none and for a zombie.
#[cfg(target_os = "macos")]
pub(super) fn start_time(pid: u32) -> Option<String> {
    let pid = libc::c_int::try_from(pid).ok()?;
    let mut info = std::mem::MaybeUninit::<libc::proc_bsdinfo>::zeroed();
    let size = size_of::<libc::proc_bsdinfo>() as libc::c_int;
    // SAFETY: the buffer has the size that is told, and `zeroed` is a valid value of this plain C struct.
    let info = unsafe {
        if libc::proc_pidinfo(pid, libc::PROC_PIDTBSDINFO, 0, info.as_mut_ptr().cast(), size) != size {
            return None;
        }
        info.assume_init()
    };
    let zombie = info.pbi_status == libc::SZOMB;
    (!zombie).then(|| format!("{}.{:06}", info.pbi_start_tvsec, info.pbi_start_tvusec))
}

pub(super) fn end(process: &Identity, ending: Ending) {
    let Ok(pid) = libc::pid_t::try_from(process.pid) else { return };
    let signal = match ending {
        Ending::Ask => libc::SIGTERM,
        Ending::Kill => libc::SIGKILL,
    };
    // A pid of 0 or below would address whole groups.
    if pid > 0 {
        signal_verified(process, pid, signal);
    }
}

/// The handle pins the process, so that between the check and the signal nobody can take over its pid.
#[cfg(target_os = "linux")]
fn signal_verified(process: &Identity, pid: libc::pid_t, signal: libc::c_int) {
    // SAFETY: plain system calls on integers; the descriptor is ours and closed once.
    unsafe {
        let handle = libc::syscall(libc::SYS_pidfd_open, pid, 0);
        if handle < 0 {
            // Kernels before 5.3, and sandboxes that forbid it.
            if io::Error::last_os_error().raw_os_error() != Some(libc::ESRCH) && process.is_alive() {
                libc::kill(pid, signal);
            }
            return;
        }
        if process.is_alive() {
            libc::syscall(libc::SYS_pidfd_send_signal, handle, signal, std::ptr::null::<libc::siginfo_t>(), 0);
        }
        libc::close(handle as RawFd);
    }
}

#[cfg(not(target_os = "linux"))]
fn signal_verified(process: &Identity, pid: libc::pid_t, signal: libc::c_int) {
    if process.is_alive() {
        // SAFETY: a plain system call on integers.
        unsafe { libc::kill(pid, signal) };
    }
}

/// Launches a child in a session of its own, which inherits the socket, the life lock and a pipe to tell readiness on.
pub(super) fn launch(mut launch: Launch) -> io::Result<Detached> {
    let (told, tell) = io::pipe()?;
    let inherited = [
        (daemon::LISTEN_FD, launch.listener.as_raw_fd()),
        (daemon::LIFE_FD, launch.life.file().as_raw_fd()),
        (daemon::READY_FD, tell.as_raw_fd()),
    ];
    for (name, fd) in inherited {
        launch.env = launch.env.with(name, fd.to_string());
    }
    let mut command = launch.command()?;
    let adopt = move || inherited.iter().try_for_each(|(_, fd)| inherit(*fd)).and_then(|()| new_session());
    // SAFETY: only system calls that are async-signal-safe happen between fork and exec.
    unsafe { command.pre_exec(adopt) };
    let child = command.spawn()?;
    // What stays open here would keep the pipe, the port and the lock from ending with the child.
    drop((tell, launch));
    watch(child.id(), move |outcome| wait_for(child, told, outcome))
}

/// Cleared only after the fork, so that no other child of this process inherits the descriptor.
fn inherit(fd: RawFd) -> io::Result<()> {
    // SAFETY: a plain system call on integers.
    if unsafe { libc::fcntl(fd, libc::F_SETFD, 0) } < 0 { Err(io::Error::last_os_error()) } else { Ok(()) }
}

fn new_session() -> io::Result<()> {
    // SAFETY: a plain system call.
    if unsafe { libc::setsid() } < 0 { Err(io::Error::last_os_error()) } else { Ok(()) }
}

/// The pipe closes when the child has told or has ended, whichever comes first.
fn wait_for(mut child: Child, mut told: io::PipeReader, outcome: oneshot::Sender<Result<Ready, String>>) {
    let mut text = String::new();
    let ready = told.read_to_string(&mut text).ok().and_then(|_| serde_json::from_str(&text).ok());
    drop(told);
    if let Some(ready) = ready {
        let _ = outcome.send(Ok(ready));
        let _ = child.wait();
        return;
    }
    let ended = child.wait().map_or_else(|error| error.to_string(), |status| status.to_string());
    let _ = outcome.send(Err(ended));
}

/// A command of ours that the terminal's Ctrl-C does not reach: cancelling is up to us.
pub(super) fn separate(command: &mut Command) {
    command.process_group(0);
}

/// Ends a separated command with all that it started.
pub(super) fn end_group(pid: u32) {
    if let Ok(pid) = libc::pid_t::try_from(pid)
        && pid > 1
    {
        // SAFETY: a plain system call; the group is led by a child that has not been waited for.
        unsafe { libc::kill(-pid, libc::SIGKILL) };
    }
}
