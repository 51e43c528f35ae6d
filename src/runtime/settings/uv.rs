//! Settings of the `uv.toml` of the user and of the system. Allowed settings are written to a file of the attempt,
//! which uv reads instead of all others, including the `pyproject.toml` of a project above the runtime root.

use crate::{
    env::Environment,
    error::{Code, Error, Result},
    files::{self, Access},
};
use std::path::{Path, PathBuf};
use toml::{Table, Value};

/// Allowed settings: indexes, proxies, certificates, credentials, caches, and sources of Python.
const ALLOWED_KEYS: &[&str] = &[
    "allow-insecure-host",
    "cache-dir",
    "extra-index-url",
    "find-links",
    "http-proxy",
    "https-proxy",
    "index",
    "index-strategy",
    "index-url",
    "keyring-provider",
    "native-tls",
    "no-cache",
    "no-index",
    "no-proxy",
    "offline",
    "pip",
    "pypy-install-mirror",
    "python-downloads",
    "python-downloads-json-url",
    "python-install-mirror",
    "system-certs",
];

/// Allowed settings of the section `pip`.
const ALLOWED_PIP_KEYS: &[&str] =
    &["extra-index-url", "find-links", "index-strategy", "index-url", "keyring-provider", "no-index"];

/// Allowed settings of an index.
const ALLOWED_INDEX_KEYS: &[&str] =
    &["authenticate", "cache-control", "default", "explicit", "format", "ignore-error-codes", "name", "url"];

/// Settings that may be paths, relative to the folder of their file.
const PATH_KEYS: &[&str] = &["extra-index-url", "find-links", "index-url", "url"];

/// The settings file of one attempt; removed on drop, as URLs of indexes may contain passwords.
pub(in crate::runtime) struct SettingsFile(PathBuf);

impl SettingsFile {
    /// Writes the allowed settings, and `no-index` if it is true. Blocks.
    pub(in crate::runtime) fn write(
        path: PathBuf,
        env: &Environment,
        home: Option<&Path>,
        no_index: bool,
    ) -> Result<Self> {
        let mut settings = collect_settings(env, home)?;
        if no_index {
            settings.insert("no-index".to_owned(), Value::Boolean(true));
        }
        let text = settings.to_string();
        files::remove_dir_in_place_of_file(&path)?;
        let file = Self(path);
        files::write_atomically(&file.0, text.as_bytes(), Access::Owner)?;
        Ok(file)
    }

    /// The environment in which uv reads this file only.
    pub(in crate::runtime) fn environment(&self, env: &Environment) -> Environment {
        env.clone().with("UV_CONFIG_FILE", self.0.to_string_lossy())
    }
}

impl Drop for SettingsFile {
    fn drop(&mut self) {
        let _ = files::remove_file(&self.0);
    }
}

/// The default index in the settings files, if any. Blocks.
pub(in crate::runtime) fn default_index(env: &Environment, home: Option<&Path>) -> Result<Option<String>> {
    let all = collect_settings(env, home)?;
    let is_default = |index: &&Value| index.get("default").and_then(Value::as_bool) == Some(true);
    let indexes = all.get("index").and_then(Value::as_array);
    let named =
        indexes.and_then(|indexes| indexes.iter().find(is_default)?.get("url")).or_else(|| all.get("index-url"));
    Ok(named.and_then(Value::as_str).map(str::to_owned))
}

/// The allowed settings of all files. As in uv, lists are joined, and other values of the user override the system's.
fn collect_settings(env: &Environment, home: Option<&Path>) -> Result<Table> {
    let mut all = Table::new();
    for path in paths(env, home) {
        let text = files::read_text(&path)?;
        let required = env.get("UV_CONFIG_FILE").is_some_and(|named| Path::new(named) == path);
        let Some(text) = text.filter(|_| path.is_file() || required) else {
            if required {
                let message = format!("UV_CONFIG_FILE names {}, which does not exist", path.display());
                return Err(Error::new(Code::EnvInvalid, message));
            }
            continue;
        };
        let table = text.parse::<Table>().map_err(|error| unreadable(&path, &error))?;
        merge(&mut all, filter_keys(table, ALLOWED_KEYS, path.parent().unwrap_or(Path::new(""))));
    }
    Ok(all)
}

