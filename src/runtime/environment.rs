//! Virtual environments on disk. Each is built in a folder of its own, and `.venv` points to the one in use, so that
//! nothing that works is touched before its successor works, and nothing that still runs is pulled away.

use super::layout::Layout;
use crate::{
    error::{Error, Result},
    files::{self, FileLock},
};
use std::{
    fs, io,
    path::{Path, PathBuf},
};

/// A new folder for an environment; what a killed installer left stays apart from it.
pub(super) fn new_folder(layout: &Layout) -> Result<PathBuf> {
    let folder = layout.environments_dir();
    files::create_folder(&folder)?;
    Ok(folder.join(uuid::Uuid::now_v7().simple().to_string()))
}

/// The environment that `.venv` points to.
pub(super) fn current(layout: &Layout) -> Option<PathBuf> {
    fs::canonicalize(&layout.venv_dir).ok()
}

/// Stands in an environment while packages are added to it. If it is found later, that installation did not come to an
/// end, and may even be at it still.
fn unfinished(environment: &Path) -> PathBuf {
    environment.join("ktx-unfinished")
}

/// Whether what was added last to the environment in use is all there.
pub(super) fn is_whole(layout: &Layout) -> bool {
    !unfinished(&layout.venv_dir).exists()
}

/// Says that something is about to be added to the environment in use.
pub(super) fn begin_adding(layout: &Layout) -> Result<()> {
    let path = unfinished(&layout.venv_dir);
    fs::write(&path, "").map_err(|error| Error::io("write", &path, error))
}

/// Says that all of it is there.
pub(super) fn end_adding(layout: &Layout) -> Result<()> {
    files::remove_file(&unfinished(&layout.venv_dir))
}

/// Points `.venv` to another environment.
pub(super) fn switch_to(layout: &Layout, environment: &Path) -> Result<()> {
    if is_real_folder(&layout.venv_dir) {
        let aside = new_folder(layout)?;
        fs::rename(&layout.venv_dir, aside).map_err(|error| Error::io("move aside", &layout.venv_dir, error))?;
    }
    link(environment, &layout.venv_dir).map_err(|error| Error::io("link", &layout.venv_dir, error))
}

fn is_real_folder(path: &Path) -> bool {
    fs::symlink_metadata(path).is_ok_and(|data| data.is_dir() && !data.file_type().is_symlink())
}

/// The link is made beside and renamed over the old one, so that there is always one.
#[cfg(unix)]
fn link(environment: &Path, venv: &Path) -> io::Result<()> {
    let beside = venv.with_extension("next");
    match fs::remove_file(&beside) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    // Relative, so that a runtime root that moves as a whole keeps its links.
    let target = environment.strip_prefix(venv.parent().unwrap_or(venv)).unwrap_or(environment);
    std::os::unix::fs::symlink(target, &beside)?;
    fs::rename(&beside, venv)
}

/// Junctions need no privilege, but one cannot be renamed over another: for a moment there is none, which the next
/// look reports as a broken runtime and the next installation repairs.
#[cfg(windows)]
fn link(environment: &Path, venv: &Path) -> io::Result<()> {
    if junction::exists(venv).unwrap_or(false) {
        junction::delete(venv)?;
        fs::remove_dir(venv)?;
    }
    junction::create(environment, venv)
}

/// Removes every environment but the one in use, unless a daemon lives, which may still run in another. What cannot
/// be removed now is removed another time.
pub(super) fn remove_others(layout: &Layout) {
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
pub(super) fn has_others(layout: &Layout) -> bool {
    fs::read_dir(layout.environments_dir()).is_ok_and(|folders| folders.take(2).count() > 1)
}

/// Removes an environment whose attempt failed, unless it is in use by now. Blocks.
pub(super) fn discard(layout: &Layout, environment: &Path) {
    if fs::canonicalize(environment).is_ok_and(|path| Some(path) != current(layout)) {
        let _ = files::remove_folder(environment);
    }
    let _ = files::remove_file(&layout.next_manifest());
}

/// A runtime that was moved out of the way; moved back when this is dropped before [`Aside::forget`].
pub(super) struct Aside {
    layout: Layout,
    folder: PathBuf,
    manifest: Option<String>,
    armed: bool,
}

impl Aside {
    /// Moves `.venv` away, for a host that wants the next one built in its very place. The manifest goes first,
    /// so that the new environment is not taken for the old one.
    pub(super) fn move_away(layout: &Layout) -> Result<Self> {
        let manifest = crate::process::read_state(&layout.manifest_path).unwrap_or_default();
        files::remove_dir_in_place_of_file(&layout.manifest_path)?;
        files::remove_file(&layout.manifest_path)?;
        let folder = new_folder(layout)?;
        let armed = match fs::rename(&layout.venv_dir, &folder) {
            Ok(()) => true,
            Err(error) if error.kind() == io::ErrorKind::NotFound => false,
            Err(error) => return Err(Error::io("move aside", &layout.venv_dir, error)),
        };
        Ok(Self { layout: layout.clone(), folder, manifest, armed })
    }

    /// The successor works.
    pub(super) fn forget(mut self) {
        self.armed = false;
        let _ = files::remove_folder(&self.folder);
    }
}

impl Drop for Aside {
    fn drop(&mut self) {
        if !self.armed {
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
