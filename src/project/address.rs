//! The URL that the daemon connects to, from the keys of a connection: `url`, the parts of a URL, or `path`.

use super::{
    Project,
    config::Connection,
    confined,
    connection::invalid,
    database_url, dbt_profiles,
    drivers::{self, Driver, DriverKind, Part, PartKind, Place},
    postgres_files,
    secrets::{Reference, SecretSources, expand_home, normalize_path},
    suggest,
    url_parts::{self, Value},
};
use crate::{
    env::Environment,
    error::{Error, Result},
    redact::SecretText,
};
use std::path::{Path, PathBuf};
use url::Url;

/// How `ktx.yaml` gives the address of a connection.
enum Address<'a> {
    Url(&'a str),
    Path(&'a str),
    Parts(&'static Driver, Vec<&'static Part>),
}

impl Project {
    /// Resolves the URL of a connection to a database.
    pub(super) fn resolve_url(&self, id: &str, connection: &Connection, env: &Environment) -> Result<SecretText> {
        let connection = &dbt_profiles::apply(id, connection, env)?;
        let connection = &postgres_files::apply_service(id, connection, env)?;
        match address(id, connection)? {
            Address::Url(url) => {
                let url = self.secrets(id, env)?.resolve(&format!("connections.{id}.url"), url)?;
                if is_file(connection) {
                    return Ok(url);
                }
                check_url(id, &url)?;
                match self.credential(id, connection, env)? {
                    Some(credential) => with_credential(id, connection, &url, &credential),
                    None => Ok(url),
                }
            }
            Address::Path(path) => {
                let scheme = drivers::find(&connection.driver).map_or("", |driver| driver.name);
                if drivers::is_data_files(scheme) {
                    self.require_trust(id, env)?;
                }
                Ok(SecretText::new(database_url::from_file(scheme, &self.existing_path(id, connection, path)?)))
            }
            Address::Parts(driver, parts) => {
                let secrets = self.secrets(id, env)?;
                let value = |part: &&'static Part| self.part_value(id, connection, part, &secrets, env);
                let mut values = parts.iter().map(value).collect::<Result<Vec<_>>>()?;
                let password = postgres_files::password(id, &self.dir, connection, env)?;
                values.extend(password.map(|password| (Place::Password, "password", password)));
                if let Some(credential) = self.credential(id, connection, env)? {
                    let (place, key) = credential_place(driver, connection.user.is_some());
                    values.push((place, key, credential.expose().to_owned()));
                }
                Ok(SecretText::new(url_parts::join(driver, &values)))
            }
        }
    }

    fn part_value(
        &self,
        id: &str,
        connection: &Connection,
        part: &Part,
        secrets: &SecretSources<'_>,
        env: &Environment,
    ) -> Result<Value> {
        let key = format!("connections.{id}.{}", part.key);
        let written = part.value(connection).unwrap_or_default();
        let value = match (part.kind, Reference::parse(&written)) {
            (PartKind::File | PartKind::CredentialFile, Reference::Literal(path) | Reference::File(path)) => {
                self.certificate_file(path, env)?
            }
            _ => secrets.resolve(&key, &written)?.expose().to_owned(),
        };
        if value.contains(char::is_control) {
            let message =
                format!("The {} of the connection {id} has a control character, such as a line break", part.key);
            return Err(invalid(message).with_hint("Remove it"));
        }
        match part.kind {
            PartKind::Choice(choices) if !choices.contains(&value.as_str()) => {
                let message = format!("The {} of the connection {id} is not one of its choices", part.key);
                Err(invalid(message).with_hint(format!("Use one of: {}", choices.join(", "))))
            }
            _ => Ok((part.place, part.key, value)),
        }
    }

    /// Returns the absolute path of a certificate or key; `system` selects the roots of the system.
    fn certificate_file(&self, path: &str, env: &Environment) -> Result<String> {
        if path == "system" {
            return Ok(path.to_owned());
        }
        let full = normalize_path(&self.dir.join(expand_home(path, env)?));
        if full.starts_with(&self.dir) {
            confined::resolve(&self.dir, &full)?;
        }
        Ok(full.to_string_lossy().into_owned())
    }

    /// Returns the path of a database file, or of data files. It is checked here, before a runtime is installed or a
    /// daemon started for it.
    fn existing_path(&self, id: &str, connection: &Connection, path: &str) -> Result<PathBuf> {
        let is_data = drivers::is_data_files(&connection.driver);
        let full = std::path::absolute(self.dir.join(Path::new(path)))
            .map_err(|error| Error::io("find", Path::new(path), error))?;
        let checked = if is_data { before_pattern(&full) } else { full.clone() };
        // A path in the project must not lead out of it through a link.
        if normalize_path(&checked).starts_with(&self.dir) {
            confined::resolve(&self.dir, &normalize_path(&checked))?;
        }
        if full.is_file() || is_data && checked.exists() {
            return Ok(full);
        }
        let kind = if is_data { "folder or file" } else { "database" };
        let what = if checked.exists() { "is not a file" } else { "does not exist" };
        let hint = match checked.is_dir() {
            true => "If it is a folder of data files, change the driver to files",
            false => "Correct its path, which is relative to the project",
        };
        Err(invalid(format!("The {kind} {} of the connection {id} {what}", checked.display())).with_hint(hint))
    }
}

/// Checks that a connection has an address and no contradicting keys, without resolving references.
///
/// Errors: [`crate::error::Code::ConnectionInvalid`].
pub(super) fn check_address(id: &str, connection: &Connection) -> Result<()> {
    match drivers::find(&connection.driver) {
        Some(driver) if driver.kind == DriverKind::Service => check_parts(id, driver, connection),
        _ if connection.dbt_profile.is_some() => check_profile(id, "a dbt_profile", connection),
        _ if connection.service.is_some() => check_profile(id, "a service", connection),
        _ => address(id, connection).map(drop),
    }
}

/// Rejects keys that contradict a profile that the address is taken from.
fn check_profile(id: &str, profile: &str, connection: &Connection) -> Result<()> {
    match (&connection.url, &connection.path) {
        (Some(_), _) => Err(both(id, profile, "a url")),
        (_, Some(_)) => Err(both(id, profile, "a path")),
        _ => Ok(()),
    }
}

fn address<'a>(id: &str, connection: &'a Connection) -> Result<Address<'a>> {
    let Connection { url, path, driver: name, .. } = connection;
    if let (Some(_), Some(part)) = (&connection.credential_command, secret_part(connection)) {
        return Err(both(id, "a credential_command", part.key));
    }
    let (driver, parts) = (drivers::find(name), drivers::url_parts(connection));
    let keys = parts.iter().map(|part| part.key).collect::<Vec<_>>().join(", ");
    match (url, path) {
        (Some(_), Some(_)) => Err(both(id, "a url", "a path")),
        (Some(_), None) if !parts.is_empty() => Err(both(id, "a url", &keys)),
        (Some(url), None) if url.trim().is_empty() => {
            Err(no_url(format!("The url of the connection {id} is empty"), id, driver))
        }
        (Some(url), None) => Ok(Address::Url(url)),
        (None, Some(path)) if is_file(connection) => match parts.is_empty() {
            true => Ok(Address::Path(path)),
            false => Err(both(id, "a path", &keys)),
        },
        (None, Some(_)) => Err(invalid(format!(
            "The connection {id} has a path, but the driver {name} takes a url, such as url: env:{}",
            suggest::url_variable(id)
        ))
        .with_hint("Change it in ktx.yaml")),
        (None, None) if is_file(connection) => {
            Err(invalid(format!("The connection {id} has no path")).with_hint(missing_path_hint(id, name)))
        }
        (None, None) => match driver {
            Some(driver) if !parts.is_empty() => {
                check_parts(id, driver, connection)?;
                check_no_others(id, driver, &parts)?;
                let own = driver.parts.iter().filter(|part| parts.iter().any(|given| given.key == part.key));
                Ok(Address::Parts(driver, own.collect()))
            }
            None if !parts.is_empty() => {
                let message = format!("The driver {name} of the connection {id} takes a url, not {keys}");
                Err(invalid(message).with_hint(format!("Write url: env:{}", suggest::url_variable(id))))
            }
            _ => Err(no_url(format!("The connection {id} has no url"), id, driver)),
        },
    }
}

