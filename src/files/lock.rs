//! File locks of the kernel, which are released when their holder exits. Only a holder may remove a lock file: waiters
//! find that theirs is not current and lock a new one.

use super::queue::Permit;
use crate::error::{Code, Error, Result};
use same_file::Handle;
use std::{
    fs::{self, File, OpenOptions, TryLockError},
    io::{ErrorKind, Write},
    path::{Path, PathBuf},
    sync::mpsc,
    time::{Duration, Instant},
};
use tokio::sync::oneshot;

/// A held exclusive lock, released when it is dropped or the process exits.
#[derive(Debug)]
pub struct FileLock {
    file: File,
    path: PathBuf,
    /// Dropped after the file, so that the next waiter of this process finds the lock free.
    permit: Option<Permit>,
}

/// Parameters of a wait for a lock.
#[derive(Debug, Clone, Copy)]
pub struct LockWait<'a> {
    /// Name of the step in the error, such as `Waiting for another installation`.
    pub step: &'a str,
    /// Timeout.
    pub limit: Duration,
}

impl FileLock {
    /// Acquires the lock if it is free; `None` if it is held. Blocks.
    pub fn try_acquire(path: &Path) -> Result<Option<Self>> {
        loop {
            let file = open(path)?;
            match file.try_lock() {
                Ok(()) if is_current(&file, path) => {
                    return Ok(Some(Self { file, path: path.to_owned(), permit: None }));
                }
                Ok(()) => {}
                Err(TryLockError::WouldBlock) => return Ok(None),
                Err(TryLockError::Error(error)) => return Err(Error::io("lock", path, error)),
            }
        }
    }

    /// Whether the lock is held at this moment; `false` if there is no lock file.
    ///
    /// Checks with a shared lock, so that concurrent checks do not see each other as holders.
    pub fn is_held(path: &Path) -> bool {
        path.is_file()
            && File::open(path).is_ok_and(|file| matches!(file.try_lock_shared(), Err(TryLockError::WouldBlock)))
    }

