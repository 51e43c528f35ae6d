//! Atomic writes: after a crash a file has either its old or its new contents.

use crate::error::{Error, Result};
use std::{
    io::{self, Write},
    path::Path,
    thread,
    time::{Duration, Instant},
};
use tempfile::{Builder, NamedTempFile};

/// Time limit of retries to replace a file that another process has open (Windows).
const REPLACE_TIMEOUT: Duration = Duration::from_secs(1);
/// Time between these retries.
const REPLACE_RETRY_INTERVAL: Duration = Duration::from_millis(10);

/// Permissions of a written file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Access {
    /// 0664 without the bits of the umask.
    Default,
    /// 0644 without the bits of the umask: others can at most read.
    Readable,
    /// 0755 without the bits of the umask, for programs.
    Executable,
    /// 0600: only the owner can read and write.
    Owner,
}

/// Replaces a file: writes a temporary file in the same folder, flushes it to disk and renames it over `path`.
pub fn write_atomically(path: &Path, bytes: &[u8], access: Access) -> Result<()> {
    let folder = path.parent().unwrap_or(Path::new("."));
    let fail = |error| Error::io("write", path, error);
    let mut builder = Builder::new();
    builder.prefix(".tmp-");
    set_mode(&mut builder, access);
    let mut file = builder.tempfile_in(folder).map_err(fail)?;
    file.write_all(bytes).map_err(fail)?;
    file.as_file().sync_all().map_err(fail)?;
    persist(file, path, is_file_in_use).map_err(fail)
}

/// Renames the file over `path`; retries for a limited time while `is_temporary` is true for the error.
fn persist(file: NamedTempFile, path: &Path, is_temporary: fn(&io::Error) -> bool) -> io::Result<()> {
    let (began, mut file) = (Instant::now(), file);
    loop {
        match file.persist(path) {
            Ok(_) => return Ok(()),
            Err(failed) if is_temporary(&failed.error) && began.elapsed() < REPLACE_TIMEOUT => file = failed.file,
            Err(failed) => return Err(failed.error),
        }
        thread::sleep(REPLACE_RETRY_INTERVAL);
    }
}

/// Whether another process has the file open, which Windows then does not replace: access denied, sharing violation,
/// lock violation.
fn is_file_in_use(error: &io::Error) -> bool {
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

/// On Windows, files below the user's profile are private by default.
#[cfg(not(unix))]
fn set_mode(_: &mut Builder<'_, '_>, _: Access) {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn file_is_replaced_without_leftovers() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("state.json");
        write_atomically(&path, b"one", Access::Owner).unwrap();
        write_atomically(&path, b"two", Access::Owner).unwrap();
        assert_eq!(std::fs::read(&path).unwrap(), b"two");
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
    }

    #[cfg(unix)]
    #[test]
    fn file_of_the_owner_has_mode_0600() {
        use std::os::unix::fs::PermissionsExt;
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("secret");
        write_atomically(&path, b"x", Access::Owner).unwrap();
        assert_eq!(path.metadata().unwrap().permissions().mode() & 0o777, 0o600);
    }

    #[test]
    fn replacing_is_retried_until_the_timeout_while_the_error_is_temporary() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("taken");
        let written = |text: &[u8]| {
            let mut file = tempfile::NamedTempFile::new_in(folder.path()).unwrap();
            file.write_all(text).unwrap();
            file
        };
        // A folder in place of the file simulates the error on every platform.
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
        assert!(persist(written(b"new"), &path, |_| false).is_err() && began.elapsed() < REPLACE_TIMEOUT);
        assert!(persist(written(b"new"), &path, |_| true).is_err() && began.elapsed() >= REPLACE_TIMEOUT);
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
    }

    #[test]
    fn folder_in_place_of_the_file_is_an_error_that_names_it() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("taken");
        std::fs::create_dir(&path).unwrap();
        std::fs::write(path.join("inside"), "").unwrap();
        let error = write_atomically(&path, b"x", Access::Default).unwrap_err();
        assert!(error.to_string().contains("taken"), "{error}");
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
    }
}
