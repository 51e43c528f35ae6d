//! Provisioned tools that no version needs any more: other versions of uv, and Pythons without an environment.

use super::provision::UvPin;
use crate::{
    error::Result,
    files::{self, FileLock},
};
use std::{
    fs,
    path::{Path, PathBuf},
};

/// Tools that can be removed. While this value exists, no process installs a runtime that is kept.
pub(super) struct StaleTools {
    /// Folders of versions of uv and of Pythons, sorted.
    pub(super) folders: Vec<PathBuf>,
    /// Links to Pythons that can be removed.
    links: Vec<PathBuf>,
    _locks: Vec<FileLock>,
}

impl StaleTools {
    /// Finds the tools that the kept version folders do not need; `None` while a process installs. Blocks.
    pub(super) fn find(root: &Path, kept: &[PathBuf], cli_version: &str) -> Result<Option<Self>> {
        let tools = root.join("tools");
        let Some(locks) = acquire_existing(
            kept.iter().map(|folder| folder.join("install.lock")).chain([tools.join("uv/provision.lock")]),
        )?
        else {
            return Ok(None);
        };
        let (pythons, links) = stale_pythons(&tools.join("python"), kept);
        let mut folders = pythons;
        // The versions of uv that other versions of the command line need are unknown.
        if kept.iter().all(|folder| folder.ends_with(cli_version)) {
            folders.extend(stale_uvs(&tools.join("uv"), &UvPin::bundled()?.version));
        }
        folders.sort();
        Ok(Some(Self { folders, links, _locks: locks }))
    }

    /// Removes the tools. Blocks.
    pub(super) fn remove(&self) -> Result<()> {
        self.links.iter().try_for_each(|link| files::remove_file(link))?;
        self.folders.iter().try_for_each(|folder| files::remove_folder(folder))
    }
}

/// Acquires the locks whose files exist; `None` if one of them is held.
fn acquire_existing(paths: impl Iterator<Item = PathBuf>) -> Result<Option<Vec<FileLock>>> {
    paths.filter(|path| path.exists()).map(|path| FileLock::try_acquire(&path)).collect()
}

fn stale_uvs(folder: &Path, pinned: &str) -> Vec<PathBuf> {
    entries(folder).filter(|path| path.is_dir() && !path.ends_with(pinned)).collect()
}

/// The Pythons that no environment of the kept versions uses, and the links to them or to missing ones.
fn stale_pythons(folder: &Path, kept: &[PathBuf]) -> (Vec<PathBuf>, Vec<PathBuf>) {
    let homes: Vec<_> = kept.iter().flat_map(|version| interpreter_folders(version)).collect();
    let is_used =
        |python: &Path| fs::canonicalize(python).is_ok_and(|python| homes.iter().any(|home| home.starts_with(&python)));
    // Hidden entries are files of uv.
    let visible = |path: &PathBuf| path.file_name().is_some_and(|name| !name.to_string_lossy().starts_with('.'));
    let unused = entries(folder).filter(visible).filter(|path| !is_used(path));
    let (links, rest): (Vec<_>, Vec<_>) = unused.partition(|path| path.is_symlink());
    (rest.into_iter().filter(|path| path.is_dir()).collect(), links)
}

/// The folders of the interpreters of all environments of a version.
fn interpreter_folders(version: &Path) -> impl Iterator<Item = PathBuf> {
    entries(&version.join("venvs")).chain([version.join(".venv")]).filter_map(|environment| {
        let settings = files::read_text(&environment.join("pyvenv.cfg")).ok()??;
        let home = settings.lines().find_map(|line| line.strip_prefix("home")?.trim_start().strip_prefix('='))?;
        fs::canonicalize(home.trim()).ok()
    })
}

fn entries(folder: &Path) -> impl Iterator<Item = PathBuf> + use<> {
    fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.path())
}
