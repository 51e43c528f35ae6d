//! Recognises variables of other tools in addresses and secrets: `${NAME}`, `$NAME` and dbt's `env_var`. `ktx.yaml` has
//! none, so that such a text would be used as the secret itself.

use super::{
    config::{Config, Connection, Connections},
    drivers::{self, PartKind},
    lint,
};
use crate::error::{Code, Error, Result};
use regex_lite::{Captures, Regex};
use std::sync::LazyLock;

#[expect(clippy::expect_used, reason = "the pattern is fixed, and a test compiles it")]
static VARIABLE: LazyLock<Regex> = LazyLock::new(|| {
    let braces = r"\$\{(?:env[:.])?(?P<braces>[A-Za-z_][A-Za-z0-9_]*)(?::?[-?+][^}]*)?\}";
    let dbt = r#"\{\{\s*env_var\(\s*['"](?P<dbt>[A-Za-z_][A-Za-z0-9_]*)['"][^}]*\}\}"#;
    // Lower-case letters are more likely a part of a password.
    let plain = r"\$(?P<plain>[A-Z_][A-Z0-9_]*)";
    Regex::new(&format!("{braces}|{dbt}|{plain}")).expect("a valid pattern")
});

/// A variable in a value.
struct Variable<'a> {
    text: &'a str,
    name: &'a str,
    start: usize,
    end: usize,
}

/// Rejects variables in the addresses and secrets of all connections.
///
/// Errors: [`Code::ProjectInvalid`] with line and column; the hint has the key to write.
pub(super) fn check(config: &Config, text: &str) -> Result<()> {
    if !text.contains('$') && !text.contains("{{") {
        return Ok(());
    }
    check_connections(&config.connections, &[], text)?;
    let mut overrides = config.environments.iter();
    overrides.try_for_each(|(name, settings)| check_connections(&settings.connections, &["environments", name], text))
}

fn check_connections(connections: &Connections, parents: &[&str], text: &str) -> Result<()> {
    for (id, connection) in connections {
        for (key, kind, value) in values(connection) {
            let Some(hint) = find_hint(key, kind, &value) else { continue };
            let path = [parents, &["connections", id, key]].concat();
            let (place, key) = (lint::place(text, &path), path.join("."));
            let variable = VARIABLE.find(&value).map_or("", |found| found.as_str());
            let message = format!("{place}: {key}: {variable} is not replaced by the value of a variable");
            return Err(Error::new(Code::ProjectInvalid, message).with_hint(hint));
        }
    }
    Ok(())
}

fn values(connection: &Connection) -> impl Iterator<Item = (&'static str, PartKind, String)> {
    let parts = drivers::values(connection).map(|(part, value)| (part.key, part.kind, value));
    parts.chain(connection.url.clone().map(|url| ("url", PartKind::Text, url)))
}

/// Returns the hint for a value with variables; `None` without any.
fn find_hint(key: &str, kind: PartKind, value: &str) -> Option<String> {
    let variables: Vec<_> = VARIABLE.captures_iter(value).filter_map(|found| variable(&found)).collect();
    match variables.first()? {
        Variable { name, text, .. } if *text == value.trim() => Some(format!("Write {key}: env:{name}")),
        // A secret may have such characters in the middle.
        _ if kind == PartKind::Secret => None,
        _ if value.contains("://") => {
            let fixes: Vec<_> = variables.iter().filter_map(|variable| fix_in_url(value, variable)).collect();
            (!fixes.is_empty()).then(|| format!("Write the parts of the url as keys, with {}", fixes.join(", ")))
        }
        Variable { name, .. } => Some(format!("Put the complete {key} into a variable, such as {key}: env:{name}")),
    }
}

fn variable<'a>(found: &Captures<'a>) -> Option<Variable<'a>> {
    let all = found.get(0)?;
    let name = ["braces", "dbt", "plain"].into_iter().find_map(|group| found.name(group))?.as_str();
    Some(Variable { text: all.as_str(), name, start: all.start(), end: all.end() })
}

