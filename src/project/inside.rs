//! What is opened below a project: a link that leads out of it is refused, wherever in the path it stands.
//!
//! A project may be untrusted: version control carries links. A link that stays in the project is followed, and
//! the project's own folder may be reached through one. Everything here blocks.

use crate::{
    error::{Code, Error, Result},
    files::{self, Access},
};
use std::{
    fs,
    io::{self, ErrorKind},
    path::{Component, Path, PathBuf},
};

/// The place that a path below a project leads to, with no link in it from the project's folder on. What is not there
/// yet stays as it is written.
///
/// Errors: [`Code::ProjectUnsafe`] for a link that leads out of the project, or nowhere.
pub(crate) fn resolve(project_dir: &Path, path: &Path) -> Result<PathBuf> {
    let root = match fs::canonicalize(project_dir) {
        Ok(root) => root,
        // A project that is not there has no links.
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(path.to_owned()),
        Err(error) => return Err(Error::io("find", project_dir, error)),
    };
    let mut real = root.clone();
    let mut rest = names(project_dir, path)?.into_iter();
    while let Some(name) = rest.next() {
        real.push(name);
        match fs::symlink_metadata(&real) {
            Ok(found) if found.is_symlink() => real = follow(&root, &real, path)?,
            Ok(_) => {}
            Err(error) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => {
                real.extend(rest);
                break;
            }
            Err(error) => return Err(Error::io("look at", path, error)),
        }
    }
    Ok(spelled(project_dir, &root, real))
}

/// The names that lead from the project's folder to a path.
fn names<'a>(project_dir: &Path, path: &'a Path) -> Result<Vec<&'a std::ffi::OsStr>> {
    let outside = || Error::new(Code::ProjectUnsafe, format!("{} is not below the project", path.display()));
    let relative = path.strip_prefix(project_dir).map_err(|_| outside())?;
    let name = |component| match component {
        Component::Normal(name) => Ok(name),
        _ => Err(outside()),
    };
    relative.components().map(name).collect()
}

fn follow(root: &Path, link: &Path, path: &Path) -> Result<PathBuf> {
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

/// SQLite opens no path with a link in it; there the real path is used.
#[cfg(unix)]
fn spelled(_: &Path, _: &Path, real: PathBuf) -> PathBuf {
    real
}

/// Real paths have a prefix there that not every program understands.
#[cfg(not(unix))]
fn spelled(project_dir: &Path, root: &Path, real: PathBuf) -> PathBuf {
    real.strip_prefix(root).map_or_else(|_| real.clone(), |below| project_dir.join(below))
}

/// Reads a file of text below a project; `None` where it is not there.
pub(crate) fn read_text(project_dir: &Path, path: &Path) -> Result<Option<String>> {
    Ok(read(project_dir, path)?.map(|bytes| String::from_utf8_lossy(&bytes).into_owned()))
}

/// Reads a file below a project; `None` where it is not there. A pipe or a device is not waited for.
pub(crate) fn read(project_dir: &Path, path: &Path) -> Result<Option<Vec<u8>>> {
    let real = resolve(project_dir, path)?;
    match files::read_regular(&real) {
        Ok(bytes) => Ok(Some(bytes)),
        Err(error) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => Ok(None),
        Err(error) => Err(Error::io("read", path, error)),
    }
}

/// Makes a folder below a project, and those above it; gives its real path.
pub(crate) fn make_folder(project_dir: &Path, path: &Path) -> Result<PathBuf> {
    let real = resolve(project_dir, path)?;
    files::create_folder(&real)?;
    Ok(real)
}

/// Replaces a file below a project, and makes the folders above it.
pub(crate) fn write(project_dir: &Path, path: &Path, text: &str, access: Access) -> Result<()> {
    let real = resolve(project_dir, path)?;
    files::create_folder(real.parent().unwrap_or(project_dir))?;
    files::write_atomically(&real, text.as_bytes(), access)
}

/// Removes a file below a project; a link goes, and what it leads to stays.
pub(crate) fn remove_file(project_dir: &Path, path: &Path) -> Result<()> {
    files::remove_file(&itself(project_dir, path)?)
}

/// Removes a folder below a project with all that is in it; a link goes, and what it leads to stays.
pub(crate) fn remove_folder(project_dir: &Path, path: &Path) -> Result<()> {
    files::remove_folder(&itself(project_dir, path)?)
}

/// The path itself, which may be a link, with the folders above it resolved.
fn itself(project_dir: &Path, path: &Path) -> Result<PathBuf> {
    match (path.parent(), path.file_name()) {
        (Some(parent), Some(name)) => Ok(resolve(project_dir, parent)?.join(name)),
        _ => Err(Error::new(Code::ProjectUnsafe, format!("{} is not below the project", path.display()))),
    }
}

/// Paths in a folder below a project, as they are written; none where it is not there.
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
    fn links_out_of_the_project_are_refused_wherever_they_stand() {
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
    fn links_in_the_project_and_to_the_project_are_followed() {
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
    fn removing_a_link_leaves_what_it_leads_to() {
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
    fn a_pipe_is_not_waited_for() {
        let project = tempfile::tempdir().unwrap();
        let pipe = project.path().join("pipe");
        assert!(std::process::Command::new("mkfifo").arg(&pipe).status().unwrap().success());
        let error = read_text(project.path(), &pipe).unwrap_err();
        assert!(error.to_string().ends_with("it is not a file"), "{error}");
    }
}
