//! Pruning: removes the runtimes of other versions.

use crate::{
    error::{Error, Result},
    files,
};
use serde::Serialize;
use std::{
    fs, io,
    path::{Path, PathBuf},
};

/// Prefix of folders that are being removed.
const REMOVING_PREFIX: &str = ".removing-";

/// Result of pruning.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Pruned {
    /// The runtime root.
    pub runtime_root: PathBuf,
    /// Unused version folders.
    pub stale: Vec<PathBuf>,
    /// Version folders that are not removed.
    pub kept: Vec<PathBuf>,
    /// Version folders that were removed.
    pub removed: Vec<PathBuf>,
}

/// Removes the version folders of versions other than `cli_version` that are not in use. `lock_folder` returns a guard
/// that keeps other processes from using a folder, or `None` if it is in use. Blocks.
pub fn prune<T>(
    root: &Path,
    cli_version: &str,
    dry_run: bool,
    lock_folder: impl Fn(&Path) -> Option<T>,
) -> Result<Pruned> {
    let mut pruned = Pruned { runtime_root: root.to_owned(), ..Pruned::default() };
    if !dry_run {
        remove_leftovers(root);
    }
    for folder in version_folders(root)? {
        let current = folder.file_name().is_some_and(|name| name == cli_version);
        let Some(locks) = (if current { None } else { lock_folder(&folder) }) else {
            pruned.kept.push(folder);
            continue;
        };
        if !dry_run {
            remove(root, &folder)?;
            pruned.removed.push(folder.clone());
        }
        drop(locks);
        pruned.stale.push(folder);
    }
    Ok(pruned)
}

/// Removes a folder. It is renamed first, so that no partial runtime is found under its name.
fn remove(root: &Path, folder: &Path) -> Result<()> {
    let removing = root.join(format!("{REMOVING_PREFIX}{}", uuid::Uuid::new_v4().simple()));
    match fs::rename(folder, &removing) {
        Ok(()) => files::remove_folder(&removing),
        // On Windows, open files prevent renaming; removing the manifest first makes the runtime invalid.
        Err(_) => files::remove_file(&folder.join("manifest.json")).and_then(|()| files::remove_folder(folder)),
    }
}

/// Removes folders that an interrupted prune has left.
fn remove_leftovers(root: &Path) {
    let entries = fs::read_dir(root).into_iter().flatten().flatten();
    for entry in entries.filter(|entry| entry.file_name().to_string_lossy().starts_with(REMOVING_PREFIX)) {
        let _ = files::remove_folder(&entry.path());
    }
}

/// The version folders below a runtime root, sorted. Folders with other names are ignored.
pub fn version_folders(root: &Path) -> Result<Vec<PathBuf>> {
    let entries = match fs::read_dir(root) {
        Ok(entries) => entries,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(Error::io("read folder", root, error)),
    };
    let mut folders: Vec<_> = entries
        .flatten()
        .filter(|entry| entry.file_type().is_ok_and(|kind| kind.is_dir()))
        .filter(|entry| entry.file_name().to_str().is_some_and(is_version))
        .map(|entry| entry.path())
        .collect();
    folders.sort();
    Ok(folders)
}

fn is_version(name: &str) -> bool {
    name.starts_with(|c: char| c.is_ascii_digit()) && name.contains('.')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn root() -> tempfile::TempDir {
        let root = tempfile::tempdir().unwrap();
        for name in ["0.1.0", "0.2.0", "0.3.0", "photos"] {
            fs::create_dir(root.path().join(name)).unwrap();
            fs::write(root.path().join(name).join("manifest.json"), "{}").unwrap();
        }
        fs::write(root.path().join("0.0.1"), "a file").unwrap();
        root
    }

    fn names(folders: &[PathBuf]) -> Vec<String> {
        folders.iter().map(|folder| folder.file_name().unwrap().to_string_lossy().into_owned()).collect()
    }

    #[test]
    fn current_and_used_versions_and_other_folders_are_kept() {
        let root = root();
        let lock_folder = |folder: &Path| (!folder.ends_with("0.2.0")).then_some(());
        let dry = prune(root.path(), "0.3.0", true, lock_folder).unwrap();
        assert_eq!((names(&dry.stale), dry.removed.len()), (vec!["0.1.0".into()], 0));
        let done = prune(root.path(), "0.3.0", false, lock_folder).unwrap();
        assert_eq!(names(&done.removed), ["0.1.0"]);
        assert_eq!(names(&done.kept), ["0.2.0", "0.3.0"]);
        assert!(root.path().join("photos").exists() && root.path().join("0.0.1").exists());
        assert!(!root.path().join("0.1.0").exists());
    }

    #[test]
    fn missing_root_has_nothing_to_prune() {
        let root = tempfile::tempdir().unwrap();
        let pruned = prune(&root.path().join("none"), "1.0.0", false, |_| Some(())).unwrap();
        assert!(pruned.stale.is_empty() && pruned.kept.is_empty());
    }

    #[test]
    fn leftovers_of_an_interrupted_prune_are_removed() {
        let root = root();
        fs::create_dir_all(root.path().join(".removing-x/deep")).unwrap();
        prune(root.path(), "0.3.0", false, |_| None::<()>).unwrap();
        assert!(!root.path().join(".removing-x").exists() && root.path().join("0.1.0").exists());
    }
}
