//! URLs of database servers: joined from the parts of a connection, and split into them. Percent-encoding is done here.

use super::{
    config::Connection,
    drivers::{Driver, PartKind, Place},
};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};
use serde_json::Map;
use url::{Host, Url, form_urlencoded};

/// Characters of a part that need no escape.
const ESCAPES: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.').remove(b'~');

/// A part with its resolved value, which is not encoded.
pub(super) type Value = (Place, &'static str, String);

/// Joins the parts to the URL of a server.
pub(super) fn join(driver: &Driver, values: &[Value]) -> String {
    let get = |place| values.iter().find(|(other, ..)| *other == place).map(|(_, _, value)| value.as_str());
    let host = get(Place::Host).unwrap_or_default();
    let socket = driver.socket_parameter.filter(|_| host.starts_with('/'));
    let user = get(Place::User).map(encode).unwrap_or_default();
    let password = get(Place::Password).map(|password| format!(":{}", encode(password))).unwrap_or_default();
    let at = if user.is_empty() && password.is_empty() { "" } else { "@" };
    let port = get(Place::Port).map(|port| format!(":{port}")).unwrap_or_default();
    let address = match socket {
        Some(_) => String::new(),
        None if host.contains(',') => encode_hosts(host, &port),
        None => format!("{}{port}", encode_host(host)),
    };
    let database = join_path(get(Place::Database), get(Place::Schema));
    let mut parameters: Vec<_> = socket.map(|name| (name, host)).into_iter().collect();
    parameters.extend(get(Place::Port).filter(|_| socket.is_some()).map(|port| ("port", port)));
    let extra = values.iter().filter(|(place, ..)| *place == Place::Parameter);
    parameters.extend(extra.map(|(_, key, value)| (*key, value.as_str())));
    let query = parameters.iter().map(|(key, value)| format!("{key}={}", encode(value))).collect::<Vec<_>>().join("&");
    let (slash, mark) = match (query.is_empty(), database.is_empty()) {
        (true, _) => ("", ""),
        (false, true) => ("/", "?"),
        (false, false) => ("", "?"),
    };
    format!("{}://{user}{password}{at}{address}{database}{slash}{mark}{query}", driver.name)
}

/// The path: `/database/schema`, without the slashes of missing parts at its end.
fn join_path(database: Option<&str>, schema: Option<&str>) -> String {
    let path = format!("/{}/{}", database.map(encode).unwrap_or_default(), schema.map(encode).unwrap_or_default());
    path.trim_end_matches('/').to_owned()
}

/// Percent-encodes a part.
pub(super) fn encode(text: &str) -> String {
    utf8_percent_encode(text, ESCAPES).to_string()
}

/// Several hosts have commas between them, and each may have its port; `port` is that of the others.
fn encode_hosts(hosts: &str, port: &str) -> String {
    let address = |host: &str| match host.rsplit_once(':') {
        Some((name, own)) if !name.contains(':') || name.ends_with(']') => {
            format!("{}:{}", encode_host(name), encode(own))
        }
        _ => format!("{}{port}", encode_host(host)),
    };
    hosts.split(',').map(|host| address(host.trim())).collect::<Vec<_>>().join(",")
}

/// An IPv6 address is put in brackets.
fn encode_host(host: &str) -> String {
    let plain = host.strip_prefix('[').and_then(|host| host.strip_suffix(']')).unwrap_or(host);
    match plain.parse::<std::net::Ipv6Addr>() {
        Ok(_) => format!("[{plain}]"),
        Err(_) => utf8_percent_encode(host, ESCAPES).to_string(),
    }
}

/// Splits the URL of a server into the parts of a connection; `None` if they cannot express all of it. The values are
/// decoded.
pub(super) fn split(driver: &Driver, url: &str) -> Option<Connection> {
    let url = Url::parse(url.trim()).ok()?;
    let scheme = url.scheme();
    let is_ours = scheme == driver.name || driver.aliases.contains(&scheme);
    if !is_ours || url.fragment().is_some() {
        return None;
    }
    let mut keys = Map::from_iter([("driver".to_owned(), driver.name.into())]);
    for (place, value) in split_address(&url)? {
        if !value.is_empty() {
            let part = driver.at(place)?;
            keys.insert(part.key.to_owned(), part.parse(&value)?);
        }
    }
    for (key, value) in form_urlencoded::parse(url.query().unwrap_or_default().as_bytes()) {
        let part = driver.parts.iter().find(|part| part.key == key && part.place == Place::Parameter)?;
        // Relative paths of parts are relative to the project, those of a URL are not.
        let is_path = value == "system" || std::path::Path::new(&*value).is_absolute();
        if matches!(part.kind, PartKind::File | PartKind::CredentialFile) && !is_path {
            return None;
        }
        keys.insert(part.key.to_owned(), part.parse(&value)?);
    }
    serde_json::from_value(keys.into()).ok()
}

/// The decoded parts before the parameters.
fn split_address(url: &Url) -> Option<Vec<(Place, String)>> {
    let decode = |text: &str| percent_decode_str(text).decode_utf8().ok().map(|text| text.into_owned());
    let host = match url.host()? {
        Host::Domain(name) => decode(name)?,
        Host::Ipv4(address) => address.to_string(),
        Host::Ipv6(address) => address.to_string(),
    };
    let (database, schema) = url.path().trim_start_matches('/').split_once('/').unwrap_or((url.path(), ""));
    Some(vec![
        (Place::Host, host),
        (Place::Port, url.port().map(|port| port.to_string()).unwrap_or_default()),
        (Place::User, decode(url.username())?),
        (Place::Password, decode(url.password().unwrap_or_default())?),
        (Place::Database, decode(database.trim_start_matches('/'))?),
        (Place::Schema, decode(schema)?),
    ])
}

#[cfg(test)]
mod tests {
    use super::{super::drivers, *};

    fn joined(driver: &str, values: &[(Place, &'static str, &str)]) -> String {
        let values: Vec<_> = values.iter().map(|(place, key, value)| (*place, *key, (*value).to_owned())).collect();
        let url = join(drivers::find(driver).unwrap(), &values);
        assert!(crate::project::database_url::is_encoded(&url), "{url}");
        url
    }

    const USER: (Place, &str, &str) = (Place::User, "user", "ada@corp");
    const DATABASE: (Place, &str, &str) = (Place::Database, "database", "größe/1");

    #[test]
    fn parts_are_percent_encoded() {
        let password = (Place::Password, "password", "p@:/?#%[ä] +&=\"'");
        let host = (Place::Host, "host", "db.example.com");
        let port = (Place::Port, "port", "5433");
        assert_eq!(
            joined("postgres", &[host, port, USER, password, DATABASE, (Place::Parameter, "sslmode", "verify-full")]),
            "postgres://ada%40corp:p%40%3A%2F%3F%23%25%5B%C3%A4%5D%20%2B%26%3D%22%27@db.example.com:5433/gr%C3%B6%C3%9Fe%2F1?sslmode=verify-full"
        );
        assert_eq!(joined("mysql", &[host]), "mysql://db.example.com");
        assert_eq!(
            joined("mysql", &[host, (Place::Parameter, "sslmode", "require")]),
            "mysql://db.example.com/?sslmode=require"
        );
    }

    #[test]
    fn several_hosts_have_a_port_each() {
        let hosts = (Place::Host, "host", "a, b:5433,::1,[::2]:1");
        let port = (Place::Port, "port", "5432");
        assert_eq!(joined("postgres", &[hosts, port, USER]), "postgres://ada%40corp@a:5432,b:5433,[::1]:5432,[::2]:1");
        assert_eq!(joined("postgres", &[hosts]), "postgres://a,b:5433,[::1],[::2]:1");
    }

    #[test]
    fn ipv6_addresses_and_unix_sockets_are_hosts() {
        for host in ["::1", "[::1]"] {
            let url = joined("postgres", &[(Place::Host, "host", host), (Place::Port, "port", "1"), USER]);
            assert_eq!(url, "postgres://ada%40corp@[::1]:1");
        }
        let socket = (Place::Host, "host", "/var/run/My postgres");
        assert_eq!(
            joined("postgres", &[socket, (Place::Port, "port", "5433"), USER, DATABASE]),
            "postgres://ada%40corp@/gr%C3%B6%C3%9Fe%2F1?host=%2Fvar%2Frun%2FMy%20postgres&port=5433"
        );
        assert_eq!(
            joined("mariadb", &[(Place::Host, "host", "/run/x.sock")]),
            "mariadb:///?unix_socket=%2Frun%2Fx.sock"
        );
    }

    #[test]
    fn urls_are_split_into_decoded_parts() {
        let split = |url| split(drivers::find("postgres").unwrap(), url);
        let parts = split("postgresql://ada%40corp:p%40%2Fw@[::1]:5433/gr%C3%B6%C3%9Fe?sslmode=require").unwrap();
        assert_eq!(
            (parts.user.as_deref(), parts.password.as_deref(), parts.host.as_deref(), parts.port),
            (Some("ada@corp"), Some("p@/w"), Some("::1"), Some(5433))
        );
        assert_eq!((parts.database.as_deref(), parts.sslmode.as_deref()), (Some("größe"), Some("require")));
        let parts = super::split(
            drivers::find("clickhouse").unwrap(),
            "clickhouse://u:p@h:8443/d?secure=true&verify=false&access_token=t%2F1&ca_cert=/a.pem&proxy=http%3A%2F%2Fp",
        );
        let parts = parts.unwrap();
        assert_eq!((parts.secure, parts.verify, parts.access_token.as_deref()), (Some(true), Some(false), Some("t/1")));
        assert_eq!((parts.ca_cert.as_deref(), parts.proxy.as_deref()), (Some("/a.pem"), Some("http://p")));
        for url in [
            "postgres://u:p@h/d?options=-cx",
            "postgres://h/d?secure=true",
            "mysql://u:p@h/d",
            "postgres:///d?host=/run",
            "nonsense",
        ] {
            assert!(split(url).is_none(), "{url}");
        }
    }
}
