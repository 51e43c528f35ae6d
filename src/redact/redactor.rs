//! Redaction of the secrets of a run in its texts and errors.

use super::{MASK, SecretText};
use crate::error::Error;
use percent_encoding::percent_decode_str;
use std::{cmp::Reverse, error::Error as StdError};

/// Minimum length of a secret in characters. Shorter ones are not masked: they occur inside words, and the pattern of
/// masks would reveal their letters.
pub(crate) const MIN_SECRET_LENGTH: usize = 4;
/// Minimum length in characters of a secret that is masked inside words too. Shorter ones may be a part of a word
/// (`conn`), and are masked as whole words only.
const MIN_SUBSTRING_LENGTH: usize = 8;
/// Default user names of database servers, which are not secret.
const COMMON_USERS: &[&str] = &["postgres", "root", "mysql", "admin", "default"];

/// Masks a set of secrets in texts, such as those of a database URL.
#[derive(Clone)]
pub(crate) struct Redactor {
    /// Masked everywhere, or as whole words if they are short.
    secrets: Vec<String>,
    /// User names that may be tokens; masked as whole words.
    names: Vec<String>,
}

impl Redactor {
    /// Masks the URL, its user information, password and secret parameters: percent-encoded, decoded and escaped in
    /// JSON.
    pub(crate) fn new(url: &SecretText) -> Self {
        let url = url.expose();
        let (information, names) = user_information(url);
        let encodings = |secret: &str| [percent_decode_str(secret).decode_utf8_lossy().into_owned(), secret.to_owned()];
        let mut secrets = vec![url.to_owned()];
        secrets.extend(information.into_iter().chain(parameters(url)).flat_map(encodings));
        let mut redactor = Self::from_secrets(secrets);
        redactor.names =
            names.into_iter().flat_map(encodings).filter(|name| name.chars().count() >= MIN_SECRET_LENGTH).collect();
        redactor
    }

    /// Masks secrets that are not URLs, also where they are escaped in JSON.
    pub(crate) fn from_secrets(mut secrets: Vec<String>) -> Self {
        secrets.retain(|secret| secret.chars().count() >= MIN_SECRET_LENGTH);
        Self { secrets: with_json_escapes(secrets), names: Vec::new() }
    }

    /// Replaces every secret in a text with `***`.
    pub(crate) fn text(&self, text: &str) -> String {
        let mask = |text: String, secret: &String| {
            let is_long = secret.chars().count() >= MIN_SUBSTRING_LENGTH;
            if is_long { text.replace(secret, MASK) } else { mask_word(&text, secret) }
        };
        let text = self.secrets.iter().fold(text.to_owned(), mask);
        self.names.iter().fold(text, |text, name| mask_word(&text, name))
    }

    /// Redacts an error; if its cause contains a secret, the cause is removed.
    pub(crate) fn error(&self, error: Error) -> Error {
        if self.is_error_clean(&error) { error } else { error.map_texts(|text| self.text(text)) }
    }

