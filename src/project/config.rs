//! The types of `ktx.yaml`. `schemas/ktx.yaml.json` is generated from them; their documentation is shown by editors.

use super::{policy::PolicySettings, yaml::or_default};
use indexmap::IndexMap;
use serde::{Deserialize, Deserializer, Serialize};
use std::num::{NonZeroU16, NonZeroU32, NonZeroU64};

/// Name of the file that makes a folder a project.
pub const CONFIG_FILE: &str = "ktx.yaml";

/// Connections by id, in the order of the file.
pub type Connections = IndexMap<String, Connection>;

/// The configuration of a KTX project.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema), schemars(deny_unknown_fields))]
pub struct Config {
    /// Name of the project; default: the name of the folder.
    pub project: Option<String>,
    /// Databases and tools that the project reads, by name.
    #[serde(default, deserialize_with = "or_default")]
    #[cfg_attr(test, schemars(with = "Option<Connections>"))]
    pub connections: Connections,
    /// Named environments, such as `dev` and `prod`. `--env NAME` or `KTX_ENV` selects one.
    #[serde(default, deserialize_with = "environments")]
    #[cfg_attr(test, schemars(with = "Option<IndexMap<String, Option<EnvironmentSettings>>>"))]
    pub environments: IndexMap<String, EnvironmentSettings>,
    /// Settings of scans and ingests.
    #[serde(default, deserialize_with = "or_default")]
    #[cfg_attr(test, schemars(with = "Option<Ingest>"))]
    pub ingest: Ingest,
}

/// What an environment changes.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema), schemars(deny_unknown_fields))]
pub struct EnvironmentSettings {
    /// Keys of connections that differ in this environment. A `url` replaces parts of an address, and the reverse.
    #[serde(default, deserialize_with = "or_default")]
    #[cfg_attr(test, schemars(with = "Option<Connections>"))]
    pub connections: Connections,
}

/// A connection. Its driver determines which of the optional keys apply; [`super::drivers`] lists them.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema), schemars(deny_unknown_fields, description = "A connection."))]
pub struct Connection {
    /// Kind of database or tool. Required, except for an override of an environment.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    #[cfg_attr(test, schemars(with = "String"))]
    pub driver: String,
    /// Database URL: `env:NAME`, `file:PATH` or the URL itself. Replaces the parts `host`, `user`, ….
    #[serde(skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    /// Target of dbt's `profiles.yml`, such as `shop.prod`, that the address and the credentials are taken from each
    /// time; other keys take precedence.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub dbt_profile: Option<String>,
    /// Database file, or a folder, a file or a pattern of data files, relative to the project.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub path: Option<String>,
    /// Host name or IP address of the server; for PostgreSQL also the folder of a Unix socket, or several hosts with
    /// commas between them.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub host: Option<String>,
    /// Port of the server; default: that of the driver.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub port: Option<u16>,
    /// User of the database.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub user: Option<String>,
    /// Password: `env:NAME`, `file:PATH` or the password itself. It is not percent-encoded.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub password: Option<String>,
    /// Name of the database.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub database: Option<String>,
    /// Encryption of the connection, as in libpq.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sslmode: Option<String>,
    /// File with the root certificates that `verify-ca` and `verify-full` trust, relative to the project; `system`:
    /// those of the system.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sslrootcert: Option<String>,
    /// File with the client certificate, relative to the project.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sslcert: Option<String>,
    /// File with the key of the client certificate, relative to the project.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sslkey: Option<String>,
    /// Hosts of PostgreSQL that are used, as in libpq; default: any.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub target_session_attrs: Option<String>,
    /// Service in the user's `pg_service.conf`, which the address is taken from; other keys take precedence.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub service: Option<String>,
    /// File with passwords of PostgreSQL, such as `~/.pgpass`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub passfile: Option<String>,
    /// Host that the database is reached through by the user's `ssh`, such as `ada@bastion.example.com`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ssh_host: Option<String>,
    /// Token in place of a user and a password, for ClickHouse Cloud (JWT) and BigQuery (OAuth): `env:NAME`, `file:PATH`
    /// or the token itself.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub access_token: Option<String>,
    /// Whether the connection to ClickHouse uses TLS; default: if the port is 8443 or 443.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub secure: Option<bool>,
    /// Whether the certificate of the server is verified; default: true.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub verify: Option<bool>,
    /// File with the root certificates to trust, relative to the project; default: those of the system.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ca_cert: Option<String>,
    /// File with the client certificate, relative to the project.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub client_cert: Option<String>,
    /// File with the key of the client certificate, relative to the project.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub client_cert_key: Option<String>,
    /// Proxy to the server, such as `http://proxy:3128`; default: that of `HTTPS_PROXY` or `HTTP_PROXY`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub proxy: Option<String>,
    /// Project of BigQuery whose tables are read.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub project: Option<String>,
    /// Dataset of BigQuery that statements use by default.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub dataset: Option<String>,
    /// Location of the datasets of BigQuery, such as `EU`; default: that of the datasets.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub location: Option<String>,
    /// File with the key of a service account, or another credential file of Google; default: the application default
    /// credentials of the machine.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub keyfile: Option<String>,
    /// Content of such a file: `env:NAME`, `file:PATH` or the JSON text.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub keyfile_json: Option<String>,
    /// Service account of Google that the credentials impersonate.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub impersonate_service_account: Option<String>,
    /// Project of Google that statements are billed to; default: `project`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub execution_project: Option<String>,
    /// Maximum number of bytes that a statement may be billed for; BigQuery refuses one above it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub maximum_bytes_billed: Option<u64>,
    /// Address of BigQuery's API; default: that of Google.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub api_endpoint: Option<String>,
    /// Account of Snowflake, such as `organization-account`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub account: Option<String>,
    /// Schema of Snowflake that statements use by default.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub schema: Option<String>,
    /// Virtual warehouse of Snowflake that runs statements; default: that of the user.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub warehouse: Option<String>,
    /// Role of Snowflake; default: that of the user.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub role: Option<String>,
    /// Authenticator of Snowflake, such as `oauth` or `programmatic_access_token`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub authenticator: Option<String>,
    /// Token of Snowflake or of Spark Connect: `env:NAME`, `file:PATH` or the token itself.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub token: Option<String>,
    /// File with the private key of a user of Snowflake.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub private_key_file: Option<String>,
    /// Password of the private key: `env:NAME`, `file:PATH` or the password itself.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub private_key_file_pwd: Option<String>,
    /// Passcode of multi-factor authentication: `env:NAME`, `file:PATH` or the passcode itself.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub passcode: Option<String>,
    /// Connection in the user's `connections.toml` of Snowflake, in place of an account and its credentials.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub connection_name: Option<String>,
    /// Protocol to the server of Snowflake; default: https.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub protocol: Option<String>,
    /// Protocol of Spark: the Thrift server, or Spark Connect; default: thrift.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub method: Option<String>,
    /// Authentication of Spark's Thrift server; default: NONE.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub auth: Option<String>,
    /// Whether the connection to Spark uses TLS.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub use_ssl: Option<bool>,
    /// First part of the server's principal of Kerberos, such as `hive`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub kerberos_service_name: Option<String>,
    /// Path of a Thrift server that uses HTTP, such as `cliservice`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub http_path: Option<String>,
    /// Command whose standard output is the password or the token: the program and its arguments, without a shell.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub credential_command: Option<Vec<String>>,
    /// Maximum number of statements of KTX that run at the same time; default: 4.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_concurrent_statements: Option<NonZeroU16>,
    /// Consent to read from the connection; commands that do require `true`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub readonly: Option<bool>,
    /// Schemas to scan; default: that of the database.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub schemas: Option<Vec<String>>,
    /// Patterns of the tables to scan, such as `sales.*`; default: all. A pattern without a dot is compared with the name
    /// of the table alone.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub include: Option<Vec<String>>,
    /// Patterns of tables that are not scanned.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub exclude: Option<Vec<String>>,
    /// Settings of profiles.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub profile: Option<ProfileSettings>,
    /// Tables and columns that are not read, and columns whose values are not stored.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub policy: Option<PolicySettings>,
    /// Settings of the query history.
    #[serde(rename = "historicSql", skip_serializing_if = "Option::is_none")]
    pub historic_sql: Option<HistoricSql>,
    /// Address of a Looker instance.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub base_url: Option<String>,
    /// Looker API client: `env:NAME`, `file:PATH` or the id itself.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub client_id: Option<String>,
    /// Looker API secret: `env:NAME`, `file:PATH` or the secret itself.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub client_secret: Option<String>,
    /// Mappings of names in the source to this project.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mappings: Option<Mappings>,
}

