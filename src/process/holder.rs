//! The holder of a lock writes its pid record into the lock file, so that a waiter can name it.

use super::{Identity, namespace, platform};
use crate::{
    error::{Code, Error, Result},
    files::{FileLock, LockWait},
    offload,
};
use std::{fmt, path::Path};

/// The process whose pid record is in a lock file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Holder {
    /// A process in this pid namespace.
    Local(Identity),
    /// A process in another container or on another machine, whose pid is not valid here.
    Foreign,
}

impl Holder {
    /// Reads the pid record of a lock file; `None` if there is none or its process has ended. Blocks.
    pub fn of(path: &Path) -> Option<Self> {
        let text = super::read_private_state(path).ok()??;
        let mut words = text.split_whitespace();
        let identity = Identity { pid: words.next()?.parse().ok()?, start_time: words.next()?.to_owned() };
        match words.next() {
            Some(recorded) if namespace().is_some_and(|current| current != recorded) => Some(Self::Foreign),
            _ => identity.is_alive().then_some(Self::Local(identity)),
        }
    }
}

impl fmt::Display for Holder {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Local(Identity { pid, .. }) if platform::is_suspended(*pid) => {
                write!(formatter, "process {pid}, which is suspended,")
            }
            Self::Local(Identity { pid, .. }) => write!(formatter, "process {pid}"),
            Self::Foreign => formatter.write_str("a process of another container or machine"),
        }
    }
}

/// Acquires a lock like [`acquire_reporting_holder`] and writes the pid record of this process into it.
pub async fn acquire_and_record(path: &Path, wait: LockWait<'_>, on_wait: impl FnOnce(&str)) -> Result<FileLock> {
    let lock = acquire_reporting_holder(path, wait, on_wait).await?;
    Ok(offload::spawn_blocking(move || write_pid_record(lock)).await)
}

/// Acquires a lock. If it has to wait, `on_wait` is called once with a description of the holder.
///
/// Errors: [`Code::LockTimeout`] names the holder, if it is known.
pub async fn acquire_reporting_holder(path: &Path, wait: LockWait<'_>, on_wait: impl FnOnce(&str)) -> Result<FileLock> {
    let recorded = path.to_owned();
    let waiting = || on_wait(&describe_holder(&recorded));
    match FileLock::acquire(path, wait, waiting).await {
        Err(error) if error.code() == Code::LockTimeout => {
            let path = path.to_owned();
            let holder = offload::spawn_blocking(move || describe_holder(&path)).await;
            Err(Error::new(Code::LockTimeout, format!("{error}: {holder} holds the lock")).with_hint_from(&error))
        }
        other => other,
    }
}

fn describe_holder(path: &Path) -> String {
    Holder::of(path).map_or_else(|| "another process".to_owned(), |holder| holder.to_string())
}

fn write_pid_record(lock: FileLock) -> FileLock {
    if let Some(Identity { pid, start_time }) = Identity::of(std::process::id()) {
        lock.write_record(&format!("{pid} {start_time} {}\n", namespace().unwrap_or_default()));
    }
    lock
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::{cell::RefCell, time::Duration};

    const WAIT: LockWait<'_> = LockWait { step: "Waiting for x", limit: Duration::from_millis(50) };

    #[tokio::test]
    async fn wait_callback_and_timeout_error_name_the_holder() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("x.lock");
        let _first = acquire_and_record(&path, WAIT, |_| unreachable!("it is free")).await.unwrap();
        let reported = RefCell::new(String::new());
        let error =
            acquire_and_record(&path, WAIT, |holder| reported.replace(holder.to_owned()).clear()).await.unwrap_err();
        let holder = format!("process {}", std::process::id());
        assert_eq!(reported.into_inner(), holder);
        assert!(error.to_string().ends_with(&format!(": {holder} holds the lock")), "{error}");
    }

    #[tokio::test]
    async fn invalid_pid_record_names_no_holder() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("x.lock");
        let pid = std::process::id();
        for record in ["", "x", "1", &format!("{pid} 0"), "4294967295 7", "-1 7 x", "\0\0\0"] {
            std::fs::write(&path, record).unwrap();
            assert_eq!(Holder::of(&path), None, "{record:?}");
        }
        let _held = FileLock::try_acquire(&path).unwrap();
        let error = acquire_and_record(&path, WAIT, |holder| assert_eq!(holder, "another process")).await.unwrap_err();
        assert!(error.to_string().ends_with(": another process holds the lock"), "{error}");
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn foreign_and_suspended_holders_are_described_as_such() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("x.lock");
        let own = Identity::of(std::process::id()).unwrap();
        std::fs::write(&path, format!("{} {} another/1\n", own.pid, own.start_time)).unwrap();
        assert_eq!(Holder::of(&path), Some(Holder::Foreign));
        let mut child = std::process::Command::new("sleep").arg("60").spawn().unwrap();
        let identity = Identity::of(child.id()).unwrap();
        std::fs::write(&path, format!("{} {} {}\n", identity.pid, identity.start_time, namespace().unwrap())).unwrap();
        assert_eq!(Holder::of(&path).unwrap().to_string(), format!("process {}", child.id()));
        // SAFETY: a plain system call on a child of this test.
        unsafe { libc::kill(child.id().cast_signed(), libc::SIGSTOP) };
        while !platform::is_suspended(child.id()) {
            std::thread::yield_now();
        }
        assert_eq!(Holder::of(&path).unwrap().to_string(), format!("process {}, which is suspended,", child.id()));
        child.kill().unwrap();
        child.wait().unwrap();
    }
}
