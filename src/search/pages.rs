//! The pages of a project: Markdown files below `notes`.

use crate::{error::Result, project::confined};
use std::path::{Path, PathBuf};

/// Folder of the pages.
pub(super) const FOLDER: &str = "notes";
/// Maximum depth of folders.
const MAX_DEPTH: usize = 8;

/// Lists the files of the pages, sorted. Hidden files and folders, and links, which may lead to files that are no pages,
/// are left out.
pub(super) fn list_files(project_dir: &Path) -> Result<Vec<PathBuf>> {
    let mut pages = Vec::new();
    list_folder(project_dir, &project_dir.join(FOLDER), MAX_DEPTH, &mut pages)?;
    pages.sort();
    Ok(pages)
}

fn list_folder(project_dir: &Path, folder: &Path, depth: usize, pages: &mut Vec<PathBuf>) -> Result<()> {
    for path in confined::list(project_dir, folder)? {
        let is_hidden = path.file_name().is_none_or(|name| name.to_string_lossy().starts_with('.'));
        let is_page = path.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("md"));
        if is_hidden || path.is_symlink() {
            continue;
        }
        if path.is_dir() && depth > 0 {
            list_folder(project_dir, &path, depth - 1, pages)?;
        } else if is_page && path.is_file() {
            pages.push(path);
        }
    }
    Ok(())
}

/// Returns the name of a page: its path in the project, with slashes on every platform.
pub(super) fn name(project_dir: &Path, path: &Path) -> String {
    let relative = path.strip_prefix(project_dir).unwrap_or(path);
    relative.components().map(|part| part.as_os_str().to_string_lossy()).collect::<Vec<_>>().join("/")
}
