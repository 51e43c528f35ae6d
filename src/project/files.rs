//! Creates, finds and loads projects.

use super::{Project, config::CONFIG_FILE, confined, folder_name, lock, modeline, parse::parse_config, yaml};
use crate::{
    error::{Code, Error, Result},
    files::{Access, create_folder},
};
use std::{
    fs, io,
    path::{Path, PathBuf},
};

/// Entry of `.gitignore` for the machine-local files.
const IGNORE_ENTRY: &str = ".ktx/";

/// Creates a project. The folder may exist, and may have other files.
///
/// Errors: [`Code::ProjectExists`], [`Code::ArgumentInvalid`] for an invalid name, [`Code::FileIo`].
pub fn init(dir: &Path, name: Option<&str>) -> Result<Project> {
    let dir = absolute(dir)?;
    let name = name.map_or_else(|| folder_name(&dir), str::to_owned);
    if name.trim().is_empty() || name.contains(char::is_control) {
        return Err(Error::new(Code::ArgumentInvalid, "The name of a project must be one line of text"));
    }
    let path = dir.join(CONFIG_FILE);
    if path.exists() {
        return Err(exists_error(&path));
    }
    let text = initial_config(&name)?;
    // Rejects an unsafe `.gitignore` before any file is created.
    confined::read_text(&dir, &dir.join(".gitignore"))?;
    create_folder(&dir)?;
    write_new(&path, &text)?;
    update_gitignore(&dir).and_then(|()| load(&dir)).inspect_err(|_| {
        // Removed, so that the call can be repeated.
        let _ = fs::remove_file(&path);
    })
}

fn exists_error(path: &Path) -> Error {
    Error::new(Code::ProjectExists, format!("There is a project already: {}", path.display()))
}

fn initial_config(name: &str) -> Result<String> {
    let written = yaml::write(name)?;
    let line = modeline::modeline(modeline::CONFIG_SCHEMA, None);
    let text = format!("{line}project: {}\nconnections:\ningest:\n  adapters: [live-database]\n", written.trim_end());
    match parse_config(&text)?.0.project.as_deref() == Some(name) {
        true => Ok(text),
        false => Err(Error::new(Code::ArgumentInvalid, format!("The project cannot be called {name}"))
            .with_hint("Choose a plainer name")),
    }
}

/// Creates a file atomically. Fails if it exists, also if another process has created it in between.
fn write_new(path: &Path, text: &str) -> Result<()> {
    use io::Write;
    let fail = |error: io::Error| match error.kind() {
        io::ErrorKind::AlreadyExists => exists_error(path),
        _ => Error::io("write", path, error),
    };
    let mut builder = tempfile::Builder::new();
    #[cfg(unix)]
    builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o664));
    let mut file = builder.prefix(".tmp-").tempfile_in(path.parent().unwrap_or(Path::new("."))).map_err(fail)?;
    file.write_all(text.as_bytes()).and_then(|()| file.as_file().sync_all()).map_err(fail)?;
    file.persist_noclobber(path).map_err(|error| fail(error.error))?;
    Ok(())
}

fn update_gitignore(dir: &Path) -> Result<()> {
    let path = dir.join(".gitignore");
    if !path.is_symlink() && !path.exists() && write_new(&path, &format!("{IGNORE_ENTRY}\n")).is_ok() {
        return Ok(());
    }
    let _lock = lock::acquire(dir)?;
    let before = confined::read_text(dir, &path)?.unwrap_or_default();
    if before.lines().any(|line| matches!(line.trim(), ".ktx" | ".ktx/" | "/.ktx" | "/.ktx/")) {
        return Ok(());
    }
    let gap = if before.is_empty() || before.ends_with('\n') { "" } else { "\n" };
    confined::write(dir, &path, &format!("{before}{gap}{IGNORE_ENTRY}\n"), Access::Default)
}

/// Finds the nearest folder at or above `start` that has a `ktx.yaml`. Errors: [`Code::ProjectMissing`].
pub fn find_dir(start: &Path) -> Result<PathBuf> {
    let start = absolute(start)?;
    let found = start.ancestors().find(|dir| dir.join(CONFIG_FILE).is_file());
    found.map(Path::to_owned).ok_or_else(|| missing_error(&format!("{} or above it", start.display())))
}

/// Loads and checks the project of a folder.
///
/// Errors: [`Code::ProjectMissing`], [`Code::ProjectInvalid`] with line and column, [`Code::ProjectUnsafe`],
/// [`Code::FileIo`].
pub fn load(dir: &Path) -> Result<Project> {
    read(dir).map(|(project, _)| project)
}

/// Loads a project like [`load`], and returns the text of its `ktx.yaml` as well.
pub(super) fn read(dir: &Path) -> Result<(Project, String)> {
    let dir = absolute(dir)?;
    let text = read_config(&dir)?;
    let (config, warnings) = parse_config(&text)?;
    Ok((Project::new(dir, config, warnings), text))
}

pub(super) fn read_config(dir: &Path) -> Result<String> {
    let path = dir.join(CONFIG_FILE);
    let bytes = confined::read(dir, &path)?.ok_or_else(|| missing_error(&dir.display().to_string()))?;
    yaml::decode(&path.display().to_string(), Code::ProjectInvalid, bytes)
}

