//! The types of `ktx.yaml`. Source of the keys: the documentation of the file for the command line.

use super::yaml::or_default;
use indexmap::IndexMap;
use serde::Deserialize;

/// Name of the file that makes a folder a project.
pub const CONFIG_FILE: &str = "ktx.yaml";

/// Content of `ktx.yaml`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
pub struct Config {
    /// Name of the project.
    pub project: Option<String>,
    /// Connections by id, in the order of the file.
    #[serde(default, deserialize_with = "or_default")]
    pub connections: IndexMap<String, Connection>,
    /// Settings of `ingest`.
    #[serde(default, deserialize_with = "or_default")]
    pub ingest: Ingest,
}

/// A connection. Its driver determines which of the optional keys apply.
#[derive(Clone, Default, PartialEq, Eq, Deserialize)]
pub struct Connection {
    /// Driver, for example `postgres`, `sqlite` or `looker`.
    pub driver: String,
    /// Database URL: a literal, `env:NAME` or `file:PATH`.
    pub url: Option<String>,
    /// Database file, relative to the project.
    pub path: Option<String>,
    /// Consent to read from the connection; commands that do require `true`.
    #[serde(default)]
    pub readonly: bool,
    /// Schemas to introspect; empty: the default of the database.
    #[serde(default, deserialize_with = "or_default")]
    pub schemas: Vec<String>,
    /// Patterns of the tables to scan, such as `sales.*`; empty: all.
    #[serde(default, deserialize_with = "or_default")]
    pub include: Vec<String>,
    /// Patterns of tables that are not scanned.
    #[serde(default, deserialize_with = "or_default")]
    pub exclude: Vec<String>,
    /// Settings of the `historic-sql` adapter.
    #[serde(rename = "historicSql")]
    pub historic_sql: Option<HistoricSql>,
    /// Address of a Looker instance.
    pub base_url: Option<String>,
    /// Looker API client: a literal, `env:NAME` or `file:PATH`.
    pub client_id: Option<String>,
    /// Looker API secret: a literal, `env:NAME` or `file:PATH`.
    pub client_secret: Option<String>,
    /// Mappings of names in the source to this project.
    pub mappings: Option<Mappings>,
}

/// Settings of the `historic-sql` adapter.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
pub struct HistoricSql {
    /// Whether the query history of this connection may be read.
    #[serde(default)]
    pub enabled: bool,
    /// Dialect of the statements; default: that of the driver.
    pub dialect: Option<String>,
    /// Query templates with fewer calls are skipped.
    #[serde(rename = "minCalls")]
    pub min_calls: Option<u64>,
    /// Statements without a call in the last so many days are skipped, as far as the server or earlier syncs show it.
    #[serde(rename = "windowDays")]
    pub window_days: Option<u32>,
}

/// Mappings of names in a source to this project.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
pub struct Mappings {
    /// Looker connection name → connection id of this project.
    #[serde(default, rename = "connectionMappings", deserialize_with = "or_default")]
    pub connection_mappings: IndexMap<String, String>,
}

/// Settings of `ingest`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
pub struct Ingest {
    /// Enabled adapters, for example `live-database`; `None`: all.
    pub adapters: Option<Vec<String>>,
}

/// Omits keys that may have secrets.
impl std::fmt::Debug for Connection {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter
            .debug_struct("Connection")
            .field("driver", &self.driver)
            .field("target", &self.target())
            .finish_non_exhaustive()
    }
}