impl Connection {
    /// Whether commands may read from the connection.
    pub fn is_readonly(&self) -> bool {
        self.readonly == Some(true)
    }
}

/// Settings of profiles: what `ktx scan --profile` may read, and how much of it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema), schemars(deny_unknown_fields))]
pub struct ProfileSettings {
    /// Whether the tables of this connection may be profiled; default: true.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub enabled: Option<bool>,
    /// Tables with more rows are profiled on a sample of about this many; default: 1000000.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sample_rows: Option<NonZeroU64>,
    /// Time limit of all statements of a table, in seconds; default: 60.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub table_seconds: Option<NonZeroU32>,
    /// Time limit of the profiles of a scan, in seconds; default: 600.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub scan_seconds: Option<NonZeroU32>,
    /// Maximum number of bytes that the profiles of a scan read; default: 10737418240 (10 GiB) for BigQuery, which bills
    /// by them, else no limit.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_bytes: Option<u64>,
}

/// Settings of the `historic-sql` adapter.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema), schemars(deny_unknown_fields))]
pub struct HistoricSql {
    /// Whether the query history of this connection may be read.
    #[serde(default)]
    pub enabled: bool,
    /// Dialect of the statements; default: that of the driver.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub dialect: Option<String>,
    /// Query templates with fewer calls are skipped; default: 1.
    #[serde(rename = "minCalls", skip_serializing_if = "Option::is_none")]
    pub min_calls: Option<u64>,
    /// Statements without a call in the last so many days are skipped, as far as the server or earlier syncs show it;
    /// default: 30 days of a log of calls, and all statements of a server that only counts them.
    #[serde(rename = "windowDays", skip_serializing_if = "Option::is_none")]
    pub window_days: Option<u32>,
    /// Cluster whose servers are all read, for ClickHouse; default: the server of the connection.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cluster: Option<String>,
}

/// Mappings of names in a source to this project.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema), schemars(deny_unknown_fields))]
pub struct Mappings {
    /// Name of a Looker connection → name of a connection of this project.
    #[serde(default, rename = "connectionMappings", deserialize_with = "or_default")]
    #[cfg_attr(test, schemars(with = "Option<IndexMap<String, String>>"))]
    pub connection_mappings: IndexMap<String, String>,
}

/// Settings of `ingest`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema), schemars(deny_unknown_fields))]
pub struct Ingest {
    /// Enabled adapters; default: all.
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

/// An environment without keys is null.
fn environments<'de, D: Deserializer<'de>>(deserializer: D) -> Result<IndexMap<String, EnvironmentSettings>, D::Error> {
    let environments: IndexMap<String, Option<EnvironmentSettings>> = or_default(deserializer)?;
    Ok(environments.into_iter().map(|(name, settings)| (name, settings.unwrap_or_default())).collect())
}
