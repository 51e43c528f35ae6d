//! The holder of a lock writes its pid record into the lock file, so that a waiter can name it.

use super::{Identity, namespace, platform};
use crate::{
    error::{Code, Error, Result},
    files::{FileLock, LockWait},
    offload,
};
use std::{fmt, path::Path};

/// The process that noted itself in a lock file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Holder {
    /// It runs here.
    Here(Identity),
    /// It runs in another container or on another machine, where its pid means another process.
    Foreign,
}

impl Holder {
    /// The process that is noted in a lock file and still runs; `None` if that is not known. Blocks.
    pub fn of(path: &Path) -> Option<Self> {
        let text = super::read_private_state(path).ok()??;
        let mut words = text.split_whitespace();
        let identity = Identity { pid: words.next()?.parse().ok()?, start_time: words.next()?.to_owned() };
        match words.next() {
            Some(noted) if namespace().is_some_and(|own| own != noted) => Some(Self::Foreign),
            _ => identity.is_alive().then_some(Self::Here(identity)),
        }
    }
}

impl fmt::Display for Holder {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Here(Identity { pid, .. }) if platform::is_suspended(*pid) => {
                write!(formatter, "process {pid}, which is suspended,")
            }
            Self::Here(Identity { pid, .. }) => write!(formatter, "process {pid}"),
            Self::Foreign => formatter.write_str("a process of another container or machine"),
        }
    }
}

/// Takes a lock as [`acquire_named`] does, and notes this process in it.
pub async fn acquire_noted(path: &Path, wait: LockWait<'_>, on_wait: impl FnOnce(&str)) -> Result<FileLock> {
    let lock = acquire_named(path, wait, on_wait).await?;
    Ok(offload::spawn_blocking(move || noting(lock)).await)
}

/// Takes a lock. `on_wait` is called once with the holder, as far as that is known, and the error of a wait that took
/// too long names it.
pub async fn acquire_named(path: &Path, wait: LockWait<'_>, on_wait: impl FnOnce(&str)) -> Result<FileLock> {
    let noted = path.to_owned();
    let waiting = || on_wait(&holder_text(&noted));
    match FileLock::acquire(path, wait, waiting).await {
        Err(error) if error.code() == Code::LockTimeout => {
            let path = path.to_owned();
            let holder = offload::spawn_blocking(move || holder_text(&path)).await;
            Err(Error::new(Code::LockTimeout, format!("{error}: {holder} holds the lock")).with_hint_of(&error))
        }
        other => other,
    }
}

fn holder_text(path: &Path) -> String {
    Holder::of(path).map_or_else(|| "another process".to_owned(), |holder| holder.to_string())
}

fn noting(lock: FileLock) -> FileLock {
    if let Some(Identity { pid, start_time }) = Identity::of(std::process::id()) {
        lock.note(&format!("{pid} {start_time} {}\n", namespace().unwrap_or_default()));
    }
    lock
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::{cell::RefCell, time::Duration};

    const WAIT: LockWait<'_> = LockWait { step: "Waiting for x", limit: Duration::from_millis(50) };

    #[tokio::test]
    async fn who_waits_hears_for_whom_and_so_does_the_error() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("x.lock");
        let _first = acquire_noted(&path, WAIT, |_| unreachable!("it is free")).await.unwrap();
        let heard = RefCell::new(String::new());
        let error = acquire_noted(&path, WAIT, |holder| heard.replace(holder.to_owned()).clear()).await.unwrap_err();
        let own = format!("process {}", std::process::id());
        assert_eq!(heard.into_inner(), own);
        assert!(error.to_string().ends_with(&format!(": {own} holds the lock")), "{error}");
    }

    #[tokio::test]
    async fn a_note_that_says_nothing_names_no_holder() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("x.lock");
        let own = std::process::id();
        for note in ["", "x", "1", &format!("{own} 0"), "4294967295 7", "-1 7 x", "\0\0\0"] {
            std::fs::write(&path, note).unwrap();
            assert_eq!(Holder::of(&path), None, "{note:?}");
        }
        let _held = FileLock::try_acquire(&path).unwrap();
        let error = acquire_noted(&path, WAIT, |holder| assert_eq!(holder, "another process")).await.unwrap_err();
        assert!(error.to_string().ends_with(": another process holds the lock"), "{error}");
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn a_process_of_another_namespace_and_a_suspended_one_are_named_as_such() {
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
