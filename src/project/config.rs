//! `ktx.yaml`, typed. Source of the keys: the command line's documentation of the file.

use super::yaml::or_default;
use indexmap::IndexMap;
use serde::Deserialize;

/// Name of the file that makes a folder a project.
pub const CONFIG_FILE: &str = "ktx.yaml";

/// The whole file.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
pub struct Config {
    /// Name of the project.
    pub project: Option<String>,
    /// Connections by id, in the order of the file.
    #[serde(default, deserialize_with = "or_default")]
    pub connections: IndexMap<String, Connection>,
    /// What `ingest` may pull.
    #[serde(default, deserialize_with = "or_default")]
    pub ingest: Ingest,
}

/// One connection. Which of the optional keys mean something depends on the driver.
#[derive(Clone, Default, PartialEq, Eq, Deserialize)]
pub struct Connection {
    /// For example `postgres`, `sqlite` or `looker`.
    pub driver: String,
    /// Database URL: a literal, `env:NAME` or `file:PATH`.
    pub url: Option<String>,
    /// Database file, relative to the project.
    pub path: Option<String>,
    /// Must be `true` where a command reads from the connection.
    #[serde(default)]
    pub readonly: bool,
    /// Schemas to look at; all of the database's own choice where there are none.
    #[serde(default, deserialize_with = "or_default")]
    pub schemas: Vec<String>,
    /// What to pull of the statements that ran.
    #[serde(rename = "historicSql")]
    pub historic_sql: Option<HistoricSql>,
    /// Address of a Looker instance.
    pub base_url: Option<String>,
    /// Looker API client: a literal, `env:NAME` or `file:PATH`.
    pub client_id: Option<String>,
    /// Looker API secret: a literal, `env:NAME` or `file:PATH`.
    pub client_secret: Option<String>,
    /// How names of the source map to this project.
    pub mappings: Option<Mappings>,
}

/// Settings of the `historic-sql` adapter.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
pub struct HistoricSql {
    /// Whether statements of this connection may be pulled.
    #[serde(default)]
    pub enabled: bool,
    /// Dialect of the statements; the driver's own where it is absent.
    pub dialect: Option<String>,
    /// Statements with fewer calls are left out.
    #[serde(rename = "minCalls")]
    pub min_calls: Option<u64>,
    /// Leaves out statements that did not run for so many days, as far as the server and earlier syncs know.
    #[serde(rename = "windowDays")]
    pub window_days: Option<u32>,
}

/// How names of a source map to this project.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
pub struct Mappings {
    /// Looker connection name → connection id of this project.
    #[serde(default, rename = "connectionMappings", deserialize_with = "or_default")]
    pub connection_mappings: IndexMap<String, String>,
}

/// Settings of `ingest`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
pub struct Ingest {
    /// The only adapters that may be used, for example `live-database`; every one where there is no list.
    pub adapters: Option<Vec<String>>,
}

/// A debugged connection shows no secrets.
impl std::fmt::Debug for Connection {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter
            .debug_struct("Connection")
            .field("driver", &self.driver)
            .field("target", &self.target())
            .finish_non_exhaustive()
    }
}
