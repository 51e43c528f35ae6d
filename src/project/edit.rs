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
    shell,
};
use serde_json::Value;
use std::{collections::BTreeMap, path::Path};

/// Key of the connections in `ktx.yaml`.
const CONNECTIONS: &str = "connections";

/// Attempts at an edit: programs without our lock, such as an editor, may change the file in between.
const MAX_ATTEMPTS: usize = 10;

/// An edit of one connection. `None` for a connection that does not exist before, or after the edit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Edit {
    pub(super) id: String,
    pub(super) before: Option<Connection>,
    pub(super) after: Option<Connection>,
}

impl Edit {
    /// Whether the connection in the file needs no edit. Errors: it is neither the one before nor the one after.
    pub(super) fn is_done(&self, present: Option<&Connection>) -> Result<bool> {
        if present == self.after.as_ref() || self.adds_again(present) {
            return Ok(true);
        }
        if present == self.before.as_ref() { Ok(false) } else { Err(conflict(self)) }
    }

    /// Whether a connection is added that exists already; tables may have been selected for it since.
    fn adds_again(&self, present: Option<&Connection>) -> bool {
        let (None, Some(present), Some(after)) = (&self.before, present, &self.after) else { return false };
        let selection = Connection {
            schemas: after.schemas.clone().or_else(|| present.schemas.clone()),
            include: after.include.clone().or_else(|| present.include.clone()),
            exclude: after.exclude.clone().or_else(|| present.exclude.clone()),
            policy: after.policy.clone().or_else(|| present.policy.clone()),
            ..after.clone()
        };
        selection == *present
    }
}

/// Edits the connections of `ktx.yaml`. Does nothing if the file has the result already. The lock of the project
/// serialises concurrent edits, within this process and between processes. If the project was trusted, or needed no
/// trust, its trust is renewed for the changed connections.
///
/// Errors: those of [`load`]; [`Code::ConnectionInvalid`] if the connection differs from `before`;
/// [`Code::LockTimeout`]. Then the file is unchanged.
pub(super) fn apply(dir: &Path, edit: &Edit, env: &Environment) -> Result<Project> {
    let dir = load(dir)?.dir;
    let _lock = lock::acquire(&dir)?;
    for _ in 0..MAX_ATTEMPTS {
        if let Some(project) = try_apply(&dir, edit, env)? {
            return Ok(project);
        }
    }
    let error = Error::new(Code::FileIo, format!("{CONFIG_FILE} keeps being changed by another program"));
    Err(error.with_hint("Try again"))
}

/// Returns `None` if the file was changed in between. The caller holds the lock of the project.
fn try_apply(dir: &Path, edit: &Edit, env: &Environment) -> Result<Option<Project>> {
    let (project, text) = read(dir)?;
    if edit.is_done(project.config.connections.get(&edit.id))? {
        return Ok(Some(project));
    }
    let mut expected = project.config.clone();
    match &edit.after {
        Some(after) => drop(expected.connections.insert(edit.id.clone(), after.clone())),
        None => drop(expected.connections.shift_remove(&edit.id)),
    }
    let after = edit_text(&text, edit)?.filter(|after| parses_as(after, &expected));
    let after = after.ok_or_else(|| manual_edit_error(edit))?;
    if !replace(dir, &text, &after)? {
        return Ok(None);
    }
    let changed = load(dir)?;
    changed.renew_trust(&project, env);
    Ok(Some(changed))
}

/// Returns the text after the edit; `None` if other parts of the file would change.
fn edit_text(text: &str, Edit { id, before, after }: &Edit) -> Result<Option<String>> {
    match (before, after) {
        (None, Some(after)) => yaml::insert_entry(text, CONNECTIONS, id, after),
        (Some(before), Some(after)) => yaml::change_keys(text, CONNECTIONS, id, &changes(before, after)?),
        (_, None) => Ok(yaml::remove_entry(text, CONNECTIONS, id)),
    }
}

