//! Finds connections by id, and checks and resolves them for a command.

use super::{
    Project,
    config::Connection,
    drivers::{self, Place},
    policy::Policy,
    secrets::Reference,
    suggest,
};
use crate::{
    env::Environment,
    error::{Code, Error, Result},
    redact::{self, SecretText},
};
use serde_json::{Map, Value, value::RawValue};
use std::{net::Ipv6Addr, num::NonZeroU16};

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
    /// The data policy.
    pub policy: Policy,
    /// The selected environment.
    pub environment: Option<String>,
    /// Maximum number of concurrent statements; `None`: the default of the daemon.
    pub max_concurrent_statements: Option<NonZeroU16>,
}

impl Connection {
    /// The keys that are set, as in `ktx.yaml`.
    pub(super) fn keys(&self) -> Result<Map<String, Value>> {
        match serde_json::to_value(self) {
            Ok(Value::Object(keys)) => Ok(keys),
            Ok(_) => Ok(Map::new()),
            Err(error) => Err(Error::new(Code::Internal, "A connection cannot be serialized").caused_by(error)),
        }
    }

    /// Makes a connection of keys. Errors: [`Code::ArgumentInvalid`].
    pub(super) fn from_keys(keys: Map<String, Value>) -> Result<Self> {
        serde_json::from_value(keys.into()).map_err(|error| {
            Error::new(Code::ArgumentInvalid, "The keys of the connection are invalid").caused_by(error)
        })
    }

    /// Returns the target without credentials: a secret reference, a path, or host, port and database.
    pub fn target(&self) -> String {
        match (&self.path, self.url.as_ref().or(self.base_url.as_ref())) {
            (Some(path), None) => path.clone(),
            (_, Some(url)) => match Reference::parse(url) {
                Reference::Literal(text) => redact::without_credentials(text),
                Reference::Env(_) | Reference::File(_) => url.clone(),
            },
            (None, None) => match &self.dbt_profile {
                Some(name) => format!("dbt profile {name}"),
                None => self.address_parts(),
            },
        }
    }

    /// Host, port, database and schema, or what is in their place; empty without a host.
    fn address_parts(&self) -> String {
        let Some(driver) = drivers::find(&self.driver) else { return String::new() };
        let at = |place| driver.at(place).and_then(|part| part.value(self));
        let Some(mut text) = at(Place::Host).or_else(|| self.connection_name.clone()) else { return String::new() };
        let plain = text.trim_matches(['[', ']']);
        if plain.parse::<Ipv6Addr>().is_ok() {
            text = format!("[{plain}]");
        }
        for (place, mark) in [(Place::Port, ':'), (Place::Database, '/'), (Place::Schema, '/')] {
            text.extend(at(place).map(|value| format!("{mark}{value}")));
        }
        text
    }
}

impl Project {
    /// Returns the connection with an id. Errors: [`Code::ConnectionUnknown`].
    pub fn connection(&self, id: &str) -> Result<&Connection> {
        self.connections.get(id).ok_or_else(|| self.unknown_connection(id))
    }

    pub(super) fn unknown_connection(&self, id: &str) -> Error {
        let ids: Vec<_> = self.connections.keys().map(String::as_str).collect();
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
        let driver = &self.connection(id)?.driver;
        drivers::dialect(driver).ok_or_else(|| not_a_database(id, driver.trim()))
    }

    /// Returns the data policy of a connection.
    ///
    /// Errors: [`Code::ConnectionUnknown`]; [`Code::ConnectionInvalid`] for an invalid pattern.
    pub fn policy(&self, id: &str) -> Result<Policy> {
        let Some(settings) = &self.connection(id)?.policy else { return Ok(Policy::default()) };
        Policy::parse(settings).map_err(|(keys, error)| {
            invalid(format!("The connection {id} has an invalid policy.{}: {error}", keys.join(".")))
                .with_hint("Correct it in ktx.yaml")
        })
    }

    /// Returns what the data policy of a connection denies, as JSON for requests; `None` if nothing is.
    ///
    /// Errors: those of [`Self::policy`].
    pub fn denied(&self, id: &str) -> Result<Option<Box<RawValue>>> {
        self.policy(id)?.denied_json()
    }

