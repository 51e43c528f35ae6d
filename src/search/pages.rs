//! The pages of a project: Markdown files below `notes`.

use crate::{error::Result, project::confined};
use std::path::{Path, PathBuf};

/// Folder of the pages.
pub(super) const FOLDER: &str = "notes";
/// Maximum depth of folders.
const MAX_DEPTH: usize = 8;

/// Lists the pages, sorted. Hidden files and folders, and links to folders, are left out.
pub(super) fn list_pages(project_dir: &Path) -> Result<Vec<PathBuf>> {
    let mut pages = Vec::new();
    list_folder(project_dir, &project_dir.join(FOLDER), MAX_DEPTH, &mut pages)?;
    pages.sort();
    Ok(pages)
}

fn list_folder(project_dir: &Path, folder: &Path, depth: usize, pages: &mut Vec<PathBuf>) -> Result<()> {
    for path in confined::list(project_dir, folder)? {
        let is_hidden = path.file_name().is_none_or(|name| name.to_string_lossy().starts_with('.'));
        let is_page = path.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("md"));
        if is_hidden {
            continue;
        }
        if path.is_dir() && !path.is_symlink() && depth > 0 {
            list_folder(project_dir, &path, depth - 1, pages)?;
        } else if is_page && path.is_file() {
            pages.push(path);
        }
    }
    Ok(())
}
