//! Finds connections by id, checks them for a command, and resolves them to the URL for the daemon.

use super::{
    Project,
    config::Connection,
    confined, database_url,
    secrets::{Reference, normalize_path},
    suggest,
};
use crate::{
    env::Environment,
    error::{Code, Error, Result},
    redact::{self, SecretText},
};
use std::path::Path;

/// Drivers of database files; each is the scheme of its URL.
const FILE_DRIVERS: &[&str] = &["sqlite", "duckdb"];
/// Drivers that are not databases.
const SERVICES: &[&str] = &["looker"];

/// SQL dialects of drivers whose names differ from sqlglot's.
const DIALECTS: &[(&str, &str)] = &[
    ("postgresql", "postgres"),
    ("mariadb", "mysql"),
    ("sqlite3", "sqlite"),
    ("mssql", "tsql"),
    ("sqlserver", "tsql"),
];

/// A resolved connection to a database, with its secret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Database {
    /// Id of the connection.
    pub connection_id: String,
    /// Driver.
    pub driver: String,
    /// URL with credentials.
    pub url: SecretText,
    /// Schemas to introspect; empty: the default of the database.
    pub schemas: Vec<String>,
    /// Patterns of the tables to introspect; empty: all.
    pub include: Vec<String>,
    /// Patterns of tables to leave out.
    pub exclude: Vec<String>,
}

impl Connection {
    /// Returns the target without credentials: a secret reference, a path, or host, port and database.
    pub fn target(&self) -> String {
        match (&self.path, self.url.as_ref().or(self.base_url.as_ref())) {
            (Some(path), None) => path.clone(),
            (_, Some(url)) => match Reference::parse(url) {
                Reference::Literal(text) => redact::without_credentials(text),
                Reference::Env(_) | Reference::File(_) => url.clone(),
            },
            (None, None) => String::new(),
        }
    }
}

impl Project {
    /// Returns the connection with an id. Errors: [`Code::ConnectionUnknown`].
    pub fn connection(&self, id: &str) -> Result<&Connection> {
        self.config.connections.get(id).ok_or_else(|| self.unknown_connection(id))
    }

    pub(super) fn unknown_connection(&self, id: &str) -> Error {
        let ids: Vec<_> = self.config.connections.keys().map(String::as_str).collect();
        if ids.is_empty() {
            let message = format!("There is no connection {id}: ktx.yaml has none yet");
            return Error::new(Code::ConnectionUnknown, message).with_hint("Add it below connections");
        }
        let nearest = suggest::nearest(id, ids.iter().copied());
        let suggestion = nearest.map_or_else(String::new, |nearest| format!(" (did you mean {nearest}?)"));
        let message = format!("There is no connection {id} in ktx.yaml{suggestion}; available: {}", ids.join(", "));
        Error::new(Code::ConnectionUnknown, message)
    }

    /// Returns sqlglot's name for the SQL dialect of a connection.
    ///
    /// Errors: [`Code::ConnectionUnknown`]; [`Code::ConnectionInvalid`] for a connection that is not a database.
    pub fn dialect(&self, id: &str) -> Result<String> {
        let driver = self.connection(id)?.driver.trim().to_lowercase();
        if SERVICES.contains(&driver.as_str()) {
            return Err(not_a_database(id, &driver));
        }
        let renamed = DIALECTS.iter().find(|(name, _)| *name == driver);
        Ok(renamed.map_or(driver.as_str(), |(_, dialect)| dialect).to_owned())
    }

    /// Resolves and checks the database of a connection, without connecting to it.
    ///
    /// Errors: [`Code::ConnectionUnknown`], [`Code::ConnectionInvalid`], [`Code::SecretMissing`].
    pub fn database(&self, id: &str, env: &Environment) -> Result<Database> {
        let connection = self.connection(id)?;
        let driver = connection.driver.trim().to_owned();
        if SERVICES.contains(&driver.as_str()) {
            return Err(not_a_database(id, &driver));
        }
        if !connection.readonly {
            return Err(invalid(format!("The connection {id} is not marked as read-only"))
                .with_hint("Add readonly: true to it in ktx.yaml"));
        }
        let url = self.resolve_url(id, connection, env)?;
        Ok(Database {
            connection_id: id.to_owned(),
            driver,
            url,
            schemas: connection.schemas.clone(),
            include: connection.include.clone(),
            exclude: connection.exclude.clone(),
        })
    }

