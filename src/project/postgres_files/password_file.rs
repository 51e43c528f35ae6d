//! `.pgpass`: lines of `host:port:database:user:password`, of which the first match applies.

use crate::{files, project::config::Connection};
use std::{fs, path::Path};

/// Fields before the password.
const FIELDS: usize = 4;

/// Finds the password for the hosts of a connection. Errors: the reason, which continues a sentence.
pub(super) fn find(path: &Path, connection: &Connection) -> Result<String, String> {
    let text = fs::read_to_string(path).map_err(|error| format!("cannot be read: {error}"))?;
    if !files::is_private(path) {
        return Err("can be read by other users; libpq ignores such a file, too".into());
    }
    let passwords: Vec<_> = addresses(connection).map(|address| lookup(&text, &address)).collect();
    match passwords.first() {
        Some(Some(first)) if passwords.iter().all(|password| password.as_ref() == Some(first)) => Ok(first.clone()),
        Some(Some(_)) => Err("has different passwords for its hosts".into()),
        _ => Err("has no entry for its host, port, database and user".into()),
    }
}

/// Host, port, database and user, for each host. A Unix socket and a missing host are `localhost`.
fn addresses(connection: &Connection) -> impl Iterator<Item = [String; FIELDS]> {
    let port = connection.port.map_or_else(|| "5432".to_owned(), |port| port.to_string());
    let user = connection.user.clone().unwrap_or_default();
    let database = connection.database.clone().unwrap_or_else(|| user.clone());
    let hosts = connection.host.clone().unwrap_or_default();
    let hosts: Vec<_> = hosts.split(',').map(|host| host.trim().to_owned()).collect();
    hosts.into_iter().map(move |host| {
        let (name, own_port) = split_port(&host);
        let name = if name.is_empty() || name.starts_with('/') { "localhost" } else { name };
        [name.to_owned(), own_port.map_or_else(|| port.clone(), str::to_owned), database.clone(), user.clone()]
    })
}

/// Splits `host:port`; an IPv6 address has a port only after brackets.
fn split_port(host: &str) -> (&str, Option<&str>) {
    match host.rsplit_once(':') {
        Some((name, port)) if !name.contains(':') || name.ends_with(']') => (name.trim_matches(['[', ']']), Some(port)),
        _ => (host.trim_matches(['[', ']']), None),
    }
}

fn lookup(text: &str, address: &[String; FIELDS]) -> Option<String> {
    text.lines().filter(|line| !line.starts_with('#')).find_map(|line| {
        let fields = split(line)?;
        let is_match = |(field, wanted): (&String, &String)| field == "*" || field == wanted;
        fields.iter().zip(address).all(is_match).then(|| fields[FIELDS].clone())
    })
}

/// Splits a line at its colons; a backslash escapes the next character. The password is the rest.
fn split(line: &str) -> Option<Vec<String>> {
    let (mut fields, mut characters) = (vec![String::new()], line.chars());
    while let Some(character) = characters.next() {
        let is_end = character == ':' && fields.len() <= FIELDS;
        let last = fields.last_mut()?;
        match character {
            _ if is_end => fields.push(String::new()),
            '\\' => last.extend(characters.next()),
            other => last.push(other),
        }
    }
    (fields.len() == FIELDS + 1).then_some(fields)
}

#[cfg(test)]
mod tests {
    use super::*;

    const FILE: &str = "# comment\nbroken line\ndb:5432:shop:ada:p\\:a\\\\ss:word\ndb:*:*:*:other\n*:5433:*:ada:any\n\
        ::1:5432:d:u:never\n\\:\\:1:5432:d:u:six\nlocalhost:5432:u:u:local\n";

    fn password(host: &str, port: Option<u16>, database: Option<&str>, user: &str) -> Result<String, String> {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("pgpass");
        fs::write(&path, FILE).unwrap();
        restrict(&path);
        let connection = Connection {
            host: Some(host.into()),
            port,
            database: database.map(str::to_owned),
            user: Some(user.into()),
            ..Connection::default()
        };
        find(&path, &connection)
    }

    #[cfg(unix)]
    fn restrict(path: &Path) {
        use std::os::unix::fs::PermissionsExt;
        fs::set_permissions(path, fs::Permissions::from_mode(0o600)).unwrap();
    }
    #[cfg(not(unix))]
    fn restrict(_: &Path) {}

    #[test]
    fn the_first_matching_line_has_the_password() {
        for (host, port, database, user, expected) in [
            ("db", None, Some("shop"), "ada", "p:a\\ss:word"),
            ("db", Some(5433), Some("shop"), "ada", "other"),
            ("elsewhere", Some(5433), None, "ada", "any"),
            ("elsewhere:5433", None, None, "ada", "any"),
            ("::1", None, Some("d"), "u", "six"),
            ("[::1]:5432", Some(1), Some("d"), "u", "six"),
            ("/run/postgresql", None, None, "u", "local"),
            ("a:5433, b:5433", None, None, "ada", "any"),
        ] {
            assert_eq!(password(host, port, database, user).as_deref(), Ok(expected), "{host}");
        }
    }

    #[test]
    fn no_or_an_ambiguous_entry_is_refused() {
        assert!(password("x", None, None, "u").unwrap_err().contains("no entry"));
        assert!(password("db,elsewhere:5433", None, Some("shop"), "ada").unwrap_err().contains("different passwords"));
        assert!(find(Path::new("/nonexistent"), &Connection::default()).unwrap_err().contains("cannot be read"));
    }

    #[cfg(unix)]
    #[test]
    fn a_file_that_others_can_read_is_refused() {
        use std::os::unix::fs::PermissionsExt;
        let file = tempfile::NamedTempFile::new().unwrap();
        fs::set_permissions(file.path(), fs::Permissions::from_mode(0o644)).unwrap();
        assert!(find(file.path(), &Connection::default()).unwrap_err().contains("other users"));
    }
}
