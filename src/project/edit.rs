//! Edits of `ktx.yaml` that keep comments and formatting.

use super::{
    Project,
    config::{CONFIG_FILE, Config, Connection},
    confined,
    files::{load, read, read_config},
    lock,
    parse::parse_config,
    yaml,
};
use crate::{
    env::Environment,
    error::{Code, Error, Result},
    files::{Access, is_private, write_atomically},
};
use serde::Serialize;
use std::path::Path;

/// Keys of a connection to add.
#[derive(Debug, Clone, Default, Serialize)]
pub struct NewConnection {
    /// Driver, for example `sqlite`.
    pub driver: String,
    /// URL, or a secret reference to it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    /// Database file, relative to the project.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub path: Option<String>,
    /// Whether commands may read from it.
    #[serde(skip_serializing_if = "Option::is_none")]
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
}

/// Key of the connections in `ktx.yaml`.
const CONNECTIONS: &str = "connections";

/// Attempts at an edit: programs without our lock, such as an editor, may change the file in between.
const MAX_ATTEMPTS: usize = 10;

/// Adds a connection. Does nothing if the same connection exists already. The lock of the project serialises concurrent
/// edits, within this process and between processes. If the project was trusted, or needed no trust, its trust is
/// renewed for the new connections.
///
/// Errors: those of [`load`]; [`Code::ConnectionInvalid`] if another connection has the id; [`Code::LockTimeout`].
pub fn add_connection(dir: &Path, id: &str, connection: &NewConnection, env: &Environment) -> Result<Project> {
    if id.trim().is_empty() || id.contains(char::is_control) || connection.driver.trim().is_empty() {
        return Err(Error::new(Code::ArgumentInvalid, "A connection needs a name and a driver"));
    }
    let dir = load(dir)?.dir;
    let _lock = lock::acquire(&dir)?;
    for _ in 0..MAX_ATTEMPTS {
        if let Some(project) = try_add(&dir, id, connection, env)? {
            return Ok(project);
        }
    }
    let error = Error::new(Code::FileIo, format!("{CONFIG_FILE} keeps being changed by another program"));
    Err(error.with_hint("Try again"))
}

/// Returns `None` if the file was changed in between. The caller holds the lock of the project.
fn try_add(dir: &Path, id: &str, connection: &NewConnection, env: &Environment) -> Result<Option<Project>> {
    let (project, before) = read(dir)?;
    let requested = connection.config();
    if let Some(present) = project.config.connections.get(id) {
        return if *present == requested { Ok(Some(project)) } else { Err(name_conflict(id)) };
    }
    let mut expected = project.config.clone();
    expected.connections.insert(id.to_owned(), requested);
    let after = yaml::insert_entry(&before, CONNECTIONS, id, connection)?.filter(|after| parses_as(after, &expected));
    let after = after.ok_or_else(|| manual_edit_error(id))?;
    if !replace(dir, &before, &after)? {
        return Ok(None);
    }
    let changed = load(dir)?;
    changed.renew_trust(&project, env);
    Ok(Some(changed))
}

fn name_conflict(id: &str) -> Error {
    Error::new(Code::ConnectionInvalid, format!("ktx.yaml has another connection {id} already"))
        .with_hint("Choose another name, or edit ktx.yaml")
}

/// Replaces the text of `ktx.yaml` and returns `true`, unless the file has changed since `before` was read. Follows a
/// link within the project. A file that only the owner can read stays so, since it may hold secrets.
fn replace(dir: &Path, before: &str, after: &str) -> Result<bool> {
    let real = confined::resolve(dir, &dir.join(CONFIG_FILE))?;
    let access = if is_private(&real) { Access::Owner } else { Access::Default };
    if read_config(dir)? != before {
        return Ok(false);
    }
    write_atomically(&real, after.as_bytes(), access)?;
    Ok(true)
}

/// The error for a file to which an entry cannot be added without other changes.
fn manual_edit_error(id: &str) -> Error {
    let message = format!("The connection {id} cannot be added to {CONFIG_FILE} without changing the rest of it");
    Error::new(Code::ProjectInvalid, message).with_hint("Add it by hand below connections")
}

fn parses_as(text: &str, expected: &Config) -> bool {
    parse_config(text).is_ok_and(|(config, _)| config == *expected)
}

#[cfg(test)]
mod tests {
    use super::{add_connection as add_connection_with_env, *};
    use crate::project::yaml::{assert_preserved, insert_entry};
    use std::fs;

    fn add_connection(dir: &Path, id: &str, connection: &NewConnection) -> Result<Project> {
        let config = dir.join(".ktx/config").display().to_string();
        let env = Environment::default().with("XDG_CONFIG_HOME", &config).with("APPDATA", &config).with("HOME", config);
        add_connection_with_env(dir, id, connection, &env)
    }

