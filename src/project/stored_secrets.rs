//! Secrets that commands store for connections, in files of the user's configuration folder that only the user can read:
//! `secrets/<project>/<connection>.<key>-<random>`. Their names are new for each write, so that the file that `ktx.yaml`
//! refers to stays valid until `ktx.yaml` refers to the next one.

use super::{
    Project,
    config::Connection,
    drivers::{self, PartKind},
    file_names,
    secrets::{Reference, expand_home},
};
use crate::{
    digest::sha256,
    env::Environment,
    error::{Error, Result},
    files::{Access, remove_file, write_atomically},
    redact::SecretText,
    runtime,
};
use std::{
    fs,
    path::{Path, PathBuf},
};

/// Folder in the user's configuration folder.
const FOLDER: &str = "secrets";

/// Stored files; those that are not kept are removed when this is dropped.
#[derive(Debug, Default)]
pub(super) struct NewSecrets {
    files: Vec<PathBuf>,
}

impl NewSecrets {
    /// Writes a secret, and returns the reference to it for `ktx.yaml`.
    ///
    /// Errors: [`crate::error::Code::FileIo`], [`crate::error::Code::EnvInvalid`].
    pub(super) fn store(
        &mut self,
        project: &Project,
        id: &str,
        key: &str,
        secret: &SecretText,
        env: &Environment,
    ) -> Result<String> {
        let folder = folder_of(project, env)?;
        create_private_folder(&folder)?;
        let suffix = uuid::Uuid::new_v4().simple().to_string().split_off(24);
        let path = folder.join(format!("{}.{key}-{suffix}", file_names::encode(id)));
        write_atomically(&path, secret.expose().as_bytes(), Access::Owner)?;
        self.files.push(path.clone());
        Ok(format!("file:{}", shorten(&path, env)))
    }

    /// Keeps the files, and returns their paths.
    pub(super) fn keep(mut self) -> Vec<PathBuf> {
        std::mem::take(&mut self.files)
    }
}

impl Drop for NewSecrets {
    fn drop(&mut self) {
        for file in &self.files {
            let _ = fs::remove_file(file);
        }
    }
}

/// Removes the secrets that were stored for a connection of the project, except those that the text of `ktx.yaml` refers
/// to. Other files are left alone, as the author of the project chose the references.
pub(super) fn remove_unused(
    project: &Project,
    before: &Connection,
    text: &str,
    env: &Environment,
) -> Result<Vec<PathBuf>> {
    let mut removed = Vec::new();
    for value in secret_values(before) {
        let Reference::File(path) = Reference::parse(&value) else { continue };
        if let Some(file) = stored_file(project, path, env)?.filter(|_| !text.contains(path)) {
            remove_file(&file)?;
            removed.push(file);
        }
    }
    Ok(removed)
}

/// Finds the reference of a connection to a secret that was stored for it.
pub(super) fn find(
    project: &Project,
    connection: &Connection,
    secret: &SecretText,
    env: &Environment,
) -> Result<Option<String>> {
    for value in secret_values(connection) {
        let Reference::File(path) = Reference::parse(&value) else { continue };
        let file = stored_file(project, path, env)?;
        if file.is_some_and(|file| fs::read(file).is_ok_and(|text| text == secret.expose().as_bytes())) {
            return Ok(Some(value));
        }
    }
    Ok(None)
}

/// The values of the keys that may hold a secret.
fn secret_values(connection: &Connection) -> impl Iterator<Item = String> {
    let secrets = drivers::values(connection).filter(|(part, _)| part.kind == PartKind::Secret);
    secrets.map(|(_, value)| value).chain(connection.url.clone())
}

/// Returns the file of a reference if it was stored for the project.
fn stored_file(project: &Project, path: &str, env: &Environment) -> Result<Option<PathBuf>> {
    let Ok(folder) = folder_of(project, env) else { return Ok(None) };
    let file = expand_home(path, env)?;
    // The file itself, without `..`: parents are compared as they are written.
    Ok(Some(file).filter(|file| file.parent() == Some(&folder) && file.is_file()))
}

/// The folder of the project's secrets.
fn folder_of(project: &Project, env: &Environment) -> Result<PathBuf> {
    Ok(runtime::config_dir(env)?.join(FOLDER).join(folder_name(&project.dir)))
}