    /// Resolves and checks the database of a connection, without connecting to it.
    ///
    /// Errors: [`Code::ConnectionUnknown`], [`Code::ConnectionInvalid`], [`Code::SecretMissing`].
    pub fn database(&self, id: &str, env: &Environment) -> Result<Database> {
        let connection = self.connection(id)?;
        let driver = connection.driver.trim().to_owned();
        if drivers::dialect(&driver).is_none() {
            return Err(not_a_database(id, &driver));
        }
        if !connection.is_readonly() {
            return Err(invalid(format!("The connection {id} is not marked as read-only"))
                .with_hint("Add readonly: true to it in ktx.yaml"));
        }
        let url = self.resolve_url(id, connection, env)?;
        Ok(Database {
            connection_id: id.to_owned(),
            driver,
            url,
            schemas: connection.schemas.clone().unwrap_or_default(),
            include: connection.include.clone().unwrap_or_default(),
            exclude: connection.exclude.clone().unwrap_or_default(),
            policy: self.policy(id)?,
            environment: self.environment.clone(),
            max_concurrent_statements: connection.max_concurrent_statements,
        })
    }
}

fn not_a_database(id: &str, driver: &str) -> Error {
    invalid(format!("The connection {id} is not a database: its driver is {driver}"))
        .with_hint("Choose a connection to a database")
}

pub(super) fn invalid(message: String) -> Error {
    Error::new(Code::ConnectionInvalid, message)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::path::Path;

    fn project(dir: &Path, connections: &str) -> Project {
        Project::parsed(dir, &format!("connections: {connections}"))
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
            ("{ driver: duckdb, path: /, readonly: true }", "change the driver to files"),
            ("{ driver: files, path: data/*.csv, readonly: true }", "/data of the connection shop-1 does not exist"),
            ("{ driver: files, readonly: true }", "path: ./data"),
            ("{ driver: sqlite, readonly: true }", "path: ./shop-1.db"),
            ("{ driver: postgres, readonly: true }", "url: env:SHOP_1_URL"),
            ("{ driver: postgres, path: x, readonly: true }", "takes a url"),
            ("{ driver: sqlite, path: x, url: y, readonly: true }", "both a url and a path"),
            (
                "{ driver: postgres, host: h, secure: true, readonly: true }",
                "key secure, which the driver postgres does not",
            ),
            (
                "{ driver: clickhouse, host: h, sslmode: require, readonly: true }",
                "key sslmode, which the driver clickhouse",
            ),
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
    fn target_has_the_address_without_credentials() {
        for (connection, expected) in [
            ("{ driver: postgres, host: h, port: 5433, user: u, password: p, database: d }", "h:5433/d"),
            ("{ driver: postgres, host: '::1', database: d }", "[::1]/d"),
            ("{ driver: postgres, host: 'a:1,b:2', database: d }", "a:1,b:2/d"),
            ("{ driver: postgres, host: 'env:H', port: 1 }", "env:H:1"),
            ("{ driver: postgres, dbt_profile: shop.prod }", "dbt profile shop.prod"),
            ("{ driver: bigquery, project: p, dataset: d, access_token: t }", "p/d"),
            ("{ driver: snowflake, account: a-b, database: D, schema: S, token: t }", "a-b/D/S"),
            ("{ driver: snowflake, connection_name: dev }", "dev"),
            ("{ driver: spark, host: h, token: t, method: connect }", "h"),
        ] {
            let project = project(Path::new("/p"), &format!("{{ c: {connection} }}"));
            assert_eq!(project.connections["c"].target(), expected, "{connection}");
        }
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

    #[test]
    fn data_files_are_a_folder_a_file_or_a_pattern_in_the_project() {
        let dir = tempfile::tempdir().unwrap();
        std::fs::create_dir(dir.path().join("data")).unwrap();
        std::fs::write(dir.path().join("data/a.csv"), "").unwrap();
        let url = |path: &str, trust: &str| {
            let connections = format!("{{ a: {{ driver: files, path: '{path}', readonly: true }} }}");
            let env = Environment::default().with("KTX_TRUST", trust);
            project(dir.path(), &connections).database("a", &env).map(|database| database.url.expose().to_owned())
        };
        for (path, end) in
            [("data", "/data"), ("./data/a.csv", "/data/a.csv"), ("data/**/*.csv", "/data/%2A%2A/%2A.csv")]
        {
            let found = url(path, "never").unwrap();
            assert!(found.starts_with("files:///") && found.ends_with(end), "{found}");
        }
        let outside = tempfile::tempdir().unwrap();
        let path = outside.path().to_string_lossy();
        assert_eq!(url(&path, "never").unwrap_err().code(), Code::ProjectUntrusted);
        assert!(url(&path, "1").is_ok());
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
        let connections = "{ a: { driver: files, path: 'folder/*.db', readonly: true } }";
        let error = project(dir.path(), connections).database("a", &Environment::default()).unwrap_err();
        assert_eq!(error.code(), Code::ProjectUnsafe);
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