fn unreadable(path: &Path, error: &toml::de::Error) -> Error {
    let message = format!(
        "Python runtime install failed: the settings of uv in {} cannot be read: {}",
        path.display(),
        error.message().lines().next().unwrap_or_default()
    );
    Error::new(Code::RuntimeInstallFailed, message).with_hint("Correct that file")
}

/// The files that uv would read, by precedence.
fn paths(env: &Environment, home: Option<&Path>) -> Vec<PathBuf> {
    let set = |name: &str| env.get(name).filter(|value| !value.is_empty());
    if set("UV_NO_CONFIG").is_some_and(|value| !matches!(value.to_ascii_lowercase().as_str(), "0" | "false" | "no")) {
        return Vec::new();
    }
    if let Some(named) = set("UV_CONFIG_FILE") {
        return vec![named.into()];
    }
    let below = |folder: PathBuf| folder.join("uv").join("uv.toml");
    if cfg!(windows) {
        let folders = [set("APPDATA"), set("PROGRAMDATA")];
        return folders.into_iter().flatten().map(|folder| below(folder.into())).collect();
    }
    let user = set("XDG_CONFIG_HOME").map(PathBuf::from).filter(|folder| folder.is_absolute());
    let user = user.or_else(|| home.map(|home| home.join(".config")));
    let shared = set("XDG_CONFIG_DIRS").unwrap_or("/etc/xdg").split(':').map(|folder| below(folder.into()));
    let system = shared.chain([PathBuf::from("/etc/uv/uv.toml")]).find(|path| path.is_file());
    user.map(below).into_iter().chain(system).collect()
}

fn filter_keys(table: Table, keys: &[&str], folder: &Path) -> Table {
    let allowed = table.into_iter().filter(|(key, _)| keys.contains(&key.as_str()));
    allowed.map(|(key, value)| (key.clone(), filter_value(&key, value, folder))).collect()
}

fn filter_value(key: &str, value: Value, folder: &Path) -> Value {
    match (key, value) {
        ("pip", Value::Table(table)) => Value::Table(filter_keys(table, ALLOWED_PIP_KEYS, folder)),
        ("index", Value::Array(indexes)) => {
            Value::Array(indexes.into_iter().map(|index| filter_value("index", index, folder)).collect())
        }
        ("index", Value::Table(table)) => Value::Table(filter_keys(table, ALLOWED_INDEX_KEYS, folder)),
        (_, Value::Array(items)) => {
            Value::Array(items.into_iter().map(|item| filter_value(key, item, folder)).collect())
        }
        (_, Value::String(text)) if PATH_KEYS.contains(&key) && !text.contains("://") => {
            Value::String(folder.join(text).to_string_lossy().into_owned())
        }
        (_, other) => other,
    }
}

/// Merges settings of lower precedence into those of higher precedence.
fn merge(strong: &mut Table, weak: Table) {
    for (key, value) in weak {
        match (strong.get_mut(&key), value) {
            (Some(Value::Array(present)), Value::Array(more)) => present.extend(more),
            (Some(Value::Table(present)), Value::Table(more)) => merge(present, more),
            (Some(_), _) => {}
            (None, value) => drop(strong.insert(key, value)),
        }
    }
}

#[cfg(all(test, unix))]
#[allow(clippy::unwrap_used, reason = "an unwrap in a test is an assertion")]
mod tests {
    use super::*;
    use std::fs;

    /// The settings that result from files of a user and of a system.
    fn settings(user: &str, system: &str, more: &[(&str, &str)]) -> Result<String> {
        let folder = tempfile::tempdir().unwrap();
        for (place, text) in [("home/.config/uv", user), ("etc/uv", system)] {
            fs::create_dir_all(folder.path().join(place)).unwrap();
            fs::write(folder.path().join(place).join("uv.toml"), text).unwrap();
        }
        let etc = folder.path().join("etc").to_string_lossy().into_owned();
        let env: Environment = [("XDG_CONFIG_DIRS".to_owned(), etc)].into_iter().collect();
        let env = more.iter().fold(env, |env, (name, value)| env.with(name, *value));
        let home = folder.path().join("home");
        collect_settings(&env, Some(&home))
            .map(|table| table.to_string().replace(&*folder.path().to_string_lossy(), ""))
    }