    fn is_error_clean(&self, error: &(dyn StdError + 'static)) -> bool {
        let clean = self.is_clean(&error.to_string()) && self.is_clean(&format!("{error:?}"));
        clean && error.source().is_none_or(|cause| self.is_error_clean(cause))
    }

    fn is_clean(&self, text: &str) -> bool {
        self.text(text) == text
    }
}

/// Adds the JSON-escaped form of each text and sorts by length, longest first, as one may be a substring of another.
pub(crate) fn with_json_escapes(mut texts: Vec<String>) -> Vec<String> {
    let in_json: Vec<_> = texts.iter().map(|text| serde_json::Value::from(text.as_str()).to_string()).collect();
    texts.extend(in_json.iter().map(|quoted| quoted[1..quoted.len() - 1].to_owned()));
    texts.sort_by_key(|text| Reverse(text.len()));
    texts.dedup();
    texts
}

/// Replaces a whole word with `***`; a word that begins or ends with punctuation needs no boundary there.
fn mask_word(text: &str, word: &str) -> String {
    let is_part = |c: Option<char>| c.is_some_and(|c| c.is_alphanumeric() || c == '_');
    let (first, last) = (is_part(word.chars().next()), is_part(word.chars().next_back()));
    let (mut clean, mut rest, mut before) = (String::with_capacity(text.len()), text, None);
    while let Some(start) = rest.find(word) {
        let (head, tail) = (&rest[..start], &rest[start + word.len()..]);
        let is_whole_word =
            !(first && is_part(head.chars().next_back().or(before)) || last && is_part(tail.chars().next()));
        clean.push_str(head);
        clean.push_str(if is_whole_word { MASK } else { word });
        (rest, before) = (tail, word.chars().next_back());
    }
    clean.push_str(rest);
    clean
}

/// Splits the user information of a URL into secrets (user and password together, and the password; a password that is
/// not encoded ends at the last `@`) and user names that may be tokens: without a password, or random in appearance.
fn user_information(url: &str) -> (Vec<&str>, Vec<&str>) {
    let Some((user, place)) = url.split_once("://").and_then(|(_, rest)| rest.rsplit_once('@')) else {
        return (Vec::new(), Vec::new());
    };
    let is_public =
        |name: &str| COMMON_USERS.contains(&name) || place.split(['/', ':', '?', '&', '=']).any(|part| part == name);
    match user.split_once(':') {
        Some((name, password)) if !password.is_empty() => {
            (vec![user, password], if looks_like_token(name) && !is_public(name) { vec![name] } else { Vec::new() })
        }
        _ => {
            let name = user.trim_end_matches(':');
            (Vec::new(), if is_public(name) { Vec::new() } else { vec![name] })
        }
    }
}

/// Whether a part of the name has at least 20 characters, with both letters and digits.
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
    fn every_encoding_of_a_secret_is_masked() {
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
    fn secrets_below_the_minimum_length_are_not_masked() {
        let text = "PostgreSQL at e:5432/d refused the login of user 'me'";
        for url in
            ["postgres://me:e@h/d", "postgres://me:it@h/d", "postgres://me:PG@h/d?password=at", "pg://me:the@h/d"]
        {
            assert_eq!(redactor(url).text(text), text, "{url}");
        }
        assert_eq!(
            Redactor::from_secrets(vec!["a".into(), String::new(), "hunter2".into()]).text("a hunter2"),
            "a ***"
        );
        assert_eq!(redactor("pg://me:e@h/d").text("at pg://me:e@h/d, me:e"), "at ***, ***");
    }

    #[test]
    fn short_secret_is_masked_as_a_whole_word_only() {
        let clean = redactor("pg://me:conn@h/d");
        let text = "the connection conn_1 of 'conn' (me:conn): conn, password=conn";
        assert_eq!(clean.text(text), "the connection conn_1 of '***' (***): ***, password=***");
        assert_eq!(redactor("pg://me:k3y!@h/d").text("xk3y! k3y!x"), "xk3y! ***x");
        assert_eq!(redactor("pg://me:seven77@h/d").text("aseven77 seven77"), "aseven77 ***");
        assert_eq!(redactor("pg://me:eight888@h/d").text("aeight888b"), "a***b");
    }

    #[test]
    fn token_as_user_name_is_masked_and_other_names_are_not() {
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
    fn passwords_that_are_not_encoded_are_masked() {
        for url in ["mysql://u:p#wd@h/d", "mysql://u:p/wd@h/d", "mysql://u:p@wd@h/d", "mysql://u:p?wd@h/d"] {
            let password = &url[10..14];
            assert_eq!(redactor(url).text(&format!("wrong {password}")), "wrong ***", "{url}");
        }
        assert_eq!(redactor("sqlite:////srv/x.db").text("no x.db"), "no x.db");
    }

    #[test]
    fn cause_with_a_secret_is_removed_and_a_clean_one_is_kept() {
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