/// Rejects keys of other drivers.
fn check_no_others(id: &str, driver: &Driver, parts: &[&Part]) -> Result<()> {
    match parts.iter().find(|part| driver.parts.iter().all(|own| own.key != part.key)) {
        Some(Part { key, .. }) => {
            let message =
                format!("The connection {id} has the key {key}, which the driver {} does not take", driver.name);
            Err(invalid(message).with_hint("Remove it from the connection in ktx.yaml"))
        }
        None => Ok(()),
    }
}

/// Where a driver takes the output of a `credential_command`: as the password of a user, or as a token.
fn credential_place(driver: &Driver, has_user: bool) -> (Place, &'static str) {
    match driver.token() {
        Some(part) if !has_user => (part.place, part.key),
        _ => (Place::Password, "password"),
    }
}

fn with_credential(id: &str, connection: &Connection, url: &SecretText, credential: &SecretText) -> Result<SecretText> {
    let unusable = || {
        let message = format!("The url of the connection {id} cannot take the output of credential_command");
        invalid(message).with_hint("Write the host and the user as keys of the connection")
    };
    let mut url = Url::parse(url.expose()).map_err(|_| unusable())?;
    let place = drivers::find(&connection.driver).map(|driver| credential_place(driver, !url.username().is_empty()));
    match place {
        Some((Place::Parameter, key)) => {
            url.query_pairs_mut().append_pair(key, credential.expose());
        }
        _ => {
            let encoded = url_parts::encode(credential.expose());
            url.set_password(Some(&encoded)).map_err(|()| unusable())?;
        }
    }
    Ok(SecretText::new(String::from(url)))
}

