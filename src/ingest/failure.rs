//! Errors of a run: whose they are, and what must not stand in them.

use crate::{
    error::{Code, Error, Result},
    order,
    project::secrets::SecretText,
};
use percent_encoding::percent_decode_str;
use std::{error::Error as StdError, fmt};

/// What a run needs to know of an error that may be ours or the host's.
pub trait RunFailure: From<Error> + fmt::Display {
    /// Changes an error of ours; one of the host's stays the same object.
    #[must_use]
    fn map_own(self, change: impl FnOnce(Error) -> Error) -> Self;

    /// The code of an error of ours.
    fn code(&self) -> Option<Code> {
        None
    }
}

impl RunFailure for Error {
    fn map_own(self, change: impl FnOnce(Error) -> Error) -> Self {
        change(self)
    }

    fn code(&self) -> Option<Code> {
        Some(Self::code(self))
    }
}

/// Removes the secrets of one database URL from texts.
#[derive(Clone)]
pub(crate) struct Scrubber(Vec<String>);

impl Scrubber {
    /// For the URL, its user information, its password and its secret parameters; encoded, decoded and in JSON.
    pub(crate) fn new(url: &SecretText) -> Self {
        let url = url.expose();
        let mut secrets = vec![url.to_owned()];
        for secret in user_information(url).into_iter().chain(parameters(url)) {
            secrets.push(percent_decode_str(secret).decode_utf8_lossy().into_owned());
            secrets.push(secret.to_owned());
        }
        Self::of(secrets)
    }

    /// For secrets that are no URLs; also as they look in JSON.
    pub(super) fn of(mut secrets: Vec<String>) -> Self {
        let in_json: Vec<_> = secrets.iter().filter_map(|secret| serde_json::to_string(secret).ok()).collect();
        secrets.extend(in_json.iter().map(|quoted| quoted[1..quoted.len() - 1].to_owned()));
        secrets.retain(|secret| !secret.is_empty());
        order::sort_by(&mut secrets, |left, right| right.len().cmp(&left.len()));
        secrets.dedup();
        Self(secrets)
    }

    /// The text with `***` for every secret.
    pub(crate) fn text(&self, text: &str) -> String {
        self.0.iter().fold(text.to_owned(), |text, secret| text.replace(secret, "***"))
    }

    /// The error without secrets; its cause goes with them if it has one in it.
    pub(crate) fn error(&self, error: Error) -> Error {
        if self.is_clean_through(&error) { error } else { Error::new(error.code(), self.text(&error.to_string())) }
    }

    fn is_clean_through(&self, error: &(dyn StdError + 'static)) -> bool {
        let clean = self.is_clean(&error.to_string()) && self.is_clean(&format!("{error:?}"));
        clean && error.source().is_none_or(|cause| self.is_clean_through(cause))
    }

    fn is_clean(&self, text: &str) -> bool {
        !self.0.iter().any(|secret| text.contains(secret))
    }
}

/// User and password together, and the password; where a password was not encoded, up to the last `@`.
fn user_information(url: &str) -> Vec<&str> {
    let Some((user, _)) = url.split_once("://").and_then(|(_, rest)| rest.rsplit_once('@')) else { return Vec::new() };
    match user.split_once(':') {
        Some((_, password)) => vec![user, password],
        None => Vec::new(),
    }
}

fn parameters(url: &str) -> Vec<&str> {
    let Some((_, query)) = url.split_once('?') else { return Vec::new() };
    let pairs = query.split('#').next().unwrap_or_default().split('&').filter_map(|pair| pair.split_once('='));
    let is_secret =
        |key: &str| ["pass", "pwd", "secret", "token", "key"].iter().any(|word| key.to_lowercase().contains(word));
    pairs.filter(|(key, _)| is_secret(key)).map(|(_, value)| value).collect()
}

/// Shortens `Result` handling where both sides of a step can fail.
pub(crate) fn own<T, E: From<Error>>(result: Result<T>) -> Result<T, E> {
    result.map_err(E::from)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::Code;

    fn scrubber(url: &str) -> Scrubber {
        Scrubber::new(&SecretText::new(url))
    }

    #[test]
    fn every_form_of_the_secret_goes() {
        let clean = scrubber("postgres://user:p%40ss%22w@db/shop?sslmode=require&sslpassword=k3y%21");
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
    fn passwords_that_nobody_encoded_go_as_well() {
        for url in ["mysql://u:p#w@h/d", "mysql://u:p/w@h/d", "mysql://u:p@w@h/d", "mysql://u:p?w@h/d"] {
            let password = &url[10..13];
            assert_eq!(scrubber(url).text(&format!("wrong {password}")), "wrong ***", "{url}");
        }
        assert_eq!(scrubber("sqlite:////srv/x.db").text("no x.db"), "no x.db");
    }

    #[test]
    fn a_cause_with_a_secret_goes_and_a_clean_one_stays() {
        let scrubber = scrubber("pg://u:hunter2@h/d");
        let inner = || Error::new(Code::HttpStatus, "sent hunter2");
        let error = scrubber.error(Error::new(Code::ConnectionFailed, "outer").caused_by(inner()));
        assert!(error.source().is_none() && !format!("{error:?}").contains("hunter2"));
        let error = scrubber.error(inner());
        assert_eq!((error.code(), error.to_string()), (Code::HttpStatus, "sent ***".to_owned()));
        let clean = Error::new(Code::ConnectionFailed, "outer").caused_by(Error::new(Code::HttpStatus, "inner"));
        assert!(scrubber.error(clean).source().is_some());
    }
}
