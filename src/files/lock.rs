//! Locks that the kernel holds and drops with their holder. Lock files are never deleted.

use super::queue::Permit;
use crate::error::{Code, Error, Result};
use std::{
    fs::{self, File, OpenOptions, TryLockError},
    io::{ErrorKind, Write},
    path::{Path, PathBuf},
    sync::mpsc,
    time::{Duration, Instant},
};
use tokio::sync::oneshot;

/// A held exclusive lock; dropping it (or dying) releases it.
#[derive(Debug)]
pub struct FileLock {
    file: File,
    path: PathBuf,
    /// Dropped last: the next one of this process finds the lock free.
    permit: Option<Permit>,
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
    /// Takes the lock if it is free.
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

    /// Whether the lock is held at this moment; one whose file is not there is not.
    ///
    /// Looks with a shared lock, so that two who look at the same time do not take each other for the holder.
    pub fn is_held(path: &Path) -> bool {
        path.is_file()
            && File::open(path).is_ok_and(|file| matches!(file.try_lock_shared(), Err(TryLockError::WouldBlock)))
    }

    /// Takes the lock, waiting for its holder; `on_wait` is called once when it is held.
    pub async fn acquire(path: &Path, wait: LockWait<'_>, on_wait: impl FnOnce()) -> Result<Self> {
        let owned = path.to_owned();
        if let Some(lock) = crate::offload::spawn_blocking(move || Self::try_acquire(&owned)).await? {
            return Ok(lock);
        }
        on_wait();
        let began = Instant::now();
        let waiting = wait_in_thread(path.to_owned());
        crate::offload::within(wait.limit, Code::LockTimeout, wait.step, async {
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

    /// Takes the lock, waiting for its holder on this thread. Waiters get it in their order: in this process by a
    /// queue, so that one thread of it at most competes with other processes, and among processes by a second lock
    /// ([`next_to`]). The limit starts again whenever one of this process got the lock. The file says which process
    /// holds it, as far as that can be read.
    ///
    /// Errors: [`Code::LockTimeout`] names the holder.
    pub fn acquire_here(path: &Path, wait: LockWait<'_>) -> Result<Self> {
        let permit = Permit::acquire(path, wait.limit).ok_or_else(|| too_long(path, wait))?;
        let mut lock = as_first(path, wait)?;
        permit.advance();
        lock.permit = Some(permit);
        // Who waits too long names the holder; without it, the lock is held all the same.
        let _ = lock.file.set_len(0).and_then(|()| write!(&lock.file, "{}", std::process::id()));
        Ok(lock)
    }

    /// The locked file, for a child process that inherits the lock.
    pub fn file(&self) -> &File {
        &self.file
    }

    /// Writes a text into the lock file, in place of what is there. What cannot be written is not: the lock holds
    /// without it.
    pub fn write_record(&self, text: &str) {
        use std::io::{Seek, Write};
        let mut file = &self.file;
        let _ = file.set_len(0).and_then(|()| file.rewind()).and_then(|()| file.write_all(text.as_bytes()));
    }

    /// Where the lock is.
    pub fn path(&self) -> &Path {
        &self.path
    }
}

/// The lock of who is the next to get a lock; without it, a process that takes a lock again and again leaves others
/// none.
pub(crate) fn next_to(path: &Path) -> PathBuf {
    path.with_added_extension("next")
}

fn as_first(path: &Path, wait: LockWait<'_>) -> Result<FileLock> {
    if let Some(_next) = FileLock::try_acquire(&next_to(path))?
        && let Some(lock) = FileLock::try_acquire(path)?
    {
        return Ok(lock);
    }
    let (sender, receiver) = mpsc::channel();
    let owned = path.to_owned();
    let waiting = move || {
        let _ = sender.send(waited(next_to(&owned)).and_then(|_next| waited(owned)));
    };
    in_thread(waiting).map_err(|error| Error::io("wait for", path, error))?;
    match receiver.recv_timeout(wait.limit) {
        Ok(lock) => lock,
        Err(_) => Err(too_long(path, wait)),
    }
}

fn too_long(path: &Path, wait: LockWait<'_>) -> Error {
    let holder = fs::read_to_string(path).ok().and_then(|text| text.trim().parse::<u32>().ok());
    let who = holder.map(|pid| format!("process {pid}, ")).unwrap_or_default();
    let seconds = wait.limit.as_secs_f32();
    Error::new(Code::LockTimeout, format!("{} ({who}{}) took longer than {seconds} s", wait.step, path.display()))
}

/// Takes the lock, however long that takes.
fn waited(path: PathBuf) -> Result<FileLock> {
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
        // Pruning takes the folder along, also where another process is about to open its lock.
        Err(error) if error.kind() == ErrorKind::NotFound => {
            path.parent().map_or(Ok(()), super::create_folder)?;
            options.open(path)
        }
        // A folder cannot be locked, so this lock is not held; one with something in it is left to its owner.
        Err(_) if path.is_dir() && fs::remove_dir(path).is_ok() => options.open(path),
        // Locking needs no right to write.
        Err(error) if matches!(error.kind(), ErrorKind::PermissionDenied | ErrorKind::ReadOnlyFilesystem) => {
            File::open(path).map_err(|_| error)
        }
        opened => opened,
    };
    opened.map_err(|error| Error::io("open lock file", path, error))
}

/// Whether the path still leads to this file. A folder that was removed meanwhile took its lock files along, and who
/// comes next locks other ones.
#[cfg(unix)]
fn is_current(file: &File, path: &Path) -> bool {
    use std::os::unix::fs::MetadataExt;
    match (file.metadata(), path.metadata()) {
        (Ok(own), Ok(found)) => (own.dev(), own.ino()) == (found.dev(), found.ino()),
        _ => false,
    }
}

/// A file that is open keeps its folder from going.
#[cfg(not(unix))]
fn is_current(_: &File, _: &Path) -> bool {
    true
}

/// The kernel wakes a blocked thread at once, where polling would wait. If the lock is not wanted any more when it
/// comes, it is dropped with the channel.
fn wait_in_thread(path: PathBuf) -> oneshot::Receiver<Result<FileLock>> {
    let (sender, receiver) = oneshot::channel();
    let waiting = move || {
        let _ = sender.send(waited(path));
    };
    // If no thread can be had, the sender is dropped and the receiver says so.
    let _ = in_thread(waiting);
    receiver
}

fn in_thread(work: impl FnOnce() + Send + 'static) -> std::io::Result<()> {
    std::thread::Builder::new().name("ktx-lock".into()).stack_size(64 * 1024).spawn(work).map(drop)
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
    fn an_empty_folder_in_place_of_a_lock_file_gives_way_and_a_full_one_is_named() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("x.lock");
        fs::create_dir(&path).unwrap();
        assert!(FileLock::try_acquire(&path).unwrap().is_some());
        let full = folder.path().join("full.lock");
        fs::create_dir_all(full.join("inside")).unwrap();
        let error = FileLock::try_acquire(&full).unwrap_err();
        assert!(error.to_string().contains("full.lock") && full.join("inside").exists(), "{error}");
    }

    /// Who waits for a lock whose folder is removed, as `prune` does, must not hold the lock of the removed file, which
    /// excludes no one, nor fail because the folder is gone.
    #[cfg(unix)]
    #[tokio::test]
    async fn a_lock_whose_folder_was_removed_is_taken_again() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("version/x.lock");
        fs::create_dir(path.parent().unwrap()).unwrap();
        let first = FileLock::try_acquire(&path).unwrap().unwrap();
        let going = folder.path().join("going");
        let prune = || fs::rename(path.parent().unwrap(), &going).unwrap();
        // Before the waiter has opened its lock file.
        let second = FileLock::acquire(&path, WAIT, prune).await.unwrap();
        assert!(FileLock::is_held(&path));
        fs::remove_dir_all(&going).unwrap();
        // While it is blocked, as far as that can be seen from outside.
        let waited = Cell::new(false);
        let third = FileLock::acquire(&path, WAIT, || waited.set(true));
        let replace = async {
            while !waited.get() {
                tokio::task::yield_now().await;
            }
            prune();
            drop((first, second));
        };
        let (third, ()) = tokio::join!(third, replace);
        assert!(third.is_ok() && FileLock::is_held(&path));
    }

