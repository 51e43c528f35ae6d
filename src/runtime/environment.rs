//! Virtual environments on disk. Each is built in a folder of its own, and the link `.venv` points to the one in use.
//! So a working environment is not changed before its successor works, and a running daemon keeps its files.

use super::layout::Layout;
use crate::{
    error::{Error, Result},
    files::{self, FileLock},
};
use std::{
    fs, io,
    path::{Path, PathBuf},
};

/// Returns a unique path for a new environment, apart from those of killed installers.
pub(super) fn new_folder(layout: &Layout) -> Result<PathBuf> {
    let folder = layout.environments_dir();
    files::create_folder(&folder)?;
    Ok(folder.join(uuid::Uuid::now_v7().simple().to_string()))
}

/// The environment that `.venv` points to, if any.
pub(super) fn current(layout: &Layout) -> Option<PathBuf> {
    fs::canonicalize(&layout.venv_dir).ok()
}

/// Path of the marker that an environment has while packages are added to it. If it is found later, that installation
/// was interrupted, and its tool may still be running.
fn unfinished_marker(environment: &Path) -> PathBuf {
    environment.join("ktx-unfinished")
}

/// Whether the last addition to the environment in use was completed.
pub(super) fn is_complete(layout: &Layout) -> bool {
    !unfinished_marker(&layout.venv_dir).exists()
}

/// Creates the marker before packages are added to the environment in use.
pub(super) fn mark_unfinished(layout: &Layout) -> Result<()> {
    let path = unfinished_marker(&layout.venv_dir);
    fs::write(&path, "").map_err(|error| Error::io("write", &path, error))
}

/// Removes the marker after packages were added.
pub(super) fn mark_finished(layout: &Layout) -> Result<()> {
    files::remove_file(&unfinished_marker(&layout.venv_dir))
}

/// Switches `.venv` to another environment.
pub(super) fn switch_to(layout: &Layout, environment: &Path) -> Result<()> {
    if is_real_folder(&layout.venv_dir) {
        let aside = new_folder(layout)?;
        fs::rename(&layout.venv_dir, aside).map_err(|error| Error::io("move aside", &layout.venv_dir, error))?;
    }
    replace_link(environment, &layout.venv_dir).map_err(|error| Error::io("link", &layout.venv_dir, error))
}

fn is_real_folder(path: &Path) -> bool {
    fs::symlink_metadata(path).is_ok_and(|data| data.is_dir() && !data.file_type().is_symlink())
}

/// Replaces the link atomically, by renaming a new one over it.
#[cfg(unix)]
fn replace_link(environment: &Path, venv: &Path) -> io::Result<()> {
    let temporary = venv.with_extension("next");
    match fs::remove_file(&temporary) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    // Relative, so that the link stays valid when the runtime root is moved.
    let target = environment.strip_prefix(venv.parent().unwrap_or(venv)).unwrap_or(environment);
    std::os::unix::fs::symlink(target, &temporary)?;
    fs::rename(&temporary, venv)
}

/// Replaces the junction, which needs no privilege. This is not atomic: if it is interrupted, the status reports a
/// broken runtime, which the next installation repairs.
#[cfg(windows)]
fn replace_link(environment: &Path, venv: &Path) -> io::Result<()> {
    if junction::exists(venv).unwrap_or(false) {
        junction::delete(venv)?;
        fs::remove_dir(venv)?;
    }
    junction::create(environment, venv)
}

/// Removes all environments but the one in use. Does nothing while a daemon runs, as it may use another one. Failures
/// are ignored, as the next installation tries again.
pub(super) fn remove_unused(layout: &Layout) {
    if FileLock::is_held(&layout.life_lock()) {
        return;
    }
    let in_use = current(layout);
    let folders = fs::read_dir(layout.environments_dir()).into_iter().flatten().flatten();
    for folder in folders.map(|entry| entry.path()) {
        if fs::canonicalize(&folder).is_ok_and(|path| Some(path) != in_use) {
            let _ = files::remove_folder(&folder);
        }
    }
}

/// Whether there are environments besides the one in use. Blocks.
pub(super) fn has_unused(layout: &Layout) -> bool {
    fs::read_dir(layout.environments_dir()).is_ok_and(|folders| folders.take(2).count() > 1)
}

/// Removes the environment of a failed attempt, unless it is in use already. Blocks.
pub(super) fn remove_failed(layout: &Layout, environment: &Path) {
    if fs::canonicalize(environment).is_ok_and(|path| Some(path) != current(layout)) {
        let _ = files::remove_folder(environment);
    }
    let _ = files::remove_file(&layout.next_manifest());
}

/// A runtime that was moved to another folder; restored on drop, unless [`Backup::discard`] was called.
pub(super) struct Backup {
    layout: Layout,
    folder: PathBuf,
    manifest: Option<String>,
    restore_on_drop: bool,
}

impl Backup {
    /// Moves `.venv` away, for hosts whose environments are built in `.venv` itself. The manifest is removed first, so
    /// that it is never found beside another environment.
    pub(super) fn create(layout: &Layout) -> Result<Self> {
        let manifest = crate::process::read_state(&layout.manifest_path).unwrap_or_default();
        files::remove_dir_in_place_of_file(&layout.manifest_path)?;
        files::remove_file(&layout.manifest_path)?;
        let folder = new_folder(layout)?;
        let restore_on_drop = match fs::rename(&layout.venv_dir, &folder) {
            Ok(()) => true,
            Err(error) if error.kind() == io::ErrorKind::NotFound => false,
            Err(error) => return Err(Error::io("move aside", &layout.venv_dir, error)),
        };
        Ok(Self { layout: layout.clone(), folder, manifest, restore_on_drop })
    }

    /// Removes the backup after its successor was installed.
    pub(super) fn discard(mut self) {
        self.restore_on_drop = false;
        let _ = files::remove_folder(&self.folder);
    }
}

impl Drop for Backup {
    fn drop(&mut self) {
        if !self.restore_on_drop {
            return;
        }
        let venv = &self.layout.venv_dir;
        if files::remove_folder(venv).is_ok()
            && fs::rename(&self.folder, venv).is_ok()
            && let Some(manifest) = &self.manifest
        {
            let _ = files::write_atomically(&self.layout.manifest_path, manifest.as_bytes(), files::Access::Readable);
        }
    }
}