fn missing_path_hint(id: &str, driver: &str) -> String {
    if drivers::is_data_files(driver) {
        return "Add the folder of the files to it in ktx.yaml, such as path: ./data".to_owned();
    }
    format!("Add the database file to it in ktx.yaml, such as path: ./{id}.db")
}

/// Returns the folder before the first part of a path that is a pattern; a path that exists is none.
fn before_pattern(path: &Path) -> PathBuf {
    let is_pattern = |part: &std::path::Component<'_>| part.as_os_str().to_string_lossy().contains(['*', '?', '[']);
    if path.exists() {
        return path.to_owned();
    }
    path.components().take_while(|part| !is_pattern(part)).collect()
}

fn check_parts(id: &str, driver: &Driver, connection: &Connection) -> Result<()> {
    let given: Vec<_> = drivers::values(connection).map(|(part, _)| part.key).collect();
    let has = |key| given.contains(&key);
    match driver.parts.iter().find(|part| part.required && !has(part.key) && !part.alternative.is_some_and(has)) {
        Some(Part { key, .. }) => {
            Err(invalid(format!("The connection {id} has no {key}")).with_hint("Add it to the connection in ktx.yaml"))
        }
        None => Ok(()),
    }
}

fn secret_part(connection: &Connection) -> Option<&'static Part> {
    drivers::url_parts(connection).into_iter().find(|part| part.kind == PartKind::Secret)
}

fn both(id: &str, one: &str, other: &str) -> Error {
    invalid(format!("The connection {id} has both {one} and {other}")).with_hint("Remove one of them in ktx.yaml")
}

fn no_url(message: String, id: &str, driver: Option<&Driver>) -> Error {
    let parts = driver.map_or_else(String::new, |driver| {
        let main = [Place::Host, Place::User, Place::Password, Place::Database]
            .into_iter()
            .filter_map(|place| driver.at(place));
        let keys: Vec<_> = main.map(|part| part.key).collect();
        format!(", or the parts {}", keys.join(", "))
    });
    invalid(message)
        .with_hint(format!("Add one to it in ktx.yaml, such as url: env:{}{parts}", suggest::url_variable(id)))
}

fn is_file(connection: &Connection) -> bool {
    drivers::find(&connection.driver).is_some_and(|driver| driver.kind == DriverKind::File)
}

