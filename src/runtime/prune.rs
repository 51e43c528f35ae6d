//! Pruning: removes the runtimes of other versions, and provisioned tools that no version needs.

use super::stale_tools::StaleTools;
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
    /// Unused version folders, and folders of unused tools.
    pub stale: Vec<PathBuf>,
    /// Version folders that are not removed.
    pub kept: Vec<PathBuf>,
    /// Folders that were removed.
    pub removed: Vec<PathBuf>,
}

/// Removes the version folders of versions other than `cli_version` that are not in use. `lock_folder` returns a guard
/// that keeps other processes from using a folder, or `None` if it is in use. Then removes the tools that no version
/// needs, unless an installation is in progress. Blocks.
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
    prune_tools(root, cli_version, dry_run, &mut pruned)?;
    Ok(pruned)
}

fn prune_tools(root: &Path, cli_version: &str, dry_run: bool, pruned: &mut Pruned) -> Result<()> {
    let Some(tools) = StaleTools::find(root, &pruned.kept, cli_version)? else { return Ok(()) };
    if !dry_run {
        tools.remove()?;
        pruned.removed.extend_from_slice(&tools.folders);
    }
    pruned.stale.extend_from_slice(&tools.folders);
    Ok(())
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
    use crate::{files::FileLock, runtime::UvPin};

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

    /// Creates folders of tools: two versions of uv, two Pythons, and an environment of a version that uses the first.
    fn tools(root: &Path) -> [PathBuf; 4] {
        let uv = UvPin::bundled().unwrap().version;
        let paths =
            [format!("uv/{uv}"), "uv/0.0.1".into(), "python/cpython-3.11.7".into(), "python/cpython-3.10.1".into()];
        let paths = paths.map(|path| root.join("tools").join(path));
        for path in &paths {
            fs::create_dir_all(path.join("bin")).unwrap();
        }
        fs::create_dir(root.join("tools/python/.temp")).unwrap();
        let environment = root.join("0.3.0/venvs/a");
        fs::create_dir_all(&environment).unwrap();
        let settings = format!("implementation = CPython\nhome = {}\n", paths[2].join("bin").display());
        fs::write(environment.join("pyvenv.cfg"), settings).unwrap();
        paths
    }

    #[test]
    fn tools_that_no_version_needs_are_removed() {
        let root = root();
        let paths = tools(root.path());
        let dry = prune(root.path(), "0.3.0", true, |_| Some(())).unwrap();
        assert_eq!(names(&dry.stale), ["0.1.0", "0.2.0", "cpython-3.10.1", "0.0.1"]);
        let done = prune(root.path(), "0.3.0", false, |_| Some(())).unwrap();
        assert_eq!((done.removed, done.stale), (dry.stale.clone(), dry.stale));
        assert_eq!(paths.map(|path| path.exists()), [true, false, true, false]);
        assert!(root.path().join("tools/python/.temp").exists());
    }

    #[cfg(unix)]
    #[test]
    fn python_that_is_used_by_a_link_is_kept_and_links_to_others_are_removed() {
        let root = root();
        let paths = tools(root.path());
        let links =
            ["cpython-3.11", "cpython-3.10", "cpython-3.9"].map(|name| root.path().join("tools/python").join(name));
        std::os::unix::fs::symlink(&paths[2], &links[0]).unwrap();
        std::os::unix::fs::symlink(&paths[3], &links[1]).unwrap();
        std::os::unix::fs::symlink("/no/such/python", &links[2]).unwrap();
        let settings = format!("home={}", links[0].join("bin").display());
        fs::write(root.path().join("0.3.0/venvs/a/pyvenv.cfg"), settings).unwrap();
        prune(root.path(), "0.3.0", false, |_| Some(())).unwrap();
        assert_eq!(links.map(|link| link.is_symlink()), [true, false, false]);
        assert_eq!(paths.map(|path| path.exists()), [true, false, true, false]);
    }

    #[test]
    fn tools_of_kept_versions_and_during_an_installation_are_kept() {
        let root = root();
        let paths = tools(root.path());
        prune(root.path(), "0.2.0", false, |folder| (!folder.ends_with("0.3.0")).then_some(())).unwrap();
        assert_eq!(paths.clone().map(|path| path.exists()), [true, true, true, false]);
        fs::create_dir(&paths[3]).unwrap();
        let _installing = FileLock::try_acquire(&root.path().join("0.3.0/install.lock")).unwrap().unwrap();
        prune(root.path(), "0.3.0", false, |_| Some(())).unwrap();
        assert_eq!(paths.map(|path| path.exists()), [true; 4]);
    }

    #[test]
    fn leftovers_of_an_interrupted_prune_are_removed() {
        let root = root();
        fs::create_dir_all(root.path().join(".removing-x/deep")).unwrap();
        prune(root.path(), "0.3.0", false, |_| None::<()>).unwrap();
        assert!(!root.path().join(".removing-x").exists() && root.path().join("0.1.0").exists());
    }
}
