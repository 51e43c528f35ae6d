//! Integrity of the packages of an environment. The status checks only the names of the packages, which takes a few
//! accesses to the disk; the doctor and installations also check all files that the packages record.

use crate::{error::Result, files};
use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
};

/// File in an environment that lists the names of the installed packages.
const PACKAGE_LIST: &str = "ktx-contents";

/// Writes the list of the installed packages of an environment. Blocks.
pub(super) fn write_package_list(environment: &Path) -> Result<()> {
    let Some(site) = site_packages(environment) else { return Ok(()) };
    let entries = fs::read_dir(&site).into_iter().flatten().flatten();
    let names = entries.filter_map(|entry| entry.file_name().into_string().ok()).filter(|name| name != "__pycache__");
    let names: BTreeSet<_> = names.filter(|name| !name.contains('\n')).collect();
    let text: String = names.into_iter().map(|name| name + "\n").collect();
    files::write_atomically(&environment.join(PACKAGE_LIST), text.as_bytes(), files::Access::Readable)
}

/// Finds the first listed package that is missing. Blocks.
pub(super) fn find_missing_package(environment: &Path) -> Option<PathBuf> {
    let listed = files::read_text(&environment.join(PACKAGE_LIST)).ok()??;
    // If the interpreter was replaced by one of another version, no package is found.
    let site = site_packages(environment).unwrap_or_else(|| environment.to_owned());
    listed.lines().map(|name| site.join(name)).find(|path| !path.exists())
}

/// Finds the first recorded file of a package that is missing or has another size. Blocks.
pub(super) fn find_damaged_file(environment: &Path) -> Option<PathBuf> {
    let site = site_packages(environment)?;
    let packages = fs::read_dir(&site).ok()?.flatten().map(|entry| entry.path());
    let mut records = packages.filter(|path| path.extension().is_some_and(|ext| ext == "dist-info"));
    records.find_map(|package| {
        let record = package.join("RECORD");
        match files::read_text(&record) {
            Ok(Some(text)) => text.lines().find_map(|line| damaged_file_of_line(&site, line)),
            Ok(None) | Err(_) => Some(record),
        }
    })
}

/// The file of a line of a `RECORD` (path, hash, size), if it is damaged.
fn damaged_file_of_line(site: &Path, line: &str) -> Option<PathBuf> {
    let mut fields = line.rsplitn(3, ',');
    let (size, _, name) = (fields.next()?, fields.next()?, fields.next()?.trim_matches('"'));
    // Python rewrites compiled files.
    if name.is_empty() || name.ends_with(".pyc") {
        return None;
    }
    let path = site.join(name);
    match (fs::metadata(&path), size.parse::<u64>()) {
        (Ok(found), Ok(size)) => (found.len() != size).then_some(path),
        (Ok(_), Err(_)) => None,
        (Err(_), _) => Some(path),
    }
}

pub(super) fn site_packages(environment: &Path) -> Option<PathBuf> {
    let windows = environment.join("Lib").join("site-packages");
    if cfg!(windows) {
        return windows.is_dir().then_some(windows);
    }
    let versions = fs::read_dir(environment.join("lib")).ok()?.flatten();
    versions.map(|entry| entry.path().join("site-packages")).find(|site| site.is_dir())
}

#[cfg(all(test, unix))]
#[allow(clippy::unwrap_used, reason = "an unwrap in a test is an assertion")]
mod tests {
    use super::*;

    fn environment() -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        let site = folder.path().join("lib/python3.11/site-packages");
        for package in ["h11", "h11-1.dist-info", "__pycache__"] {
            fs::create_dir_all(site.join(package)).unwrap();
        }
        fs::write(site.join("h11/a, b.py"), "four").unwrap();
        fs::create_dir_all(folder.path().join("bin")).unwrap();
        fs::write(folder.path().join("bin/h11"), "x").unwrap();
        let record = "\"h11/a, b.py\",sha256=x,4\nh11/a.pyc,,\n../../../bin/h11,sha256=x,1\nh11-1.dist-info/RECORD,,\n";
        fs::write(site.join("h11-1.dist-info/RECORD"), record).unwrap();
        write_package_list(folder.path()).unwrap();
        folder
    }

    fn site(folder: &tempfile::TempDir) -> PathBuf {
        folder.path().join("lib/python3.11/site-packages")
    }

    #[test]
    fn complete_environment_has_no_missing_or_damaged_files() {
        let folder = environment();
        fs::remove_dir(site(&folder).join("__pycache__")).unwrap();
        fs::create_dir(site(&folder).join("of_the_user")).unwrap();
        assert_eq!((find_missing_package(folder.path()), find_damaged_file(folder.path())), (None, None));
        let nothing = tempfile::tempdir().unwrap();
        write_package_list(nothing.path()).unwrap();
        assert_eq!((find_missing_package(nothing.path()), find_damaged_file(nothing.path())), (None, None));
    }

    #[test]
    fn missing_package_is_found() {
        let folder = environment();
        fs::remove_dir_all(site(&folder).join("h11")).unwrap();
        assert_eq!(find_missing_package(folder.path()), Some(site(&folder).join("h11")));
        assert_eq!(find_damaged_file(folder.path()), Some(site(&folder).join("h11/a, b.py")));
        let folder = environment();
        fs::rename(folder.path().join("lib"), folder.path().join("old")).unwrap();
        assert!(find_missing_package(folder.path()).is_some());
    }

    #[test]
    fn missing_or_truncated_file_is_found() {
        for damage in [|path: &Path| fs::remove_file(path).unwrap(), |path: &Path| fs::write(path, "fo").unwrap()] {
            let folder = environment();
            damage(&site(&folder).join("h11/a, b.py"));
            assert_eq!((find_missing_package(folder.path()), find_damaged_file(folder.path()).is_some()), (None, true));
        }
        let folder = environment();
        fs::remove_file(site(&folder).join("h11-1.dist-info/RECORD")).unwrap();
        assert_eq!(find_damaged_file(folder.path()), Some(site(&folder).join("h11-1.dist-info/RECORD")));
    }
}
