//! Atomic writes, log files and file locks. Independent of KTX.

mod append;
mod atomic;
mod lock;
mod queue;

pub use append::{MAX_LOG_BYTES, append_to_log, create_log};
pub use atomic::{Access, write_atomically};
pub(crate) use lock::next_lock_path;
pub use lock::{FileLock, LockWait};

use crate::error::{Error, Result};
use std::{
    fs,
    io::{self, Read},
    path::{Component, Path, PathBuf},
};

/// Removes `.`, `..`, double and trailing separators from a path without accessing the disk, like Node's
/// `path.normalize`.
pub fn normalize(path: &Path) -> PathBuf {
    let mut parts = Vec::new();
    for part in path.components() {
        match (part, parts.last()) {
            (Component::CurDir, _) => {}
            (Component::ParentDir, Some(Component::Normal(_))) => drop(parts.pop()),
            (Component::ParentDir, Some(Component::RootDir)) => {}
            _ => parts.push(part),
        }
    }
    parts.into_iter().collect()
}

/// Reads a text file; `None` if it does not exist.
///
/// Errors: [`crate::error::Code::FileIo`], also for a pipe or a device, which is never waited for.
pub fn read_text(path: &Path) -> Result<Option<String>> {
    read_text_with(path, |path| fs::read(path))
}

/// Reads a text file like [`read_text`], with another function that reads its bytes.
pub(crate) fn read_text_with(path: &Path, read: impl FnOnce(&Path) -> io::Result<Vec<u8>>) -> Result<Option<String>> {
    let is_special = fs::metadata(path).is_ok_and(|found| !found.is_file() && !found.is_dir());
    let bytes = if is_special { Err(not_a_file()) } else { read(path) };
    match bytes {
        Ok(bytes) => Ok(Some(String::from_utf8_lossy(&bytes).into_owned())),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(Error::io("read", path, error)),
    }
}

fn not_a_file() -> io::Error {
    io::Error::other("it is not a file")
}

/// Reads a regular file. A link, a pipe or a device is an error, and is never waited for.
pub fn read_regular(path: &Path) -> io::Result<Vec<u8>> {
    let mut options = fs::OpenOptions::new();
    options.read(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::custom_flags(&mut options, libc::O_NOFOLLOW | libc::O_NONBLOCK);
    let mut file = options.open(path)?;
    let found = file.metadata()?;
    if !found.is_file() && !found.is_dir() {
        return Err(not_a_file());
    }
    let mut bytes = Vec::with_capacity(usize::try_from(found.len()).unwrap_or_default());
    file.read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// Whether the owner alone may read a file.
#[cfg(unix)]
pub(crate) fn is_private(path: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt;
    fs::metadata(path).is_ok_and(|metadata| metadata.permissions().mode() & 0o077 == 0)
}

/// Access lists come from the folder there.
#[cfg(not(unix))]
pub(crate) fn is_private(_: &Path) -> bool {
    false
}

/// Creates a folder and its parents, with mode 0755 without the bits of the umask: others cannot write there.
pub fn create_folder(path: &Path) -> Result<()> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o755);
    builder.create(path).map_err(|error| Error::io("create folder", path, error))
}

/// Removes a folder in place of a file that is to be written.
pub fn remove_dir_in_place_of_file(path: &Path) -> Result<()> {
    if path.is_dir() && !path.is_symlink() { remove_folder(path) } else { Ok(()) }
}

/// Removes a file; a missing one is not an error.
pub fn remove_file(path: &Path) -> Result<()> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(Error::io("remove", path, error)),
        _ => Ok(()),
    }
}

/// Removes a folder with its contents; a missing one is not an error.
pub fn remove_folder(path: &Path) -> Result<()> {
    match fs::remove_dir_all(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(Error::io("remove folder", path, error)),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_normalized_by_their_text() {
        for (path, normal) in [
            ("/o/../q/", "/q"),
            ("/a//b/./c", "/a/b/c"),
            ("/../../a", "/a"),
            ("a/../../b", "../b"),
            ("./a/", "a"),
            ("/", "/"),
            ("", ""),
        ] {
            assert_eq!(normalize(Path::new(path)), Path::new(normal), "{path}");
        }
    }

    #[cfg(unix)]
    #[test]
    fn path_of_another_platform_is_not_changed() {
        assert_eq!(normalize(Path::new(r"C:\L\..\x")), Path::new(r"C:\L\..\x"));
    }
}
