//! Logs: appended to, capped, and the previous one kept.

use crate::error::{Error, Result};
use std::{
    fs::{self, File, OpenOptions},
    path::{Path, PathBuf},
};

/// From this size on a log is rotated.
pub const LOG_BYTES: u64 = 8 << 20;

/// Opens a log for appending. One that is too large, or that is no file that can be written, becomes the previous
/// one first.
pub fn append_to_log(path: &Path) -> Result<File> {
    let found = fs::metadata(path);
    if found.is_ok_and(|data| !data.is_file() || data.len() > LOG_BYTES) {
        set_aside(path)?;
    }
    let mut options = options();
    options.append(true);
    open(&options, path)
}

/// Opens an empty log; what stands in its place and cannot be written is set aside.
pub fn begin_log(path: &Path) -> Result<File> {
    if fs::metadata(path).is_ok_and(|data| !data.is_file()) {
        set_aside(path)?;
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
        Err(_) if path.is_file() && set_aside(path).is_ok() => options.open(path),
        opened => opened,
    };
    opened.map_err(|error| Error::io("open log", path, error))
}

/// Makes a log the previous one, in place of the one that was.
fn set_aside(path: &Path) -> Result<()> {
    let previous = previous(path);
    super::make_way(&previous)?;
    // A folder cannot be renamed over a file.
    if path.is_dir() {
        super::remove_file(&previous)?;
    }
    fs::rename(path, &previous).map_err(|error| Error::io("set aside", path, error))
}

/// Where the previous log is.
fn previous(path: &Path) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(".1");
    name.into()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write;

    #[test]
    fn a_log_grows_until_it_is_too_large_and_the_previous_one_is_kept() {
        let folder = tempfile::tempdir().unwrap();
        let log = folder.path().join("x.log");
        append_to_log(&log).unwrap().write_all(b"one").unwrap();
        append_to_log(&log).unwrap().write_all(b"two").unwrap();
        assert_eq!(fs::read(&log).unwrap(), b"onetwo");
        File::options().write(true).open(&log).unwrap().set_len(LOG_BYTES + 1).unwrap();
        append_to_log(&log).unwrap().write_all(b"three").unwrap();
        assert_eq!(fs::read(&log).unwrap(), b"three");
        assert_eq!(previous(&log).metadata().unwrap().len(), LOG_BYTES + 1);
    }

    #[test]
    fn a_folder_in_place_of_a_log_is_set_aside_with_what_is_in_it() {
        let folder = tempfile::tempdir().unwrap();
        let log = folder.path().join("x.log");
        for open in [append_to_log, begin_log] {
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
