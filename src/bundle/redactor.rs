//! Redaction of the files of a bundle: secrets of the runtime, the environment and the project, values that look like
//! secrets, hosts, and the home folder.

use super::{model::BundleRequest, project::Config};
use crate::{
    env::Environment,
    redact::{self, MASK, MIN_SECRET_LENGTH, with_json_escapes},
};
use percent_encoding::percent_decode_str;
use regex_lite::{Captures, Regex};
use serde_json::Value;
use std::{fs, sync::LazyLock};
use url::Url;

#[expect(clippy::expect_used, reason = "the pattern is fixed, and a test compiles it")]
static AUTHORITY: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r#"://(?P<userinfo>[^\s/"'<>@]*@)?(?P<host>[^\s/"'<>?#\\]+)"#).expect("a valid pattern")
});

/// Parts of the names of variables that contain secrets.
const SECRET_NAME_PARTS: &[&str] =
    &["PASS", "PWD", "SECRET", "TOKEN", "KEY", "CREDENTIAL", "AUTH", "URL", "DSN", "PROXY"];

/// Replaces secrets, hosts and the home folder in texts.
pub(super) struct BundleRedactor {
    secrets: Vec<String>,
    hosts: Vec<String>,
    home: Option<String>,
}

impl BundleRedactor {
    pub(super) fn new(request: &BundleRequest, config: Option<&Config>) -> Self {
        let mut found = Self { secrets: Vec::new(), hosts: Vec::new(), home: home(&request.env) };
        found.add_environment(&request.env);
        if let Some(Ok(config)) = config {
            found.add_config(config, &request.env);
        }
        let state = fs::read_to_string(&request.layout.daemon_state_path).unwrap_or_default();
        if let Ok(Value::Object(state)) = serde_json::from_str(&state) {
            found.secrets.extend(state.get("token").and_then(Value::as_str).map(str::to_owned));
        }
        for texts in [&mut found.secrets, &mut found.hosts] {
            *texts = with_json_escapes(std::mem::take(texts));
            texts.retain(|text| text.chars().count() >= MIN_SECRET_LENGTH);
        }
        found
    }

    /// Redacts a text.
    pub(super) fn text(&self, text: &str) -> String {
        let text = self.secrets.iter().fold(text.to_owned(), |text, secret| text.replace(secret, MASK));
        let text = self.hosts.iter().fold(text, |text, host| text.replace(host, "<host>"));
        let text = AUTHORITY.replace_all(&text, |found: &Captures<'_>| match &found["host"] {
            host if is_loopback(host) => format!("://{host}"),
            _ => "://<host>".to_owned(),
        });
        let text = redact::text(&text);
        self.home.iter().fold(text, |text, home| text.replace(home, "~"))
    }

    fn add_environment(&mut self, env: &Environment) {
        for (name, value) in env.iter() {
            if SECRET_NAME_PARTS.iter().any(|part| name.to_ascii_uppercase().contains(part)) {
                self.add(value);
            }
        }
    }

    fn add_config(&mut self, config: &Value, env: &Environment) {
        match config {
            Value::String(text) => match text.strip_prefix("env:").and_then(|name| env.get(name)) {
                Some(value) => self.add(value),
                None => self.add_text(text),
            },
            // It may be a password; shorter numbers occur in every log.
            Value::Number(number) if number.to_string().len() >= 2 * MIN_SECRET_LENGTH => {
                self.secrets.push(number.to_string())
            }
            Value::Array(items) => items.iter().for_each(|item| self.add_config(item, env)),
            Value::Object(fields) => {
                for (key, value) in fields {
                    match value {
                        Value::String(text) if redact::is_secret_name(key) && !text.starts_with("env:") => {
                            self.add(text);
                        }
                        Value::String(text) if key == "host" => self.hosts.push(text.clone()),
                        other => self.add_config(other, env),
                    }
                }
            }
            _ => {}
        }
    }

    /// Adds a secret value, and its parts if it is a URL.
    fn add(&mut self, value: &str) {
        // Paths, switches and short numbers are not secret.
        if !value.starts_with('/') && value.chars().count() >= 2 * MIN_SECRET_LENGTH {
            self.secrets.push(value.to_owned());
        }
        self.add_text(value);
    }

    /// Adds the secret parts and the host of a URL; ignores other texts.
    fn add_text(&mut self, text: &str) {
        let Ok(url) = Url::parse(text) else { return };
        self.hosts.extend(url.host_str().filter(|host| !is_loopback(host)).map(str::to_owned));
        let raw_userinfo = text.split_once("://").and_then(|(_, rest)| rest.rsplit_once('@')).map(|(user, _)| user);
        let raw_password = raw_userinfo.and_then(|user| user.split_once(':')).map(|(_, password)| password);
        let query =
            url.query_pairs().filter(|(key, _)| redact::is_secret_name(key)).map(|(_, value)| value.into_owned());
        let mut secrets: Vec<String> = query.collect();
        secrets.extend(raw_userinfo.filter(|user| user.contains(':')).map(str::to_owned));
        for password in url.password().into_iter().chain(raw_password) {
            secrets.extend([password.to_owned(), percent_decode_str(password).decode_utf8_lossy().into_owned()]);
        }
        self.secrets.extend(secrets);
    }
}

fn is_loopback(host: &str) -> bool {
    let name = host.strip_prefix('[').map_or_else(|| host.split(':').next(), |rest| rest.split(']').next());
    matches!(name, Some("127.0.0.1" | "localhost" | "::1"))
}

fn home(env: &Environment) -> Option<String> {
    let home = env.get("HOME").or_else(|| env.get("USERPROFILE"))?;
    (home.len() > 1).then(|| home.trim_end_matches(['/', '\\']).to_owned())
}
