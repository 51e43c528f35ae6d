//! The lock of a project: held while a file of it is read, changed and replaced, so that no change is lost. Blocks.

use super::inside;
use crate::{
    error::Result,
    files::{self, FileLock, LockWait},
};
use std::{path::Path, time::Duration};

/// A change takes milliseconds; who waits for so long waits for a process that hangs.
const WAIT: LockWait<'_> =
    LockWait { step: "Waiting for another change of this project", limit: Duration::from_secs(30) };

/// Takes the lock. Errors: [`crate::error::Code::LockTimeout`] names the process that holds it.
pub(crate) fn hold(project_dir: &Path) -> Result<FileLock> {
    let folder = project_dir.join(".ktx").join("locks");
    inside::make_folder(project_dir, &folder)?;
    let path = inside::resolve(project_dir, &folder.join("project.lock"))?;
    inside::resolve(project_dir, &files::next_lock_path(&folder.join("project.lock")))?;
    FileLock::acquire_blocking(&path, WAIT)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::Code;

    #[test]
    fn the_error_of_a_wait_names_the_holder() {
        let project = tempfile::tempdir().unwrap();
        let held = hold(project.path()).unwrap();
        let wait = LockWait { limit: Duration::from_millis(20), ..WAIT };
        let error = FileLock::acquire_blocking(held.path(), wait).unwrap_err();
        assert_eq!(error.code(), Code::LockTimeout);
        assert!(cfg!(windows) || error.to_string().contains(&format!("process {}", std::process::id())), "{error}");
        drop(held);
        hold(project.path()).unwrap();
    }
}
