//! Spawning of detached children and commands on Linux and macOS.

#[cfg(target_os = "macos")]
use super::kernel::bsd_info;
#[cfg(not(target_os = "macos"))]
use super::kernel::stat_field;
use crate::{
    env::{Environment, daemon},
    error::Result,
    process::detached::{Detached, Launch, Ready, watch},
};
use std::{
    io::{self, Read, Write},
    os::fd::{AsRawFd, FromRawFd, RawFd},
    os::unix::process::CommandExt,
    process::{Child, Command},
};
use tokio::sync::oneshot;

/// Writes pid and start time of this process to a buffer, in the format of `Identity::read_pid_record`; returns the
/// length. Called between fork and exec: does not allocate.
#[cfg(not(target_os = "macos"))]
fn format_pid_record(into: &mut [u8]) -> Option<usize> {
    let mut stat = [0; 1024];
    // SAFETY: plain system calls that are async-signal-safe; the buffer is ours and has the length that is passed.
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

/// Writes pid and start time of this process to a buffer, in the format of `Identity::read_pid_record`; returns the
/// length. Called between fork and exec: does not allocate.
#[cfg(target_os = "macos")]
fn format_pid_record(into: &mut [u8]) -> Option<usize> {
    // SAFETY: a plain system call that is async-signal-safe.
    let pid = unsafe { libc::getpid() };
    let info = bsd_info(pid)?;
    let mut rest = &mut *into;
    writeln!(rest, "{pid} {}.{:06}", info.pbi_start_tvsec, info.pbi_start_tvusec).ok()?;
    let left = rest.len();
    Some(into.len() - left)
}

/// Writes the pid record of this process into its life lock, so that other processes can identify the holder even if
/// the launcher has ended. Called between fork and exec: does not allocate.
fn write_pid_record(life: RawFd) -> io::Result<()> {
    let mut record = [0; 64];
    let length = format_pid_record(&mut record).ok_or_else(|| io::Error::from_raw_os_error(libc::ESRCH))?;
    // SAFETY: plain system calls that are async-signal-safe, on a descriptor that is open and a buffer that is ours.
    let written = unsafe {
        if libc::ftruncate(life, 0) < 0 {
            return Err(io::Error::last_os_error());
        }
        libc::pwrite(life, record.as_ptr().cast(), length, 0)
    };
    if usize::try_from(written) == Ok(length) { Ok(()) } else { Err(io::Error::last_os_error()) }
}

/// Spawns a child in a new session, which inherits the socket, the life lock and the pipe for its ready report. Blocks.
pub fn spawn_detached(mut launch: Launch) -> io::Result<Detached> {
    let (ready, report) = io::pipe()?;
    let inherited = [
        (daemon::LISTEN_FD, launch.listener.as_raw_fd()),
        (daemon::LIFE_FD, launch.life.file().as_raw_fd()),
        (daemon::READY_FD, report.as_raw_fd()),
    ];
    for (name, fd) in inherited {
        launch.env = launch.env.with(name, fd.to_string());
    }
    let mut command = launch.command()?;
    let life = launch.life.file().as_raw_fd();
    let adopt = move || {
        close_other_descriptors();
        inherited.iter().try_for_each(|(_, fd)| inherit(*fd))?;
        new_session()?;
        tighten_umask(0o077);
        write_pid_record(life)
    };
    // SAFETY: only system calls that are async-signal-safe happen between fork and exec.
    unsafe { command.pre_exec(adopt) };
    let child = command.spawn()?;
    // Closed here, so that pipe, port and lock are released when the child exits.
    drop((report, launch));
    watch(child.id(), move |outcome| wait_for(child, ready, outcome))
}

/// Sets close-on-exec on all descriptors but the standard ones, including those that the host opened: the reader of a
/// pipe of the host would otherwise wait until the daemon exits. Called between fork and exec: does not allocate.
fn close_other_descriptors() {
    const FIRST_FD: libc::c_int = 3;
    const MAX_FD: libc::c_int = 1 << 16;
    // SAFETY: plain system calls on integers that are async-signal-safe; nothing is closed before exec.
    unsafe {
        #[cfg(target_os = "linux")]
        if libc::syscall(libc::SYS_close_range, FIRST_FD, libc::c_uint::MAX, libc::CLOSE_RANGE_CLOEXEC) == 0 {
            return;
        }
        // Kernels before 5.11 and other systems. The range is limited, as each descriptor takes a system call.
        let end = libc::c_int::try_from(libc::sysconf(libc::_SC_OPEN_MAX)).unwrap_or(MAX_FD).clamp(FIRST_FD, MAX_FD);
        for fd in FIRST_FD..end {
            libc::fcntl(fd, libc::F_SETFD, libc::FD_CLOEXEC);
        }
    }
}

/// Clears close-on-exec of a descriptor. Called after the fork, so that no other child inherits it.
fn inherit(fd: RawFd) -> io::Result<()> {
    // SAFETY: a plain system call on integers.
    if unsafe { libc::fcntl(fd, libc::F_SETFD, 0) } < 0 { Err(io::Error::last_os_error()) } else { Ok(()) }
}

fn new_session() -> io::Result<()> {
    // SAFETY: a plain system call.
    if unsafe { libc::setsid() } < 0 { Err(io::Error::last_os_error()) } else { Ok(()) }
}

/// Waits for the ready report, sends the outcome, and reaps the child. The pipe closes when the child has reported or
/// exited.
fn wait_for(mut child: Child, mut pipe: io::PipeReader, outcome: oneshot::Sender<Result<Ready, String>>) {
    let mut text = String::new();
    let ready = pipe.read_to_string(&mut text).ok().and_then(|_| serde_json::from_str(&text).ok());
    drop(pipe);
    if let Some(ready) = ready {
        let _ = outcome.send(Ok(ready));
        let _ = child.wait();
        return;
    }
    let ended = child.wait().map_or_else(|error| error.to_string(), |status| status.to_string());
    let _ = outcome.send(Err(ended));
}

/// Isolates a command: it has its own process group, so that Ctrl-C does not reach it, inherits only the standard
/// descriptors, creates files that others cannot write, and on Linux is killed when this process exits.
pub(crate) fn isolate(command: &mut Command) {
    command.process_group(0);
    let parent = std::process::id();
    let tighten = move || {
        close_other_descriptors();
        tighten_umask(0o022);
        end_with_parent(parent)
    };
    // SAFETY: only system calls that are async-signal-safe happen between fork and exec.
    unsafe { command.pre_exec(tighten) };
}

/// Has the kernel kill this child when its parent thread exits; that thread waits for the command, so it exits early
/// only with its process. Called between fork and exec: does not allocate.
#[cfg(target_os = "linux")]
fn end_with_parent(parent: u32) -> io::Result<()> {
    // SAFETY: plain system calls on integers that are async-signal-safe.
    unsafe {
        if libc::prctl(libc::PR_SET_PDEATHSIG, libc::SIGKILL) < 0 {
            return Err(io::Error::last_os_error());
        }
        // If the parent exited before the call, no signal is sent.
        let is_parent_alive = u32::try_from(libc::getppid()) == Ok(parent);
        if is_parent_alive { Ok(()) } else { Err(io::Error::from_raw_os_error(libc::ESRCH)) }
    }
}

/// Other systems have no parent death signal.
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

/// Waits until a child has exited without reaping it, so that its pid is not reused.
pub(crate) fn wait_without_reaping(child: &Child) {
    let mut info = std::mem::MaybeUninit::<libc::siginfo_t>::zeroed();
    let options = libc::WEXITED | libc::WNOWAIT;
    // SAFETY: a plain system call; the struct is ours.
    while unsafe { libc::waitid(libc::P_PID, child.id(), info.as_mut_ptr(), options) } < 0
        && io::Error::last_os_error().kind() == io::ErrorKind::Interrupted
    {}
}

/// Kills the process group of an isolated command.
pub(crate) fn kill_group(pid: u32) {
    if let Ok(pid) = libc::pid_t::try_from(pid)
        && pid > 1
    {
        // SAFETY: a plain system call; the group is led by a child that has not been waited for.
        unsafe { libc::kill(-pid, libc::SIGKILL) };
    }
}

/// The pipe for the ready report of this process.
pub(crate) struct Reporter(std::fs::File);

impl Reporter {
    /// Writes the report and closes the pipe.
    pub(crate) fn send(mut self, report: &[u8]) -> io::Result<()> {
        self.0.write_all(report)
    }
}

/// Keeps the inherited socket, lock and pipe from the children of this process. The lock is held by its descriptor,
/// which stays open until the process exits.
pub(crate) fn hold_inherited(env: &Environment) -> Result<Option<Reporter>> {
    let [_, _, ready] = [daemon::LISTEN_FD, daemon::LIFE_FD, daemon::READY_FD].map(|name| {
        let fd: RawFd = env.get(name)?.parse().ok()?;
        // SAFETY: a plain system call on an integer; it fails if the descriptor is not open.
        (unsafe { libc::fcntl(fd, libc::F_SETFD, libc::FD_CLOEXEC) } == 0).then_some(fd)
    });
    // SAFETY: the descriptor is open, and the starter has passed it to this process for this purpose only.
    Ok(ready.map(|fd| Reporter(unsafe { std::fs::File::from_raw_fd(fd) })))
}
