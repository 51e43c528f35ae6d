//! The drivers that KTX has itself, and the keys that a connection of each takes. A new driver is a row of [`DRIVERS`];
//! a new key is a [`Part`], and a field of [`Connection`].

use super::config::Connection;
use crate::runtime::Feature;
use serde::Serialize;
use std::borrow::Cow;

/// Modes of `sslmode` of PostgreSQL.
const POSTGRES_SSL_MODES: &[&str] = &["disable", "allow", "prefer", "require", "verify-ca", "verify-full"];
/// Modes of `sslmode` of MySQL and MariaDB.
const MYSQL_SSL_MODES: &[&str] = &["disable", "prefer", "require", "verify-ca", "verify-full"];

/// What a driver connects to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum DriverKind {
    /// A database server, by a URL or by its parts.
    Server,
    /// A database file, or data files.
    File,
    /// A tool that is not a database.
    Service,
}

/// A driver.
#[derive(Debug)]
pub struct Driver {
    /// Name in `ktx.yaml`; for files and servers also the scheme of URLs.
    pub name: &'static str,
    /// Other names that `ktx.yaml` may have.
    pub aliases: &'static [&'static str],
    /// Name of the product.
    pub title: &'static str,
    /// What it connects to.
    pub kind: DriverKind,
    /// sqlglot's name for its SQL; `None` for a service.
    pub dialect: Option<&'static str>,
    /// Port of a server without `port`.
    pub default_port: Option<u16>,
    /// Parameter of the URL for a Unix socket, which is a `host` that starts with `/`.
    pub socket_parameter: Option<&'static str>,
    /// Keys of a connection, in the order in which they are asked for.
    pub parts: &'static [Part],
}

/// A key of a connection that is a part of its address or of its credentials.
#[derive(Debug)]
pub struct Part {
    /// Key in `ktx.yaml`.
    pub key: &'static str,
    /// Type of the value.
    pub kind: PartKind,
    /// Whether a connection without a URL needs it.
    pub required: bool,
    /// Place in the URL of the daemon.
    pub place: Place,
}

/// Type of a part's value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PartKind {
    /// A text that may be shown.
    Text,
    /// A number.
    Number,
    /// A secret: shown nowhere, and stored outside the project.
    Secret,
    /// Path of a file, relative to the project.
    File,
    /// Path of a file with credentials, relative to the project.
    CredentialFile,
    /// `true` or `false`.
    Flag,
    /// One of some texts.
    Choice(&'static [&'static str]),
}

/// Place of a part in a URL.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// The host.
    Host,
    /// The port.
    Port,
    /// The user.
    User,
    /// The password.
    Password,
    /// The path.
    Database,
    /// A parameter with the name of the key.
    Parameter,
    /// None: the key is read by itself.
    None,
}

const fn part(key: &'static str, kind: PartKind, place: Place) -> Part {
    Part { key, kind, required: false, place }
}

const fn required(key: &'static str, kind: PartKind, place: Place) -> Part {
    Part { key, kind, required: true, place }
}

const fn server_parts(ssl_modes: &'static [&'static str]) -> [Part; 9] {
    [
        required("host", PartKind::Text, Place::Host),
        part("port", PartKind::Number, Place::Port),
        part("user", PartKind::Text, Place::User),
        part("password", PartKind::Secret, Place::Password),
        part("database", PartKind::Text, Place::Database),
        part("sslmode", PartKind::Choice(ssl_modes), Place::Parameter),
        part("sslrootcert", PartKind::File, Place::Parameter),
        part("sslcert", PartKind::CredentialFile, Place::Parameter),
        part("sslkey", PartKind::CredentialFile, Place::Parameter),
    ]
}

const POSTGRES_PARTS: &[Part] = &server_parts(POSTGRES_SSL_MODES);
const MYSQL_PARTS: &[Part] = &server_parts(MYSQL_SSL_MODES);
/// The names of TLS options are those of ClickHouse's driver for Python.
const CLICKHOUSE_PARTS: &[Part] = &[
    required("host", PartKind::Text, Place::Host),
    part("port", PartKind::Number, Place::Port),
    part("user", PartKind::Text, Place::User),
    part("password", PartKind::Secret, Place::Password),
    part("access_token", PartKind::Secret, Place::Parameter),
    part("database", PartKind::Text, Place::Database),
    part("secure", PartKind::Flag, Place::Parameter),
    part("verify", PartKind::Flag, Place::Parameter),
    part("ca_cert", PartKind::File, Place::Parameter),
    part("client_cert", PartKind::CredentialFile, Place::Parameter),
    part("client_cert_key", PartKind::CredentialFile, Place::Parameter),
    part("proxy", PartKind::Text, Place::Parameter),
];
const FILE_PARTS: &[Part] = &[required("path", PartKind::File, Place::None)];
const LOOKER_PARTS: &[Part] = &[
    required("base_url", PartKind::Text, Place::None),
    required("client_id", PartKind::Text, Place::None),
    required("client_secret", PartKind::Secret, Place::None),
];