/// Checks a complete URL. Errors quote no part of it.
pub(super) fn check_url(id: &str, url: &SecretText) -> Result<()> {
    if !database_url::is_encoded(url.expose()) {
        let message = format!("The user name or password in the url of the connection {id} is not percent-encoded");
        return Err(invalid(message).with_hint(
            "Write @ as %40, / as %2F, : as %3A, # as %23, ? as %3F, % as %25 and a space as %20 in it, or use the parts host, user, password and database",
        ));
    }
    if database_url::has_control_characters(url.expose()) {
        let message = format!(
            "The url of the connection {id} has a control character, such as a line break (%0A), in its user name, password, host or database"
        );
        return Err(invalid(message).with_hint("Remove it"));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{env::KTX_TRUST, error::Code};

    fn url(connection: &str, env: &Environment) -> Result<String> {
        let dir = tempfile::tempdir().unwrap();
        let project = Project::parsed(dir.path(), &format!("connections: {{ w: {connection} }}"));
        Ok(project.database("w", env)?.url.expose().to_owned())
    }

    #[test]
    fn parts_of_each_driver_become_its_url() {
        let env = Environment::default().with(KTX_TRUST, "1");
        for (connection, expected) in [
            (
                "{ driver: bigquery, project: 'example.com:p', dataset: d, location: EU, maximum_bytes_billed: 1000, readonly: true }",
                "bigquery://example.com%3Ap/d?location=EU&maximum_bytes_billed=1000",
            ),
            (
                "{ driver: snowflake, account: Org-Acct, user: u, password: p, database: D, schema: S, role: R, host: localhost, port: 8080, protocol: http, readonly: true }",
                "snowflake://u:p@Org-Acct/D/S?role=R&host=localhost&port=8080&protocol=http",
            ),
            (
                "{ driver: snowflake, connection_name: dev, warehouse: W, readonly: true }",
                "snowflake:///?warehouse=W&connection_name=dev",
            ),
            (
                "{ driver: spark, host: h, port: 15002, method: connect, token: t, use_ssl: true, readonly: true }",
                "spark://h:15002/?method=connect&token=t&use_ssl=true",
            ),
        ] {
            assert_eq!(url(connection, &env).unwrap(), expected);
        }
        for (connection, part) in [
            ("{ driver: snowflake, user: u, readonly: true }", "has no account"),
            ("{ driver: bigquery, dataset: d, readonly: true }", "has no project"),
            ("{ driver: bigquery, readonly: true }", "or the parts project, dataset"),
            (
                "{ driver: postgres, url: ' ', readonly: true }",
                "The url of the connection w is empty. Add one to it in ktx.yaml, such as url: env:W_URL, or the parts host",
            ),
            ("{ driver: spark, host: h, method: odbc, readonly: true }", "Use one of: thrift, connect"),
        ] {
            let error = url(connection, &env).unwrap_err();
            assert!(error.with_hint_text().contains(part), "{error}");
        }
    }

    #[test]
    fn a_profile_of_dbt_gives_the_keys_that_the_connection_lacks() {
        let dir = tempfile::tempdir().unwrap();
        let profiles = "shop: { outputs: { prod: { type: postgres, host: h, user: u, password: 'p@ss', dbname: d } } }";
        std::fs::write(dir.path().join("profiles.yml"), profiles).unwrap();
        let env = Environment::default().with("DBT_PROFILES_DIR", dir.path().display().to_string());
        let trusted = env.clone().with(KTX_TRUST, "1");
        let connection = "{ driver: postgres, dbt_profile: shop.prod, user: ktx, readonly: true }";
        assert_eq!(url(connection, &trusted).unwrap(), "postgres://ktx:p%40ss@h/d");
        assert_eq!(url(connection, &env.with(KTX_TRUST, "never")).unwrap_err().code(), Code::ProjectUntrusted);
        for (connection, part) in [
            ("{ driver: postgres, dbt_profile: shop.prd, readonly: true }", "(did you mean shop.prod?)"),
            ("{ driver: mysql, dbt_profile: shop.prod, readonly: true }", "Write driver: postgres"),
        ] {
            let error = url(connection, &trusted).unwrap_err();
            assert_eq!(error.code(), Code::ConnectionInvalid);
            assert!(error.with_hint_text().contains(part), "{error}");
        }
        let both = "{ driver: postgres, dbt_profile: shop.prod, url: 'postgres://h/d', readonly: true }";
        let parsed = Project::parsed(dir.path(), &format!("connections: {{ w: {both} }}"));
        let error = check_address("w", &parsed.connections["w"]).unwrap_err();
        assert!(error.to_string().contains("both a dbt_profile and a url"), "{error}");
    }

    #[test]
    fn the_files_of_postgresql_give_an_address_and_a_password() {
        let dir = tempfile::tempdir().unwrap();
        let (services, passwords) = (dir.path().join("services"), dir.path().join("passwords"));
        std::fs::write(&services, "[prod]\nhost=h\nport=5433\ndbname=d\nuser=u\n").unwrap();
        crate::files::write_atomically(&passwords, b"h:5433:d:ktx:p@ss\n", crate::files::Access::Owner).unwrap();
        let env = Environment::default().with("PGSERVICEFILE", services.display().to_string());
        let trusted = env.clone().with(KTX_TRUST, "1");
        let passfile = passwords.display();
        let connection =
            format!("{{ driver: postgres, service: prod, user: ktx, passfile: '{passfile}', readonly: true }}");
        assert_eq!(url(&connection, &trusted).unwrap(), "postgres://ktx:p%40ss@h:5433/d");
        assert_eq!(url(&connection, &env.with(KTX_TRUST, "never")).unwrap_err().code(), Code::ProjectUntrusted);
        let other = format!("{{ driver: postgres, host: h, user: grace, passfile: '{passfile}', readonly: true }}");
        let error = url(&other, &trusted).unwrap_err();
        assert_eq!(error.code(), Code::ConnectionInvalid);
        assert!(!error.to_string().contains("p@ss"), "{error}");
    }
}
