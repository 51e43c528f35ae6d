//! URLs of databases: built from the path of a file, and checked for their encoding.

use super::drivers::{self, DriverKind};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};
use std::path::Path;

/// Characters to percent-encode in the path of a URL.
const PATH_ESCAPES: &AsciiSet = &NON_ALPHANUMERIC.remove(b'/').remove(b'-').remove(b'_').remove(b'.').remove(b'~');

/// Returns the URL of an absolute path, such as `sqlite:////srv/shop.db`. On Windows it has three slashes.
pub(super) fn from_file(scheme: &str, path: &Path) -> String {
    from_path(scheme, &path.to_string_lossy(), cfg!(windows))
}

fn from_path(scheme: &str, path: &str, windows: bool) -> String {
    if !windows {
        return format!("{scheme}:///{}", utf8_percent_encode(path, PATH_ESCAPES));
    }
    let path = path.strip_prefix(r"\\?\").unwrap_or(path).replace('\\', "/");
    // The colon of a drive letter is not encoded.
    let (drive, rest) = match path.as_bytes() {
        [letter, b':', ..] if letter.is_ascii_alphabetic() => path.split_at(2),
        _ => ("", path.as_str()),
    };
    format!("{scheme}:///{drive}{}", utf8_percent_encode(rest, PATH_ESCAPES))
}

/// Whether a URL is that of a file, which has no credentials.
pub(super) fn is_file_url(url: &str) -> bool {
    let scheme = url.split("://").next().unwrap_or_default();
    drivers::find(scheme).is_some_and(|driver| driver.kind == DriverKind::File)
}

/// Parameters whose values may have an `@`, such as user names.
const PARAMETERS_WITH_AT: &[&str] =
    &["user", "username", "account", "email", "role", "application_name", "options", "ssh_host"];

/// Whether the user and the password of a URL are percent-encoded. Otherwise the URL is ambiguous: a part of the
/// password could be parsed as the host, printed, and looked up in DNS.
pub(super) fn is_encoded(url: &str) -> bool {
    let Some((_, rest)) = url.trim().split_once("://") else { return true };
    let (authority, tail) = rest.split_at(rest.find(['/', '?', '#']).unwrap_or(rest.len()));
    let user = match authority.split_once('@') {
        Some((_, host)) if host.contains('@') => return false,
        Some((user, _)) => user,
        None => "",
    };
    let is_plain = |c: char| !c.is_whitespace() && !c.is_control() && !"[]".contains(c);
    user.chars().all(is_plain) && has_valid_escapes(user) && has_no_unencoded_at(tail)
}

/// Whether the user, the password, the host or the database of a URL has a control character, encoded or not. Databases
/// reject such a URL or parse it differently.
pub(super) fn has_control_characters(url: &str) -> bool {
    let rest = url.trim().split_once("://").map_or("", |(_, rest)| rest);
    let address = rest.split(['?', '#']).next().unwrap_or_default();
    percent_decode_str(address).decode_utf8_lossy().contains(char::is_control)
}

fn has_valid_escapes(text: &str) -> bool {
    text.split('%').skip(1).all(|after| {
        let digits = after.as_bytes();
        digits.len() >= 2 && digits[..2].iter().all(u8::is_ascii_hexdigit)
    })
}

/// Whether no `@` follows the host, except in values of [`PARAMETERS_WITH_AT`].
fn has_no_unencoded_at(tail: &str) -> bool {
    let (tail, fragment) = tail.split_once('#').unwrap_or((tail, ""));
    let (path, query) = tail.split_once('?').unwrap_or((tail, ""));
    let is_value = |pair: &str| {
        let key = pair.split_once('=').map(|(key, _)| key);
        !path.is_empty() && key.is_some_and(|key| PARAMETERS_WITH_AT.contains(&key.to_lowercase().as_str()))
    };
    let in_query = query.split('&').filter(|pair| pair.contains('@')).all(is_value);
    !path.contains('@') && !fragment.contains('@') && in_query
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn unix_paths_are_converted() {
        assert_eq!(from_path("sqlite", "/srv/shop.db", false), "sqlite:////srv/shop.db");
        assert_eq!(from_path("sqlite", "/a b/größe?#%.db", false), "sqlite:////a%20b/gr%C3%B6%C3%9Fe%3F%23%25.db");
        assert_eq!(from_path("duckdb", r"/back\slash:x", false), "duckdb:////back%5Cslash%3Ax");
    }

    #[test]
    fn windows_paths_are_converted() {
        assert_eq!(from_path("sqlite", r"C:\Users\Zoë B\shop.db", true), "sqlite:///C:/Users/Zo%C3%AB%20B/shop.db");
        assert_eq!(from_path("sqlite", r"\\?\D:\x.db", true), "sqlite:///D:/x.db");
        assert_eq!(from_path("sqlite", r"\\server\share\x.db", true), "sqlite://///server/share/x.db");
    }

    #[test]
    fn unencoded_passwords_are_detected() {
        for password in [
            "SEC@RE/T", "SEC@RE#T", "SEC@RE", "$@x/y#p", "p/w", "p#w", "p?w", "1/w", "1#w", "1?w", "p/", "/p", "?p",
            "#p", "@p", "p@", "p w", "p\tw", "p\nw", "50%", "50%x", "5%0", "p%4", "p[w", "p]w", "a?b=c", "a@b?c=d",
            "a/b?c=d", "p?x=1@2", "//", "p://x", "a/b@c", "@@", "%%41",
        ] {
            for url in
                [format!("postgresql://user:{password}@db.example:5432/shop"), format!("mysql://u:{password}@h/d")]
            {
                assert!(!is_encoded(&url), "{url}");
            }
        }
        for url in
            ["postgresql://to/ken@h/d", "postgresql://to@ken@h/d", "snowflake://u:p@x@account/db", "x://u:p@h?q=@"]
        {
            assert!(!is_encoded(url), "{url}");
        }
    }

    #[test]
    fn encoded_urls_are_accepted() {
        for url in [
            "postgresql://user:SEC%40RE%2FT@db.example:5432/shop?sslmode=require",
            "postgres://u:a:b!$&'()*+,;=~^\"<>`{|}\\@h/d",
            "postgres://u:pässwört@h/d",
            "postgres://u@h/d",
            "postgres://h/d",
            "postgres://u:@h/d",
            "postgresql:///d?host=/var/run/postgresql&user=ada@corp",
            "postgresql://h/d?user=ada@corp&password=x",
            "postgresql://u:p@h1:1,h2:2/d?options=-csearch_path%3Dx",
            "mysql://u:p@[::1]:3306/d",
            "databricks://token:dapi1@h:443?http_path=/sql/1.0/warehouses/x",
            "mssql+pyodbc:///?odbc_connect=DRIVER%3D%7Bx%7D%3BPWD%3Da%40b",
            " postgres://u:p@h/d\n",
            "hunter2",
            "bigquery://project/dataset",
        ] {
            assert!(is_encoded(url), "{url}");
        }
    }

    #[test]
    fn control_characters_are_detected_in_every_part() {
        for part in ["%0a", "%0A", "%00", "%09", "%1b", "%7f", "%C2%85", "\u{7}"] {
            for url in [
                format!("pg://u{part}:p@h/d"),
                format!("x://u:p{part}@h/d"),
                format!("x://h{part}.x:1/d"),
                format!("x://h/d{part}x"),
            ] {
                assert!(has_control_characters(&url), "{url}");
            }
        }
        for url in ["pg://u%20x:p%25@h/d%C3%A4?options=-c%0a", " pg://u:p@h/d\n", "%0a", "pg://h/d#%0a"] {
            assert!(!has_control_characters(url), "{url}");
        }
    }
}
