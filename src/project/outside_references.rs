//! References of a connection to secrets outside its project: environment variables, files, and ambient credentials,
//! which a driver finds by itself.

use super::{
    Project,
    config::{Connection, Connections},
    drivers::{self, PartKind},
    environments,
    secrets::{Reference, SecretLocation, SecretSources, normalize_path},
};
use crate::{env::Environment, error::Result};
use percent_encoding::percent_decode_str;
use serde::Serialize;

/// Drivers that use the credentials of the URL only.
const SELF_CONTAINED: &[&str] = &[
    "postgres",
    "postgresql",
    "mysql",
    "mariadb",
    "sqlite",
    "sqlite3",
    "duckdb",
    "clickhouse",
    "spark",
    "files",
    "looker",
];
/// Substrings of URL parameters that make a driver use credentials from elsewhere.
const EXTERNAL_CREDENTIAL_PARAMETERS: &[&str] = &[
    "passfile",
    "servicefile",
    "sslkey",
    "ssl_key",
    "ssl-key",
    "sslcert",
    "ssl_cert",
    "ssl-cert",
    "client_cert",
    "credential",
    "private_key",
    "key_file",
    "keyfile",
    "token_file",
    "profile",
    "connection_name",
    "wallet",
    "read_default",
    "config_file",
    "trusted_connection",
    "authenticator",
    "odbc_connect",
];
/// Drivers that use ambient credentials even if their URL has a user and a password.
const PASSWORD_IGNORED: &[&str] = &["bigquery", "spanner"];
/// Authenticators of Snowflake that use the credentials of the connection only, in lower case.
const SNOWFLAKE_SELF_CONTAINED: &[&str] = &["snowflake", "snowflake_jwt", "oauth", "programmatic_access_token"];
/// Maximum characters of a text of the project in a question.
const MAX_SHOWN_CHARS: usize = 200;

/// References of one connection outside the project (`KtxOutsideReference`).
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct OutsideReferences {
    /// Id of the connection.
    pub connection_id: String,
    /// References as written in `ktx.yaml`, without duplicates; never a value.
    pub references: Vec<String>,
    /// Target of the connection, if `ktx.yaml` has it.
    pub target: Option<String>,
}

/// Returns the references of all connections of a project, in all environments.
pub(super) fn find_in_project(project: &Project, env: &Environment) -> Result<Vec<OutsideReferences>> {
    let mut all = Vec::new();
    let mut add = |connections: &Connections| {
        for (id, connection) in connections {
            let found = find_in_connection(project, id, connection, env)?;
            all.extend(found.filter(|found| !all.contains(found)));
        }
        Ok::<_, crate::error::Error>(())
    };
    add(&project.config.connections)?;
    for name in project.config.environments.keys() {
        add(&environments::connections_in(&project.config, name)?)?;
    }
    Ok(all)
}

/// Returns the references of one connection; `None` if there are none.
pub(super) fn find_in_connection(
    project: &Project,
    id: &str,
    connection: &Connection,
    env: &Environment,
) -> Result<Option<OutsideReferences>> {
    let mut references = Vec::new();
    let values = drivers::values(connection).filter(|(part, _)| part.key != "path");
    let values = values.map(|(part, value)| (part.kind, value));
    for (kind, value) in values.chain(connection.url.clone().map(|url| (PartKind::Secret, url))) {
        if is_outside(project, kind, &value, env)? && !references.contains(&value) {
            references.push(value);
        }
    }
    if let Some([program, ..]) = connection.credential_command.as_deref() {
        references.push(format!("the output of {program}"));
    }
    if let Some(path) = outside_data(project, connection).filter(|path| !references.contains(path)) {
        references.push(path.clone());
    }
    references.extend(connection.dbt_profile.as_ref().map(|name| format!("the dbt profile {name}")));
    references.extend(connection.service.as_ref().map(|name| format!("the service {name} of PostgreSQL")));
    references.extend(connection.ssh_host.as_ref().map(|_| "the SSH keys of this user".to_owned()));
    references.extend(ambient_of_keys(connection));
    if let Some(Reference::Literal(url)) = connection.url.as_deref().map(Reference::parse) {
        references.extend(ambient_credentials(connection.driver.trim(), url));
    }
    if references.is_empty() {
        return Ok(None);
    }
    let target = Some(connection.target()).filter(|target| !target.is_empty() && !references.contains(target));
    let sanitize = |text: String| sanitize(&text);
    Ok(Some(OutsideReferences {
        connection_id: sanitize(id.to_owned()),
        references: references.into_iter().map(sanitize).collect(),
        target: target.map(sanitize),
    }))
}

