//! Reading and writing a file of a client: through links that its owner made, never out of a workspace.

use super::location::Scope;
use crate::{
    error::{Code, Error, Result},
    files::{self, Access},
    project::confined,
};
use std::{
    fs,
    path::{Path, PathBuf},
};

/// A file of a client.
#[derive(Debug)]
pub(super) struct Place {
    /// As the client names it.
    pub(super) path: PathBuf,
    /// Where links lead to.
    real: PathBuf,
}

impl Place {
    /// Errors: [`Code::ProjectUnsafe`] for a link that leads out of the workspace, which may be a project of others. The
    /// user's own files may be links, as in a repository of dotfiles.
    pub(super) fn new(path: &Path, scope: Scope, workspace: &Path) -> Result<Self> {
        let real = match scope {
            Scope::Project => confined::resolve(workspace, path)?,
            Scope::Global => fs::canonicalize(path).unwrap_or_else(|_| path.to_owned()),
        };
        Ok(Self { path: path.to_owned(), real })
    }

    /// The text; `None` where there is no file.
    ///
    /// Errors: [`Code::AgentFileInvalid`] for text that is not UTF-8, which a change would damage; [`Code::FileIo`].
    pub(super) fn read(&self) -> Result<Option<String>> {
        if !self.real.exists() {
            return Ok(None);
        }
        let bytes = files::read_regular(&self.real).map_err(|error| Error::io("read", &self.path, error))?;
        let text = String::from_utf8(bytes).map_err(|_| invalid(&self.path, "it is not UTF-8"))?;
        Ok(Some(text))
    }

    /// The folders that a write has to create, the outermost first.
    pub(super) fn missing_folders(&self) -> Vec<PathBuf> {
        missing_folders(&self.real)
    }

    /// Replaces the file, no more readable than before.
    pub(super) fn write(&self, text: &str) -> Result<()> {
        if let Some(folder) = self.real.parent() {
            files::create_folder(folder)?;
        }
        let access = if files::is_private(&self.real) { Access::Owner } else { Access::Default };
        files::write_atomically(&self.real, text.as_bytes(), access)
    }

    /// Removes the file, and those of the folders that are empty then.
    pub(super) fn remove(&self, folders: &[PathBuf]) -> Result<()> {
        files::remove_file(&self.real)?;
        self.remove_empty(folders);
        Ok(())
    }

    /// Removes those of the folders above the file that are empty.
    pub(super) fn remove_empty(&self, folders: &[PathBuf]) {
        remove_empty_folders(&self.real, folders);
    }
}

/// The folders above a file that do not exist, the outermost first.
pub(super) fn missing_folders(file: &Path) -> Vec<PathBuf> {
    let above = file.ancestors().skip(1).take_while(|folder| !folder.exists());
    let mut missing: Vec<_> = above.map(Path::to_owned).collect();
    missing.reverse();
    missing
}

/// Removes those of the folders that are above a file and empty, the innermost first. A manifest may name others: it
/// lies in a project.
pub(super) fn remove_empty_folders(file: &Path, folders: &[PathBuf]) {
    for folder in folders.iter().rev().filter(|folder| file.starts_with(folder)) {
        let _ = fs::remove_dir(folder);
    }
}

/// The error for a file that cannot be read or changed.
pub(super) fn invalid(path: &Path, reason: &str) -> Error {
    Error::new(Code::AgentFileInvalid, format!("Cannot change {}: {reason}", path.display()))
}
