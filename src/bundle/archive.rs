//! Writes the ZIP archive of a bundle; reproducible, without timestamps.

use super::model::Entry;
use crate::error::{Code, Error, Result};
use std::{
    fs::{self, File, OpenOptions},
    io::{ErrorKind, Write},
    path::Path,
};
use zip::{CompressionMethod, DateTime, ZipWriter, write::SimpleFileOptions};

/// Writes a new archive that only its owner can read. A partial file is removed after a failure.
pub(super) fn write(path: &Path, entries: &[Entry]) -> Result<()> {
    let file = create(path)?;
    fill(file, entries).map_err(|error| {
        let _ = fs::remove_file(path);
        Error::io("write", path, error)
    })
}

fn create(path: &Path) -> Result<File> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path).map_err(|error| match error.kind() {
        ErrorKind::AlreadyExists => {
            let message = format!("{} exists. Name another file with --bundle FILE", path.display());
            Error::new(Code::ArgumentInvalid, message)
        }
        _ => Error::io("create", path, error),
    })
}

fn fill(file: File, entries: &[Entry]) -> std::io::Result<()> {
    let options = SimpleFileOptions::default()
        .compression_method(CompressionMethod::Deflated)
        .last_modified_time(DateTime::default())
        .unix_permissions(0o600);
    let mut archive = ZipWriter::new(file);
    for entry in entries {
        archive.start_file(entry.name, options)?;
        archive.write_all(entry.text.as_bytes())?;
    }
    archive.finish()?.sync_all()
}