    fn shop() -> NewConnection {
        NewConnection { driver: "sqlite".into(), url: None, path: Some("./a b.db".into()), readonly: Some(true) }
    }

    fn text_after_adding(text: &str, id: &str, connection: &NewConnection) -> Result<String> {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join(CONFIG_FILE);
        fs::write(&path, text).unwrap();
        let result = add_connection(dir.path(), id, connection);
        let after = fs::read_to_string(&path).unwrap();
        let names = fs::read_dir(dir.path()).unwrap().map(|entry| entry.unwrap().file_name());
        assert!(names.into_iter().all(|name| name == CONFIG_FILE || name == ".ktx"));
        match result {
            Ok(project) => {
                assert_eq!(project.config.connections[id], connection.config());
                Ok(after)
            }
            Err(error) => {
                assert_eq!(after, text, "a failed edit leaves the file unchanged");
                Err(error)
            }
        }
    }

    #[test]
    fn comments_and_other_keys_are_preserved() {
        let before = "# top\nproject: shop # name\nconnections:\n  # the one\n  a: { driver: x } # tail\n\n# about ingest\ningest: { adapters: [live-database] }\n";
        let after = text_after_adding(before, "shop", &shop()).unwrap();
        let entry = "  shop:\n    driver: sqlite\n    path: ./a b.db\n    readonly: true\n";
        assert_eq!(after, before.replace("# tail\n", &format!("# tail\n{entry}")));
    }

    #[test]
    fn concurrent_additions_are_all_applied() {
        let dir = tempfile::tempdir().unwrap();
        fs::write(dir.path().join(CONFIG_FILE), "# mine\nconnections:\n").unwrap();
        std::thread::scope(|scope| {
            for number in 0..10 {
                let dir = dir.path();
                scope.spawn(move || add_connection(dir, &format!("c{number}"), &shop()).unwrap());
            }
        });
        assert_eq!(load(dir.path()).unwrap().config.connections.len(), 10);
    }

