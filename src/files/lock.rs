//! Locks that the kernel holds and drops with their holder. Lock files are never deleted.

use crate::error::{Code, Error, Result};
use std::{
    fs::{File, OpenOptions, TryLockError},
    path::{Path, PathBuf},
    time::{Duration, Instant},
};
use tokio::sync::oneshot;

/// A held exclusive lock; dropping it (or dying) releases it.
#[derive(Debug)]
pub struct FileLock {
    file: File,
    path: PathBuf,
}

/// What is waited for, and how long at the most.
#[derive(Debug, Clone, Copy)]
pub struct LockWait<'a> {
    /// Names the step in the error, for example `Waiting for another installation`.
    pub step: &'a str,
    /// Longest wait.
    pub limit: Duration,
}

impl FileLock {
    /// Takes the lock if nobody holds it.
    pub fn try_acquire(path: &Path) -> Result<Option<Self>> {
        let file = open(path)?;
        match file.try_lock() {
            Ok(()) => Ok(Some(Self { file, path: path.to_owned() })),
            Err(TryLockError::WouldBlock) => Ok(None),
            Err(TryLockError::Error(error)) => Err(Error::io("lock", path, error)),
        }
    }

    /// Whether somebody holds the lock at this moment; a lock file that is not there is held by nobody.
    pub fn is_held(path: &Path) -> bool {
        path.is_file() && matches!(Self::try_acquire(path), Ok(None))
    }

    /// Takes the lock, waiting for its holder; `on_wait` is called once when there is somebody to wait for.
    pub async fn acquire(path: &Path, wait: LockWait<'_>, on_wait: impl FnOnce()) -> Result<Self> {
        let owned = path.to_owned();
        if let Some(lock) = crate::hop::blocking(move || Self::try_acquire(&owned)).await? {
            return Ok(lock);
        }
        on_wait();
        let began = Instant::now();
        let waiting = wait_in_thread(path.to_owned());
        crate::hop::within(wait.limit, Code::LockTimeout, wait.step, async {
            waiting.await.unwrap_or_else(|_| Err(Error::new(Code::Internal, "the waiting thread ended")))
        })
        .await
        .map_err(|error| match error.code() {
            Code::LockTimeout => Error::new(
                Code::LockTimeout,
                format!("{} ({}) took longer than {} ms", wait.step, path.display(), began.elapsed().as_millis()),
            ),
            _ => error,
        })
    }

    /// The locked file, for a child process that inherits the lock.
    pub fn file(&self) -> &File {
        &self.file
    }

    /// Where the lock is.
    pub fn path(&self) -> &Path {
        &self.path
    }
}

fn open(path: &Path) -> Result<File> {
    let mut options = OpenOptions::new();
    options.read(true).write(true).create(true).truncate(false);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path).map_err(|error| Error::io("open lock file", path, error))
}

/// The kernel wakes a blocked thread at once, where polling would wait. If nobody wants the lock any more when it
/// comes, it is dropped with the channel.
fn wait_in_thread(path: PathBuf) -> oneshot::Receiver<Result<FileLock>> {
    let (sender, receiver) = oneshot::channel();
    let waiting = move || {
        let locked = open(&path).and_then(|file| match file.lock() {
            Ok(()) => Ok(FileLock { file, path }),
            Err(error) => Err(Error::io("lock", &path, error)),
        });
        let _ = sender.send(locked);
    };
    // If no thread can be had, the sender is dropped and the receiver says so.
    let _ = std::thread::Builder::new().name("ktx-lock".into()).stack_size(64 * 1024).spawn(waiting);
    receiver
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::cell::Cell;

    const WAIT: LockWait<'_> = LockWait { step: "Waiting for x", limit: Duration::from_secs(10) };

    #[tokio::test]
    async fn the_second_waits_for_the_first() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("x.lock");
        let first = FileLock::try_acquire(&path).unwrap().unwrap();
        assert!(FileLock::is_held(&path));
        let waited = Cell::new(false);
        let second = FileLock::acquire(&path, WAIT, || waited.set(true));
        let release = async {
            while !waited.get() {
                tokio::task::yield_now().await;
            }
            drop(first);
        };
        let (second, ()) = tokio::join!(second, release);
        assert!(second.is_ok() && path.exists());
    }

    #[tokio::test]
    async fn a_wait_has_a_limit_that_names_step_and_path() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("x.lock");
        let _held = FileLock::try_acquire(&path).unwrap().unwrap();
        let wait = LockWait { limit: Duration::from_millis(5), ..WAIT };
        let error = FileLock::acquire(&path, wait, || ()).await.unwrap_err();
        assert_eq!(error.code(), Code::LockTimeout);
        assert!(error.to_string().contains("Waiting for x") && error.to_string().contains("x.lock"), "{error}");
    }

    #[test]
    fn a_missing_lock_file_is_held_by_nobody_and_not_made() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("none.lock");
        assert!(!FileLock::is_held(&path));
        assert!(!path.exists());
    }
}