    fn resolve_url(&self, id: &str, connection: &Connection, env: &Environment) -> Result<SecretText> {
        let scheme = FILE_DRIVERS.iter().find(|driver| **driver == connection.driver);
        match (&connection.url, &connection.path, scheme) {
            (Some(_), Some(_), _) => Err(invalid(format!("The connection {id} has both a url and a path"))
                .with_hint("Remove one of them in ktx.yaml")),
            (Some(url), None, _) => {
                let url = self.secrets(id, env)?.resolve(&format!("connections.{id}.url"), url)?;
                if scheme.is_none() && !database_url::is_encoded(url.expose()) {
                    return Err(not_encoded_error(id));
                }
                if scheme.is_none() && database_url::has_control_characters(url.expose()) {
                    return Err(invalid(format!(
                        "The url of the connection {id} has a control character, such as a line break (%0A), in its user name, password, host or database"
                    ))
                    .with_hint("Remove it"));
                }
                Ok(url)
            }
            (None, Some(path), Some(scheme)) => {
                Ok(SecretText::new(database_url::from_file(scheme, &self.database_file(id, path)?)))
            }
            (None, Some(_), None) => Err(invalid(format!(
                "The connection {id} has a path, but the driver {} takes a url, such as url: env:{}",
                connection.driver,
                suggest_variable(id)
            ))
            .with_hint("Change it in ktx.yaml")),
            (None, None, Some(_)) => Err(invalid(format!("The connection {id} has no path"))
                .with_hint(format!("Add the database file to it in ktx.yaml, such as path: ./{id}.db"))),
            (None, None, None) => Err(invalid(format!("The connection {id} has no url"))
                .with_hint(format!("Add one to it in ktx.yaml, such as url: env:{}", suggest_variable(id)))),
        }
    }

    /// Returns the path of a database file. It is checked here, before a runtime is installed or a daemon started for
    /// it.
    fn database_file(&self, id: &str, path: &str) -> Result<std::path::PathBuf> {
        let full = std::path::absolute(self.dir.join(Path::new(path)))
            .map_err(|error| Error::io("find", Path::new(path), error))?;
        // A path in the project must not lead out of it through a link.
        if normalize_path(&full).starts_with(&self.dir) {
            confined::resolve(&self.dir, &normalize_path(&full))?;
        }
        if full.is_file() {
            return Ok(full);
        }
        let what = if full.exists() { "is not a file" } else { "does not exist" };
        Err(invalid(format!("The database {} of the connection {id} {what}", full.display()))
            .with_hint("Correct its path in ktx.yaml (it is relative to the project)"))
    }
}

/// The error for an ambiguous URL. It quotes no part of the URL.
fn not_encoded_error(id: &str) -> Error {
    invalid(format!("The user name or password in the url of the connection {id} is not percent-encoded"))
        .with_hint("Write @ as %40, / as %2F, : as %3A, # as %23, ? as %3F, % as %25 and a space as %20 in it")
}

fn not_a_database(id: &str, driver: &str) -> Error {
    invalid(format!("The connection {id} is not a database: its driver is {driver}"))
        .with_hint("Choose a connection to a database")
}

/// Suggests the name of an environment variable for a connection's URL.
fn suggest_variable(id: &str) -> String {
    let name: String =
        id.chars().map(|c| if c.is_ascii_alphanumeric() { c.to_ascii_uppercase() } else { '_' }).collect();
    format!("{name}_URL")
}