/// Returns the path of data files outside the project, which any folder may have, unlike a database file. A `path` is
/// never a reference; a `url` may lead anywhere.
fn outside_data<'a>(project: &Project, connection: &'a Connection) -> Option<&'a String> {
    let is_inside = |path: &&String| normalize_path(&project.dir.join(path)).starts_with(normalize_path(&project.dir));
    let data = connection.url.as_ref().or_else(|| connection.path.as_ref().filter(|path| !is_inside(path)));
    data.filter(|_| drivers::is_data_files(&connection.driver))
}

fn is_outside(project: &Project, kind: PartKind, value: &str, env: &Environment) -> Result<bool> {
    let path = match (Reference::parse(value), kind) {
        (Reference::Env(_), _) => return Ok(true),
        (Reference::File(path), _) | (Reference::Literal(path), PartKind::CredentialFile) => path,
        (Reference::Literal(_), _) => return Ok(false),
    };
    Ok(matches!(SecretSources::locate(&project.dir, env, path)?, SecretLocation::Outside(_)))
}

/// Describes the credentials that a driver uses in addition to those of the keys; `None` if there are none.
///
/// A key file of Google may name other files and addresses, so that it is no better than the credentials of the machine.
fn ambient_of_keys(connection: &Connection) -> Option<String> {
    if connection.url.is_some() {
        return None;
    }
    match drivers::find(&connection.driver)?.name {
        "bigquery" if connection.access_token.is_none() => Some("the credentials of this machine for bigquery".into()),
        "snowflake" if connection.connection_name.is_some() => Some("the connections.toml of this user".into()),
        "snowflake" => {
            let authenticator = connection.authenticator.as_ref()?.to_lowercase();
            let is_self_contained = SNOWFLAKE_SELF_CONTAINED.contains(&authenticator.as_str());
            (!is_self_contained).then(|| format!("the credentials of this machine for {authenticator}"))
        }
        "spark" => (connection.auth.as_deref()? == "KERBEROS").then(|| "the Kerberos tickets of this user".into()),
        _ => None,
    }
}

/// Describes the credentials that a driver uses in addition to those of the URL; `None` if there are none.
fn ambient_credentials(driver: &str, url: &str) -> Option<String> {
    let driver = driver.to_lowercase();
    let (address, query) = url.split_once('?').unwrap_or((url, ""));
    let decoded = |name| percent_decode_str(name).decode_utf8_lossy().to_lowercase();
    let names = query.split('&').filter_map(|pair| pair.split('=').next()).map(decoded);
    let mut external = names.filter(|name| {
        matches!(name.as_str(), "service" | "auth" | "ssh_host")
            || EXTERNAL_CREDENTIAL_PARAMETERS.iter().any(|part| name.contains(part))
    });
    if let Some(name) = external.next() {
        return Some(format!("the {name} of its url"));
    }
    let user = address.split_once("://").and_then(|(_, rest)| rest.rsplit_once('@')).map(|(user, _)| user);
    let has_password = user.is_some_and(|user| user.split_once(':').is_some_and(|(_, password)| !password.is_empty()));
    let scheme = url.split(':').next().unwrap_or_default().to_lowercase();
    let ignores_password =
        [&driver, &scheme].iter().any(|name| PASSWORD_IGNORED.iter().any(|part| name.starts_with(part)));
    let is_self_contained = (has_password && !ignores_password) || SELF_CONTAINED.contains(&driver.as_str());
    (!is_self_contained).then(|| format!("the credentials of this machine for {driver}"))
}

