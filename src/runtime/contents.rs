//! Whether the packages of an environment are still there. What is looked at often costs a few looks at the disk: the
//! names that an installation left. Everything that the packages say they have is looked at where time is no matter.

use crate::{error::Result, files};
use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
};

/// Stands in an environment: the names of what was installed into it.
const NOTE: &str = "ktx-contents";

/// Notes what an environment has now. Blocks.
pub(super) fn note(environment: &Path) -> Result<()> {
    let Some(site) = site_packages(environment) else { return Ok(()) };
    let entries = fs::read_dir(&site).into_iter().flatten().flatten();
    let names = entries.filter_map(|entry| entry.file_name().into_string().ok()).filter(|name| name != "__pycache__");
    let names: BTreeSet<_> = names.filter(|name| !name.contains('\n')).collect();
    let text: String = names.into_iter().map(|name| name + "\n").collect();
    files::write_atomically(&environment.join(NOTE), text.as_bytes(), files::Access::Readable)
}

/// The first of the noted packages that is gone. Blocks.
pub(super) fn missing(environment: &Path) -> Option<PathBuf> {
    let noted = files::read_text(&environment.join(NOTE)).ok()??;
    // Of an interpreter of another version in the same place none of them is found.
    let site = site_packages(environment).unwrap_or_else(|| environment.to_owned());
    noted.lines().map(|name| site.join(name)).find(|path| !path.exists())
}

/// The first file that a package says it has and that is gone or has another size. Blocks.
pub(super) fn damaged(environment: &Path) -> Option<PathBuf> {
    let site = site_packages(environment)?;
    let packages = fs::read_dir(&site).ok()?.flatten().map(|entry| entry.path());
    let mut records = packages.filter(|path| path.extension().is_some_and(|ext| ext == "dist-info"));
    records.find_map(|package| {
        let record = package.join("RECORD");
        match files::read_text(&record) {
            Ok(Some(text)) => text.lines().find_map(|line| damaged_entry(&site, line)),
            Ok(None) | Err(_) => Some(record),
        }
    })
}

/// One line of a `RECORD`: path, hash, size.
fn damaged_entry(site: &Path, line: &str) -> Option<PathBuf> {
    let mut fields = line.rsplitn(3, ',');
    let (size, _, name) = (fields.next()?, fields.next()?, fields.next()?.trim_matches('"'));
    // Python rewrites compiled files by itself.
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
#[allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]
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
        note(folder.path()).unwrap();
        folder
    }

    fn site(folder: &tempfile::TempDir) -> PathBuf {
        folder.path().join("lib/python3.11/site-packages")
    }

    #[test]
    fn what_is_whole_is_found_whole() {
        let folder = environment();
        fs::remove_dir(site(&folder).join("__pycache__")).unwrap();
        fs::create_dir(site(&folder).join("of_the_user")).unwrap();
        assert_eq!((missing(folder.path()), damaged(folder.path())), (None, None));
        let nothing = tempfile::tempdir().unwrap();
        note(nothing.path()).unwrap();
        assert_eq!((missing(nothing.path()), damaged(nothing.path())), (None, None));
    }

    #[test]
    fn a_package_that_is_gone_is_named() {
        let folder = environment();
        fs::remove_dir_all(site(&folder).join("h11")).unwrap();
        assert_eq!(missing(folder.path()), Some(site(&folder).join("h11")));
        assert_eq!(damaged(folder.path()), Some(site(&folder).join("h11/a, b.py")));
        let folder = environment();
        fs::rename(folder.path().join("lib"), folder.path().join("old")).unwrap();
        assert!(missing(folder.path()).is_some());
    }

    #[test]
    fn a_file_that_is_gone_or_cut_is_named() {
        for damage in [|path: &Path| fs::remove_file(path).unwrap(), |path: &Path| fs::write(path, "fo").unwrap()] {
            let folder = environment();
            damage(&site(&folder).join("h11/a, b.py"));
            assert_eq!((missing(folder.path()), damaged(folder.path()).is_some()), (None, true));
        }
        let folder = environment();
        fs::remove_file(site(&folder).join("h11-1.dist-info/RECORD")).unwrap();
        assert_eq!(damaged(folder.path()), Some(site(&folder).join("h11-1.dist-info/RECORD")));
    }
}
