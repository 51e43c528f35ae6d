//! The lock of a project, held for each read-modify-write of its files so that no update is lost. Blocks.

use super::confined;
use crate::{
    error::Result,
    files::{self, FileLock, LockWait},
};
use std::{path::Path, time::Duration};

/// A change takes milliseconds, so that a wait of 30 s means that the holder hangs.
const WAIT: LockWait<'_> =
    LockWait { step: "Waiting for another change of this project", limit: Duration::from_secs(30) };

/// Acquires the lock. Errors: [`crate::error::Code::LockTimeout`] names the process that holds it.
pub(crate) fn acquire(project_dir: &Path) -> Result<FileLock> {
    let folder = project_dir.join(".ktx").join("locks");
    confined::make_folder(project_dir, &folder)?;
    let path = confined::resolve(project_dir, &folder.join("project.lock"))?;
    confined::resolve(project_dir, &files::next_lock_path(&folder.join("project.lock")))?;
    FileLock::acquire_blocking(&path, WAIT)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::Code;

    #[test]
    fn lock_timeout_names_the_holder() {
        let project = tempfile::tempdir().unwrap();
        let held = acquire(project.path()).unwrap();
        let wait = LockWait { limit: Duration::from_millis(20), ..WAIT };
        let error = FileLock::acquire_blocking(held.path(), wait).unwrap_err();
        assert_eq!(error.code(), Code::LockTimeout);
        assert!(cfg!(windows) || error.to_string().contains(&format!("process {}", std::process::id())), "{error}");
        drop(held);
        acquire(project.path()).unwrap();
    }
}
