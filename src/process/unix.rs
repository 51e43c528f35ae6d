//! Linux and macOS.

use super::{
    Ending, Identity,
    detached::{Detached, Launch, Ready, watch},
};
use crate::env::daemon;
use std::{
    io::{self, Read, Write},
    os::fd::{AsRawFd, RawFd},
    os::unix::process::CommandExt,
    process::{Child, Command},
};
use tokio::sync::oneshot;

pub(super) fn effective_user() -> Option<u32> {
    Some(super::user::effective_user())
}

pub(super) fn owner_of(path: &std::path::Path, follow: bool) -> Option<u32> {
    use std::os::unix::fs::MetadataExt;
    let found = if follow { path.metadata() } else { path.symlink_metadata() };
    found.ok().map(|found| found.uid())
}

/// When the process began; `None` for none and for a zombie.
#[cfg(not(target_os = "macos"))]
pub(super) fn start_time(pid: u32) -> Option<String> {
    let stat = std::fs::read(format!("/proc/{pid}/stat")).ok()?;
    let zombie = matches!(stat_field(&stat, 3)?, b"Z" | b"X");
    let ticks = stat_field(&stat, 22)?;
    (!zombie).then(|| String::from_utf8_lossy(ticks).into_owned())
}

/// Every process can be looked at.
pub(super) fn is_hidden(_: u32) -> bool {
    false
}

/// Whether the process is stopped by a signal.
#[cfg(not(target_os = "macos"))]
pub(super) fn is_suspended(pid: u32) -> bool {
    let stat = std::fs::read(format!("/proc/{pid}/stat")).unwrap_or_default();
    stat_field(&stat, 3).is_some_and(|state| matches!(state, b"T" | b"t"))
}

/// The boot of this kernel and the namespace of pids in it: `<boot id>/<inode>`.
#[cfg(target_os = "linux")]
pub(super) fn namespace() -> Option<String> {
    use std::os::unix::fs::MetadataExt;
    let boot = std::fs::read_to_string("/proc/sys/kernel/random/boot_id").ok()?;
    let inode = std::fs::metadata("/proc/self/ns/pid").ok()?.ino();
    Some(format!("{}/{inode}", boot.trim()))
}

#[cfg(not(target_os = "linux"))]
pub(super) fn namespace() -> Option<String> {
    None
}

/// A field of `/proc/<pid>/stat` as proc_pid_stat(5) counts them: the state is 3, the start in clock ticks since boot
/// is 22. The command's name stands in parentheses and may hold anything; what follows the last one has fixed places.
/// Allocates nothing.
#[cfg(not(target_os = "macos"))]
fn stat_field(stat: &[u8], number: usize) -> Option<&[u8]> {
    let end = stat.iter().rposition(|byte| *byte == b')')?;
    let mut fields = stat[end + 1..].split(u8::is_ascii_whitespace).filter(|field| !field.is_empty());
    fields.nth(number.checked_sub(3)?)
}

/// When the process began; `None` for none and for a zombie.
#[cfg(target_os = "macos")]
pub(super) fn start_time(pid: u32) -> Option<String> {
    let info = bsd_info(libc::c_int::try_from(pid).ok()?)?;
    let zombie = info.pbi_status == libc::SZOMB;
    (!zombie).then(|| format!("{}.{:06}", info.pbi_start_tvsec, info.pbi_start_tvusec))
}

/// Whether the process is stopped by a signal.
#[cfg(target_os = "macos")]
pub(super) fn is_suspended(pid: u32) -> bool {
    let info = libc::c_int::try_from(pid).ok().and_then(bsd_info);
    info.is_some_and(|info| info.pbi_status == libc::SSTOP)
}

/// What the kernel knows of a process. Allocates nothing.
#[cfg(target_os = "macos")]
fn bsd_info(pid: libc::c_int) -> Option<libc::proc_bsdinfo> {
    let mut info = std::mem::MaybeUninit::<libc::proc_bsdinfo>::zeroed();
    let size = size_of::<libc::proc_bsdinfo>() as libc::c_int;
    // SAFETY: the buffer has the size that is told, and `zeroed` is a valid value of this plain C struct.
    unsafe {
        let read = libc::proc_pidinfo(pid, libc::PROC_PIDTBSDINFO, 0, info.as_mut_ptr().cast(), size);
        (read == size).then(|| info.assume_init())
    }
}

/// This process and when it began, as `Identity::noted_in` reads them, into a buffer; the number of bytes. Called
/// between fork and exec: allocates nothing.
#[cfg(not(target_os = "macos"))]
fn describe_self(into: &mut [u8]) -> Option<usize> {
    let mut stat = [0; 1024];
    // SAFETY: plain system calls that are async-signal-safe; the buffer is ours and has the length that is told.
    let (pid, length) = unsafe {
        let file = libc::open(c"/proc/self/stat".as_ptr(), libc::O_RDONLY | libc::O_CLOEXEC);
        let length = libc::read(file, stat.as_mut_ptr().cast(), stat.len());
        libc::close(file);
        (libc::getpid(), usize::try_from(length).ok()?)
    };
    let ticks = stat_field(&stat[..length], 22)?;
    let mut rest = &mut *into;
    write!(rest, "{pid} ").and_then(|()| rest.write_all(ticks)).and_then(|()| rest.write_all(b"\n")).ok()?;
    let left = rest.len();
    Some(into.len() - left)
}

