//! State files: limited in size, and private ones must belong to this user.

use crate::{error::Result, files::read_text_with};
use std::{
    fs::{File, Metadata},
    io::{self, Read},
    path::Path,
};

/// Maximum size of a state file in bytes.
pub const MAX_STATE_BYTES: u64 = 1 << 20;

/// Reads a state file; `None` if there is none.
///
/// Errors: it is not a regular file (a pipe is never waited for), or it is larger than [`MAX_STATE_BYTES`].
pub fn read_state(path: &Path) -> Result<Option<String>> {
    read_text_with(path, |path| read_bounded(path, |_, _| Ok(())))
}

/// Reads a state file that decides where secrets are sent or which process is ended.
///
/// Errors: like [`read_state`], and if it belongs to a user other than this one or root, or others can write it.
pub fn read_private_state(path: &Path) -> Result<Option<String>> {
    read_text_with(path, |path| read_bounded(path, check_owner))
}

fn read_bounded(path: &Path, check: fn(&Path, &Metadata) -> io::Result<()>) -> io::Result<Vec<u8>> {
    let file = File::open(path)?;
    check(path, &file.metadata()?)?;
    let mut bytes = Vec::new();
    file.take(MAX_STATE_BYTES + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > MAX_STATE_BYTES {
        return Err(io::Error::other(format!("it is larger than {MAX_STATE_BYTES} bytes")));
    }
    Ok(bytes)
}

#[cfg(unix)]
fn check_owner(path: &Path, found: &Metadata) -> io::Result<()> {
    use std::os::unix::fs::MetadataExt;
    const ROOT: u32 = 0;
    const WRITABLE_BY_OTHERS: u32 = 0o022;
    if found.uid() != super::user::effective_user() && found.uid() != ROOT {
        return Err(io::Error::other(format!("it belongs to another user (uid {})", found.uid())));
    }
    // On a file system without modes, folders appear as writable too; then the mode has no meaning.
    let folder = path.parent().and_then(|folder| folder.metadata().ok());
    let is_protected = folder.is_none_or(|folder| folder.mode() & WRITABLE_BY_OTHERS == 0);
    if found.mode() & WRITABLE_BY_OTHERS != 0 && is_protected {
        return Err(io::Error::other(format!("other users can write to it (mode {:o})", found.mode() & 0o777)));
    }
    Ok(())
}

/// On Windows, files below the user's profile are private by default.
#[cfg(not(unix))]
fn check_owner(_: &Path, _: &Metadata) -> io::Result<()> {
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    #[test]
    fn file_above_the_size_limit_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("state.json");
        assert!(read_state(&path).unwrap().is_none());
        fs::write(&path, vec![b' '; MAX_STATE_BYTES as usize]).unwrap();
        assert_eq!(read_state(&path).unwrap().unwrap().len() as u64, MAX_STATE_BYTES);
        // Sparse: reading all of it would take a minute.
        File::options().write(true).open(&path).unwrap().set_len(64 << 30).unwrap();
        for read in [read_state, read_private_state] {
            let error = read(&path).unwrap_err().to_string();
            assert!(error.contains("state.json: it is larger than 1048576 bytes"), "{error}");
        }
    }

    #[cfg(unix)]
    #[test]
    fn file_that_others_can_write_is_refused_unless_modes_have_no_meaning() {
        use std::os::unix::fs::PermissionsExt;
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("state.json");
        fs::write(&path, "{}").unwrap();
        let set = |path: &Path, mode| fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
        for (mode, trusted) in
            [(0o600, true), (0o644, true), (0o400, true), (0o660, false), (0o666, false), (0o602, false)]
        {
            set(&path, mode);
            assert_eq!(read_private_state(&path).is_ok(), trusted, "{mode:o}");
            assert!(read_state(&path).is_ok());
        }
        set(folder.path(), 0o777);
        set(&path, 0o777);
        assert!(read_private_state(&path).is_ok());
    }

    #[cfg(unix)]
    #[test]
    fn file_of_another_user_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("state.json");
        fs::write(&path, "{}").unwrap();
        // Only root may give files away.
        if std::os::unix::fs::chown(&path, Some(65_534), None).is_ok() {
            let error = read_private_state(&path).unwrap_err().to_string();
            assert!(error.contains("it belongs to another user (uid 65534)"), "{error}");
            assert!(read_state(&path).is_ok());
        }
    }

    #[cfg(unix)]
    #[test]
    fn pipe_is_refused_without_waiting() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("state.json");
        assert!(std::process::Command::new("mkfifo").arg(&path).status().unwrap().success());
        assert!(read_private_state(&path).unwrap_err().to_string().contains("it is not a file"));
    }
}
