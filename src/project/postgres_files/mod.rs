//! The user's own files of PostgreSQL: services (`pg_service.conf`) and passwords (`.pgpass`). They are read only if a
//! connection names them.
//!
//! Source of their formats: the documentation of libpq, "The Connection Service File" and "The Password File". Neither
//! has quotes, so that a reader of INI files would change values.

mod password_file;
mod service_file;

use super::{config::Connection, connection::invalid, secrets::expand_home};
use crate::{env::Environment, error::Result};
use std::path::{Path, PathBuf};

/// Replaces the `service` of a connection by the keys of that service; other keys of the connection take precedence.
///
/// Errors: [`crate::error::Code::ConnectionInvalid`] for an unknown service, and for one with a parameter that KTX lacks;
/// [`crate::error::Code::FileIo`].
pub(super) fn apply_service(id: &str, connection: &Connection, env: &Environment) -> Result<Connection> {
    let Some(name) = &connection.service else { return Ok(connection.clone()) };
    let mut keys = service_file::read(name, env).map_err(|problem| problem.into_error(id, name))?;
    keys.extend(connection.keys()?);
    keys.shift_remove("service");
    Connection::from_keys(keys)
}

/// Returns the password of a connection from its `passfile`; `None` without one, or if the connection has a password.
///
/// Errors: [`crate::error::Code::ConnectionInvalid`] if the file cannot be used, or has no or no unambiguous entry.
pub(super) fn password(id: &str, dir: &Path, connection: &Connection, env: &Environment) -> Result<Option<String>> {
    let Some(file) = connection.passfile.as_ref().filter(|_| connection.password.is_none()) else { return Ok(None) };
    let path: PathBuf = dir.join(expand_home(file, env)?);
    let found = password_file::find(&path, connection);
    let password = found.map_err(|reason| {
        invalid(format!("The passfile of the connection {id} {reason}")).with_hint("Correct the file, or its path")
    })?;
    Ok(Some(password))
}