/// This process and when it began, as `Identity::noted_in` reads them, into a buffer; the number of bytes. Called
/// between fork and exec: allocates nothing.
#[cfg(target_os = "macos")]
fn describe_self(into: &mut [u8]) -> Option<usize> {
    // SAFETY: a plain system call that is async-signal-safe.
    let pid = unsafe { libc::getpid() };
    let info = bsd_info(pid)?;
    let mut rest = &mut *into;
    writeln!(rest, "{pid} {}.{:06}", info.pbi_start_tvsec, info.pbi_start_tvusec).ok()?;
    let left = rest.len();
    Some(into.len() - left)
}

/// Notes this process in its life lock, so that whoever finds the lock held knows by whom, also when nobody lives who
/// was told. Called between fork and exec: allocates nothing.
fn note_birth(life: RawFd) -> io::Result<()> {
    let mut note = [0; 64];
    let length = describe_self(&mut note).ok_or_else(|| io::Error::from_raw_os_error(libc::ESRCH))?;
    // SAFETY: plain system calls that are async-signal-safe, on a descriptor that is open and a buffer that is ours.
    let written = unsafe {
        if libc::ftruncate(life, 0) < 0 {
            return Err(io::Error::last_os_error());
        }
        libc::pwrite(life, note.as_ptr().cast(), length, 0)
    };
    if usize::try_from(written) == Ok(length) { Ok(()) } else { Err(io::Error::last_os_error()) }
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
    let life = launch.life.file().as_raw_fd();
    let adopt = move || {
        keep_descriptors();
        inherited.iter().try_for_each(|(_, fd)| inherit(*fd))?;
        new_session()?;
        tighten_umask(0o077);
        note_birth(life)
    };
    // SAFETY: only system calls that are async-signal-safe happen between fork and exec.
    unsafe { command.pre_exec(adopt) };
    let child = command.spawn()?;
    // What stays open here would keep the pipe, the port and the lock from ending with the child.
    drop((tell, launch));
    watch(child.id(), move |outcome| wait_for(child, told, outcome))
}

/// Whatever else this process has open stays with it, also what it did not open itself: whoever waits for the end of
/// a pipe of the host would otherwise wait for the end of the daemon. Called between fork and exec: allocates nothing.
fn keep_descriptors() {
    const FIRST: libc::c_int = 3;
    const MOST: libc::c_int = 1 << 16;
    // SAFETY: plain system calls on integers that are async-signal-safe; nothing is closed before exec.
    unsafe {
        #[cfg(target_os = "linux")]
        if libc::syscall(libc::SYS_close_range, FIRST, libc::c_uint::MAX, libc::CLOSE_RANGE_CLOEXEC) == 0 {
            return;
        }
        // Kernels before 5.11, and other systems. Few processes have more open, and a look at each takes its time.
        let end = libc::c_int::try_from(libc::sysconf(libc::_SC_OPEN_MAX)).unwrap_or(MOST).clamp(FIRST, MOST);
        for fd in FIRST..end {
            libc::fcntl(fd, libc::F_SETFD, libc::FD_CLOEXEC);
        }
    }
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

/// A command of ours that the terminal's Ctrl-C does not reach: cancelling is up to us. It gets no descriptors but its
/// standard ones, what it makes others can at the most read, and on Linux it does not outlive this process.
pub(super) fn separate(command: &mut Command) {
    command.process_group(0);
    let parent = std::process::id();
    let tighten = move || {
        keep_descriptors();
        tighten_umask(0o022);
        end_with_parent(parent)
    };
    // SAFETY: only system calls that are async-signal-safe happen between fork and exec.
    unsafe { command.pre_exec(tighten) };
}

/// The thread that forks waits for the command's end, so its own end is that of the process. Called between fork and
/// exec: allocates nothing.
#[cfg(target_os = "linux")]
fn end_with_parent(parent: u32) -> io::Result<()> {
    // SAFETY: plain system calls on integers that are async-signal-safe.
    unsafe {
        if libc::prctl(libc::PR_SET_PDEATHSIG, libc::SIGKILL) < 0 {
            return Err(io::Error::last_os_error());
        }
        // It may have ended before that, and then nothing would ever tell.
        let still = u32::try_from(libc::getppid()) == Ok(parent);
        if still { Ok(()) } else { Err(io::Error::from_raw_os_error(libc::ESRCH)) }
    }
}

/// Other systems have no such thing.
#[cfg(not(target_os = "linux"))]
fn end_with_parent(_: u32) -> io::Result<()> {
    Ok(())
}

fn tighten_umask(mask: libc::mode_t) {
    // SAFETY: plain system calls; this is the child, which has no other thread.
    unsafe {
        let user = libc::umask(mask);
        libc::umask(user | mask);
    }
}

/// Waits until a child has ended and leaves it to be waited for, so that its pid stays its own.
pub(super) fn await_end(child: &Child) {
    let mut info = std::mem::MaybeUninit::<libc::siginfo_t>::zeroed();
    let options = libc::WEXITED | libc::WNOWAIT;
    // SAFETY: a plain system call; the struct is ours.
    while unsafe { libc::waitid(libc::P_PID, child.id(), info.as_mut_ptr(), options) } < 0
        && io::Error::last_os_error().kind() == io::ErrorKind::Interrupted
    {}
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
