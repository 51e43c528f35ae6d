//! Changes of connections by commands and hosts: validates a change, stores its secrets, and writes it to `ktx.yaml`.
//! Between the two steps, the caller may test the connection.

use super::{
    Project, address,
    config::Connection,
    database_url,
    drivers::{self, PartKind},
    edit::{self, Edit},
    environments,
    files::load,
    secrets::Reference,
    stored_secrets::{self, NewSecrets},
    suggest, url_parts, yaml,
};
use crate::{
    env::Environment,
    error::{Code, Error, Result},
    redact::{self, SecretText},
};
use serde::de::IgnoredAny;
use serde_aux::serde_introspection::serde_introspect;
use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
};
use url::{Url, form_urlencoded};

/// Whether a change adds a connection or edits an existing one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ChangeKind {
    /// The connection must be new, or the same.
    Add,
    /// The connection must exist.
    Edit,
}

/// A change of a connection.
#[derive(Debug, Default)]
pub struct ConnectionChange {
    /// Keys to set, as in `ktx.yaml`.
    pub set: Connection,
    /// Keys to remove.
    pub unset: Vec<String>,
    /// Secrets by key, which are stored in files of the user's configuration folder.
    pub secrets: BTreeMap<String, SecretText>,
    /// Whether literal secrets among the keys to set are stored in files, too.
    pub store_secrets: bool,
}

/// A validated change. Its secrets are stored; they are removed if it is dropped before it is committed.
#[derive(Debug)]
pub struct PreparedChange {
    /// The project with the change, for a test of the connection.
    pub project: Project,
    edit: Edit,
    secrets: NewSecrets,
}

/// Result of a change.
#[derive(Debug)]
pub struct ChangedProject {
    /// The project after the change.
    pub project: Project,
    /// Files of secrets that were created.
    pub stored: Vec<PathBuf>,
    /// Files of secrets that were removed, since the connection does not refer to them any more.
    pub removed: Vec<PathBuf>,
}

/// Parses keys of a connection from the JSON object of a host. `name` is used in errors.
///
/// Errors: [`Code::ArgumentInvalid`] for an unknown key or a value of the wrong type.
pub fn parse_connection_keys(name: &str, json: &str) -> Result<Connection> {
    let known = serde_introspect::<Connection>();
    let keys: BTreeMap<String, IgnoredAny> = yaml::read_json(name, Code::ArgumentInvalid, json)?;
    match keys.keys().find(|key| !known.contains(&key.as_str())) {
        Some(key) => {
            let message = format!("{name}: unknown key {key}{}", suggest::hint(key, known));
            Err(Error::new(Code::ArgumentInvalid, message))
        }
        None => yaml::read_json(name, Code::ArgumentInvalid, json),
    }
}

/// Validates a change of a connection, and stores its secrets.
///
/// Errors: those of [`load`]; [`Code::ConnectionUnknown`], [`Code::ConnectionInvalid`], [`Code::ArgumentInvalid`],
/// [`Code::FileIo`].
pub fn prepare(
    dir: &Path,
    id: &str,
    kind: ChangeKind,
    mut change: ConnectionChange,
    env: &Environment,
) -> Result<PreparedChange> {
    let mut project = load(dir)?;
    if id.trim().is_empty() || id.contains(char::is_control) {
        return Err(Error::new(Code::ArgumentInvalid, "The name of a connection must be one line of text"));
    }
    let before = match kind {
        ChangeKind::Add => None,
        ChangeKind::Edit => Some(project.connection(id)?.clone()),
    };
    check_literal_url(id, &change.set)?;
    if change.store_secrets {
        take_literal_secrets(&mut change, before.as_ref())?;
    }
    let mut secrets = NewSecrets::default();
    for (key, secret) in &change.secrets {
        let reference = match present(&project, id, secret, env)? {
            Some(reference) => reference,
            None => secrets.store(&project, id, key, secret, env)?,
        };
        set_secret(&mut change.set, key, reference)?;
    }
    let after = merge(before.as_ref(), &change)?;
    if after.driver.trim().is_empty() {
        return Err(Error::new(Code::ArgumentInvalid, "A connection needs a driver"));
    }
    address::check_address(id, &after)?;
    let edit = Edit { id: id.to_owned(), before, after: Some(after.clone()) };
    edit.is_done(project.config.connections.get(id))?;
    project.connections.insert(id.to_owned(), after);
    Ok(PreparedChange { project, edit, secrets })
}

