//! The identity of a process: its pid and its start time.

use super::{platform, signal::Signal, state_file::read_private_state};
use serde::{Deserialize, Serialize};
use std::sync::OnceLock;

/// A process that cannot be confused with a later one of the same pid.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Identity {
    /// Process id.
    pub pid: u32,
    /// Start time of the process as the kernel reports it: clock ticks since boot (Linux), seconds since the Unix epoch
    /// (macOS), 100-nanosecond intervals since 1601 (Windows). Setting the clock does not change it.
    pub start_time: String,
}

impl Identity {
    /// The process that has this pid now; `None` if there is none or it is a zombie.
    pub fn of(pid: u32) -> Option<Self> {
        platform::start_time(pid).map(|start_time| Self { pid, start_time })
    }

    /// Reads a pid record, `<pid> <start time>`, from a file; `None` if there is none. Blocks.
    pub fn read_pid_record(path: &std::path::Path) -> Option<Self> {
        let text = read_private_state(path).ok()??;
        let (pid, start_time) = text.trim_end().split_once(' ')?;
        Some(Self { pid: pid.parse().ok()?, start_time: start_time.to_owned() })
    }

    /// Whether this process, and not a later one with its pid, is running; a zombie is not.
    pub fn is_alive(&self) -> bool {
        platform::start_time(self.pid).is_some_and(|now| now == self.start_time)
    }

    /// Whether the process cannot be queried because it belongs to a user with more rights (Windows).
    pub fn is_hidden(&self) -> bool {
        platform::is_hidden(self.pid)
    }

    /// Sends a signal to this process, never to a later one with its pid.
    pub fn send_signal(&self, signal: Signal) {
        platform::send_signal(self.pid, &self.start_time, signal);
    }
}

/// Whether a process with this pid is running; a zombie is not.
pub fn pid_is_alive(pid: u32) -> bool {
    platform::start_time(pid).is_some()
}

/// The pid namespace of this process, within which pids and start times are valid: boot id and namespace (Linux).
/// `None` if it cannot be determined.
pub fn namespace() -> Option<&'static str> {
    static NAMESPACE: OnceLock<Option<String>> = OnceLock::new();
    NAMESPACE.get_or_init(platform::namespace).as_deref()
}

/// The effective user id of this process; `None` on Windows.
pub fn effective_user() -> Option<u32> {
    platform::effective_user()
}

/// The user id that owns a file, or a link itself without `follow`; `None` if there is no such file, and on Windows.
pub fn owner_of(path: &std::path::Path, follow: bool) -> Option<u32> {
    platform::owner_of(path, follow)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn identity_with_another_start_time_is_not_alive_and_not_signalled() {
        let current = Identity::of(std::process::id()).unwrap();
        assert!(current.is_alive());
        let other = Identity { start_time: "0".into(), ..current };
        assert!(!other.is_alive());
        // Kills this test if the start time is not verified.
        other.send_signal(Signal::Kill);
    }

    #[cfg(unix)]
    #[test]
    fn zombie_is_not_alive() {
        let mut child = std::process::Command::new("sleep").arg("60").spawn().unwrap();
        let identity = Identity::of(child.id()).unwrap();
        identity.send_signal(Signal::Kill);
        while identity.is_alive() {
            std::thread::yield_now();
        }
        assert!(child.try_wait().is_ok());
        let _ = child.wait();
    }
}