/// Prepares a text of a project for a question: replaces characters that move the cursor or change the text direction.
fn sanitize(text: &str) -> String {
    let is_unsafe = |c: char| {
        c.is_control() || matches!(c, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
    };
    text.chars().take(MAX_SHOWN_CHARS).map(|c| if is_unsafe(c) { '\u{fffd}' } else { c }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn references(connection: &str) -> Option<OutsideReferences> {
        let dir = tempfile::tempdir().unwrap();
        let project = Project::parsed(dir.path(), &format!("connections:\n  c: {connection}\n"));
        let env = Environment::default().with("XDG_CONFIG_HOME", "/home/ada/.config").with("HOME", "/home/ada");
        find_in_connection(&project, "c", &project.config.connections["c"], &env).unwrap()
    }

    #[test]
    fn literals_and_files_of_the_project_or_the_user_config_are_not_outside() {
        for connection in [
            "{ driver: sqlite, path: ./shop.db }",
            "{ driver: postgres, url: 'postgres://u:p@h/d?sslmode=require' }",
            "{ driver: postgres, url: 'postgres://u@h/d' }",
            "{ driver: postgres, url: 'file:secrets/url' }",
            "{ driver: postgres, url: 'file:./a/../secrets/url' }",
            "{ driver: postgres, url: 'file:/home/ada/.config/kaelio/ktx/url' }",
            "{ driver: snowflake, url: 'snowflake://u:p@account/db?warehouse=w&role=r' }",
            "{ driver: oracle, url: 'oracle://u:p@h:1521/?service_name=x' }",
            "{ driver: databricks, url: 'databricks://token:dapi1@h?http_path=/sql/1.0' }",
            "{ driver: duckdb, url: 'duckdb:////srv/x.db' }",
            "{ driver: clickhouse, url: 'clickhouse://u@h/d?secure=true' }",
            "{ driver: clickhouse, host: h, access_token: literal, ca_cert: ../ca.pem }",
            "{ driver: duckdb, path: /srv/x.db }",
            "{ driver: bigquery, project: p, access_token: literal }",
            "{ driver: snowflake, account: a, user: u, token: t, authenticator: OAuth }",
            "{ driver: snowflake, account: a, user: u, private_key_file: secrets/key.p8 }",
            "{ driver: spark, host: h, user: u, auth: LDAP, password: p }",
            "{ driver: spark, url: 'spark://h/d' }",
            "{ driver: files, path: ./data }",
            "{ driver: files, path: 'data/**/*.parquet' }",
            "{ driver: looker, base_url: 'https://l', client_id: me, client_secret: literal }",
        ] {
            assert_eq!(references(connection), None, "{connection}");
        }
    }

    #[test]
    fn variables_other_files_and_ambient_credentials_are_outside() {
        for (connection, reference) in [
            ("{ driver: postgres, url: env:U }", "env:U"),
            ("{ driver: looker, base_url: 'https://l', client_id: me, client_secret: env:S }", "env:S"),
            ("{ driver: looker, base_url: env:B, client_id: me, client_secret: x }", "env:B"),
            ("{ driver: postgres, url: 'file:../url' }", "file:../url"),
            ("{ driver: files, path: /srv/data }", "/srv/data"),
            ("{ driver: Files, path: 'data/../../*.csv' }", "data/../../*.csv"),
            ("{ driver: files, path: /home/ada/.config/kaelio/ktx }", "/home/ada/.config/kaelio/ktx"),
            ("{ driver: files, url: 'files:////srv/data' }", "files:////srv/data"),
            ("{ driver: files, path: 'env:/../../data' }", "env:/../../data"),
            ("{ driver: files, url: env:DATA }", "env:DATA"),
            ("{ driver: files, url: 'file:secrets/url' }", "file:secrets/url"),
            ("{ driver: postgres, url: 'file:a/../../url' }", "file:a/../../url"),
            ("{ driver: postgres, url: 'file:/run/secrets/url' }", "file:/run/secrets/url"),
            (
                "{ driver: postgres, url: 'file:/home/ada/.config/kaelio/ktx/../../x' }",
                "file:/home/ada/.config/kaelio/ktx/../../x",
            ),
            (
                "{ driver: postgres, url: 'file:/home/ada/.config/kaelio/ktx-other/x' }",
                "file:/home/ada/.config/kaelio/ktx-other/x",
            ),
            ("{ driver: postgres, url: 'postgres://h/d?passfile=/home/u/.pgpass' }", "the passfile of its url"),
            ("{ driver: postgres, url: 'postgres://h/d?service=prod' }", "the service of its url"),
            (
                "{ driver: mysql, url: 'mysql://h/d?read_default_file=/home/u/.my.cnf' }",
                "the read_default_file of its url",
            ),
            ("{ driver: clickhouse, url: 'clickhouse://h/d?client_cert=/c.pem' }", "the client_cert of its url"),
            ("{ driver: clickhouse, host: h, access_token: env:T }", "env:T"),
            ("{ driver: clickhouse, host: h, client_cert_key: ../key.pem }", "../key.pem"),
            ("{ driver: postgres, host: h, credential_command: [gcloud, auth] }", "the output of gcloud"),
            ("{ driver: bigquery, project: p }", "the credentials of this machine for bigquery"),
            ("{ driver: bigquery, project: p, keyfile: key.json }", "the credentials of this machine for bigquery"),
            ("{ driver: bigquery, project: p, access_token: env:T }", "env:T"),
            ("{ driver: snowflake, connection_name: dev }", "the connections.toml of this user"),
            (
                "{ driver: snowflake, account: a, authenticator: ExternalBrowser }",
                "the credentials of this machine for externalbrowser",
            ),
            ("{ driver: snowflake, account: a, private_key_file: ../key.p8 }", "../key.p8"),
            ("{ driver: postgres, service: prod }", "the service prod of PostgreSQL"),
            ("{ driver: postgres, host: h, passfile: ~/.pgpass }", "~/.pgpass"),
            ("{ driver: mysql, host: h, ssh_host: bastion }", "the SSH keys of this user"),
            ("{ driver: mysql, url: 'mysql://h/d?ssh_host=bastion' }", "the ssh_host of its url"),
            ("{ driver: postgres, dbt_profile: shop.prod }", "the dbt profile shop.prod"),
            ("{ driver: spark, host: h, auth: KERBEROS }", "the Kerberos tickets of this user"),
            ("{ driver: spark, url: 'spark://h/d?auth=KERBEROS' }", "the auth of its url"),
            ("{ driver: bigquery, url: 'bigquery://p/d' }", "the credentials of this machine for bigquery"),
            ("{ driver: bigquery, url: 'bigquery://p/d?credentials_path=/k.json' }", "the credentials_path of its url"),
            ("{ driver: Redshift, url: 'redshift://u@h/d' }", "the credentials of this machine for redshift"),
            ("{ driver: snowflake, url: 'snowflake://u:@a/d' }", "the credentials of this machine for snowflake"),
            ("{ driver: bigquery, url: 'bigquery://u:p@p/d' }", "the credentials of this machine for bigquery"),
            ("{ driver: other, url: 'bigquery://u:p@p/d' }", "the credentials of this machine for other"),
            ("{ driver: spanner, url: 'spanner+spanner:///p' }", "the credentials of this machine for spanner"),
            (
                "{ driver: snowflake, url: 'snowflake://u:p@a/d?private%5Fk%65y_path=/home/u/key.p8' }",
                "the private_key_path of its url",
            ),
            (
                "{ driver: snowflake, url: 'snowflake://u:p@a/d?authenticator=externalbrowser' }",
                "the authenticator of its url",
            ),
            (
                "{ driver: mssql, url: 'mssql+pyodbc://u:p@/?odbc_connect=Trusted_Connection%3Dyes' }",
                "the odbc_connect of its url",
            ),
        ] {
            assert_eq!(references(connection).unwrap().references, [reference], "{connection}");
        }
    }

    #[test]
    fn references_have_the_target_and_are_sanitized() {
        let found = references(
            "{ driver: looker, base_url: 'https://evil.example', client_id: env:A, client_secret: 'env:\\e[2JB' }",
        );
        let found = found.or_else(|| references("{ driver: looker, base_url: 'https://evil.example', client_id: env:A, client_secret: \"env:\\e[2JB\" }")).unwrap();
        assert_eq!(found.target.as_deref(), Some("evil.example"));
        assert!(found.references.iter().all(|text| !text.contains('\u{1b}')), "{found:?}");
        assert!(sanitize(&format!("a\u{202e}b\u{1b}{}", "x".repeat(1000))).chars().count() <= MAX_SHOWN_CHARS);
    }
}
