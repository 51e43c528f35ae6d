//! The drivers that KTX has itself, and the keys that a connection of each takes. A new driver is a row of
//! [`table::DRIVERS`]; a new key is a [`Part`], and a field of [`Connection`].

mod table;
mod view;

pub use table::DRIVERS;
pub use view::describe;

use super::config::Connection;
use crate::runtime::Feature;
use serde::Serialize;
use serde_json::Value;

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
    /// Key that may replace a required one.
    pub alternative: Option<&'static str>,
    /// Whether a user is asked for it although it is not required.
    pub is_usual: bool,
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
    /// The second part of the path.
    Schema,
    /// A parameter with the name of the key.
    Parameter,
    /// None: the key is read by itself.
    None,
}

/// SQL dialects of SQLAlchemy's drivers whose names differ from sqlglot's.
const OTHER_DIALECTS: &[(&str, &str)] = &[("mssql", "tsql"), ("sqlserver", "tsql")];

/// Finds a driver by its name or an alias, regardless of letter case; `None` for one of SQLAlchemy, which takes a URL.
pub fn find(name: &str) -> Option<&'static Driver> {
    let name = name.trim().to_lowercase();
    DRIVERS.iter().find(|driver| driver.name == name || driver.aliases.contains(&name.as_str()))
}

/// Returns the feature of the runtime that a connection needs in addition to the core.
pub fn feature(connection: &Connection) -> Option<Feature> {
    let by_driver = find(&connection.driver).and_then(|driver| Feature::for_driver(driver.name));
    let url = connection.url.as_deref().unwrap_or_default();
    let is_connect = connection.method.as_deref() == Some("connect") || url.contains("method=connect");
    match by_driver {
        Some(Feature::Spark) if is_connect => Some(Feature::SparkConnect),
        other => other,
    }
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

impl Driver {
    /// Returns the key at a place of the URL.
    pub fn at(&self, place: Place) -> Option<&'static Part> {
        self.parts.iter().find(|part| part.place == place)
    }

    /// Returns the key of the token that replaces a user and a password.
    pub fn token(&self) -> Option<&'static Part> {
        self.parts.iter().find(|part| part.kind == PartKind::Secret && matches!(part.key, "access_token" | "token"))
    }
}

impl Part {
    /// Returns the value in a connection, as written in `ktx.yaml`.
    pub fn value(&self, connection: &Connection) -> Option<String> {
        self.value_among(&serde_json::to_value(connection).ok()?)
    }

    /// Returns the value among the keys of a connection.
    fn value_among(&self, keys: &Value) -> Option<String> {
        match keys.get(self.key)? {
            Value::String(text) => Some(text.clone()),
            value @ (Value::Number(_) | Value::Bool(_)) => Some(value.to_string()),
            _ => None,
        }
    }

    /// Converts a text to the value of the key in `ktx.yaml`; `None` if it has another type.
    pub(super) fn parse(&self, text: &str) -> Option<Value> {
        match self.kind {
            PartKind::Number => text.parse::<u64>().ok().map(Value::from),
            PartKind::Flag => text.parse::<bool>().ok().map(Value::from),
            _ => Some(text.into()),
        }
    }

    /// Whether the value is a part of a URL.
    pub fn is_in_url(&self) -> bool {
        self.place != Place::None
    }
}

/// Every part, without duplicates.
pub fn all_parts() -> impl Iterator<Item = &'static Part> {
    let mut seen = Vec::new();
    DRIVERS.iter().flat_map(|driver| driver.parts).filter(move |part| {
        let is_new = !seen.contains(&part.key);
        seen.push(part.key);
        is_new
    })
}

/// Returns the parts that a connection has, with their values as written in `ktx.yaml`.
pub fn values(connection: &Connection) -> impl Iterator<Item = (&'static Part, String)> {
    let keys = serde_json::to_value(connection).unwrap_or_default();
    all_parts().filter_map(move |part| Some((part, part.value_among(&keys)?)))
}

/// Returns the parts of a URL that a connection has.
pub fn url_parts(connection: &Connection) -> Vec<&'static Part> {
    values(connection).map(|(part, _)| part).filter(|part| part.is_in_url()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn drivers_are_found_by_alias_and_in_any_case() {
        assert_eq!(find(" PostgreSQL ").unwrap().name, "postgres");
        assert_eq!(find("sqlite3").unwrap().name, "sqlite");
        assert!(find("oracle").is_none());
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
    fn features_depend_on_the_driver_and_its_protocol() {
        for (keys, expected) in [
            (serde_json::json!({ "driver": "Postgres" }), None),
            (serde_json::json!({ "driver": "files" }), Some(Feature::DuckDb)),
            (serde_json::json!({ "driver": "BigQuery" }), Some(Feature::BigQuery)),
            (serde_json::json!({ "driver": "spark", "host": "h" }), Some(Feature::Spark)),
            (serde_json::json!({ "driver": "spark", "method": "connect" }), Some(Feature::SparkConnect)),
            (serde_json::json!({ "driver": "spark", "url": "spark://h/?method=connect" }), Some(Feature::SparkConnect)),
            (serde_json::json!({ "driver": "oracle" }), None),
        ] {
            let connection: Connection = serde_json::from_value(keys.clone()).unwrap();
            assert_eq!(feature(&connection), expected, "{keys}");
        }
    }

    #[test]
    fn every_part_has_a_field_of_the_connection() {
        for part in all_parts() {
            let text = match part.kind {
                PartKind::Number => "7",
                PartKind::Flag => "true",
                _ => "x",
            };
            let keys = serde_json::json!({ part.key: part.parse(text).unwrap() });
            let connection: Connection = serde_json::from_value(keys).unwrap();
            assert_eq!(part.value(&connection).as_deref(), Some(text), "{}", part.key);
        }
    }

    #[test]
    fn a_key_has_the_same_type_for_all_drivers() {
        for driver in DRIVERS {
            for part in driver.parts {
                let first = all_parts().find(|other| other.key == part.key).unwrap();
                let is_same = std::mem::discriminant(&first.kind) == std::mem::discriminant(&part.kind);
                assert!(is_same, "{} of {}", part.key, driver.name);
                assert_eq!(first.is_in_url(), part.is_in_url(), "{} of {}", part.key, driver.name);
            }
        }
    }
}
