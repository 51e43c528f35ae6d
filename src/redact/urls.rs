//! Redaction of credentials in URLs.

use super::MASK;
use url::Url;

/// Masks the text between `://` and `@` in all URLs of a text.
pub fn urls(text: &str) -> String {
    let mut clean = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(start) = rest.find("://").map(|index| index + 3) {
        let (before, after) = rest.split_at(start);
        clean.push_str(before);
        let end =
            after.find(|c: char| c.is_whitespace() || matches!(c, '/' | '"' | '\'' | '<' | '>')).unwrap_or(after.len());
        match after[..end].rfind('@') {
            Some(at) => {
                clean.push_str(MASK);
                rest = &after[at..];
            }
            None => rest = after,
        }
    }
    clean.push_str(rest);
    clean
}

/// Host, port and database of a URL; a placeholder if the URL cannot be parsed safely.
pub(crate) fn without_credentials(url: &str) -> String {
    const HIDDEN: &str = "a literal URL";
    let Ok(parsed) = Url::parse(url) else { return HIDDEN.into() };
    // The rest of a password with an unencoded `/`, `?` or `#` is parsed as path, query or fragment.
    let after_host = [Some(parsed.path()), parsed.query(), parsed.fragment()];
    if after_host.into_iter().flatten().any(|part| part.contains('@')) {
        return HIDDEN.into();
    }
    let host = parsed.host_str().unwrap_or_default();
    let port = parsed.port().map(|port| format!(":{port}")).unwrap_or_default();
    let path = parsed.path().trim_end_matches('/');
    // `sqlite:////srv/x.db` has the path `//srv/x.db`.
    let path = if host.is_empty() && path.starts_with("//") { &path[1..] } else { path };
    let target = format!("{host}{port}{path}");
    if target.is_empty() { HIDDEN.into() } else { target }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn user_and_password_are_masked_in_urls_only() {
        assert_eq!(
            urls("at https://u:p@host/x, postgres://a:b@c@h:1/d"),
            "at https://***@host/x, postgres://***@h:1/d"
        );
        assert_eq!(urls("http://host/a@b and user@mail"), "http://host/a@b and user@mail");
        assert_eq!(urls("x://"), "x://");
    }

    #[test]
    fn without_credentials_shows_host_port_and_database() {
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
