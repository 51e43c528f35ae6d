//! Log files with rotation: a log above [`MAX_LOG_BYTES`] is renamed to `<name>.1`.

use super::FileLock;
use crate::error::{Error, Result};
use std::{
    fs::{self, File, OpenOptions},
    path::{Path, PathBuf},
};

/// Size in bytes above which a log is rotated.
pub const MAX_LOG_BYTES: u64 = 8 << 20;

/// Opens a log for appending. It is rotated first if it is too large, is not a regular file, or cannot be written.
pub fn append_to_log(path: &Path) -> Result<File> {
    if must_rotate(path) {
        rotate_once(path)?;
    }
    let mut options = options();
    options.append(true);
    open(&options, path)
}

fn must_rotate(path: &Path) -> bool {
    fs::metadata(path).is_ok_and(|data| !data.is_file() || data.len() > MAX_LOG_BYTES)
}

/// Rotates under a lock: a second process that found the log too large must not rotate the new one over the old one.
/// While another process holds the lock, lines go to the log as it is.
fn rotate_once(path: &Path) -> Result<()> {
    match FileLock::try_acquire(&path.with_added_extension("lock"))? {
        Some(_lock) if must_rotate(path) => rotate(path),
        _ => Ok(()),
    }
}

/// Creates an empty log. An existing one is truncated, or rotated if it cannot be written.
pub fn create_log(path: &Path) -> Result<File> {
    if fs::metadata(path).is_ok_and(|data| !data.is_file()) {
        rotate(path)?;
    }
    let mut options = options();
    options.write(true).truncate(true);
    open(&options, path)
}

fn options() -> OpenOptions {
    let mut options = OpenOptions::new();
    options.create(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options
}

fn open(options: &OpenOptions, path: &Path) -> Result<File> {
    let opened = match options.open(path) {
        Err(_) if path.is_file() && rotate(path).is_ok() => options.open(path),
        opened => opened,
    };
    opened.map_err(|error| Error::io("open log", path, error))
}

/// Renames a log to that of the previous one, which is replaced.
fn rotate(path: &Path) -> Result<()> {
    let previous = previous(path);
    super::remove_dir_in_place_of_file(&previous)?;
    // A folder cannot be renamed over a file.
    if path.is_dir() {
        super::remove_file(&previous)?;
    }
    fs::rename(path, &previous).map_err(|error| Error::io("set aside", path, error))
}

/// The path of the previous log.
fn previous(path: &Path) -> PathBuf {
    path.with_added_extension("1")
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write;

    #[test]
    fn log_is_rotated_above_the_size_limit() {
        let folder = tempfile::tempdir().unwrap();
        let log = folder.path().join("x.log");
        append_to_log(&log).unwrap().write_all(b"one").unwrap();
        append_to_log(&log).unwrap().write_all(b"two").unwrap();
        assert_eq!(fs::read(&log).unwrap(), b"onetwo");
        File::options().write(true).open(&log).unwrap().set_len(MAX_LOG_BYTES + 1).unwrap();
        append_to_log(&log).unwrap().write_all(b"three").unwrap();
        assert_eq!(fs::read(&log).unwrap(), b"three");
        assert_eq!(previous(&log).metadata().unwrap().len(), MAX_LOG_BYTES + 1);
    }

    #[test]
    fn concurrent_rotation_keeps_the_previous_log() {
        let folder = tempfile::tempdir().unwrap();
        let log = folder.path().join("x.log");
        File::create(&log).unwrap().set_len(MAX_LOG_BYTES + 1).unwrap();
        let append = || append_to_log(&log).unwrap().write_all(b"line\n").unwrap();
        std::thread::scope(|scope| (0..8).for_each(|_| drop(scope.spawn(append))));
        let (current, previous) = (fs::read(&log).unwrap(), fs::read(previous(&log)).unwrap());
        assert!(previous.len() as u64 > MAX_LOG_BYTES);
        let lines = |bytes: &[u8]| bytes.iter().filter(|byte| **byte == b'\n').count();
        assert_eq!(lines(&current) + lines(&previous), 8);
    }

    #[test]
    fn folder_in_place_of_a_log_is_rotated_with_its_contents() {
        let folder = tempfile::tempdir().unwrap();
        let log = folder.path().join("x.log");
        for open in [append_to_log, create_log] {
            let _ = fs::remove_file(&log);
            fs::create_dir(&log).unwrap();
            fs::write(log.join("inside"), "x").unwrap();
            open(&log).unwrap();
            assert!(log.is_file() && previous(&log).join("inside").exists());
            // The previous one may be a file or a folder by now.
            fs::remove_dir_all(previous(&log)).unwrap();
            fs::write(previous(&log), "x").unwrap();
            fs::remove_file(&log).unwrap();
            fs::create_dir(&log).unwrap();
            fs::write(log.join("inside"), "x").unwrap();
            open(&log).unwrap();
            assert!(log.is_file() && previous(&log).join("inside").exists());
        }
    }
}