/// The name of the project's folder, with a hash of its path.
fn folder_name(project_dir: &Path) -> String {
    let real = fs::canonicalize(project_dir).unwrap_or_else(|_| project_dir.to_owned());
    let name = real.file_name().map(|name| file_names::encode(&name.to_string_lossy())).unwrap_or_default();
    let mut hash = sha256(real.to_string_lossy().as_bytes());
    hash.truncate(8);
    format!("{name}-{hash}")
}

/// Writes the user's home folder as `~`, so that the path does not name the user.
fn shorten(path: &Path, env: &Environment) -> String {
    let home = expand_home("~/", env).ok();
    match home.and_then(|home| path.strip_prefix(home).ok()) {
        Some(rest) => format!("~/{}", rest.to_string_lossy().replace('\\', "/")),
        None => path.to_string_lossy().into_owned(),
    }
}

/// Creates a folder that only the user can read; its parents are created with the usual access.
fn create_private_folder(folder: &Path) -> Result<()> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder).map_err(|error| Error::io("create folder", folder, error))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Variables of a user with this home folder.
    fn environment(home: &Path) -> Environment {
        let (config, home) = (home.join("config").display().to_string(), home.display().to_string());
        let config = Environment::default().with("XDG_CONFIG_HOME", &config).with("APPDATA", &config);
        config.with("HOME", &home).with("USERPROFILE", &home)
    }

    #[test]
    fn secrets_are_private_and_removed_unless_kept() {
        let home = tempfile::tempdir().unwrap();
        let env = environment(home.path());
        let project = Project::parsed(home.path(), "connections: {}");
        let secret = SecretText::new("hunter2");
        let mut dropped = NewSecrets::default();
        dropped.store(&project, "w/1", "password", &secret, &env).unwrap();
        let path = dropped.files[0].clone();
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            assert_eq!(path.metadata().unwrap().permissions().mode() & 0o777, 0o600);
            assert_eq!(path.parent().unwrap().metadata().unwrap().permissions().mode() & 0o777, 0o700);
        }
        drop(dropped);
        assert!(!path.exists());
        let mut kept = NewSecrets::default();
        let reference = kept.store(&project, "w", "password", &secret, &env).unwrap();
        if cfg!(target_os = "linux") {
            assert!(reference.starts_with("file:~/config/kaelio/ktx/secrets/"), "{reference}");
        }
        let path = kept.keep().remove(0);
        assert_eq!(fs::read_to_string(&path).unwrap(), "hunter2");
        let connection = Connection { password: Some(reference.clone()), ..Connection::default() };
        assert!(remove_unused(&project, &connection, &reference, &env).unwrap().is_empty(), "it is still referred to");
        assert_eq!(remove_unused(&project, &connection, "", &env).unwrap(), std::slice::from_ref(&path));
        assert!(!path.exists());
    }

    #[test]
    fn files_that_were_not_stored_for_the_project_are_kept() {
        let home = tempfile::tempdir().unwrap();
        let env = environment(home.path());
        let (mine, other) = (home.path().join("mine"), home.path().join("other"));
        fs::create_dir_all(&mine).unwrap();
        fs::create_dir_all(&other).unwrap();
        let [mine, other] = [mine, other].map(|dir| Project::parsed(&dir, "connections: {}"));
        let mut secrets = NewSecrets::default();
        let stolen = secrets.store(&other, "w", "password", &SecretText::new("a"), &env).unwrap();
        let own = secrets.store(&mine, "w", "password", &SecretText::new("b"), &env).unwrap();
        let files = secrets.keep();
        let folder = files[1].parent().unwrap();
        fs::write(home.path().join("key"), "PRIVATE KEY").unwrap();
        let depth = folder.strip_prefix(home.path()).unwrap().components().count();
        let climbing = format!("file:{}/{}key", folder.display(), "../".repeat(depth));
        for reference in [
            &stolen,
            &climbing,
            &format!("file:{}/.", folder.display()),
            &format!("file:{}", home.path().join("key").display()),
        ] {
            let connection = Connection { password: Some(reference.clone()), ..Connection::default() };
            assert!(remove_unused(&mine, &connection, "", &env).unwrap().is_empty(), "{reference}");
        }
        assert!(files.iter().all(|file| file.exists()) && home.path().join("key").exists());
        let connection = Connection { password: Some(own), ..Connection::default() };
        assert_eq!(remove_unused(&mine, &connection, "", &env).unwrap(), files[1..]);
    }
}
