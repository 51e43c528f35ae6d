//! Connections in the user's dbt profiles, which a new connection may be made from.
//!
//! Source of the places and of the keys: dbt's documentation of `profiles.yml`, and of its adapters for PostgreSQL,
//! MySQL, ClickHouse and DuckDB. The file is data: of its templates only `env_var` is understood, and nothing is evaluated.

use super::{config::Connection, secrets::Reference, yaml};
use crate::{
    env::Environment,
    error::{Code, Error, Result},
    runtime,
};
use indexmap::IndexMap;
use regex_lite::Regex;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
    sync::LazyLock,
};

/// Name of the file.
const FILE: &str = "profiles.yml";

#[expect(clippy::expect_used, reason = "the pattern is fixed, and a test compiles it")]
static ENV_VAR: LazyLock<Regex> = LazyLock::new(|| {
    let pattern = r#"^\{\{-?\s*env_var\(\s*['"]([A-Za-z_][A-Za-z0-9_]*)['"]\s*\)\s*(?:\|\s*(?:int|as_number|as_text)\s*)?-?\}\}$"#;
    Regex::new(pattern).expect("a valid pattern")
});

/// A connection of a target of a profile.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct DbtProfile {
    /// `profile.target`.
    pub name: String,
    /// The file that it is in.
    pub file: PathBuf,
    /// Keys of a connection; variables are references.
    pub connection: Connection,
    /// Literal secrets by key.
    pub secrets: Secrets,
}

/// Literal secrets by key, which are not printed.
#[derive(Clone, Default, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct Secrets(BTreeMap<String, String>);

impl std::fmt::Debug for Secrets {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_set().entries(self.0.keys()).finish()
    }
}

#[derive(Debug, Deserialize)]
struct RawProfile {
    #[serde(default)]
    target: Option<String>,
    #[serde(default)]
    outputs: IndexMap<String, Output>,
}

type Output = IndexMap<String, Value>;

/// Lists the targets that KTX has a driver for, those that dbt uses by default first. None without a file.
///
/// Only the user's own files are read: `profiles.yml` in `DBT_PROFILES_DIR`, else in `~/.dbt`. Errors:
/// [`Code::ProjectInvalid`] for a file that is not YAML or has another shape, [`Code::FileIo`], [`Code::EnvInvalid`].
pub fn list(env: &Environment) -> Result<Vec<DbtProfile>> {
    let file = match env.absolute_path_unless_empty("DBT_PROFILES_DIR")? {
        Some(dir) => dir.join(FILE),
        None => runtime::user_home(env)?.join(".dbt").join(FILE),
    };
    if !file.is_file() {
        return Ok(Vec::new());
    }
    let bytes = fs::read(&file).map_err(|error| Error::io("read", &file, error))?;
    let text = yaml::decode(FILE, Code::ProjectInvalid, bytes)?;
    let (profiles, _) = yaml::read::<IndexMap<String, RawProfile>>(FILE, Code::ProjectInvalid, &text)?;
    Ok(convert(&profiles.unwrap_or_default(), &file, env))
}

fn convert(profiles: &IndexMap<String, RawProfile>, file: &Path, env: &Environment) -> Vec<DbtProfile> {
    let (mut defaults, mut others) = (Vec::new(), Vec::new());
    for (name, RawProfile { target, outputs }) in profiles {
        for (output_name, output) in outputs {
            let Some((connection, secrets)) = Keys { output, env }.connection() else { continue };
            let profile =
                DbtProfile { name: format!("{name}.{output_name}"), file: file.to_owned(), connection, secrets };
            let is_default = target.as_deref().unwrap_or("default") == output_name;
            (if is_default { &mut defaults } else { &mut others }).push(profile);
        }
    }
    defaults.append(&mut others);
    defaults
}

/// Reads the keys of a target.
struct Keys<'a> {
    output: &'a Output,
    env: &'a Environment,
}