    #[test]
    fn default_index_is_found_in_both_formats() {
        let index = |text: &str| {
            let folder = tempfile::tempdir().unwrap();
            let file = folder.path().join("own.toml");
            fs::write(&file, text).unwrap();
            let env = Environment::default().with("UV_CONFIG_FILE", file.to_string_lossy());
            default_index(&env, None).unwrap()
        };
        let tables = "[[index]]\nurl = \"https://extra/s\"\n[[index]]\nurl = \"https://own/s\"\ndefault = true\n";
        assert_eq!(index(tables).as_deref(), Some("https://own/s"));
        assert_eq!(index("index-url = \"https://old/s\"").as_deref(), Some("https://old/s"));
        assert_eq!(index("[[index]]\nurl = \"https://extra/s\""), None);
        assert_eq!(index(""), None);
    }

    #[test]
    fn only_settings_about_sources_of_packages_are_kept() {
        let user = r#"
            exclude-newer = "2020-01-01"
            required-version = "==0.0.1"
            no-binary = true
            no-build = false
            link-mode = "symlink"
            index-url = "https://u:p@index.example/simple"
            find-links = ["wheels", "/abs", "https://x.example"]
            native-tls = true
            [[index]]
            name = "own"
            url = "./local"
            exclude-newer = "2020-01-01"
            [pip]
            target = "/x"
            prefix = "/x"
            extra = ["all"]
            no-binary = [":all:"]
            constraint = ["x"]
            extra-index-url = ["https://e.example"]
        "#;
        let found: Table = settings(user, "", &[]).unwrap().parse().unwrap();
        let expected: Table = r#"
            index-url = "https://u:p@index.example/simple"
            find-links = ["/home/.config/uv/wheels", "/abs", "https://x.example"]
            native-tls = true
            [[index]]
            name = "own"
            url = "/home/.config/uv/./local"
            [pip]
            extra-index-url = ["https://e.example"]
        "#
        .parse()
        .unwrap();
        assert_eq!(found, expected);
    }

    #[test]
    fn settings_of_the_user_override_the_systems_and_lists_are_joined() {
        let user = "index-url = 'https://user'\nextra-index-url = ['https://a']\n[pip]\nno-index = true";
        let system =
            "index-url = 'https://system'\nextra-index-url = ['https://b']\noffline = true\n[pip]\nno-index = false";
        let found: Table = settings(user, system, &[]).unwrap().parse().unwrap();
        let expected = "index-url = 'https://user'\nextra-index-url = ['https://a', 'https://b']\noffline = true\n";
        let expected: Table = format!("{expected}[pip]\nno-index = true").parse().unwrap();
        assert_eq!(found, expected);
    }

    #[test]
    fn variables_select_the_files() {
        let (user, own) = ("offline = true", tempfile::NamedTempFile::new().unwrap());
        fs::write(own.path(), "no-index = true").unwrap();
        let own = own.path().to_string_lossy().into_owned();
        assert_eq!(settings(user, "", &[("UV_CONFIG_FILE", &own)]).unwrap().trim(), "no-index = true");
        assert_eq!(settings(user, "", &[("UV_CONFIG_FILE", "")]).unwrap().trim(), "offline = true");
        assert_eq!(settings(user, "", &[("UV_NO_CONFIG", "1")]).unwrap().trim(), "");
        assert_eq!(settings(user, "", &[("UV_NO_CONFIG", "false")]).unwrap().trim(), "offline = true");
        let error = settings(user, "", &[("UV_CONFIG_FILE", "/no/such.toml")]).unwrap_err();
        assert_eq!(error.to_string(), "UV_CONFIG_FILE names /no/such.toml, which does not exist");
    }

    #[test]
    fn invalid_file_is_named() {
        let error = settings("index-url = ", "", &[]).unwrap_err().with_hint_text();
        assert!(error.starts_with("Python runtime install failed: the settings of uv in "), "{error}");
        assert!(error.ends_with(". Correct that file") && error.contains("uv.toml"), "{error}");
    }
}
