//! Removes the secrets of a run from its texts and errors.

use super::{MASK, SecretText};
use crate::error::Error;
use percent_encoding::percent_decode_str;
use std::{cmp::Reverse, error::Error as StdError};

/// Shorter secrets are left in: they would be found in words, and a message full of `***` says which letters they are.
pub(crate) const SHORTEST: usize = 4;
/// Secrets that are not as long may be a part of a word (`conn`), and are removed where they stand as words.
const LONG: usize = 8;
/// Names of users that every server has.
const COMMON_USERS: &[&str] = &["postgres", "root", "mysql", "admin", "default"];

/// Removes the secrets of one database URL from texts.
#[derive(Clone)]
pub(crate) struct Redactor {
    /// Removed wherever they stand.
    secrets: Vec<String>,
    /// Names of users that may be tokens; removed where they stand as words.
    names: Vec<String>,
}

impl Redactor {
    /// For the URL, its user information, its password and its secret parameters; encoded, decoded and in JSON.
    pub(crate) fn new(url: &SecretText) -> Self {
        let url = url.expose();
        let (information, names) = user_information(url);
        let both = |secret: &str| [percent_decode_str(secret).decode_utf8_lossy().into_owned(), secret.to_owned()];
        let mut secrets = vec![url.to_owned()];
        secrets.extend(information.into_iter().chain(parameters(url)).flat_map(both));
        let mut redactor = Self::of(secrets);
        redactor.names = names.into_iter().flat_map(both).filter(|name| name.chars().count() >= SHORTEST).collect();
        redactor
    }

    /// For secrets that are no URLs; also as they look in JSON.
    pub(crate) fn of(mut secrets: Vec<String>) -> Self {
        secrets.retain(|secret| secret.chars().count() >= SHORTEST);
        Self { secrets: as_they_appear(secrets), names: Vec::new() }
    }

    /// The text with `***` for every secret.
    pub(crate) fn text(&self, text: &str) -> String {
        let without = |text: String, secret: &String| {
            let is_long = secret.chars().count() >= LONG;
            if is_long { text.replace(secret, MASK) } else { without_word(&text, secret) }
        };
        let text = self.secrets.iter().fold(text.to_owned(), without);
        self.names.iter().fold(text, |text, name| without_word(&text, name))
    }

    /// The error without secrets; without its cause if that quotes one.
    pub(crate) fn error(&self, error: Error) -> Error {
        if self.is_clean_through(&error) { error } else { error.map_texts(|text| self.text(text)) }
    }

