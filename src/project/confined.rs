//! File access that is confined to a project: a path with a link that leads out of the project is rejected.
//!
//! A project may be untrusted, and version control can contain links. Links within the project are followed, and the
//! folder of the project itself may be a link. All functions block.

use crate::{
    error::{Code, Error, Result},
    files::{self, Access},
};
use std::{
    fs,
    io::{self, ErrorKind},
    path::{Component, Path, PathBuf},
};

/// Resolves the links of a path in a project, starting at the folder of the project. Components that do not exist yet
/// are kept as written.
///
/// Errors: [`Code::ProjectUnsafe`] for a link that leads out of the project or is broken.
pub(crate) fn resolve(project_dir: &Path, path: &Path) -> Result<PathBuf> {
    let root = match fs::canonicalize(project_dir) {
        Ok(root) => root,
        // A project that does not exist has no links.
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(path.to_owned()),
        Err(error) => return Err(Error::io("find", project_dir, error)),
    };
    let mut real = root.clone();
    let mut rest = relative_components(project_dir, path)?.into_iter();
    while let Some(name) = rest.next() {
        real.push(name);
        match fs::symlink_metadata(&real) {
            Ok(found) if found.is_symlink() => real = follow_link(&root, &real, path)?,
            Ok(_) => {}
            Err(error) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => {
                real.extend(rest);
                break;
            }
            Err(error) => return Err(Error::io("look at", path, error)),
        }
    }
    Ok(to_project_path(project_dir, &root, real))
}

/// Returns the components of a path, relative to the folder of the project.
fn relative_components<'a>(project_dir: &Path, path: &'a Path) -> Result<Vec<&'a std::ffi::OsStr>> {
    let outside = || Error::new(Code::ProjectUnsafe, format!("{} is not below the project", path.display()));
    let relative = path.strip_prefix(project_dir).map_err(|_| outside())?;
    let name = |component| match component {
        Component::Normal(name) => Ok(name),
        _ => Err(outside()),
    };
    relative.components().map(name).collect()
}

fn follow_link(root: &Path, link: &Path, path: &Path) -> Result<PathBuf> {
    let refused = |what: &str, hint: &'static str| {
        let through = if link.ends_with(path.file_name().unwrap_or_default()) {
            String::new()
        } else {
            format!(" (on the way to {})", path.display())
        };
        Error::new(Code::ProjectUnsafe, format!("{} is a link that leads {what}{through}", link.display()))
            .with_hint(hint)
    };
    match fs::canonicalize(link) {
        Ok(real) if real.starts_with(root) => Ok(real),
        Ok(_) => Err(refused("out of the project", "Replace it by what it leads to, or remove it")),
        Err(error) => Err(refused("nowhere", "Remove it").caused_by(error)),
    }
}

/// Returns the real path, since SQLite with `NOFOLLOW` rejects a path that has a link.
#[cfg(unix)]
fn to_project_path(_: &Path, _: &Path, real: PathBuf) -> PathBuf {
    real
}

/// Returns a path without the prefix of canonical Windows paths (`\\?\`), which some programs do not support.
#[cfg(not(unix))]
fn to_project_path(project_dir: &Path, root: &Path, real: PathBuf) -> PathBuf {
    real.strip_prefix(root).map_or_else(|_| real.clone(), |below| project_dir.join(below))
}

/// Reads a text file of a project; `None` if it does not exist.
pub(crate) fn read_text(project_dir: &Path, path: &Path) -> Result<Option<String>> {
    Ok(read(project_dir, path)?.map(|bytes| String::from_utf8_lossy(&bytes).into_owned()))
}

/// Reads a file of a project; `None` if it does not exist. Pipes and devices are errors, so that a read never blocks.
pub(crate) fn read(project_dir: &Path, path: &Path) -> Result<Option<Vec<u8>>> {
    let real = resolve(project_dir, path)?;
    match files::read_regular(&real) {
        Ok(bytes) => Ok(Some(bytes)),
        Err(error) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => Ok(None),
        Err(error) => Err(Error::io("read", path, error)),
    }
}

/// Creates a folder of a project and its parents, and returns the real path.
pub(crate) fn make_folder(project_dir: &Path, path: &Path) -> Result<PathBuf> {
    let real = resolve(project_dir, path)?;
    files::create_folder(&real)?;
    Ok(real)
}

/// Replaces a file of a project atomically, and creates its parent folders.
pub(crate) fn write(project_dir: &Path, path: &Path, text: &str, access: Access) -> Result<()> {
    let real = resolve(project_dir, path)?;
    files::create_folder(real.parent().unwrap_or(project_dir))?;
    files::write_atomically(&real, text.as_bytes(), access)
}

/// Removes a file of a project. Of a link, the link itself is removed.
pub(crate) fn remove_file(project_dir: &Path, path: &Path) -> Result<()> {
    files::remove_file(&resolve_parent(project_dir, path)?)
}

/// Removes a folder of a project and its contents. Of a link, the link itself is removed.
pub(crate) fn remove_folder(project_dir: &Path, path: &Path) -> Result<()> {
    files::remove_folder(&resolve_parent(project_dir, path)?)
}

