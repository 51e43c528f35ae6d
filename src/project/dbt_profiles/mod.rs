//! Connections in the user's dbt profiles: a new connection may be made from one, and a connection may name one.
//!
//! Source of the places: dbt's documentation of `profiles.yml`. The file is data: of its templates only `env_var` is
//! understood, and nothing is evaluated.

mod keys;

pub use keys::Secrets;

use super::{config::Connection, connection::invalid, drivers, suggest, yaml};
use crate::{
    env::Environment,
    error::{Code, Error, Result},
    runtime,
};
use indexmap::IndexMap;
use serde::{Deserialize, Serialize};
use std::{
    fs,
    path::{Path, PathBuf},
};

/// Name of the file.
const FILE: &str = "profiles.yml";

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

#[derive(Debug, Deserialize)]
struct RawProfile {
    #[serde(default)]
    target: Option<String>,
    #[serde(default)]
    outputs: IndexMap<String, keys::Output>,
}

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

/// Replaces the `dbt_profile` of a connection by the keys of that target; other keys of the connection take precedence.
///
/// Errors: those of [`list`]; [`Code::ConnectionInvalid`] for an unknown profile, and for one of another driver.
pub(super) fn apply(id: &str, connection: &Connection, env: &Environment) -> Result<Connection> {
    let Some(name) = &connection.dbt_profile else { return Ok(connection.clone()) };
    let profiles = list(env)?;
    let Some(profile) = profiles.iter().find(|profile| profile.name == *name) else {
        let names = profiles.iter().map(|profile| profile.name.as_str());
        let near = suggest::nearest(name, names).map_or_else(String::new, |near| format!(" (did you mean {near}?)"));
        let message = format!("The connection {id} names the dbt profile {name}, which KTX cannot find or use{near}");
        return Err(invalid(message).with_hint("Write profiles.yml of dbt, or name its folder in DBT_PROFILES_DIR"));
    };
    let driver = &profile.connection.driver;
    if drivers::dialect(driver) != drivers::dialect(&connection.driver) {
        let message = format!("The dbt profile {name} of the connection {id} is for the driver {driver}");
        return Err(invalid(message).with_hint(format!("Write driver: {driver}")));
    }
    let mut keys = profile.connection.keys()?;
    keys.extend(profile.secrets.0.iter().map(|(key, secret)| (key.clone(), secret.clone().into())));
    keys.extend(connection.keys()?);
    keys.shift_remove("dbt_profile");
    Connection::from_keys(keys)
}

fn convert(profiles: &IndexMap<String, RawProfile>, file: &Path, env: &Environment) -> Vec<DbtProfile> {
    let (mut defaults, mut others) = (Vec::new(), Vec::new());
    for (name, RawProfile { target, outputs }) in profiles {
        for (output_name, output) in outputs {
            let Some((connection, secrets)) = keys::convert(output, env) else { continue };
            let profile =
                DbtProfile { name: format!("{name}.{output_name}"), file: file.to_owned(), connection, secrets };
            let is_default = target.as_deref().unwrap_or("default") == output_name;
            (if is_default { &mut defaults } else { &mut others }).push(profile);
        }
    }
    defaults.append(&mut others);
    defaults
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
    oracle: { type: oracle, host: x }
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
    fn targets_of_cloud_warehouses_become_connections() {
        for (output, expected, secrets) in [
            (
                "{ type: bigquery, method: service-account, project: p, dataset: d, keyfile: /k.json, location: EU, threads: 1, maximum_bytes_billed: 1000 }",
                "{ driver: bigquery, project: p, dataset: d, location: EU, keyfile: /k.json, maximum_bytes_billed: 1000 }",
                None,
            ),
            (
                "{ type: bigquery, method: service-account-json, project: p, schema: d, keyfile_json: { type: service_account } }",
                "{ driver: bigquery, project: p, dataset: d }",
                Some(("keyfile_json", r#"{"type":"service_account"}"#)),
            ),
            (
                "{ type: snowflake, account: a-b, user: u, private_key_path: /k.p8, private_key_passphrase: \"{{ env_var('PW') }}\", database: D, schema: S, warehouse: W, role: R }",
                "{ driver: snowflake, account: a-b, user: u, private_key_file: /k.p8, private_key_file_pwd: 'env:PW', database: D, schema: S, warehouse: W, role: R }",
                None,
            ),
            (
                "{ type: spark, method: thrift, host: h, port: 10001, schema: s, auth: LDAP, user: u, password: p, use_ssl: true }",
                "{ driver: spark, method: thrift, host: h, port: 10001, database: s, auth: LDAP, user: u, use_ssl: true }",
                Some(("password", "p")),
            ),
        ] {
            let text = format!("shop: {{ target: t, outputs: {{ t: {output} }} }}");
            let found = profiles(&text, &[]).unwrap().remove(0);
            let dir = tempfile::tempdir().unwrap();
            let project = crate::project::Project::parsed(dir.path(), &format!("connections: {{ c: {expected} }}"));
            assert_eq!(found.connection, project.connections["c"], "{output}");
            let found = found.secrets.0.iter().next().map(|(key, secret)| (key.as_str(), secret.as_str()));
            assert_eq!(found, secrets, "{output}");
        }
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
            "{ type: spark, method: odbc, host: h }",
            "{ type: spark, method: session, host: h }",
            "{ type: snowflake, account: a, user: u, private_key: MIIE }",
            "{ type: bigquery, method: oauth-secrets, project: p, refresh_token: t, client_id: c }",
            "{ type: snowflake }",
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
