//! Changes to `ktx.yaml` that leave everything else in it as it stands.

use super::{
    Project,
    config::{self, Config, Connection},
    files::{CONFIG_FILE, load, read_config},
};
use crate::{
    error::{Code, Error, Result},
    files::{Access, write_atomically},
};
use std::{fs, path::Path, str::FromStr};
use yaml_edit::{Mapping, YamlFile};

/// What a new connection may say.
#[derive(Debug, Clone, Default)]
pub struct NewConnection {
    /// For example `sqlite`.
    pub driver: String,
    /// URL, or a reference to it.
    pub url: Option<String>,
    /// Database file, relative to the project.
    pub path: Option<String>,
    /// Whether commands may read from it.
    pub readonly: Option<bool>,
}

impl NewConnection {
    fn config(&self) -> Connection {
        Connection {
            driver: self.driver.clone(),
            url: self.url.clone(),
            path: self.path.clone(),
            readonly: self.readonly.unwrap_or_default(),
            ..Connection::default()
        }
    }

    fn write_to(&self, mapping: &Mapping) {
        let texts = [("driver", Some(&self.driver)), ("url", self.url.as_ref()), ("path", self.path.as_ref())];
        for (key, value) in texts.into_iter().filter_map(|(key, value)| Some((key, value?))) {
            mapping.set(key, value.as_str());
        }
        if let Some(readonly) = self.readonly {
            mapping.set("readonly", readonly);
        }
    }
}

/// Adds a connection; one that is there with the same content is left alone.
///
/// Errors: those of loading; [`Code::ConnectionInvalid`] where the id is taken by another connection.
pub fn add_connection(dir: &Path, id: &str, connection: &NewConnection) -> Result<Project> {
    let project = load(dir)?;
    if id.trim().is_empty() || id.contains(char::is_control) || connection.driver.trim().is_empty() {
        return Err(Error::new(Code::ArgumentInvalid, "A connection needs a name and a driver"));
    }
    let wanted = connection.config();
    if let Some(present) = project.config.connections.get(id) {
        let taken = || {
            Error::new(
                Code::ConnectionInvalid,
                format!("ktx.yaml has another connection {id} already. Choose another name, or edit ktx.yaml"),
            )
        };
        return if *present == wanted { Ok(project) } else { Err(taken()) };
    }
    let before = read_config(&project.config_path)?;
    let mut expected = project.config;
    expected.connections.insert(id.to_owned(), wanted);
    let after = with_connection(&before, id, connection).filter(|after| says(after, &expected));
    let after = after.ok_or_else(|| by_hand(id))?;
    replace(&project.config_path, &after)?;
    load(dir)
}

/// Through a link, and no more readable than before: the file may hold secrets.
fn replace(path: &Path, text: &str) -> Result<()> {
    let target = fs::canonicalize(path).map_err(|error| Error::io("find", path, error))?;
    write_atomically(&target, text.as_bytes(), if is_private(&target) { Access::Owner } else { Access::Default })
}

#[cfg(unix)]
fn is_private(path: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt;
    fs::metadata(path).is_ok_and(|metadata| metadata.permissions().mode() & 0o077 == 0)
}

/// Access lists come from the folder there.
#[cfg(not(unix))]
fn is_private(_: &Path) -> bool {
    false
}

/// A file that our editor cannot change faithfully is left to its owner.
fn by_hand(id: &str) -> Error {
    let message = format!(
        "The connection {id} cannot be added to {CONFIG_FILE} without changing the rest of it. Add it by hand below connections"
    );
    Error::new(Code::ProjectInvalid, message)
}

fn says(text: &str, expected: &Config) -> bool {
    config::parse(text).is_ok_and(|(config, _)| config == *expected)
}

fn with_connection(text: &str, id: &str, connection: &NewConnection) -> Option<String> {
    let source = if text.lines().all(|line| line.trim().is_empty() || line.trim_start().starts_with('#')) {
        format!("{text}{}connections:\n", if text.is_empty() || text.ends_with('\n') { "" } else { "\n" })
    } else {
        text.to_owned()
    };
    let (file, root) = yaml_document(&source).ok()?;
    let (_shape, fresh) = yaml_document("driver: x\n").ok()?;
    connection.write_to(&fresh);
    match root.get_mapping("connections") {
        Some(connections) => connections.set(id, &fresh),
        None => {
            let (_shape, connections) = yaml_document("placeholder: x\n").ok()?;
            connections.set(id, &fresh);
            connections.remove("placeholder");
            root.set("connections", &connections);
        }
    }
    Some(file.to_string())
}