/// Returns the key and the reference for a variable that is a part of a URL. `$NAME` counts only as a complete part.
fn fix_in_url(url: &str, Variable { text, name, start, end }: &Variable<'_>) -> Option<String> {
    let (before, after) = (&url[..*start], &url[*end..]);
    let is_complete =
        before.ends_with(['/', ':', '@', '=']) && (after.is_empty() || after.starts_with(['/', ':', '@', '?', '&']));
    if text.starts_with("$") && !text.starts_with("${") && !is_complete {
        return None;
    }
    let address = before.split_once("://").map_or("", |(_, address)| address);
    let is_user_information = after.contains('@');
    let key = match () {
        () if is_user_information && address.contains(':') => "password",
        () if is_user_information => "user",
        () if address.contains('?') => address.rsplit(['?', '&']).next()?.trim_end_matches('='),
        () if address.contains('/') => "database",
        () if address.rsplit('@').next()?.contains(':') => return Some(format!("port: the value of {name}")),
        () => "host",
    };
    Some(format!("{key}: env:{name}"))
}

#[cfg(test)]
mod tests {
    use crate::project::{Project, parse_config};

    fn error(connection: &str) -> (String, String) {
        let error = parse_config(&format!("connections:\n  w: {connection}\n")).unwrap_err();
        (error.to_string(), error.hint().unwrap().to_owned())
    }

    #[test]
    fn variables_are_rejected_with_position_and_fix() {
        for (connection, message, hint) in [
            (
                "{ driver: postgres, host: h, password: '${PW}' }",
                "ktx.yaml:2:45: connections.w.password: ${PW} is not replaced by the value of a variable",
                "Write password: env:PW",
            ),
            (
                "{ driver: postgres, url: $WAREHOUSE_URL }",
                "ktx.yaml:2:31: connections.w.url: $WAREHOUSE_URL is not replaced by the value of a variable",
                "Write url: env:WAREHOUSE_URL",
            ),
            (
                "{ driver: postgres, host: h, password: \"{{ env_var('DBT_PW', 'x') }}\" }",
                "ktx.yaml:2:45: connections.w.password: {{ env_var('DBT_PW', 'x') }} is not replaced by the value of a variable",
                "Write password: env:DBT_PW",
            ),
            (
                "{ driver: postgres, url: 'postgres://ada:${PW}@$HOST:5432/${DB:-shop}' }",
                "ktx.yaml:2:31: connections.w.url: ${PW} is not replaced by the value of a variable",
                "Write the parts of the url as keys, with password: env:PW, host: env:HOST, database: env:DB",
            ),
            (
                "{ driver: looker, client_secret: '${LOOKER_SECRET}' }",
                "ktx.yaml:2:39: connections.w.client_secret: ${LOOKER_SECRET} is not replaced by the value of a variable",
                "Write client_secret: env:LOOKER_SECRET",
            ),
        ] {
            assert_eq!(error(connection), (message.to_owned(), hint.to_owned()));
        }
    }

    #[test]
    fn overrides_of_environments_are_checked() {
        let text = "environments:\n  prod:\n    connections:\n      w: { driver: postgres, host: '${H}' }\n";
        let error = parse_config(text).unwrap_err().to_string();
        assert!(error.starts_with("ktx.yaml:4:36: environments.prod.connections.w.host: ${H} "), "{error}");
    }

    #[test]
    fn passwords_with_dollars_are_accepted() {
        for connection in [
            "{ driver: postgres, url: 'postgres://u:pa$WORD@h/d' }",
            "{ driver: postgres, url: 'postgres://u:$ecret@h/d' }",
            "{ driver: postgres, host: h, password: 'a${B}c' }",
            "{ driver: postgres, host: h, password: '$ecret' }",
            "{ driver: postgres, url: env:W }",
        ] {
            Project::parsed("/p".as_ref(), &format!("connections: {{ w: {connection} }}"));
        }
    }
}
