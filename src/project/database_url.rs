//! URLs of databases: made of a file's path, and shown without credentials.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use std::path::Path;
use url::Url;

/// What may stand in the path of a URL as it is.
const PLAIN: &AsciiSet = &NON_ALPHANUMERIC.remove(b'/').remove(b'-').remove(b'_').remove(b'.').remove(b'~');

/// `sqlite:///` and the absolute path, so that a path on Unix has four slashes and one on Windows three.
pub(super) fn of_file(scheme: &str, path: &Path) -> String {
    of_path(scheme, &path.to_string_lossy(), cfg!(windows))
}

fn of_path(scheme: &str, path: &str, windows: bool) -> String {
    if !windows {
        return format!("{scheme}:///{}", utf8_percent_encode(path, PLAIN));
    }
    let path = path.strip_prefix(r"\\?\").unwrap_or(path).replace('\\', "/");
    // The colon of a drive stands as it is.
    let (drive, rest) = match path.as_bytes() {
        [letter, b':', ..] if letter.is_ascii_alphabetic() => path.split_at(2),
        _ => ("", path.as_str()),
    };
    format!("{scheme}:///{drive}{}", utf8_percent_encode(rest, PLAIN))
}

/// Host, port and database of a URL; nothing of a URL that cannot be taken apart safely.
pub(super) fn without_credentials(url: &str) -> String {
    const HIDDEN: &str = "a literal URL";
    let Ok(parsed) = Url::parse(url) else { return HIDDEN.into() };
    // A password with `/`, `?` or `#` that was not encoded ends up behind the host.
    let behind = [Some(parsed.path()), parsed.query(), parsed.fragment()];
    if behind.into_iter().flatten().any(|part| part.contains('@')) {
        return HIDDEN.into();
    }
    let host = parsed.host_str().unwrap_or_default();
    let port = parsed.port().map(|port| format!(":{port}")).unwrap_or_default();
    let path = parsed.path().trim_end_matches('/');
    // Four slashes before a file's path are one too many for reading.
    let path = if host.is_empty() && path.starts_with("//") { &path[1..] } else { path };
    let place = format!("{host}{port}{path}");
    if place.is_empty() { HIDDEN.into() } else { place }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_of_unix() {
        assert_eq!(of_path("sqlite", "/srv/shop.db", false), "sqlite:////srv/shop.db");
        assert_eq!(of_path("sqlite", "/a b/größe?#%.db", false), "sqlite:////a%20b/gr%C3%B6%C3%9Fe%3F%23%25.db");
        assert_eq!(of_path("duckdb", r"/back\slash:x", false), "duckdb:////back%5Cslash%3Ax");
    }

    #[test]
    fn paths_of_windows() {
        assert_eq!(of_path("sqlite", r"C:\Users\Zoë B\shop.db", true), "sqlite:///C:/Users/Zo%C3%AB%20B/shop.db");
        assert_eq!(of_path("sqlite", r"\\?\D:\x.db", true), "sqlite:///D:/x.db");
        assert_eq!(of_path("sqlite", r"\\server\share\x.db", true), "sqlite://///server/share/x.db");
    }

    #[test]
    fn a_target_has_no_credentials() {
        for (url, expected) in [
            ("postgres://user:pw@db.example:5433/shop?sslmode=require", "db.example:5433/shop"),
            ("mysql://db/shop", "db/shop"),
            ("sqlite:////srv/x.db", "/srv/x.db"),
            ("postgres://user:p#w@db/shop", "a literal URL"),
            ("postgres://user:1#pw@db/shop", "a literal URL"),
            ("postgres://user:1/pw@db/shop", "a literal URL"),
            ("postgres://user:1?pw@db/shop", "a literal URL"),
            ("hunter2", "a literal URL"),
        ] {
            assert_eq!(without_credentials(url), expected);
        }
    }
}
