//! Removing the runtimes of other versions.

use crate::{
    error::{Error, Result},
    files::{self, FileLock},
};
use serde::Serialize;
use std::{
    fs, io,
    path::{Path, PathBuf},
};

/// What pruning found and did.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Pruned {
    /// Where it looked.
    pub runtime_root: PathBuf,
    /// Version folders that nobody needs.
    pub stale: Vec<PathBuf>,
    /// Version folders that stay.
    pub kept: Vec<PathBuf>,
    /// Version folders that are gone now.
    pub removed: Vec<PathBuf>,
}

/// Removes the version folders of other versions than `cli_version`, but none that is in use. Blocks.
pub fn prune(root: &Path, cli_version: &str, dry_run: bool, in_use: impl Fn(&Path) -> bool) -> Result<Pruned> {
    let mut pruned = Pruned { runtime_root: root.to_owned(), ..Pruned::default() };
    for folder in version_folders(root)? {
        let current = folder.file_name().is_some_and(|name| name == cli_version);
        if current || in_use(&folder) || FileLock::is_held(&folder.join("install.lock")) {
            pruned.kept.push(folder);
        } else {
            pruned.stale.push(folder);
        }
    }
    if !dry_run {
        for folder in &pruned.stale {
            // Without its manifest a half-removed folder is no runtime.
            files::remove_file(&folder.join("manifest.json"))?;
            files::remove_folder(folder)?;
            pruned.removed.push(folder.clone());
        }
    }
    Ok(pruned)
}

/// The version folders below a runtime root, sorted. Folders whose names are no versions are somebody else's.
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
    fn the_current_and_the_used_stay_and_what_is_no_version_is_not_touched() {
        let root = root();
        let in_use = |folder: &Path| folder.ends_with("0.2.0");
        let dry = prune(root.path(), "0.3.0", true, in_use).unwrap();
        assert_eq!((names(&dry.stale), dry.removed.len()), (vec!["0.1.0".into()], 0));
        let done = prune(root.path(), "0.3.0", false, in_use).unwrap();
        assert_eq!(names(&done.removed), ["0.1.0"]);
        assert_eq!(names(&done.kept), ["0.2.0", "0.3.0"]);
        assert!(root.path().join("photos").exists() && root.path().join("0.0.1").exists());
        assert!(!root.path().join("0.1.0").exists());
    }

    #[test]
    fn no_root_is_nothing_to_do() {
        let root = tempfile::tempdir().unwrap();
        let pruned = prune(&root.path().join("none"), "1.0.0", false, |_| false).unwrap();
        assert!(pruned.stale.is_empty() && pruned.kept.is_empty());
    }

    #[test]
    fn an_installation_under_way_is_not_pulled_away() {
        let root = root();
        let _lock = FileLock::try_acquire(&root.path().join("0.1.0/install.lock")).unwrap();
        assert!(names(&prune(root.path(), "0.3.0", false, |_| false).unwrap().kept).contains(&"0.1.0".into()));
    }
}
