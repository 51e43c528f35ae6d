//! Which process is meant: its pid and when it began.

use super::{ending::Ending, platform, state_file::read_private_state};
use serde::{Deserialize, Serialize};
use std::sync::OnceLock;

/// A process that cannot be confused with a later one of the same pid.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Identity {
    /// Process id.
    pub pid: u32,
    /// When the kernel says the process began, in a unit of the platform's own that no change of the clock touches.
    pub start_time: String,
}

impl Identity {
    /// The process that has this pid now; `None` if there is none, or only a zombie.
    pub fn of(pid: u32) -> Option<Self> {
        platform::start_time(pid).map(|start_time| Self { pid, start_time })
    }

    /// The process that noted itself in a file: `<pid> <start time>`. Blocks.
    pub fn noted_in(path: &std::path::Path) -> Option<Self> {
        let text = read_private_state(path).ok()??;
        let (pid, start_time) = text.trim_end().split_once(' ')?;
        Some(Self { pid: pid.parse().ok()?, start_time: start_time.to_owned() })
    }

    /// Whether this very process still runs; a zombie counts as gone.
    pub fn is_alive(&self) -> bool {
        platform::start_time(self.pid).is_some_and(|now| now == self.start_time)
    }

    /// Whether the system does not say whether it runs: it belongs to a user with more rights (Windows).
    pub fn is_hidden(&self) -> bool {
        platform::is_hidden(self.pid)
    }

    /// Ends this very process, and no other that has its pid by now.
    pub fn end(&self, ending: Ending) {
        platform::end(self.pid, &self.start_time, ending);
    }
}

/// Whether any process has this pid; a zombie counts as gone.
pub fn pid_is_alive(pid: u32) -> bool {
    platform::start_time(pid).is_some()
}

/// Where process ids mean what they mean here: the boot of a machine, and the namespace in it (Linux). `None` where that
/// is not known.
pub fn namespace() -> Option<&'static str> {
    static NAMESPACE: OnceLock<Option<String>> = OnceLock::new();
    NAMESPACE.get_or_init(platform::namespace).as_deref()
}

/// The user whose rights this process has; `None` where users have no numbers.
pub fn effective_user() -> Option<u32> {
    platform::effective_user()
}

/// The user that something belongs to, or a link itself; `None` where it is not there, or users have no numbers.
pub fn owner_of(path: &std::path::Path, follow: bool) -> Option<u32> {
    platform::owner_of(path, follow)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn this_process_is_itself_and_a_forged_start_is_another() {
        let me = Identity::of(std::process::id()).unwrap();
        assert!(me.is_alive());
        let other = Identity { start_time: "0".into(), ..me };
        assert!(!other.is_alive());
        // Were it not verified, this would end the test.
        other.end(Ending::Kill);
    }

    #[cfg(unix)]
    #[test]
    fn a_zombie_counts_as_gone() {
        let mut child = std::process::Command::new("sleep").arg("60").spawn().unwrap();
        let identity = Identity::of(child.id()).unwrap();
        identity.end(Ending::Kill);
        while identity.is_alive() {
            std::thread::yield_now();
        }
        assert!(child.try_wait().is_ok());
        let _ = child.wait();
    }
}