const MYSQL: Driver = Driver {
    name: "mysql",
    aliases: &[],
    title: "MySQL",
    kind: DriverKind::Server,
    dialect: Some("mysql"),
    default_port: Some(3306),
    socket_parameter: Some("unix_socket"),
    parts: MYSQL_PARTS,
};

/// Every driver.
pub static DRIVERS: &[Driver] = &[
    Driver {
        name: "postgres",
        aliases: &["postgresql"],
        title: "PostgreSQL",
        kind: DriverKind::Server,
        dialect: Some("postgres"),
        default_port: Some(5432),
        socket_parameter: Some("host"),
        parts: POSTGRES_PARTS,
    },
    MYSQL,
    Driver { name: "mariadb", title: "MariaDB", ..MYSQL },
    Driver {
        name: "sqlite",
        aliases: &["sqlite3"],
        title: "SQLite",
        kind: DriverKind::File,
        dialect: Some("sqlite"),
        default_port: None,
        socket_parameter: None,
        parts: FILE_PARTS,
    },
    Driver {
        name: "duckdb",
        aliases: &[],
        title: "DuckDB",
        kind: DriverKind::File,
        dialect: Some("duckdb"),
        default_port: None,
        socket_parameter: None,
        parts: FILE_PARTS,
    },
    Driver {
        name: "clickhouse",
        aliases: &[],
        title: "ClickHouse",
        kind: DriverKind::Server,
        dialect: Some("clickhouse"),
        default_port: Some(8123),
        socket_parameter: None,
        parts: CLICKHOUSE_PARTS,
    },
    Driver {
        name: "files",
        aliases: &[],
        title: "Files (Parquet, CSV, JSON)",
        kind: DriverKind::File,
        dialect: Some("duckdb"),
        default_port: None,
        socket_parameter: None,
        parts: FILE_PARTS,
    },
    Driver {
        name: "looker",
        aliases: &[],
        title: "Looker",
        kind: DriverKind::Service,
        dialect: None,
        default_port: None,
        socket_parameter: None,
        parts: LOOKER_PARTS,
    },
];

/// SQL dialects of SQLAlchemy's drivers whose names differ from sqlglot's.
const OTHER_DIALECTS: &[(&str, &str)] = &[("mssql", "tsql"), ("sqlserver", "tsql")];

/// Finds a driver by its name or an alias, regardless of letter case; `None` for one of SQLAlchemy, which takes a URL.
pub fn find(name: &str) -> Option<&'static Driver> {
    let name = name.trim().to_lowercase();
    DRIVERS.iter().find(|driver| driver.name == name || driver.aliases.contains(&name.as_str()))
}

/// Whether a driver reads data files: a folder, a file or a pattern.
pub(super) fn is_data_files(name: &str) -> bool {
    find(name).is_some_and(|driver| driver.name == "files")
}

/// Returns sqlglot's name for the SQL of a driver; `None` for a driver that is not a database. For one of SQLAlchemy it is
/// the dialect before the name of the driver, as in `mssql+pyodbc`.
pub fn dialect(name: &str) -> Option<String> {
    if let Some(driver) = find(name) {
        return driver.dialect.map(str::to_owned);
    }
    let name = name.trim().to_lowercase();
    let name = name.split('+').next().unwrap_or_default();
    let other = OTHER_DIALECTS.iter().find(|(other, _)| *other == name);
    Some(other.map_or(name, |(_, dialect)| dialect).to_owned())
}

