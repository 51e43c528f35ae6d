//! Writes that are either there completely or not at all.

use crate::error::{Error, Result};
use std::{io::Write, path::Path};
use tempfile::Builder;

/// Who may read a file that is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Access {
    /// As the user's umask says.
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
    file.persist(path).map_err(|error| fail(error.error))?;
    Ok(())
}

#[cfg(unix)]
fn set_mode(builder: &mut Builder<'_, '_>, access: Access) {
    use std::os::unix::fs::PermissionsExt;
    let mode = match access {
        Access::Default => 0o666,
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