    /// Acquires the lock. If it is held, `on_wait` is called once, and the lock is waited for.
    ///
    /// Errors: [`Code::LockTimeout`] names the step and the path.
    pub async fn acquire(path: &Path, wait: LockWait<'_>, on_wait: impl FnOnce()) -> Result<Self> {
        let owned = path.to_owned();
        if let Some(lock) = crate::offload::spawn_blocking(move || Self::try_acquire(&owned)).await? {
            return Ok(lock);
        }
        on_wait();
        let began = Instant::now();
        let waiting = wait_in_thread(path.to_owned());
        crate::offload::with_timeout(wait.limit, Code::LockTimeout, wait.step, async {
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

    /// Acquires the lock, blocking this thread. Waiters get it in order of arrival: threads of this process by a queue,
    /// so that only one of them competes with other processes, and processes by a second lock ([`next_lock_path`]). The
    /// limit restarts whenever a waiter of this process gets the lock. The lock file then contains the pid of this
    /// process.
    ///
    /// Errors: [`Code::LockTimeout`] names the holder.
    pub fn acquire_blocking(path: &Path, wait: LockWait<'_>) -> Result<Self> {
        let permit = Permit::acquire(path, wait.limit).ok_or_else(|| timeout_error(path, wait))?;
        let mut lock = acquire_as_next(path, wait)?;
        permit.advance();
        lock.permit = Some(permit);
        // The pid is only used in the error of a timeout, so write errors are ignored.
        let _ = lock.file.set_len(0).and_then(|()| write!(&lock.file, "{}", std::process::id()));
        Ok(lock)
    }

    /// The locked file, for a child process that inherits the lock.
    pub fn file(&self) -> &File {
        &self.file
    }

    /// Replaces the contents of the lock file. Write errors are ignored, as the lock is valid without contents.
    pub fn write_record(&self, text: &str) {
        use std::io::{Seek, Write};
        let mut file = &self.file;
        let _ = file.set_len(0).and_then(|()| file.rewind()).and_then(|()| file.write_all(text.as_bytes()));
    }

    /// Path of the lock file.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Removes the lock file, so that a cleanup leaves nothing; the lock is held until it is dropped.
    pub fn remove_file(&self) {
        let _ = fs::remove_file(&self.path);
        let _ = fs::remove_file(next_lock_path(&self.path));
    }
}

/// Path of the second lock, which the process holds that is the next to get the lock. Without it, a process that
/// acquires the lock repeatedly would starve the others.
pub(crate) fn next_lock_path(path: &Path) -> PathBuf {
    path.with_added_extension("next")
}

fn acquire_as_next(path: &Path, wait: LockWait<'_>) -> Result<FileLock> {
    if let Some(_next) = FileLock::try_acquire(&next_lock_path(path))?
        && let Some(lock) = FileLock::try_acquire(path)?
    {
        return Ok(lock);
    }
    let (sender, receiver) = mpsc::channel();
    let owned = path.to_owned();
    let waiting = move || {
        let _ = sender.send(lock_blocking(next_lock_path(&owned)).and_then(|_next| lock_blocking(owned)));
    };
    spawn_thread(waiting).map_err(|error| Error::io("wait for", path, error))?;
    match receiver.recv_timeout(wait.limit) {
        Ok(lock) => lock,
        Err(_) => Err(timeout_error(path, wait)),
    }
}

fn timeout_error(path: &Path, wait: LockWait<'_>) -> Error {
    let holder = fs::read_to_string(path).ok().and_then(|text| text.trim().parse::<u32>().ok());
    let prefix = holder.map(|pid| format!("process {pid}, ")).unwrap_or_default();
    let seconds = wait.limit.as_secs_f32();
    Error::new(Code::LockTimeout, format!("{} ({prefix}{}) took longer than {seconds} s", wait.step, path.display()))
}

/// Acquires a lock without a timeout. Blocks.
fn lock_blocking(path: PathBuf) -> Result<FileLock> {
    loop {
        let file = open(&path)?;
        file.lock().map_err(|error| Error::io("lock", &path, error))?;
        if is_current(&file, &path) {
            return Ok(FileLock { file, path, permit: None });
        }
    }
}

fn open(path: &Path) -> Result<File> {
    if fs::metadata(path).is_ok_and(|found| !found.is_file() && !found.is_dir()) {
        let error = Error::io("open lock file", path, std::io::Error::other("it is not a file"));
        return Err(error.with_hint("Remove it, then run the command again"));
    }
    let mut options = OpenOptions::new();
    options.read(true).write(true).create(true).truncate(false);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let opened = match options.open(path) {
        // The folder may have been pruned just before.
        Err(error) if error.kind() == ErrorKind::NotFound => {
            path.parent().map_or(Ok(()), super::create_folder)?;
            options.open(path)
        }
        // A folder in place of the lock file cannot be a held lock; it is removed if it is empty.
        Err(_) if path.is_dir() && fs::remove_dir(path).is_ok() => options.open(path),
        // Locking does not require write permission.
        Err(error) if matches!(error.kind(), ErrorKind::PermissionDenied | ErrorKind::ReadOnlyFilesystem) => {
            File::open(path).map_err(|_| error)
        }
        opened => opened,
    };
    opened.map_err(|error| Error::io("open lock file", path, error))
}

/// Whether the path still refers to this file. If it was removed in the meantime, later processes lock a new file.
fn is_current(file: &File, path: &Path) -> bool {
    let own = file.try_clone().and_then(Handle::from_file);
    own.is_ok_and(|own| Handle::from_path(path).is_ok_and(|found| own == found))
}

/// Waits for a lock in a thread, which the kernel wakes immediately, unlike polling. If the receiver was dropped, the
/// lock is released as soon as it is acquired.
fn wait_in_thread(path: PathBuf) -> oneshot::Receiver<Result<FileLock>> {
    let (sender, receiver) = oneshot::channel();
    let waiting = move || {
        let _ = sender.send(lock_blocking(path));
    };
    // If the thread cannot be spawned, the sender is dropped and the receiver fails.
    let _ = spawn_thread(waiting);
    receiver
}

fn spawn_thread(work: impl FnOnce() + Send + 'static) -> std::io::Result<()> {
    std::thread::Builder::new().name("ktx-lock".into()).stack_size(64 * 1024).spawn(work).map(drop)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::cell::Cell;

    const WAIT: LockWait<'_> = LockWait { step: "Waiting for x", limit: Duration::from_secs(10) };

    #[tokio::test]
    async fn second_acquire_waits_for_the_first_holder() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("x.lock");
        let first = FileLock::try_acquire(&path).unwrap().unwrap();
        assert!(FileLock::is_held(&path));
        let has_waited = Cell::new(false);
        let second = FileLock::acquire(&path, WAIT, || has_waited.set(true));
        let release = async {
            while !has_waited.get() {
                tokio::task::yield_now().await;
            }
            drop(first);
        };
        let (second, ()) = tokio::join!(second, release);
        assert!(second.is_ok() && path.exists());
    }

    #[tokio::test]
    async fn timeout_error_names_step_and_path() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("x.lock");
        let _held = FileLock::try_acquire(&path).unwrap().unwrap();
        let wait = LockWait { limit: Duration::from_millis(5), ..WAIT };
        let error = FileLock::acquire(&path, wait, || ()).await.unwrap_err();
        assert_eq!(error.code(), Code::LockTimeout);
        assert!(error.to_string().contains("Waiting for x") && error.to_string().contains("x.lock"), "{error}");
    }

    #[test]
    fn empty_folder_in_place_of_a_lock_file_is_removed_and_a_full_one_is_an_error() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("x.lock");
        fs::create_dir(&path).unwrap();
        assert!(FileLock::try_acquire(&path).unwrap().is_some());
        let full = folder.path().join("full.lock");
        fs::create_dir_all(full.join("inside")).unwrap();
        let error = FileLock::try_acquire(&full).unwrap_err();
        assert!(error.to_string().contains("full.lock") && full.join("inside").exists(), "{error}");
    }