    fn is_clean_through(&self, error: &(dyn StdError + 'static)) -> bool {
        let clean = self.is_clean(&error.to_string()) && self.is_clean(&format!("{error:?}"));
        clean && error.source().is_none_or(|cause| self.is_clean_through(cause))
    }

    fn is_clean(&self, text: &str) -> bool {
        self.text(text) == text
    }
}

/// The texts, and how they look in JSON; the longest first, as one may be a part of another.
pub(crate) fn as_they_appear(mut texts: Vec<String>) -> Vec<String> {
    let in_json: Vec<_> = texts.iter().map(|text| serde_json::Value::from(text.as_str()).to_string()).collect();
    texts.extend(in_json.iter().map(|quoted| quoted[1..quoted.len() - 1].to_owned()));
    texts.sort_by_key(|text| Reverse(text.len()));
    texts.dedup();
    texts
}

/// The text with `***` for a word; a sign at its beginning or end parts it from any neighbour.
fn without_word(text: &str, word: &str) -> String {
    let is_part = |c: Option<char>| c.is_some_and(|c| c.is_alphanumeric() || c == '_');
    let (first, last) = (is_part(word.chars().next()), is_part(word.chars().next_back()));
    let (mut clean, mut rest, mut before) = (String::with_capacity(text.len()), text, None);
    while let Some(start) = rest.find(word) {
        let (head, tail) = (&rest[..start], &rest[start + word.len()..]);
        let alone = !(first && is_part(head.chars().next_back().or(before)) || last && is_part(tail.chars().next()));
        clean.push_str(head);
        clean.push_str(if alone { MASK } else { word });
        (rest, before) = (tail, word.chars().next_back());
    }
    clean.push_str(rest);
    clean
}

/// User and password together, and the password; where a password was not encoded, up to the last `@`. And the name of a
/// user that may be a token: it has no password beside it, or looks like one.
fn user_information(url: &str) -> (Vec<&str>, Vec<&str>) {
    let Some((user, place)) = url.split_once("://").and_then(|(_, rest)| rest.rsplit_once('@')) else {
        return (Vec::new(), Vec::new());
    };
    let is_shown_anyway =
        |name: &str| COMMON_USERS.contains(&name) || place.split(['/', ':', '?', '&', '=']).any(|part| part == name);
    match user.split_once(':') {
        Some((name, password)) if !password.is_empty() => (
            vec![user, password],
            if looks_like_token(name) && !is_shown_anyway(name) { vec![name] } else { Vec::new() },
        ),
        _ => {
            let name = user.trim_end_matches(':');
            (Vec::new(), if is_shown_anyway(name) { Vec::new() } else { vec![name] })
        }
    }
}

/// A part of it is longer than words are, and of letters and digits.
fn looks_like_token(name: &str) -> bool {
    name.split(|c: char| !c.is_ascii_alphanumeric()).any(|part| {
        part.len() >= 20
            && part.contains(|c: char| c.is_ascii_digit())
            && part.contains(|c: char| c.is_ascii_alphabetic())
    })
}

fn parameters(url: &str) -> Vec<&str> {
    let Some((_, query)) = url.split_once('?') else { return Vec::new() };
    let pairs = query.split('#').next().unwrap_or_default().split('&').filter_map(|pair| pair.split_once('='));
    let is_secret =
        |key: &str| ["pass", "pwd", "secret", "token", "key"].iter().any(|word| key.to_lowercase().contains(word));
    pairs.filter(|(key, _)| is_secret(key)).map(|(_, value)| value).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::Code;

    fn redactor(url: &str) -> Redactor {
        Redactor::new(&SecretText::new(url))
    }

    #[test]
    fn every_form_of_the_secret_goes() {
        let clean = redactor("postgres://user:p%40ss%22w@db/shop?sslmode=require&sslpassword=k3y%21");
        for text in [
            "cannot reach postgres://user:p%40ss%22w@db/shop?sslmode=require&sslpassword=k3y%21",
            "password p@ss\"w is wrong",
            "password p%40ss%22w is wrong",
            r#"{"detail":"p@ss\"w"}"#,
            "key k3y! and k3y%21",
            "user:p@ss\"w",
        ] {
            let text = clean.text(text);
            assert!(!text.contains("p@ss") && !text.contains("p%40ss") && !text.contains("k3y"), "{text}");
        }
        assert_eq!(clean.text("nothing of db/shop here"), "nothing of db/shop here");
    }

    #[test]
    fn short_secrets_make_no_soup() {
        let text = "PostgreSQL at e:5432/d refused the login of user 'me'";
        for url in
            ["postgres://me:e@h/d", "postgres://me:it@h/d", "postgres://me:PG@h/d?password=at", "pg://me:the@h/d"]
        {
            assert_eq!(redactor(url).text(text), text, "{url}");
        }
        assert_eq!(Redactor::of(vec!["a".into(), String::new(), "hunter2".into()]).text("a hunter2"), "a ***");
        assert_eq!(redactor("pg://me:e@h/d").text("at pg://me:e@h/d, me:e"), "at ***, ***");
    }

    #[test]
    fn a_short_secret_in_a_word_stays_and_alone_it_goes() {
        let clean = redactor("pg://me:conn@h/d");
        let text = "the connection conn_1 of 'conn' (me:conn): conn, password=conn";
        assert_eq!(clean.text(text), "the connection conn_1 of '***' (***): ***, password=***");
        assert_eq!(redactor("pg://me:k3y!@h/d").text("xk3y! k3y!x"), "xk3y! ***x");
        assert_eq!(redactor("pg://me:seven77@h/d").text("aseven77 seven77"), "aseven77 ***");
        assert_eq!(redactor("pg://me:eight888@h/d").text("aeight888b"), "a***b");
    }

    #[test]
    fn a_token_given_as_user_name_goes_and_other_names_stay() {
        for url in ["pg://tok_Zq9@h/d", "pg://tok_Zq9:@h/d", "pg://tok%5FZq9@h/d"] {
            let text = r#"role "tok_Zq9" does not exist: tok_Zq9, tok_Zq9x at h/d"#;
            assert_eq!(redactor(url).text(text), r#"role "***" does not exist: ***, tok_Zq9x at h/d"#, "{url}");
        }
        let token = "dapi0123456789abcdef0123";
        assert_eq!(redactor(&format!("pg://{token}:x@h/d")).text(&format!("user {token}")), "user ***");
        for url in [
            "pg://reader:hunter2@h/d",
            "pg://svc_reader_0123456789ab:hunter2@h/d",
            "pg://postgres@h/d",
            "pg://reader@reader/d",
            "pg://reader@h/reader",
        ] {
            let text = "user 'reader' of postgres may not read reader_logs";
            assert_eq!(redactor(url).text(text), text, "{url}");
        }
    }

    #[test]
    fn passwords_that_are_not_encoded_go_as_well() {
        for url in ["mysql://u:p#wd@h/d", "mysql://u:p/wd@h/d", "mysql://u:p@wd@h/d", "mysql://u:p?wd@h/d"] {
            let password = &url[10..14];
            assert_eq!(redactor(url).text(&format!("wrong {password}")), "wrong ***", "{url}");
        }
        assert_eq!(redactor("sqlite:////srv/x.db").text("no x.db"), "no x.db");
    }

    #[test]
    fn a_cause_with_a_secret_goes_and_a_clean_one_stays() {
        let redactor = redactor("pg://u:hunter2@h/d");
        let inner = || Error::new(Code::HttpStatus, "sent hunter2");
        let error = redactor.error(Error::new(Code::ConnectionFailed, "outer").caused_by(inner()));
        assert!(error.source().is_none() && !format!("{error:?}").contains("hunter2"));
        let error = redactor.error(inner());
        assert_eq!((error.code(), error.to_string()), (Code::HttpStatus, "sent ***".to_owned()));
        let clean = Error::new(Code::ConnectionFailed, "outer").caused_by(Error::new(Code::HttpStatus, "inner"));
        assert!(redactor.error(clean).source().is_some());
    }
}