impl PreparedChange {
    /// Writes the change to `ktx.yaml`.
    ///
    /// Errors: [`Code::ConnectionInvalid`] if another connection has the id, or it was changed in the meantime;
    /// [`Code::ProjectInvalid`], [`Code::LockTimeout`], [`Code::FileIo`]. Then `ktx.yaml` is unchanged, and the stored
    /// secrets are removed.
    pub fn commit(self, env: &Environment) -> Result<ChangedProject> {
        let Self { project, edit, secrets } = self;
        let changed = edit::apply(&project.dir, &edit, env)?;
        let stored = secrets.keep();
        let removed = remove_unused(&changed, edit.before.as_ref(), env)?;
        Ok(ChangedProject { project: changed, stored, removed })
    }
}

/// Removes a connection from `ktx.yaml`, and its stored secrets.
///
/// Errors: those of [`PreparedChange::commit`]; [`Code::ConnectionUnknown`]; [`Code::ConnectionInvalid`] if an
/// environment overrides the connection.
pub fn remove_connection(dir: &Path, id: &str, env: &Environment) -> Result<ChangedProject> {
    let project = load(dir)?;
    let before = project.connection(id)?.clone();
    let overriding = project.config.environments.iter().find(|(_, settings)| settings.connections.contains_key(id));
    if let Some((name, _)) = overriding {
        let message = format!("The environment {name} overrides the connection {id}");
        return Err(Error::new(Code::ConnectionInvalid, message).with_hint("Remove it below environments first"));
    }
    let edit = Edit { id: id.to_owned(), before: Some(before), after: None };
    let changed = edit::apply(&project.dir, &edit, env)?;
    let removed = remove_unused(&changed, edit.before.as_ref(), env)?;
    Ok(ChangedProject { project: changed, stored: Vec::new(), removed })
}

fn remove_unused(changed: &Project, before: Option<&Connection>, env: &Environment) -> Result<Vec<PathBuf>> {
    let Some(before) = before else { return Ok(Vec::new()) };
    stored_secrets::remove_unused(changed, before, &super::files::read_config(&changed.dir)?, env)
}

/// Applies the keys of a change. A literal URL is split if parts of it are set.
fn merge(before: Option<&Connection>, change: &ConnectionChange) -> Result<Connection> {
    let mut base = before.cloned().unwrap_or_default();
    let sets_parts = !drivers::url_parts(&change.set).is_empty() && change.set.url.is_none();
    if let (true, Some(parts)) = (sets_parts, split_url(&base)) {
        base = Connection { url: None, ..environments::merge(&base, &parts)? };
    }
    let merged = environments::merge(&base, &change.set)?;
    let mut keys = merged.keys()?;
    for key in &change.unset {
        keys.shift_remove(key);
    }
    Connection::from_keys(keys)
}

fn split_url(connection: &Connection) -> Option<Connection> {
    let url = connection.url.as_deref().filter(|url| matches!(Reference::parse(url), Reference::Literal(_)))?;
    let parts = url_parts::split(drivers::find(&connection.driver)?, url)?;
    Some(Connection { driver: String::new(), ..parts })
}

/// Rejects a literal URL that is ambiguous, before a part of it is stored or written.
fn check_literal_url(id: &str, set: &Connection) -> Result<()> {
    match set.url.as_deref().map(Reference::parse) {
        Some(Reference::Literal(url)) if !database_url::is_file_url(url) => {
            address::check_url(id, &SecretText::new(url))
        }
        _ => Ok(()),
    }
}

/// Moves literal secrets from the keys to set to the secrets to store. A URL with a password is split into its parts;
/// one that the parts cannot express is stored as a whole.
fn take_literal_secrets(change: &mut ConnectionChange, before: Option<&Connection>) -> Result<()> {
    let set = &mut change.set;
    if set.driver.is_empty() {
        set.driver = before.map(|before| before.driver.clone()).unwrap_or_default();
    }
    if let Some(url) = set.url.clone().filter(|url| has_secret(url)) {
        match split_url(set) {
            Some(parts) => *set = Connection { url: None, ..environments::merge(set, &parts)? },
            None => {
                set.url = None;
                change.secrets.insert("url".to_owned(), SecretText::new(url));
            }
        }
    }
    for (part, value) in drivers::values(set).filter(|(part, _)| part.kind == PartKind::Secret) {
        if matches!(Reference::parse(&value), Reference::Literal(_)) {
            change.secrets.insert(part.key.to_owned(), SecretText::new(value));
        }
    }
    Ok(())
}