/// The keys that differ, with their new values.
fn changes(before: &Connection, after: &Connection) -> Result<BTreeMap<String, Option<Value>>> {
    let (before, after) = (before.keys()?, after.keys()?);
    let removed = before.keys().filter(|key| !after.contains_key(*key)).map(|key| (key.clone(), None));
    let set = after.iter().filter(|(key, value)| before.get(*key) != Some(*value));
    Ok(removed.chain(set.map(|(key, value)| (key.clone(), Some(value.clone())))).collect())
}

fn conflict(Edit { id, before, .. }: &Edit) -> Error {
    match before {
        None => Error::new(Code::ConnectionInvalid, format!("ktx.yaml has another connection {id} already"))
            .with_hint(format!("Choose another name, or change it with: ktx connection edit {}", shell::quote(id))),
        Some(_) => {
            let message = format!("The connection {id} was changed by another program in the meantime");
            Error::new(Code::ConnectionInvalid, message).with_hint("Run the command again")
        }
    }
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

/// The error for a file that cannot be edited without other changes.
fn manual_edit_error(Edit { id, before, after }: &Edit) -> Error {
    let verb = match (before, after) {
        (None, _) => "added to",
        (_, Some(_)) => "changed in",
        (_, None) => "removed from",
    };
    let message = format!("The connection {id} cannot be {verb} {CONFIG_FILE} without changing the rest of it");
    Error::new(Code::ProjectInvalid, message).with_hint("Edit it by hand below connections")
}

fn parses_as(text: &str, expected: &Config) -> bool {
    parse_config(text).is_ok_and(|(config, _)| config == *expected)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::project::yaml::{assert_preserved, insert_entry};
    use std::fs;

    fn edit(dir: &Path, id: &str, before: Option<&Connection>, after: Option<&Connection>) -> Result<Project> {
        let config = dir.join(".ktx/config").display().to_string();
        let env = Environment::default().with("XDG_CONFIG_HOME", &config).with("APPDATA", &config).with("HOME", config);
        apply(dir, &Edit { id: id.to_owned(), before: before.cloned(), after: after.cloned() }, &env)
    }

    fn add_connection(dir: &Path, id: &str, connection: &Connection) -> Result<Project> {
        edit(dir, id, None, Some(connection))
    }

    fn shop() -> Connection {
        Connection {
            driver: "sqlite".into(),
            path: Some("./a b.db".into()),
            readonly: Some(true),
            ..Connection::default()
        }
    }

    fn text_after_adding(text: &str, id: &str, connection: &Connection) -> Result<String> {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join(CONFIG_FILE);
        fs::write(&path, text).unwrap();
        let result = add_connection(dir.path(), id, connection);
        let after = fs::read_to_string(&path).unwrap();
        let names = fs::read_dir(dir.path()).unwrap().map(|entry| entry.unwrap().file_name());
        assert!(names.into_iter().all(|name| name == CONFIG_FILE || name == ".ktx"));
        match result {
            Ok(project) => {
                assert_eq!(project.config.connections[id], *connection);
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
    fn adding_a_connection_again_keeps_its_selection_of_tables() {
        let text =
            "connections:\n  shop:\n    driver: sqlite\n    path: ./a b.db\n    readonly: true\n    include: [a]\n";
        let dir = tempfile::tempdir().unwrap();
        fs::write(dir.path().join(CONFIG_FILE), text).unwrap();
        add_connection(dir.path(), "shop", &shop()).unwrap();
        let others = [
            Connection { include: Some(vec!["b".into()]), ..shop() },
            Connection { path: Some("other.db".into()), ..shop() },
        ];
        for other in others {
            assert_eq!(add_connection(dir.path(), "shop", &other).unwrap_err().code(), Code::ConnectionInvalid);
        }
        assert_eq!(fs::read_to_string(dir.path().join(CONFIG_FILE)).unwrap(), text);
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
            let connection = Connection { driver: "postgres".into(), url: Some(text.into()), ..Connection::default() };
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
        let other = Connection { path: Some("b.db".into()), ..shop() };
        assert_eq!(text_after_adding(before, "shop", &other).unwrap_err().code(), Code::ConnectionInvalid);
    }

    #[test]
    fn invalid_file_is_rejected() {
        assert_eq!(text_after_adding("connections: [1]\n", "shop", &shop()).unwrap_err().code(), Code::ProjectInvalid);
    }

    #[test]
    fn changed_keys_keep_comments_and_layout() {
        let before = "# top\nconnections:\n  a: # first\n    driver: sqlite # kind\n    path: x.db # file\n    readonly: true\n\n  # second\n  b: { driver: mysql, url: 'env:B' } # tail\ningest: {}\n";
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join(CONFIG_FILE);
        fs::write(&path, before).unwrap();
        let a = load(dir.path()).unwrap().config.connections["a"].clone();
        let changed =
            Connection { path: Some("y.db".into()), readonly: None, schemas: Some(vec!["m".into()]), ..a.clone() };
        edit(dir.path(), "a", Some(&a), Some(&changed)).unwrap();
        let expected = before.replace("x.db # file\n    readonly: true\n", "y.db # file\n    schemas:\n      - m\n");
        assert_eq!(fs::read_to_string(&path).unwrap(), expected);
        assert_eq!(edit(dir.path(), "a", Some(&a), None).unwrap_err().code(), Code::ConnectionInvalid);
        edit(dir.path(), "a", Some(&changed), None).unwrap();
        let after = fs::read_to_string(&path).unwrap();
        assert!(after.starts_with("# top\nconnections:\n") && after.contains("  # second\n  b: {"), "{after}");
        let b = load(dir.path()).unwrap().config.connections["b"].clone();
        edit(dir.path(), "b", Some(&b), None).unwrap();
        assert!(load(dir.path()).unwrap().config.connections.is_empty());
        assert!(fs::read_to_string(&path).unwrap().ends_with("\ningest: {}\n"));
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
        let connection = Connection { url: Some("a: {b}, 'c' #d".into()), ..shop() };
        let (mut edited, mut refused) = (0, Vec::new());
        for (index, text) in config_files().into_iter().enumerate() {
            let Ok((mut expected, _)) = parse_config(&text) else { continue };
            let id = ["shop", "my shop", "größe 2", "a: b", "5", "{x}, y", "'", "- #", "true"][index / 5 % 9];
            expected.connections.insert(id.to_owned(), connection.clone());
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

    /// Changes and removes the connection `a` of every file.
    #[test]
    fn changing_any_file_preserves_everything_else() {
        let mut edited = 0;
        for text in config_files() {
            let Ok((config, _)) = parse_config(&text) else { continue };
            let Some(a) = config.connections.get("a") else { continue };
            let changed = Connection { path: Some("a: {b}, 'c' #d".into()), readonly: Some(true), ..a.clone() };
            for after in [Some(changed), None] {
                let mut expected = config.clone();
                match &after {
                    Some(changed) => drop(expected.connections.insert("a".into(), changed.clone())),
                    None => drop(expected.connections.shift_remove("a")),
                }
                let edit = Edit { id: "a".into(), before: Some(a.clone()), after };
                match edit_text(&text, &edit).unwrap().filter(|after| parses_as(after, &expected)) {
                    Some(after) => {
                        let comments = |text: &str| text.matches("# about").count() + text.matches("# end").count();
                        assert_eq!(comments(&text), comments(&after), "{text:?}\n{after:?}");
                        edited += 1;
                    }
                    // The value of an alias would change, too.
                    None => assert!(text.contains("*a"), "{text:?}"),
                }
            }
        }
        assert!(edited > 2_500, "{edited}");
    }
}