    #[test]
    fn replace_fails_after_a_concurrent_edit() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join(CONFIG_FILE);
        fs::write(&path, "project: edited\n").unwrap();
        assert!(!replace(dir.path(), "project: before\n", "project: ours\n").unwrap());
        assert_eq!(fs::read_to_string(&path).unwrap(), "project: edited\n");
        assert!(replace(dir.path(), "project: edited\n", "project: ours\n").unwrap());
        assert_eq!(fs::read_to_string(&path).unwrap(), "project: ours\n");
    }

    #[cfg(unix)]
    #[test]
    fn config_link_out_of_the_project_is_neither_read_nor_replaced() {
        let (dir, elsewhere) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let target = elsewhere.path().join("target.yaml");
        fs::write(&target, "connections:\n").unwrap();
        std::os::unix::fs::symlink(&target, dir.path().join(CONFIG_FILE)).unwrap();
        assert_eq!(load(dir.path()).unwrap_err().code(), Code::ProjectUnsafe);
        assert_eq!(add_connection(dir.path(), "shop", &shop()).unwrap_err().code(), Code::ProjectUnsafe);
        assert_eq!(fs::read_to_string(&target).unwrap(), "connections:\n");
    }

    #[test]
    fn connection_is_added_to_every_style_of_file() {
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
            "? connections\n: a: { driver: x }\n",
            "connections:\n  ~\n",
        ] {
            let after =
                text_after_adding(before, "shop", &shop()).unwrap_or_else(|error| panic!("{before:?}: {error}"));
            for line in before.lines().filter(|line| line.contains('#')) {
                assert!(after.contains(line.rsplit('#').next().unwrap()), "{after}");
            }
        }
    }

    #[test]
    fn values_that_look_like_other_types_are_quoted() {
        for text in ["env:SHOP_URL", "postgres://u:p#w@h/d", "5", "true", "a: b", "{x}", "größe", "'"] {
            let connection =
                NewConnection { driver: "postgres".into(), url: Some(text.into()), ..NewConnection::default() };
            for before in ["connections: {}\n", "project: x\n"] {
                let after = text_after_adding(before, "my shop", &connection);
                assert!(after.is_ok(), "{text}: {:?}", after.unwrap_err());
            }
        }
    }

    #[test]
    fn same_connection_is_a_no_op_and_another_one_is_rejected() {
        let before = "connections:\n  shop:   { readonly: true, path: ./a b.db, driver: sqlite } # mine\n";
        assert_eq!(text_after_adding(before, "shop", &shop()).unwrap(), before);
        let other = NewConnection { path: Some("b.db".into()), ..shop() };
        assert_eq!(text_after_adding(before, "shop", &other).unwrap_err().code(), Code::ConnectionInvalid);
    }

    #[test]
    fn invalid_file_or_id_is_rejected() {
        assert_eq!(text_after_adding("connections: [1]\n", "shop", &shop()).unwrap_err().code(), Code::ProjectInvalid);
        assert_eq!(text_after_adding("project: x\n", " ", &shop()).unwrap_err().code(), Code::ArgumentInvalid);
    }

    #[test]
    fn aliased_connections_need_a_manual_edit() {
        for before in [
            "base: &base { a: { driver: x } }\nconnections: *base\n",
            "base: &base { connections: { a: { driver: x } } }\n<<: *base\n",
        ] {
            let error = text_after_adding(before, "shop", &shop()).unwrap_err();
            assert_eq!(error.code(), Code::ProjectInvalid, "{before}");
            assert!(error.hint().unwrap().contains("by hand"), "{before}: {error}");
        }
    }

    #[cfg(unix)]
    #[test]
    fn link_and_private_mode_are_preserved() {
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

    const HEADS: [&str; 8] = [
        "",
        "# top\n",
        "\u{feff}# top\n\n",
        "---\n",
        "%YAML 1.2\n---\n# top\n",
        "&all\nproject: shop # name\n",
        "project: shop\n# about connections\n",
        "x: &x { driver: mysql }\ny: &y [a]\n",
    ];

    const BODIES: [&str; 27] = [
        "",
        "connections:\n",
        "connections: # none\n  # yet\n",
        "connections:   {} # none\n",
        "connections: ~\n",
        "connections: &c {\t}\n",
        "connections:\n  {}\n",
        "\"connections\":\n  a:\n    driver: x\n",
        "'connections': {'a': {driver: x}}\n",
        "connections:\n a:\n  driver: x\n  # of a\n # of both\n",
        "connections:\n    a:\n        driver: x # tail\n\n    # b:\n    #     driver: y\n\n",
        "connections:\n  a: { driver: x } # tail\n",
        "connections:\n  a: {\n    driver: x, # one\n    schemas: [p, q,], # two\n  }\n",
        "connections: {\n  a: { driver: x }, # one\n  b: { driver: y } # two\n}\n",
        "connections: { a: { driver: x }, } # tail\n",
        "connections:\n  a:\n    driver: x\n    schemas:\n    - one\n    -  two\n",
        "connections:\n  a:\n    driver: one\n      two\n\n      three\n",
        "connections:\n  a:\n    driver: \"one\n      two\" # tail\n",
        "connections:\n  a:\n    driver: |\n      # no comment\n\n      x\n\n",
        "connections:\n  a:\n    driver: >+\n      x\n\n\n",
        "connections:\n  a:\n    driver: x\n    url:\n  # of both\n",
        "connections:\n  a:\n    driver: x\n    url: # none\n",
        "connections: !!map &c\n  a: &a\n    driver: x\n  b: *a\n",
        "connections:\n  a:\t{ driver: x }\t# tail\n",
        "connections:\n  ? a\n  : driver: x\n",
        "connections:\n  ? a\n  :\n    driver: x\n",
        "  \nconnections :\n  größe : { driver: \"ä#\" }\n",
    ];

    const TAILS: [&str; 9] = [
        "",
        "\n\n",
        "# end",
        "...\n",
        "... # end\n",
        "\n# about ingest\ningest: { adapters: [] } # tail\n",
        "   # deeper\ningest:\n  adapters:\n  - live-database",
        "ingest: {}\n# end\n...\n# beyond\n",
        "z: |+\n  text\n\n",
    ];

    fn config_files() -> Vec<String> {
        let mut texts =
            ["{}", "{ project: shop, } # c", "{ connections: { a: { driver: x } } }"].map(str::to_owned).to_vec();
        for (head, body) in HEADS.into_iter().flat_map(|head| BODIES.map(|body| (head, body))) {
            for tail in TAILS {
                let text = format!("{head}{body}{tail}");
                texts.push(match texts.len() % 4 {
                    0 => text.replace('\n', "\r\n"),
                    1 => text.trim_end().to_owned(),
                    _ => text,
                });
            }
        }
        texts
    }

    #[test]
    fn adding_to_any_file_preserves_all_other_bytes() {
        let connection = NewConnection { url: Some("a: {b}, 'c' #d".into()), ..shop() };
        let (mut edited, mut refused) = (0, Vec::new());
        for (index, text) in config_files().into_iter().enumerate() {
            let Ok((mut expected, _)) = parse_config(&text) else { continue };
            let id = ["shop", "my shop", "größe 2", "a: b", "5", "{x}, y", "'", "- #", "true"][index / 5 % 9];
            expected.connections.insert(id.to_owned(), connection.config());
            match insert_entry(&text, CONNECTIONS, id, &connection).unwrap() {
                Some(after) if parses_as(&after, &expected) => {
                    assert_preserved(&text, &after, 1);
                    edited += 1;
                }
                _ => refused.push(text),
            }
        }
        assert!(edited > 1_500, "{edited}");
        assert_eq!(refused, Vec::<String>::new(), "{} refused, {edited} edited", refused.len());
    }
}
