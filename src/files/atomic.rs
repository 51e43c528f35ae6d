//! Writes that are either there completely or not at all.

use crate::error::{Error, Result};
use std::{
    io::{self, Write},
    path::Path,
    thread,
    time::{Duration, Instant},
};
use tempfile::{Builder, NamedTempFile};

/// How long the replacement of an open file is retried, and how often.
const OPEN_ELSEWHERE: Duration = Duration::from_secs(1);
const BETWEEN_TRIES: Duration = Duration::from_millis(10);

/// Who may read a file that is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Access {
    /// As the user's umask says; others cannot write, also where the umask would let them.
    Default,
    /// The owner may write and others at the most read, also where the umask would let them write.
    Readable,
    /// The same of a program, which everybody may run.
    Executable,
    /// The owner alone.
    Owner,
}

/// Replaces `path` by `bytes`: written beside it, flushed to disk, renamed over it.
pub fn write_atomically(path: &Path, bytes: &[u8], access: Access) -> Result<()> {
    let folder = path.parent().unwrap_or(Path::new("."));
    let fail = |error| Error::io("write", path, error);
    let mut builder = Builder::new();
    builder.prefix(".tmp-");
    set_mode(&mut builder, access);
    let mut file = builder.tempfile_in(folder).map_err(fail)?;
    file.write_all(bytes).map_err(fail)?;
    file.as_file().sync_all().map_err(fail)?;
    persist(file, path, is_open_elsewhere).map_err(fail)
}

/// Renames the file over `path`, and again while that fails because another process has the old one open.
fn persist(file: NamedTempFile, path: &Path, is_temporary: fn(&io::Error) -> bool) -> io::Result<()> {
    let (began, mut file) = (Instant::now(), file);
    loop {
        match file.persist(path) {
            Ok(_) => return Ok(()),
            Err(failed) if is_temporary(&failed.error) && began.elapsed() < OPEN_ELSEWHERE => file = failed.file,
            Err(failed) => return Err(failed.error),
        }
        thread::sleep(BETWEEN_TRIES);
    }
}

/// Windows replaces no file that is open: access denied, a sharing violation, a lock violation.
fn is_open_elsewhere(error: &io::Error) -> bool {
    cfg!(windows) && matches!(error.raw_os_error(), Some(5 | 32 | 33))
}

#[cfg(unix)]
fn set_mode(builder: &mut Builder<'_, '_>, access: Access) {
    use std::os::unix::fs::PermissionsExt;
    let mode = match access {
        Access::Default => 0o664,
        Access::Readable => 0o644,
        Access::Executable => 0o755,
        Access::Owner => 0o600,
    };
    builder.permissions(std::fs::Permissions::from_mode(mode));
}

/// Files below the user's profile are the user's alone there.
#[cfg(not(unix))]
fn set_mode(_: &mut Builder<'_, '_>, _: Access) {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn replaces_and_leaves_nothing_else() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("state.json");
        write_atomically(&path, b"one", Access::Owner).unwrap();
        write_atomically(&path, b"two", Access::Owner).unwrap();
        assert_eq!(std::fs::read(&path).unwrap(), b"two");
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
    }

    #[cfg(unix)]
    #[test]
    fn owner_only_means_0600() {
        use std::os::unix::fs::PermissionsExt;
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("secret");
        write_atomically(&path, b"x", Access::Owner).unwrap();
        assert_eq!(path.metadata().unwrap().permissions().mode() & 0o777, 0o600);
    }

    #[test]
    fn a_file_that_another_process_has_open_is_replaced_when_it_is_closed() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("taken");
        let written = |text: &[u8]| {
            let mut file = tempfile::NamedTempFile::new_in(folder.path()).unwrap();
            file.write_all(text).unwrap();
            file
        };
        // A folder in the way fails in the same way, and goes away in the same way.
        std::fs::create_dir(&path).unwrap();
        thread::scope(|scope| {
            scope.spawn(|| {
                thread::sleep(Duration::from_millis(100));
                std::fs::remove_dir(&path).unwrap();
            });
            persist(written(b"new"), &path, |_| true).unwrap();
        });
        assert_eq!(std::fs::read(&path).unwrap(), b"new");
        std::fs::remove_file(&path).unwrap();
        std::fs::create_dir_all(path.join("inside")).unwrap();
        let began = Instant::now();
        assert!(persist(written(b"new"), &path, |_| false).is_err() && began.elapsed() < OPEN_ELSEWHERE);
        assert!(persist(written(b"new"), &path, |_| true).is_err() && began.elapsed() >= OPEN_ELSEWHERE);
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
    }

    #[test]
    fn a_folder_in_the_way_is_an_error_that_names_it() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("taken");
        std::fs::create_dir(&path).unwrap();
        std::fs::write(path.join("inside"), "").unwrap();
        let error = write_atomically(&path, b"x", Access::Default).unwrap_err();
        assert!(error.to_string().contains("taken"), "{error}");
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
    }
}