/// Whether a literal URL has a password or another secret.
fn has_secret(url: &str) -> bool {
    let Reference::Literal(text) = Reference::parse(url) else { return false };
    let Ok(parsed) = Url::parse(text.trim()) else { return false };
    let parameters = form_urlencoded::parse(parsed.query().unwrap_or_default().as_bytes());
    parsed.password().is_some() || parameters.into_iter().any(|(key, _)| redact::is_secret_name(&key))
}

/// The reference to a secret that the connection has already, so that adding it again changes nothing.
fn present(project: &Project, id: &str, secret: &SecretText, env: &Environment) -> Result<Option<String>> {
    match project.config.connections.get(id) {
        Some(connection) => stored_secrets::find(project, connection, secret, env),
        None => Ok(None),
    }
}

fn set_secret(set: &mut Connection, key: &str, reference: String) -> Result<()> {
    let is_secret = |part: &drivers::Part| part.key == key && (part.kind == PartKind::Secret || key == "client_id");
    if key != "url" && !drivers::all_parts().any(is_secret) {
        return Err(Error::new(Code::ArgumentInvalid, format!("A connection has no secret {key}")));
    }
    let mut keys = set.keys()?;
    keys.insert(key.to_owned(), reference.into());
    *set = Connection::from_keys(keys)?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::project::config::CONFIG_FILE;
    use std::fs;

    struct Home(tempfile::TempDir, Environment);

    impl Home {
        fn new(text: &str) -> Self {
            let dir = tempfile::tempdir().unwrap();
            let home = dir.path().join("home").display().to_string();
            let env = [("XDG_CONFIG_HOME", &home), ("APPDATA", &home), ("HOME", &home), ("USERPROFILE", &home)];
            let env = env.into_iter().map(|(name, value)| (name.to_owned(), value.clone())).collect();
            fs::write(dir.path().join(CONFIG_FILE), text).unwrap();
            Self(dir, env)
        }

        fn change(&self, id: &str, kind: ChangeKind, change: ConnectionChange) -> Result<ChangedProject> {
            prepare(self.0.path(), id, kind, change, &self.1)?.commit(&self.1)
        }

        fn text(&self) -> String {
            fs::read_to_string(self.0.path().join(CONFIG_FILE)).unwrap()
        }

        fn secret_files(&self) -> usize {
            let folders = fs::read_dir(self.0.path().join("home/kaelio/ktx/secrets"));
            let folders = folders.into_iter().flatten().map(|folder| folder.unwrap().path());
            folders.map(|folder| fs::read_dir(folder).unwrap().count()).sum()
        }
    }

    fn with_url(url: &str) -> ConnectionChange {
        let set = Connection {
            driver: "postgres".into(),
            url: Some(url.into()),
            readonly: Some(true),
            ..Connection::default()
        };
        ConnectionChange { set, store_secrets: true, ..ConnectionChange::default() }
    }

    #[test]
    fn password_of_a_url_is_stored_in_a_private_file() {
        let home = Home::new("connections:\n");
        let changed = home.change("w", ChangeKind::Add, with_url("postgresql://ada:hunter%402@h:1/d?sslmode=require"));
        let changed = changed.unwrap();
        assert_eq!(changed.stored.len(), 1);
        assert_eq!(fs::read_to_string(&changed.stored[0]).unwrap(), "hunter@2");
        let text = home.text();
        assert!(text.contains("    host: h\n    port: 1\n    user: ada\n    password: file:"), "{text}");
        assert!(!text.contains("hunter") && !text.contains("url"), "{text}");
        let database = changed.project.database("w", &home.1).unwrap();
        assert_eq!(database.url.expose(), "postgres://ada:hunter%402@h:1/d?sslmode=require");
    }

    #[test]
    fn url_that_has_no_parts_is_stored_as_a_whole() {
        let home = Home::new("connections:\n");
        let url = "postgresql://ada:hunter2@h/d?application_name=x";
        home.change("w", ChangeKind::Add, with_url(url)).unwrap();
        assert!(home.text().contains("    url: file:") && !home.text().contains("hunter2"), "{}", home.text());
        assert_eq!(load(home.0.path()).unwrap().database("w", &home.1).unwrap().url.expose(), url);
        home.change("open", ChangeKind::Add, with_url("postgres://ada@h/d")).unwrap();
        assert!(home.text().contains("url: postgres://ada@h/d"), "a URL without a secret is kept");
    }

    #[test]
    fn connection_with_a_secret_can_be_added_again() {
        let home = Home::new("connections:\n");
        let add = |url| home.change("w", ChangeKind::Add, with_url(url));
        add("postgres://ada:hunter2@h/d").unwrap();
        let before = home.text();
        assert_eq!(add("postgres://ada:hunter2@h/d").unwrap().stored, Vec::<PathBuf>::new());
        assert_eq!(add("postgres://ada:other@h/d").unwrap_err().code(), Code::ConnectionInvalid);
        assert_eq!((home.text(), home.secret_files()), (before, 1));
    }

    #[test]
    fn new_secret_replaces_the_stored_one_and_removal_deletes_it() {
        let home = Home::new("connections:\n");
        home.change("w", ChangeKind::Add, with_url("postgres://ada:first-one@h/d")).unwrap();
        let secrets = BTreeMap::from([("password".to_owned(), SecretText::new("env:not a reference"))]);
        let changed = home.change("w", ChangeKind::Edit, ConnectionChange { secrets, ..ConnectionChange::default() });
        assert_eq!(changed.unwrap().removed.len(), 1);
        let url = load(home.0.path()).unwrap().database("w", &home.1).unwrap().url;
        assert_eq!((url.expose(), home.secret_files()), ("postgres://ada:env%3Anot%20a%20reference@h/d", 1));
        assert_eq!(remove_connection(home.0.path(), "w", &home.1).unwrap().removed.len(), 1);
        assert_eq!((home.text().as_str(), home.secret_files()), ("connections: {}\n", 0));
    }

    #[test]
    fn rejected_change_leaves_neither_a_secret_nor_an_entry() {
        let before = "connections:\n  w: { driver: postgres, url: env:W }\n";
        let home = Home::new(before);
        let conflict = home.change("w", ChangeKind::Add, with_url("postgres://ada:hunter2@h/d")).unwrap_err();
        assert_eq!(conflict.code(), Code::ConnectionInvalid);
        for url in ["postgres://ada:hun@ter@h/d", "postgres://ada:h%0aunter@h/d"] {
            let error = home.change("x", ChangeKind::Add, with_url(url)).unwrap_err();
            assert!(!format!("{error:?}").contains("hun"), "{error}");
        }
        let set = Connection { password: Some("env:P".into()), ..Connection::default() };
        let error = home.change("w", ChangeKind::Edit, ConnectionChange { set, ..ConnectionChange::default() });
        assert!(error.unwrap_err().to_string().contains("has no host"));
        assert_eq!(home.change("v", ChangeKind::Edit, with_url("x")).unwrap_err().code(), Code::ConnectionUnknown);
        assert_eq!((home.text().as_str(), home.secret_files()), (before, 0));
    }

    #[test]
    fn literal_url_is_split_when_a_part_of_it_is_set() {
        let home =
            Home::new("connections:\n  w: { driver: postgres, url: 'postgres://ada@h/d', readonly: true } # c\n");
        let set = Connection { host: Some("other".into()), ..Connection::default() };
        home.change("w", ChangeKind::Edit, ConnectionChange { set, ..ConnectionChange::default() }).unwrap();
        let w = load(home.0.path()).unwrap().config.connections["w"].clone();
        assert_eq!((w.host.as_deref(), w.user.as_deref(), w.url), (Some("other"), Some("ada"), None));
        assert!(home.text().ends_with("} # c\n"));
    }

    #[test]
    fn connection_of_an_environment_is_not_removed() {
        let home =
            Home::new("connections: { w: { driver: x } }\nenvironments: { dev: { connections: { w: { url: y } } } }\n");
        let error = remove_connection(home.0.path(), "w", &home.1).unwrap_err();
        assert_eq!(error.to_string(), "The environment dev overrides the connection w");
    }
}