pub(super) fn invalid(message: String) -> Error {
    Error::new(Code::ConnectionInvalid, message)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::project::parse_config;

    fn project(dir: &Path, connections: &str) -> Project {
        let (config, warnings) = parse_config(&format!("connections: {connections}")).unwrap();
        Project { dir: dir.to_owned(), config_path: dir.join("ktx.yaml"), config, warnings }
    }

    fn refused(connections: &str, id: &str) -> Error {
        let dir = tempfile::tempdir().unwrap();
        std::fs::create_dir(dir.path().join("folder")).unwrap();
        project(dir.path(), connections).database(id, &Environment::default().with("KTX_TRUST", "1")).unwrap_err()
    }

    #[test]
    fn unknown_connection_error_lists_the_existing_ones() {
        let error = refused("{ warehouse: { driver: pg }, local: { driver: sqlite } }", "warehuose");
        assert_eq!(error.code(), Code::ConnectionUnknown);
        assert_eq!(
            error.to_string(),
            "There is no connection warehuose in ktx.yaml (did you mean warehouse?); available: warehouse, local"
        );
        assert!(refused("{ warehouse: { driver: pg } }", "zzz").to_string().ends_with("; available: warehouse"));
        assert!(refused("{}", "x").to_string().contains("has none yet"));
    }

    #[test]
    fn errors_name_the_key_to_add() {
        for (connection, part) in [
            ("{ driver: sqlite, path: x.db }", "Add readonly: true"),
            ("{ driver: sqlite, path: x.db, readonly: false }", "Add readonly: true"),
            ("{ driver: sqlite, path: x.db, readonly: true }", "x.db of the connection shop-1 does not exist"),
            ("{ driver: sqlite, path: folder, readonly: true }", "is not a file"),
            ("{ driver: sqlite, readonly: true }", "path: ./shop-1.db"),
            ("{ driver: postgres, readonly: true }", "url: env:SHOP_1_URL"),
            ("{ driver: postgres, path: x, readonly: true }", "takes a url"),
            ("{ driver: sqlite, path: x, url: y, readonly: true }", "both a url and a path"),
            ("{ driver: looker, readonly: true }", "is not a database"),
        ] {
            let error = refused(&format!("{{ shop-1: {connection} }}"), "shop-1");
            assert_eq!(error.code(), Code::ConnectionInvalid);
            assert!(error.with_hint_text().contains(part), "{error}");
        }
        let error = refused("{ a: { driver: postgres, url: env:NOPE, readonly: true } }", "a");
        assert_eq!(error.code(), Code::SecretMissing);
    }

    #[test]
    fn database_file_is_resolved_to_an_absolute_url() {
        let dir = tempfile::Builder::new().prefix("größe #1 ").tempdir().unwrap();
        std::fs::write(dir.path().join("my shop.db"), "").unwrap();
        let project = project(dir.path(), "{ a: { driver: sqlite, path: ./my shop.db, readonly: true } }");
        let database = project.database("a", &Environment::default()).unwrap();
        let url = database.url.expose();
        assert!(
            url.starts_with("sqlite:///")
                && url.ends_with("/my%20shop.db")
                && url.contains("gr%C3%B6%C3%9Fe%20%231%20"),
            "{url}"
        );
        assert_eq!(project.view().connections[0].target, "./my shop.db");
    }

    #[cfg(unix)]
    #[test]
    fn database_file_behind_a_link_out_of_the_project_is_rejected() {
        use std::os::unix::fs::symlink;
        let (dir, elsewhere) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let target = elsewhere.path().join("target.db");
        std::fs::write(&target, "").unwrap();
        symlink(&target, dir.path().join("shop.db")).unwrap();
        symlink(elsewhere.path(), dir.path().join("folder")).unwrap();
        let database = |path: &str| {
            let connections = format!("{{ a: {{ driver: sqlite, path: '{path}', readonly: true }} }}");
            project(dir.path(), &connections).database("a", &Environment::default())
        };
        for path in ["shop.db", "./shop.db", "folder/target.db", "x/../shop.db"] {
            assert_eq!(database(path).unwrap_err().code(), Code::ProjectUnsafe, "{path}");
        }
        assert!(database(&target.display().to_string()).is_ok(), "an absolute path may lead anywhere");
    }

    #[test]
    fn unencoded_password_is_rejected_without_quoting_it() {
        let env = Environment::default().with("U", "mysql://reader:Zq9$@x/y#p@127.0.0.1/shop").with("KTX_TRUST", "1");
        for connection in [
            "{ a: { driver: mysql, url: env:U, readonly: true } }",
            "{ a: { driver: postgres, url: 'postgresql://r:Zq9$@x/y#p@h/d', readonly: true } }",
            "{ a: { driver: snowflake, url: 'snowflake://r:Zq9$@x/y#p@h/d', readonly: true } }",
        ] {
            let error = project(Path::new("/p"), connection).database("a", &env).unwrap_err();
            assert_eq!(error.code(), Code::ConnectionInvalid);
            let text = format!("{error:?}");
            assert!(text.contains("is not percent-encoded"), "{text}");
            assert!(!["Zq9", "x/y", "y#p", "reader", "127"].iter().any(|part| text.contains(part)), "{text}");
        }
        let file = "{ a: { driver: sqlite, url: 'sqlite:////srv/a@b/c@d%.db', readonly: true } }";
        assert!(project(Path::new("/p"), file).database("a", &env).is_ok());
    }

    #[test]
    fn dialect_is_derived_from_the_driver() {
        let connections = "{ a: { driver: MariaDB }, b: { driver: snowflake }, c: { driver: looker } }";
        let project = project(Path::new("/p"), connections);
        assert_eq!(
            (project.dialect("a").unwrap(), project.dialect("b").unwrap()),
            ("mysql".into(), "snowflake".into())
        );
        assert_eq!(project.dialect("c").unwrap_err().code(), Code::ConnectionInvalid);
    }

    #[test]
    fn url_is_read_from_the_environment_and_displayed_as_its_reference() {
        let connections = "{ a: { driver: postgres, url: env:U, readonly: true, schemas: [s] }, b: { driver: mysql, url: 'mysql://u:pw@h:1/d' } }";
        let project = project(Path::new("/p"), connections);
        let env = Environment::default().with("U", "postgres://u:hunter2@h/d").with("KTX_TRUST", "1");
        let database = project.database("a", &env).unwrap();
        assert_eq!(database.url.expose(), "postgres://u:hunter2@h/d");
        assert!(!format!("{database:?}").contains("hunter2"));
        let targets: Vec<_> = project.view().connections.into_iter().map(|connection| connection.target).collect();
        assert_eq!(targets, ["env:U", "h:1/d"]);
    }
}