    /// A pipe can be locked, and then not be written to.
    #[cfg(unix)]
    #[tokio::test]
    async fn what_is_no_file_in_place_of_a_lock_file_is_named() {
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

    /// Everybody waited for as long as the limit in total, and most got nothing.
    #[test]
    fn many_threads_get_the_lock_in_their_order_however_long_that_takes_in_total() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("x.lock");
        let wait = LockWait { limit: Duration::from_secs(1), ..WAIT };
        let order = std::sync::Mutex::new(Vec::new());
        let first = FileLock::acquire_here(&path, wait).unwrap();
        std::thread::scope(|scope| {
            for index in 0..20 {
                let (path, order) = (&path, &order);
                scope.spawn(move || {
                    let _held = FileLock::acquire_here(path, wait).unwrap();
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

    /// The lock of another process is one of another open file here.
    #[test]
    fn who_waits_from_elsewhere_is_the_next_one() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("x.lock");
        let held = FileLock::acquire_here(&path, WAIT).unwrap();
        let (other, waits) = (path.clone(), path.clone());
        let elsewhere = std::thread::spawn(move || as_first(&other, WAIT));
        while !FileLock::is_held(&next_to(&path)) {
            std::thread::yield_now();
        }
        let here = std::thread::spawn(move || FileLock::acquire_here(&waits, WAIT).map(drop));
        std::thread::sleep(Duration::from_millis(20));
        drop(held);
        let theirs = elsewhere.join().unwrap().unwrap();
        assert!(!here.is_finished());
        drop(theirs);
        here.join().unwrap().unwrap();
    }

    #[test]
    fn a_missing_lock_file_is_free_and_not_made() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("none.lock");
        assert!(!FileLock::is_held(&path));
        assert!(!path.exists());
    }
}