impl Part {
    /// Returns the value in a connection, as written in `ktx.yaml`.
    pub fn value<'a>(&self, connection: &'a Connection) -> Option<Cow<'a, str>> {
        let text = match self.key {
            "path" => &connection.path,
            "host" => &connection.host,
            "port" => return connection.port.map(|port| port.to_string().into()),
            "user" => &connection.user,
            "password" => &connection.password,
            "database" => &connection.database,
            "sslmode" => &connection.sslmode,
            "sslrootcert" => &connection.sslrootcert,
            "sslcert" => &connection.sslcert,
            "sslkey" => &connection.sslkey,
            "access_token" => &connection.access_token,
            "secure" => return connection.secure.map(|flag| flag.to_string().into()),
            "verify" => return connection.verify.map(|flag| flag.to_string().into()),
            "ca_cert" => &connection.ca_cert,
            "client_cert" => &connection.client_cert,
            "client_cert_key" => &connection.client_cert_key,
            "proxy" => &connection.proxy,
            "base_url" => &connection.base_url,
            "client_id" => &connection.client_id,
            "client_secret" => &connection.client_secret,
            _ => &None,
        };
        text.as_deref().map(Cow::Borrowed)
    }

    /// Whether the value is a part of a URL.
    pub fn is_in_url(&self) -> bool {
        self.place != Place::None
    }
}

/// Every part, without duplicates.
pub fn all_parts() -> impl Iterator<Item = &'static Part> {
    let mut seen = Vec::new();
    let lists = [POSTGRES_PARTS, CLICKHOUSE_PARTS, FILE_PARTS, LOOKER_PARTS];
    lists.into_iter().flatten().filter(move |part| {
        let is_new = !seen.contains(&part.key);
        seen.push(part.key);
        is_new
    })
}

/// Returns the parts of a URL that a connection has.
pub fn url_parts(connection: &Connection) -> Vec<&'static Part> {
    all_parts().filter(|part| part.is_in_url() && part.value(connection).is_some()).collect()
}

/// View of a driver for hosts (`KtxDriver`).
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct DriverView {
    driver: &'static str,
    aliases: &'static [&'static str],
    title: &'static str,
    kind: DriverKind,
    #[serde(skip_serializing_if = "Option::is_none")]
    default_port: Option<u16>,
    /// Feature of the runtime that it needs in addition to the core.
    #[serde(skip_serializing_if = "Option::is_none")]
    feature: Option<Feature>,
    parts: Vec<PartView>,
}

/// View of a part for hosts (`KtxDriverPart`).
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct PartView {
    key: &'static str,
    kind: &'static str,
    required: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    choices: Option<&'static [&'static str]>,
}

/// Describes every driver, in the order of lists.
pub fn describe() -> Vec<DriverView> {
    let driver = |driver: &Driver| DriverView {
        driver: driver.name,
        aliases: driver.aliases,
        title: driver.title,
        kind: driver.kind,
        default_port: driver.default_port,
        feature: Feature::for_driver(driver.name),
        parts: driver.parts.iter().map(describe_part).collect(),
    };
    DRIVERS.iter().map(driver).collect()
}

fn describe_part(part: &Part) -> PartView {
    let (kind, choices) = match part.kind {
        PartKind::Text => ("text", None),
        PartKind::Number => ("number", None),
        PartKind::Secret => ("secret", None),
        PartKind::File | PartKind::CredentialFile => ("file", None),
        PartKind::Flag => ("flag", None),
        PartKind::Choice(choices) => ("choice", Some(choices)),
    };
    PartView { key: part.key, kind, required: part.required, choices }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn drivers_are_found_by_alias_and_in_any_case() {
        assert_eq!(find(" PostgreSQL ").unwrap().name, "postgres");
        assert_eq!(find("sqlite3").unwrap().name, "sqlite");
        assert!(find("snowflake").is_none());
    }

    #[test]
    fn dialects_are_those_of_sqlglot() {
        for (driver, expected) in [
            ("MariaDB", Some("mysql")),
            ("files", Some("duckdb")),
            ("mssql+pyodbc", Some("tsql")),
            ("sqlite+pysqlite", Some("sqlite")),
            ("snowflake", Some("snowflake")),
            ("looker", None),
        ] {
            assert_eq!(dialect(driver).as_deref(), expected, "{driver}");
        }
    }

    #[test]
    fn every_part_has_a_field_of_the_connection() {
        for part in all_parts() {
            let value = match part.kind {
                PartKind::Number => "7",
                PartKind::Flag => "true",
                _ => "x",
            };
            let connection: Connection = serde_json::from_str(&format!(
                "{{\"{}\":{}}}",
                part.key,
                match part.kind {
                    PartKind::Number | PartKind::Flag => value.to_owned(),
                    _ => format!("\"{value}\""),
                }
            ))
            .unwrap();
            assert_eq!(part.value(&connection).as_deref(), Some(value), "{}", part.key);
        }
    }
}
