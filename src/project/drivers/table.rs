//! The rows: a driver with its keys each.

use super::{Driver, DriverKind, Part, PartKind, Place};

/// Modes of `sslmode` of PostgreSQL.
const POSTGRES_SSL_MODES: &[&str] = &["disable", "allow", "prefer", "require", "verify-ca", "verify-full"];
/// Modes of `sslmode` of MySQL and MariaDB.
const MYSQL_SSL_MODES: &[&str] = &["disable", "prefer", "require", "verify-ca", "verify-full"];

/// Values of `target_session_attrs` of PostgreSQL.
const SESSION_ATTRIBUTES: &[&str] = &["any", "read-write", "read-only", "primary", "standby", "prefer-standby"];
/// Values of `auth` of Spark's Thrift server.
const SPARK_AUTHENTICATION: &[&str] = &["NONE", "NOSASL", "LDAP", "CUSTOM", "KERBEROS"];

const fn part(key: &'static str, kind: PartKind, place: Place) -> Part {
    let is_usual = matches!(kind, PartKind::Text | PartKind::Number | PartKind::Secret);
    Part { key, kind, required: false, alternative: None, is_usual, place }
}

/// A key that users are not asked for.
const fn rare(key: &'static str, kind: PartKind, place: Place) -> Part {
    Part { is_usual: false, ..part(key, kind, place) }
}

/// A path of a credential file that users are asked for.
const fn usual(key: &'static str, kind: PartKind, place: Place) -> Part {
    Part { is_usual: true, ..part(key, kind, place) }
}

const fn required(key: &'static str, kind: PartKind, place: Place) -> Part {
    Part { required: true, ..part(key, kind, place) }
}

const HOST: Part = required("host", PartKind::Text, Place::Host);
const PORT: Part = part("port", PartKind::Number, Place::Port);
const USER: Part = part("user", PartKind::Text, Place::User);
const PASSWORD: Part = part("password", PartKind::Secret, Place::Password);
const DATABASE: Part = part("database", PartKind::Text, Place::Database);
const SSL_ROOT_CERT: Part = part("sslrootcert", PartKind::File, Place::Parameter);
const SSL_CERT: Part = part("sslcert", PartKind::CredentialFile, Place::Parameter);
const SSL_KEY: Part = part("sslkey", PartKind::CredentialFile, Place::Parameter);
const SSH_HOST: Part = rare("ssh_host", PartKind::Text, Place::Parameter);

const fn ssl_mode(choices: &'static [&'static str]) -> Part {
    part("sslmode", PartKind::Choice(choices), Place::Parameter)
}

/// The names are those of libpq.
const POSTGRES_PARTS: &[Part] = &[
    HOST,
    PORT,
    USER,
    PASSWORD,
    DATABASE,
    ssl_mode(POSTGRES_SSL_MODES),
    SSL_ROOT_CERT,
    SSL_CERT,
    SSL_KEY,
    part("target_session_attrs", PartKind::Choice(SESSION_ATTRIBUTES), Place::Parameter),
    rare("service", PartKind::Text, Place::None),
    rare("passfile", PartKind::CredentialFile, Place::None),
    SSH_HOST,
];
const MYSQL_PARTS: &[Part] =
    &[HOST, PORT, USER, PASSWORD, DATABASE, ssl_mode(MYSQL_SSL_MODES), SSL_ROOT_CERT, SSL_CERT, SSL_KEY, SSH_HOST];
/// The names of TLS options are those of ClickHouse's driver for Python.
const CLICKHOUSE_PARTS: &[Part] = &[
    HOST,
    PORT,
    USER,
    PASSWORD,
    part("access_token", PartKind::Secret, Place::Parameter),
    DATABASE,
    part("secure", PartKind::Flag, Place::Parameter),
    part("verify", PartKind::Flag, Place::Parameter),
    part("ca_cert", PartKind::File, Place::Parameter),
    part("client_cert", PartKind::CredentialFile, Place::Parameter),
    part("client_cert_key", PartKind::CredentialFile, Place::Parameter),
    rare("proxy", PartKind::Text, Place::Parameter),
    SSH_HOST,
];
/// The names are those of dbt's adapter.
const BIGQUERY_PARTS: &[Part] = &[
    required("project", PartKind::Text, Place::Host),
    part("dataset", PartKind::Text, Place::Database),
    part("location", PartKind::Text, Place::Parameter),
    usual("keyfile", PartKind::CredentialFile, Place::Parameter),
    rare("keyfile_json", PartKind::Secret, Place::Parameter),
    rare("access_token", PartKind::Secret, Place::Parameter),
    rare("impersonate_service_account", PartKind::Text, Place::Parameter),
    rare("execution_project", PartKind::Text, Place::Parameter),
    rare("maximum_bytes_billed", PartKind::Number, Place::Parameter),
    rare("api_endpoint", PartKind::Text, Place::Parameter),
];
/// The names are those of Snowflake's driver for Python.
const SNOWFLAKE_PARTS: &[Part] = &[
    Part { alternative: Some("connection_name"), ..required("account", PartKind::Text, Place::Host) },
    USER,
    PASSWORD,
    DATABASE,
    part("schema", PartKind::Text, Place::Schema),
    part("warehouse", PartKind::Text, Place::Parameter),
    part("role", PartKind::Text, Place::Parameter),
    rare("authenticator", PartKind::Text, Place::Parameter),
    rare("token", PartKind::Secret, Place::Parameter),
    usual("private_key_file", PartKind::CredentialFile, Place::Parameter),
    rare("private_key_file_pwd", PartKind::Secret, Place::Parameter),
    rare("passcode", PartKind::Secret, Place::Parameter),
    rare("connection_name", PartKind::Text, Place::Parameter),
    rare("host", PartKind::Text, Place::Parameter),
    rare("port", PartKind::Number, Place::Parameter),
    part("protocol", PartKind::Choice(&["http", "https"]), Place::Parameter),
];
/// The names are those of dbt's adapter.
const SPARK_PARTS: &[Part] = &[
    HOST,
    PORT,
    USER,
    PASSWORD,
    DATABASE,
    part("method", PartKind::Choice(&["thrift", "connect"]), Place::Parameter),
    part("auth", PartKind::Choice(SPARK_AUTHENTICATION), Place::Parameter),
    rare("token", PartKind::Secret, Place::Parameter),
    part("use_ssl", PartKind::Flag, Place::Parameter),
    part("ca_cert", PartKind::File, Place::Parameter),
    rare("kerberos_service_name", PartKind::Text, Place::Parameter),
    rare("http_path", PartKind::Text, Place::Parameter),
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
        name: "bigquery",
        aliases: &[],
        title: "BigQuery",
        kind: DriverKind::Server,
        dialect: Some("bigquery"),
        default_port: None,
        socket_parameter: None,
        parts: BIGQUERY_PARTS,
    },
    Driver {
        name: "snowflake",
        aliases: &[],
        title: "Snowflake",
        kind: DriverKind::Server,
        dialect: Some("snowflake"),
        default_port: None,
        socket_parameter: None,
        parts: SNOWFLAKE_PARTS,
    },
    Driver {
        name: "spark",
        aliases: &[],
        title: "Spark",
        kind: DriverKind::Server,
        dialect: Some("spark"),
        default_port: Some(10_000),
        socket_parameter: None,
        parts: SPARK_PARTS,
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