impl Keys<'_> {
    /// `None` for a driver that KTX does not have, a missing key and a template that is not a variable.
    fn connection(&self) -> Option<(Connection, Secrets)> {
        let driver = self.text(&["type"])??;
        match driver.as_str() {
            "postgres" => self.server(&driver, &["host"], &["dbname", "database"], &["user"]),
            "mysql" | "mysql5" => self.server("mysql", &["server", "host"], &["schema"], &["username", "user"]),
            "mariadb" => self.server(&driver, &["server", "host"], &["schema"], &["username", "user"]),
            "clickhouse" => {
                let (connection, secrets) = self.server(&driver, &["host"], &["schema", "database"], &["user"])?;
                let (secure, verify) = (self.flag("secure")?, self.flag("verify")?);
                let (client_cert, client_cert_key) = (self.text(&["client_cert"])?, self.text(&["client_cert_key"])?);
                Some((Connection { secure, verify, client_cert, client_cert_key, ..connection }, secrets))
            }
            "duckdb" => {
                let path = self.text(&["path"])??;
                let is_local = Path::new(&path).is_absolute();
                let connection = Connection { driver, path: Some(path), ..Connection::default() };
                is_local.then_some((connection, Secrets::default()))
            }
            _ => None,
        }
    }

    fn server(&self, driver: &str, host: &[&str], database: &[&str], user: &[&str]) -> Option<(Connection, Secrets)> {
        let mut secrets = Secrets::default();
        let password = match self.text(&["password", "pass"])? {
            Some(text) if matches!(Reference::parse(&text), Reference::Literal(_)) => {
                secrets.0.insert("password".to_owned(), text);
                None
            }
            reference => reference,
        };
        let connection = Connection {
            driver: driver.to_owned(),
            host: Some(self.text(host)??),
            port: self.port()?,
            user: self.text(user)?,
            password,
            database: self.text(database)?,
            sslmode: self.text(&["sslmode"])?,
            sslrootcert: self.text(&["sslrootcert"])?,
            sslcert: self.text(&["sslcert"])?,
            sslkey: self.text(&["sslkey"])?,
            ..Connection::default()
        };
        Some((connection, secrets))
    }

    /// The first of the keys that is there; the outer `None` if its value cannot be used.
    fn text(&self, keys: &[&str]) -> Option<Option<String>> {
        let Some(value) = keys.iter().find_map(|key| self.output.get(*key)) else { return Some(None) };
        match value {
            Value::Null => Some(None),
            Value::Number(number) => Some(Some(number.to_string())),
            Value::String(text) if text.contains("{{") || text.contains("{%") => {
                ENV_VAR.captures(text.trim()).map(|found| Some(format!("env:{}", &found[1])))
            }
            Value::String(text) => Some(Some(text.clone())),
            _ => None,
        }
    }

    fn flag(&self, key: &str) -> Option<Option<bool>> {
        match self.output.get(key) {
            None | Some(Value::Null) => Some(None),
            Some(value) => value.as_bool().map(Some),
        }
    }

    /// A port is a number, so that a variable is read now.
    fn port(&self) -> Option<Option<u16>> {
        let Some(text) = self.text(&["port"])? else { return Some(None) };
        let number = match text.strip_prefix("env:") {
            Some(name) => self.env.get(name)?.parse(),
            None => text.parse(),
        };
        number.ok().map(Some)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn profiles(text: &str, variables: &[(&str, &str)]) -> Result<Vec<DbtProfile>> {
        let dir = tempfile::tempdir().unwrap();
        fs::write(dir.path().join(FILE), text).unwrap();
        let env = Environment::default().with("DBT_PROFILES_DIR", dir.path().display().to_string());
        list(&variables.iter().fold(env, |env, (name, value)| env.with(name, *value)))
    }

    #[test]
    fn targets_become_connections_with_the_default_first() {
        let text = r#"
config: { send_anonymous_usage_stats: false }
shop:
  target: dev
  outputs:
    prod: { type: postgres, host: "{{ env_var('DB_HOST') }}", port: "{{ env_var('DB_PORT') | int }}", user: ktx,
            password: "{{ env_var('DB_PW') }}", dbname: shop, schema: public, threads: 4, sslmode: require }
    dev: { type: postgres, host: localhost, port: 5433, user: ada, pass: "p@ss:word/#", database: shop_dev }
    cloud: { type: snowflake, account: x }
logs: { outputs: { default: { type: clickhouse, host: ch, port: 8443, schema: web, user: u, secure: true, driver: http } } }
erp: { outputs: { default: { type: mysql, server: db, port: 3306, schema: erp, username: u, password: 12345 } } }
"#;
        let found = profiles(text, &[("DB_PORT", "6432")]).unwrap();
        let names: Vec<_> = found.iter().map(|profile| profile.name.as_str()).collect();
        assert_eq!(names, ["shop.dev", "logs.default", "erp.default", "shop.prod"]);
        let server = |driver: &str, host: &str, port, user: &str, database: &str| Connection {
            driver: driver.into(),
            host: Some(host.into()),
            port: Some(port),
            user: Some(user.into()),
            database: Some(database.into()),
            ..Connection::default()
        };
        assert_eq!(found[0].connection, server("postgres", "localhost", 5433, "ada", "shop_dev"));
        assert_eq!(found[0].secrets.0["password"], "p@ss:word/#");
        assert!(!format!("{:?}", found[0]).contains("p@ss"));
        let logs = Connection { secure: Some(true), ..server("clickhouse", "ch", 8443, "u", "web") };
        assert_eq!(found[1].connection, logs);
        assert_eq!(found[2].connection, server("mysql", "db", 3306, "u", "erp"));
        assert_eq!(found[2].secrets.0["password"], "12345");
        let prod = Connection {
            password: Some("env:DB_PW".into()),
            sslmode: Some("require".into()),
            ..server("postgres", "env:DB_HOST", 6432, "ktx", "shop")
        };
        assert_eq!((&found[3].connection, found[3].secrets.0.len()), (&prod, 0));
    }

    #[test]
    fn ambiguous_and_unsupported_targets_are_left_out() {
        for output in [
            "{ type: postgres, user: u }",
            "{ type: postgres, host: \"{{ env_var('H', 'fallback') }}\" }",
            "{ type: postgres, host: \"{{ run('x') }}\" }",
            "{ type: postgres, host: h, port: \"{{ env_var('UNSET') | int }}\" }",
            "{ type: postgres, host: h, port: 99999 }",
            "{ type: postgres, host: [h] }",
            "{ type: clickhouse, host: h, secure: \"{{ env_var('S') }}\" }",
            "{ type: duckdb, path: ':memory:' }",
            "{ type: duckdb, path: 'md:shop' }",
            "{ host: h }",
        ] {
            let text = format!("shop: {{ target: t, outputs: {{ t: {output} }} }}");
            assert_eq!(profiles(&text, &[]).unwrap(), [], "{output}");
        }
    }

    #[test]
    fn missing_file_has_none_and_a_broken_one_is_an_error_without_its_values() {
        let dir = tempfile::tempdir().unwrap();
        let env = Environment::default().with("DBT_PROFILES_DIR", dir.path().display().to_string());
        assert_eq!(list(&env).unwrap(), []);
        let error = profiles("shop: { outputs: { t: hunter2 } }", &[]).unwrap_err();
        assert_eq!(error.code(), Code::ProjectInvalid);
        assert!(error.to_string().starts_with("profiles.yml:1:"), "{error}");
        assert!(!error.to_string().contains("hunter2"), "{error}");
    }
}
