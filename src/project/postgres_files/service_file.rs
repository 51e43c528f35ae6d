//! `pg_service.conf`: sections of connection parameters.

use crate::{
    env::Environment,
    error::{Error, Result},
    project::{connection::invalid, drivers},
    runtime,
};
use serde_json::{Map, Value};
use std::{fs, path::PathBuf};

/// Parameters that do not change where and how the driver connects.
const IGNORED: &[&str] = &[
    "application_name",
    "client_encoding",
    "connect_timeout",
    "fallback_application_name",
    "keepalives",
    "keepalives_count",
    "keepalives_idle",
    "keepalives_interval",
    "tcp_user_timeout",
];

/// Why a service cannot be used.
#[derive(Debug)]
pub(super) enum Problem {
    Missing { searched: Vec<PathBuf> },
    Unsupported { parameter: String, file: PathBuf },
    Other(Error),
}

impl Problem {
    pub(super) fn into_error(self, id: &str, name: &str) -> Error {
        match self {
            Self::Missing { searched } => {
                let files: Vec<_> = searched.iter().map(|file| file.display().to_string()).collect();
                invalid(format!("The connection {id} names the service {name}, which is not in {}", files.join(", ")))
                    .with_hint("Add it to the file, or name the file in PGSERVICEFILE")
            }
            Self::Unsupported { parameter, file } => invalid(format!(
                "The service {name} of the connection {id} has {parameter}, which KTX does not support, in {}",
                file.display()
            ))
            .with_hint("Write the parts of the address as keys of the connection"),
            Self::Other(error) => error,
        }
    }
}

impl From<Error> for Problem {
    fn from(error: Error) -> Self {
        Self::Other(error)
    }
}

/// Returns the keys of a connection that a service has. The user's file has precedence over that of the system.
pub(super) fn read(name: &str, env: &Environment) -> Result<Map<String, Value>, Problem> {
    let files = candidates(env)?;
    for file in files.iter().filter(|file| file.is_file()) {
        let text = fs::read_to_string(file).map_err(|error| Error::io("read", file, error))?;
        if let Some(parameters) = section(&text, name) {
            return keys(&parameters).map_err(|parameter| Problem::Unsupported { parameter, file: file.clone() });
        }
    }
    Err(Problem::Missing { searched: files })
}

fn candidates(env: &Environment) -> Result<Vec<PathBuf>> {
    let user = match env.absolute_path_unless_empty("PGSERVICEFILE")? {
        Some(file) => file,
        None if cfg!(windows) => runtime::user_home(env)?.join("AppData/Roaming/postgresql/.pg_service.conf"),
        None => runtime::user_home(env)?.join(".pg_service.conf"),
    };
    let system = env.absolute_path_unless_empty("PGSYSCONFDIR")?.map(|dir| dir.join("pg_service.conf"));
    Ok([user].into_iter().chain(system).collect())
}

/// The parameters of a section, whose first one of a name applies.
fn section<'a>(text: &'a str, name: &str) -> Option<Vec<(&'a str, &'a str)>> {
    let lines = text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#'));
    let mut lines =
        lines.skip_while(|line| line.strip_prefix('[').and_then(|line| line.strip_suffix(']')) != Some(name));
    lines.next()?;
    Some(lines.take_while(|line| !line.starts_with('[')).filter_map(|line| line.split_once('=')).collect())
}

/// Converts parameters of libpq. Errors: the name of one that KTX has not.
fn keys(parameters: &[(&str, &str)]) -> Result<Map<String, Value>, String> {
    let parts = drivers::find("postgres").map_or(&[][..], |driver| driver.parts);
    let mut keys = Map::new();
    for (parameter, value) in parameters.iter().filter(|(parameter, _)| !IGNORED.contains(parameter)) {
        let name = if *parameter == "dbname" { "database" } else { parameter };
        let part = parts.iter().find(|part| part.key == name && part.key != "service");
        let value = part.and_then(|part| part.parse(value)).ok_or_else(|| (*parameter).to_owned())?;
        keys.entry(name.to_owned()).or_insert(value);
    }
    Ok(keys)
}

#[cfg(test)]
mod tests {
    use super::*;

    const FILE: &str = "# services\n[other]\nhost=x\n\n[prod]\nhost = not a parameter\nhost=db.example.com\nport=5433\n\
        dbname=shop\nuser=ada\npassword=p = \"q\" #1\napplication_name=x\nsslmode=verify-full\n[bad]\nhostaddr=10.0.0.1\n";

    fn found(name: &str) -> Result<Map<String, Value>, String> {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("services");
        fs::write(&file, FILE).unwrap();
        let env = Environment::default().with("PGSERVICEFILE", file.display().to_string());
        read(name, &env).map_err(|problem| problem.into_error("w", name).with_hint_text())
    }

    #[test]
    fn parameters_become_keys_with_their_values_as_they_are() {
        let text = FILE.replace("host = not a parameter\n", "");
        let expected = serde_json::json!({
            "host": "db.example.com", "port": 5433, "database": "shop", "user": "ada",
            "password": "p = \"q\" #1", "sslmode": "verify-full",
        });
        assert_eq!(Value::from(keys(&section(&text, "prod").unwrap()).unwrap()), expected);
    }

    #[test]
    fn unknown_services_and_parameters_are_refused() {
        assert!(found("prod").unwrap_err().contains("has host , which"), "a name with a space is another parameter");
        assert!(found("bad").unwrap_err().contains("has hostaddr, which KTX does not support"));
        assert!(found("nope").unwrap_err().contains("or name the file in PGSERVICEFILE"));
        assert_eq!(found("other").unwrap()["host"], "x");
    }
}
