//! A session with PostgreSQL: from the URL of a connection, read-only, with timeouts that hold.

use super::tls::{self, TlsMode};
use crate::{
    error::{Code, Error, Result},
    http::authority,
    project::connection::Database,
};
use percent_encoding::percent_decode_str;
use std::{path::PathBuf, str::FromStr, time::Duration};
use tokio_postgres::{Client, Config, config::SslMode, error::SqlState};
use url::Url;

/// Until the session stands.
const CONNECT: Duration = Duration::from_secs(10);

/// Settings of a URL that concern the libraries of others, or that we set ourselves.
const IGNORED: &[&str] =
    &["sslmode", "sslrootcert", "sslcert", "sslkey", "sslnegotiation", "application_name", "gssencmode"];

/// A session; dropping it ends it.
pub(super) struct Session {
    pub(super) client: Client,
    connection: tokio::task::JoinHandle<()>,
}

impl Drop for Session {
    fn drop(&mut self) {
        self.connection.abort();
    }
}

impl Session {
    /// Connects, and begins a transaction that can only read. Runs on the asynchronous runtime.
    ///
    /// Errors: [`Code::ConnectionInvalid`], [`Code::ConnectionFailed`].
    pub(super) async fn begin(database: &Database) -> Result<Self> {
        let (config, tls) = settings(database)?;
        let connecting = config.connect(tls::connector(&tls)?);
        let (client, connection) = match tokio::time::timeout(CONNECT, connecting).await {
            Ok(connected) => connected.map_err(|error| explain(database, &error))?,
            Err(_) => {
                let reason = format!("PostgreSQL did not accept a session within {} s", CONNECT.as_secs());
                return Err(failed(database, &reason));
            }
        };
        // What ends the connection, whoever waits for an answer learns.
        let session = Self { client, connection: tokio::spawn(async move { drop(connection.await) }) };
        let begin = "BEGIN TRANSACTION READ ONLY; SET LOCAL statement_timeout = '60s'; SET LOCAL lock_timeout = '5s'";
        session.client.batch_execute(begin).await.map_err(|error| explain(database, &error))?;
        Ok(session)
    }
}

/// The URL, as far as it is about the server, and what it says about TLS, which the library knows less of.
fn settings(database: &Database) -> Result<(Config, TlsMode)> {
    let id = &database.connection_id;
    let bad = || {
        let example = "postgres://user:password@host:port/database";
        Error::new(
            Code::ConnectionInvalid,
            format!("The url of the connection {id} cannot be read; it should look like {example}"),
        )
    };
    let mut url = Url::parse(database.url.expose()).map_err(|_| bad())?;
    let options: Vec<(String, String)> = url.query_pairs().into_owned().collect();
    let option = |name: &str| options.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str());
    let tls = TlsMode::of(option("sslmode").unwrap_or("prefer"), option("sslrootcert").map(PathBuf::from))
        .ok_or_else(|| Error::new(Code::ConnectionInvalid, format!(
            "The url of the connection {id} has an sslmode that is not known. Use disable, allow, prefer, require, verify-ca or verify-full"
        )))?;
    let kept: Vec<_> = options.iter().filter(|(key, _)| !IGNORED.contains(&key.as_str())).collect();
    url.set_query(None);
    if !kept.is_empty() {
        // The library reads `+` as it is, and not as a space.
        let pairs: Vec<_> = kept.iter().map(|(key, value)| format!("{key}={}", encoded(value))).collect();
        url.set_query(Some(&pairs.join("&")));
    }
    let text = url.as_str();
    let rest = text.split_once("://").map(|(_, rest)| rest).ok_or_else(bad)?;
    let mut config = Config::from_str(&format!("postgresql://{rest}")).map_err(|_| bad())?;
    config.application_name("ktx").connect_timeout(CONNECT).ssl_mode(match tls {
        TlsMode::Disable => SslMode::Disable,
        TlsMode::Prefer => SslMode::Prefer,
        TlsMode::Encrypt | TlsMode::Verify(_) => SslMode::Require,
    });
    Ok((config, tls))
}

fn encoded(value: &str) -> String {
    percent_encoding::utf8_percent_encode(value, percent_encoding::NON_ALPHANUMERIC).to_string()
}

/// What the database says is about the connection, and never holds the password.
pub(super) fn explain(database: &Database, error: &tokio_postgres::Error) -> Error {
    let Some(said) = error.as_db_error() else { return failed(database, &root_cause(error)) };
    let reason = match *said.code() {
        SqlState::QUERY_CANCELED => "PostgreSQL did not answer within 60 s".to_owned(),
        _ => said.message().trim_end_matches('.').to_owned(),
    };
    failed(database, &reason)
}

/// An error about the connection that names the server, and no credentials.
pub(super) fn failed(database: &Database, reason: &str) -> Error {
    let server = Url::parse(database.url.expose()).map(|url| {
        let place = authority(&url);
        percent_decode_str(&place).decode_utf8_lossy().into_owned()
    });
    let at = server.ok().filter(|place| !place.is_empty()).map(|place| format!(" at {place}")).unwrap_or_default();
    let message = format!("Cannot read the connection {}{at}: {reason}", database.connection_id);
    Error::new(Code::ConnectionFailed, message)
}

fn root_cause(error: &dyn std::error::Error) -> String {
    let mut cause = error;
    while let Some(inner) = cause.source() {
        cause = inner;
    }
    cause.to_string()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::project::secrets::SecretText;

    fn database(url: &str) -> Database {
        Database {
            connection_id: "w".into(),
            driver: "postgres".into(),
            url: SecretText::new(url),
            schemas: Vec::new(),
        }
    }

    #[test]
    fn urls_of_other_libraries_are_understood() {
        let of = |url: &str| settings(&database(url)).unwrap();
        let (config, tls) = of(
            "postgresql+psycopg://u%40x:p%2Fw@db.example:5433/shop?sslmode=verify-full&application_name=x&options=-c%20search_path%3Ds",
        );
        assert_eq!((config.get_user(), config.get_password()), (Some("u@x"), Some(b"p/w".as_slice())));
        assert_eq!((config.get_ports(), config.get_dbname()), ([5433].as_slice(), Some("shop")));
        assert_eq!((config.get_options(), config.get_application_name()), (Some("-c search_path=s"), Some("ktx")));
        assert_eq!((config.get_ssl_mode(), tls), (SslMode::Require, TlsMode::Verify(None)));
        assert_eq!(of("postgres://h/d").1, TlsMode::Prefer);
        assert_eq!(of("postgres://h/d?sslmode=disable").0.get_ssl_mode(), SslMode::Disable);
    }

    #[test]
    fn what_cannot_be_read_is_refused_without_showing_it() {
        for url in [
            "hunter2",
            "postgres://u:hunter2@h/d?sslmode=maybe",
            "postgres://u:hunter2@h:99999/d",
            "postgres://u:hunter2@h/d?nonsense=1",
        ] {
            let error = settings(&database(url)).unwrap_err();
            assert_eq!(error.code(), Code::ConnectionInvalid);
            assert!(!error.to_string().contains("hunter2"), "{error}");
        }
    }
}