    #[tokio::test]
    async fn waiter_locks_a_new_file_after_the_holder_removed_its_own() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("x.lock");
        let first = FileLock::acquire_blocking(&path, WAIT).unwrap();
        let has_waited = Cell::new(false);
        let second = FileLock::acquire(&path, WAIT, || has_waited.set(true));
        let release = async {
            while !has_waited.get() {
                tokio::task::yield_now().await;
            }
            first.remove_file();
            drop(first);
        };
        let (second, ()) = tokio::join!(second, release);
        assert!(FileLock::is_held(&path));
        second.unwrap().remove_file();
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
    }

    /// Regression: a waiter whose folder was pruned held the lock of the removed file, which excludes no other process,
    /// or failed because the folder was missing.
    #[cfg(unix)]
    #[tokio::test]
    async fn lock_is_acquired_again_after_its_folder_was_removed() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("version/x.lock");
        fs::create_dir(path.parent().unwrap()).unwrap();
        let first = FileLock::try_acquire(&path).unwrap().unwrap();
        let pruned = folder.path().join("pruned");
        let prune = || fs::rename(path.parent().unwrap(), &pruned).unwrap();
        // Before the waiter has opened its lock file.
        let second = FileLock::acquire(&path, WAIT, prune).await.unwrap();
        assert!(FileLock::is_held(&path));
        fs::remove_dir_all(&pruned).unwrap();
        // While the waiter is blocked, as far as that can be observed.
        let has_waited = Cell::new(false);
        let third = FileLock::acquire(&path, WAIT, || has_waited.set(true));
        let replace = async {
            while !has_waited.get() {
                tokio::task::yield_now().await;
            }
            prune();
            drop((first, second));
        };
        let (third, ()) = tokio::join!(third, replace);
        assert!(third.is_ok() && FileLock::is_held(&path));
    }

    /// A pipe can be locked, but no pid record can be written to it.
    #[cfg(unix)]
    #[tokio::test]
    async fn special_file_in_place_of_a_lock_file_is_an_error() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("x.lock");
        assert!(std::process::Command::new("mkfifo").arg(&path).status().unwrap().success());
        let socket = folder.path().join("y.lock");
        let _listener = std::os::unix::net::UnixListener::bind(&socket).unwrap();
        for path in [path, socket, "/dev/null".into()] {
            let error = FileLock::acquire(&path, WAIT, || ()).await.unwrap_err().with_hint_text();
            let expected = format!("Cannot open lock file {}: it is not a file. Remove it", path.display());
            assert!(error.starts_with(&expected), "{error}");
            assert!(!FileLock::is_held(&path));
        }
    }

    /// Regression: the limit applied to the whole wait, so most of many waiters timed out.
    #[test]
    fn threads_get_the_lock_in_order_even_if_the_total_wait_exceeds_the_limit() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("x.lock");
        let wait = LockWait { limit: Duration::from_secs(1), ..WAIT };
        let order = std::sync::Mutex::new(Vec::new());
        let first = FileLock::acquire_blocking(&path, wait).unwrap();
        std::thread::scope(|scope| {
            for index in 0..20 {
                let (path, order) = (&path, &order);
                scope.spawn(move || {
                    let _held = FileLock::acquire_blocking(path, wait).unwrap();
                    order.lock().unwrap().push(index);
                    std::thread::sleep(Duration::from_millis(55));
                });
                while super::super::queue::waiting(path) < index + 2 {
                    std::thread::yield_now();
                }
            }
            drop(first);
        });
        assert_eq!(order.into_inner().unwrap(), (0..20).collect::<Vec<_>>());
    }

    /// Another open file stands for another process.
    #[test]
    fn waiter_of_another_process_precedes_later_ones_of_this_process() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("x.lock");
        let held = FileLock::acquire_blocking(&path, WAIT).unwrap();
        let (other, waits) = (path.clone(), path.clone());
        let elsewhere = std::thread::spawn(move || acquire_as_next(&other, WAIT));
        while !FileLock::is_held(&next_lock_path(&path)) {
            std::thread::yield_now();
        }
        let here = std::thread::spawn(move || FileLock::acquire_blocking(&waits, WAIT).map(drop));
        std::thread::sleep(Duration::from_millis(20));
        drop(held);
        let theirs = elsewhere.join().unwrap().unwrap();
        assert!(!here.is_finished());
        drop(theirs);
        here.join().unwrap().unwrap();
    }

    #[test]
    fn checking_a_missing_lock_file_does_not_create_it() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("none.lock");
        assert!(!FileLock::is_held(&path));
        assert!(!path.exists());
    }
}
