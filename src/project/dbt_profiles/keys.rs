//! The keys of a target of dbt as the keys of a connection.
//!
//! Source of the keys: the documentation of dbt's adapters for PostgreSQL, MySQL, ClickHouse, DuckDB, BigQuery, Snowflake
//! and Spark.

use crate::{
    env::Environment,
    project::{
        config::Connection,
        drivers::{self, Part, PartKind},
        secrets::Reference,
    },
};
use indexmap::IndexMap;
use regex_lite::Regex;
use serde::Serialize;
use serde_json::{Map, Value};
use std::{collections::BTreeMap, path::Path, sync::LazyLock};

#[expect(clippy::expect_used, reason = "the pattern is fixed, and a test compiles it")]
static ENV_VAR: LazyLock<Regex> = LazyLock::new(|| {
    let pattern = r#"^\{\{-?\s*env_var\(\s*['"]([A-Za-z_][A-Za-z0-9_]*)['"]\s*\)\s*(?:\|\s*(?:int|as_number|as_text)\s*)?-?\}\}$"#;
    Regex::new(pattern).expect("a valid pattern")
});

/// A target of a profile, by the names of dbt.
pub(super) type Output = IndexMap<String, Value>;

/// Literal secrets by key, which are not printed.
#[derive(Clone, Default, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct Secrets(pub(super) BTreeMap<String, String>);

impl std::fmt::Debug for Secrets {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_set().entries(self.0.keys()).finish()
    }
}

/// An adapter of dbt: its names, the driver, and the keys whose names differ, as key of a connection and keys of dbt.
struct Adapter {
    types: &'static [&'static str],
    driver: &'static str,
    renamed: &'static [(&'static str, &'static [&'static str])],
}

const MYSQL_KEYS: &[(&str, &[&str])] =
    &[("host", &["server", "host"]), ("database", &["schema"]), ("user", &["username", "user"])];

const ADAPTERS: &[Adapter] = &[
    Adapter {
        types: &["postgres"],
        driver: "postgres",
        renamed: &[("database", &["dbname", "database"]), ("password", &["password", "pass"])],
    },
    Adapter { types: &["mysql", "mysql5"], driver: "mysql", renamed: MYSQL_KEYS },
    Adapter { types: &["mariadb"], driver: "mariadb", renamed: MYSQL_KEYS },
    Adapter { types: &["clickhouse"], driver: "clickhouse", renamed: &[("database", &["schema", "database"])] },
    Adapter { types: &["duckdb"], driver: "duckdb", renamed: &[] },
    Adapter {
        types: &["bigquery"],
        driver: "bigquery",
        renamed: &[
            ("project", &["project", "database"]),
            ("dataset", &["dataset", "schema"]),
            ("access_token", &["token"]),
        ],
    },
    Adapter {
        types: &["snowflake"],
        driver: "snowflake",
        renamed: &[
            ("private_key_file", &["private_key_path"]),
            ("private_key_file_pwd", &["private_key_passphrase"]),
            ("passcode", &[]),
            ("connection_name", &[]),
        ],
    },
    Adapter { types: &["spark"], driver: "spark", renamed: &[("database", &["schema"])] },
];

/// Converts a target; `None` for a driver that KTX does not have, a missing key, a template that is not a variable, and a
/// key that changes how dbt connects and that KTX does not have.
pub(super) fn convert(output: &Output, env: &Environment) -> Option<(Connection, Secrets)> {
    let kind = output.get("type")?.as_str()?;
    let adapter = ADAPTERS.iter().find(|adapter| adapter.types.contains(&kind))?;
    if has_unsupported(output) {
        return None;
    }
    let driver = drivers::find(adapter.driver)?;
    let (mut keys, mut secrets) = (Map::from_iter([("driver".to_owned(), driver.name.into())]), Secrets::default());
    for part in driver.parts {
        let own = [part.key];
        let names = adapter.renamed.iter().find(|(key, _)| *key == part.key).map_or(&own[..], |(_, names)| names);
        match text(output, names)? {
            Some(text) if part.kind == PartKind::Secret && matches!(Reference::parse(&text), Reference::Literal(_)) => {
                secrets.0.insert(part.key.to_owned(), text);
            }
            Some(text) => {
                keys.insert(part.key.to_owned(), typed(part, text, env)?);
            }
            None if part.required => return None,
            None => {}
        }
    }
    let connection = Connection::from_keys(keys).ok()?;
    let is_local = connection.path.as_ref().is_none_or(|path| Path::new(path).is_absolute());
    is_local.then_some((connection, secrets))
}

/// An inline key, an OAuth flow with a refresh token, and Spark without a server.
fn has_unsupported(output: &Output) -> bool {
    let is = |key, value| output.get(key).and_then(Value::as_str) == Some(value);
    output.contains_key("private_key")
        || output.contains_key("refresh_token")
        || output.contains_key("oauth_client_id")
        || ["session", "odbc", "http"].iter().any(|method| is("type", "spark") && is("method", method))
}

/// The first of the keys that is there; the outer `None` if its value cannot be used.
fn text(output: &Output, keys: &[&str]) -> Option<Option<String>> {
    let Some(value) = keys.iter().find_map(|key| output.get(*key)) else { return Some(None) };
    match value {
        Value::Null => Some(None),
        Value::Number(_) | Value::Bool(_) => Some(Some(value.to_string())),
        Value::String(text) if text.contains("{{") || text.contains("{%") => {
            ENV_VAR.captures(text.trim()).map(|found| Some(format!("env:{}", &found[1])))
        }
        Value::String(text) => Some(Some(text.clone())),
        Value::Object(_) if keys.contains(&"keyfile_json") => Some(Some(value.to_string())),
        _ => None,
    }
}

/// A number and a flag have no references, so that a variable is read now.
fn typed(part: &Part, text: String, env: &Environment) -> Option<Value> {
    let is_text = !matches!(part.kind, PartKind::Number | PartKind::Flag);
    match text.strip_prefix("env:") {
        Some(name) if !is_text => part.parse(env.get(name)?),
        _ => part.parse(&text),
    }
}