/// A text as a document that can be edited, with its top-level mapping.
pub(crate) fn yaml_document(text: &str) -> Result<(YamlFile, Mapping)> {
    let fail = || Error::new(Code::ProjectInvalid, "ktx.yaml cannot be edited: it holds no keys and values");
    let file = YamlFile::from_str(text).map_err(|_| fail())?;
    let root = file.document().and_then(|document| document.as_mapping()).ok_or_else(fail)?;
    Ok((file, root))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shop() -> NewConnection {
        NewConnection { driver: "sqlite".into(), url: None, path: Some("./a b.db".into()), readonly: Some(true) }
    }

    fn added(text: &str, id: &str, connection: &NewConnection) -> Result<String> {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join(CONFIG_FILE);
        fs::write(&path, text).unwrap();
        let result = add_connection(dir.path(), id, connection);
        let after = fs::read_to_string(&path).unwrap();
        assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 1);
        match result {
            Ok(project) => {
                assert_eq!(project.config.connections[id], connection.config());
                Ok(after)
            }
            Err(error) => {
                assert_eq!(after, text, "a refused change changes nothing");
                Err(error)
            }
        }
    }

    #[test]
    fn comments_and_everything_else_stay() {
        let before = "# top\nproject: shop # name\nconnections:\n  # the one\n  a: { driver: x } # tail\n\n# about ingest\ningest: { adapters: [live-database] }\n";
        let after = added(before, "shop", &shop()).unwrap();
        let entry = "  shop:\n    driver: sqlite\n    path: ./a b.db\n    readonly: true\n";
        assert_eq!(after, before.replace("# tail\n", &format!("# tail\n{entry}")));
    }

    #[test]
    fn every_shape_of_the_file_takes_one_more() {
        for before in [
            "",
            "# only a comment",
            "project: shop\n",
            "project: shop",
            "connections:\ningest: {}\n",
            "connections: {}\n",
            "connections: { a: { driver: x }, b: { driver: y } } # c\ningest: {}\n",
            "{ project: shop }\n",
            "connections:\r\n    a:\r\n        driver: x\r\nproject: y",
            "ingest: {}\nconnections:\n  a:\n    driver: x\n    schemas:\n    - one\n    - two\n",
            "---\nproject: a\nconnections:\n  a: {driver: x}\n",
        ] {
            let after = added(before, "shop", &shop()).unwrap_or_else(|error| panic!("{before:?}: {error}"));
            for line in before.lines().filter(|line| line.contains('#')) {
                assert!(after.contains(line.rsplit('#').next().unwrap()), "{after}");
            }
        }
    }

    #[test]
    fn odd_values_are_quoted() {
        for text in ["env:SHOP_URL", "postgres://u:p#w@h/d", "5", "true", "a: b", "{x}", "größe", "'"] {
            let connection =
                NewConnection { driver: "postgres".into(), url: Some(text.into()), ..NewConnection::default() };
            for before in ["connections: {}\n", "project: x\n"] {
                let after = added(before, "my shop", &connection);
                assert!(after.is_ok(), "{text}: {:?}", after.unwrap_err());
            }
        }
    }

    #[test]
    fn the_same_again_changes_nothing_and_another_is_refused() {
        let before = "connections:\n  shop:   { readonly: true, path: ./a b.db, driver: sqlite } # mine\n";
        assert_eq!(added(before, "shop", &shop()).unwrap(), before);
        let other = NewConnection { path: Some("b.db".into()), ..shop() };
        assert_eq!(added(before, "shop", &other).unwrap_err().code(), Code::ConnectionInvalid);
    }

    #[test]
    fn a_broken_file_is_left_alone() {
        assert_eq!(added("connections: [1]\n", "shop", &shop()).unwrap_err().code(), Code::ProjectInvalid);
        assert_eq!(added("project: x\n", " ", &shop()).unwrap_err().code(), Code::ArgumentInvalid);
    }

    #[cfg(unix)]
    #[test]
    fn a_private_file_behind_a_link_stays_both() {
        use std::os::unix::fs::{PermissionsExt, symlink};
        let dir = tempfile::tempdir().unwrap();
        let (real, link) = (dir.path().join("real.yaml"), dir.path().join(CONFIG_FILE));
        fs::write(&real, "project: x\n").unwrap();
        fs::set_permissions(&real, fs::Permissions::from_mode(0o600)).unwrap();
        symlink(&real, &link).unwrap();
        add_connection(dir.path(), "shop", &shop()).unwrap();
        assert!(link.is_symlink());
        assert_eq!(real.metadata().unwrap().permissions().mode() & 0o777, 0o600);
    }
}