/// Resolves the parent folder of a path, but not the path itself, which may be a link.
fn resolve_parent(project_dir: &Path, path: &Path) -> Result<PathBuf> {
    match (path.parent(), path.file_name()) {
        (Some(parent), Some(name)) => Ok(resolve(project_dir, parent)?.join(name)),
        _ => Err(Error::new(Code::ProjectUnsafe, format!("{} is not below the project", path.display()))),
    }
}

/// Lists the paths in a folder of a project, with links unresolved. A missing folder is empty.
pub(crate) fn list(project_dir: &Path, dir: &Path) -> Result<Vec<PathBuf>> {
    let failed = |error: io::Error| Error::io("list", dir, error);
    let entries = match fs::read_dir(resolve(project_dir, dir)?) {
        Ok(entries) => entries,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(failed(error)),
    };
    entries.map(|entry| entry.map(|entry| dir.join(entry.file_name())).map_err(failed)).collect()
}

#[cfg(unix)]
#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::symlink;

    fn refused(project: &Path, path: &str) -> String {
        match resolve(project, &project.join(path)) {
            Err(error) if error.code() == Code::ProjectUnsafe => error.to_string(),
            other => panic!("{path}: {other:?}"),
        }
    }

    #[test]
    fn links_out_of_the_project_are_rejected_at_any_position() {
        let (home, elsewhere) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let project = home.path().join("p");
        fs::create_dir_all(project.join("deep/er")).unwrap();
        fs::write(elsewhere.path().join("x"), "theirs").unwrap();
        symlink(elsewhere.path(), project.join("folder")).unwrap();
        symlink(elsewhere.path().join("x"), project.join("file")).unwrap();
        symlink("../../../elsewhere", project.join("deep/er/nowhere")).unwrap();
        symlink("..", project.join("up")).unwrap();
        symlink("file", project.join("chain")).unwrap();
        symlink("loop", project.join("loop")).unwrap();
        for path in ["folder", "folder/x", "folder/not/there", "file", "chain", "up", "up/p/deep"] {
            assert!(refused(&project, path).contains("is a link that leads out of the project"), "{path}");
        }
        assert!(refused(&project, "folder/x").contains("/folder is a link"));
        for path in ["deep/er/nowhere", "deep/er/nowhere/x", "loop"] {
            assert!(refused(&project, path).contains("is a link that leads nowhere"), "{path}");
        }
        for path in ["../x", "deep/../../x"] {
            assert!(refused(&project, path).contains("is not below the project"), "{path}");
        }
        assert!(read_text(&project, &project.join("file")).is_err());
        assert!(write(&project, &project.join("file"), "mine", Access::Default).is_err());
        assert!(make_folder(&project, &project.join("folder/new")).is_err());
        assert!(list(&project, &project.join("folder")).is_err());
        assert!(remove_folder(&project, &project.join("folder/x")).is_err());
        assert_eq!(fs::read_to_string(elsewhere.path().join("x")).unwrap(), "theirs");
        assert_eq!(fs::read_dir(elsewhere.path()).unwrap().count(), 1);
    }

    #[test]
    fn links_within_and_to_the_project_are_followed() {
        let home = tempfile::tempdir().unwrap();
        let real = home.path().canonicalize().unwrap().join("real");
        fs::create_dir_all(real.join("models")).unwrap();
        fs::write(real.join("models/a.yaml"), "a").unwrap();
        let project = home.path().join("shown");
        symlink(&real, &project).unwrap();
        symlink("models", real.join("semantic-layer")).unwrap();
        let path = project.join("semantic-layer/a.yaml");
        assert_eq!(resolve(&project, &path).unwrap(), real.join("models/a.yaml"));
        assert_eq!(read_text(&project, &path).unwrap().as_deref(), Some("a"));
        assert_eq!(list(&project, &project.join("semantic-layer")).unwrap(), std::slice::from_ref(&path));
        write(&project, &path, "b", Access::Default).unwrap();
        assert_eq!(fs::read_to_string(real.join("models/a.yaml")).unwrap(), "b");
        assert_eq!(read_text(&project, &project.join("none/x")).unwrap(), None);
        assert_eq!(resolve(&project, &project.join("new/x")).unwrap(), real.join("new/x"));
    }

    #[test]
    fn removing_a_link_keeps_its_target() {
        let (project, elsewhere) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        fs::write(elsewhere.path().join("x"), "theirs").unwrap();
        symlink(elsewhere.path(), project.path().join("folder")).unwrap();
        symlink(elsewhere.path().join("x"), project.path().join("file")).unwrap();
        remove_folder(project.path(), &project.path().join("folder")).unwrap();
        remove_file(project.path(), &project.path().join("file")).unwrap();
        assert_eq!(fs::read_dir(project.path()).unwrap().count(), 0);
        assert!(elsewhere.path().join("x").exists());
    }

    #[test]
    fn reading_a_pipe_fails_without_blocking() {
        let project = tempfile::tempdir().unwrap();
        let pipe = project.path().join("pipe");
        assert!(std::process::Command::new("mkfifo").arg(&pipe).status().unwrap().success());
        let error = read_text(project.path(), &pipe).unwrap_err();
        assert!(error.to_string().ends_with("it is not a file"), "{error}");
    }
}