fn missing_error(place: &str) -> Error {
    Error::new(Code::ProjectMissing, format!("There is no ktx.yaml in {place}"))
}

fn absolute(dir: &Path) -> Result<PathBuf> {
    std::path::absolute(dir).map_err(|error| Error::io("find", dir, error))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn new_project_has_a_config_and_a_gitignore() {
        let home = tempfile::tempdir().unwrap();
        let dir = home.path().join("Zoë's shop/deep");
        let project = init(&dir, None).unwrap();
        assert_eq!(project.view().name, "deep");
        assert_eq!(project.view().project_dir, dir);
        assert_eq!(
            fs::read_to_string(dir.join(CONFIG_FILE)).unwrap(),
            modeline::modeline(modeline::CONFIG_SCHEMA, None)
                + "project: deep\nconnections:\ningest:\n  adapters: [live-database]\n"
        );
        assert_eq!(fs::read_to_string(dir.join(".gitignore")).unwrap(), ".ktx/\n");
        assert_eq!(fs::read_dir(&dir).unwrap().count(), 2);
        assert!(project.warnings.is_empty());
    }

    #[test]
    fn names_that_look_like_other_yaml_types_round_trip() {
        for name in
            ["5", "true", "null", "a: b", "# no", "it's \"so\"", "- x", "~", "größe", "{a}", "12:30", " x ", "*a"]
        {
            let home = tempfile::tempdir().unwrap();
            assert_eq!(init(home.path(), Some(name)).unwrap().view().name, name);
        }
        let home = tempfile::tempdir().unwrap();
        for name in ["", "  ", "two\nlines"] {
            assert_eq!(init(home.path(), Some(name)).unwrap_err().code(), Code::ArgumentInvalid);
        }
        assert_eq!(fs::read_dir(home.path()).unwrap().count(), 0);
    }

    #[test]
    fn existing_project_is_not_replaced() {
        let home = tempfile::tempdir().unwrap();
        fs::write(home.path().join(CONFIG_FILE), "mine").unwrap();
        let error = init(home.path(), Some("x")).unwrap_err();
        assert_eq!(error.code(), Code::ProjectExists);
        assert_eq!(write_new(&home.path().join(CONFIG_FILE), "x").unwrap_err().code(), Code::ProjectExists);
        assert_eq!(fs::read_to_string(home.path().join(CONFIG_FILE)).unwrap(), "mine");
        assert_eq!(fs::read_dir(home.path()).unwrap().count(), 1);
    }

    #[cfg(unix)]
    #[test]
    fn unusable_gitignore_leaves_no_project() {
        let outside = tempfile::tempdir().unwrap();
        fs::write(outside.path().join("theirs"), "").unwrap();
        for target in ["nowhere".into(), outside.path().join("theirs")] {
            let home = tempfile::tempdir().unwrap();
            std::os::unix::fs::symlink(target, home.path().join(".gitignore")).unwrap();
            assert_eq!(init(home.path(), None).unwrap_err().code(), Code::ProjectUnsafe);
            assert_eq!(fs::read_dir(home.path()).unwrap().count(), 1);
        }
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir(folder.path().join(".gitignore")).unwrap();
        assert_eq!(init(folder.path(), None).unwrap_err().code(), Code::FileIo);
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    }

    #[test]
    fn existing_gitignore_is_extended_once() {
        let home = tempfile::tempdir().unwrap();
        fs::write(home.path().join(".gitignore"), "target").unwrap();
        init(home.path(), None).unwrap();
        assert_eq!(fs::read_to_string(home.path().join(".gitignore")).unwrap(), "target\n.ktx/\n");
        update_gitignore(home.path()).unwrap();
        assert_eq!(fs::read_to_string(home.path().join(".gitignore")).unwrap(), "target\n.ktx/\n");
    }

    #[test]
    fn nearest_project_at_or_above_is_found() {
        let home = tempfile::tempdir().unwrap();
        init(home.path(), None).unwrap();
        let inner = home.path().join("a b/c");
        fs::create_dir_all(&inner).unwrap();
        assert_eq!(find_dir(&inner).unwrap(), home.path());
        init(&inner, None).unwrap();
        assert_eq!(find_dir(&inner.join("not/there")).unwrap(), inner);
    }

    #[test]
    fn missing_project_hints_at_init() {
        let home = tempfile::tempdir().unwrap();
        for error in [
            find_dir(home.path()).unwrap_err(),
            load(home.path()).unwrap_err(),
            load(&home.path().join("x")).unwrap_err(),
        ] {
            assert_eq!(error.code(), Code::ProjectMissing);
            assert_eq!(error.hint(), Some("Create a project with: ktx init"));
        }
    }

    #[test]
    fn config_that_is_not_utf_8_is_rejected() {
        let home = tempfile::tempdir().unwrap();
        fs::write(home.path().join(CONFIG_FILE), [0xff, 0xff]).unwrap();
        assert_eq!(load(home.path()).unwrap_err().code(), Code::ProjectInvalid);
    }
}
