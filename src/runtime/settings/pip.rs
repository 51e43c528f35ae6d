//! Settings of `pip.conf`, as listed by pip itself. Allowed settings are passed to pip as variables; its configuration
//! files are then disabled.

use crate::env::Environment;
use std::collections::BTreeMap;

/// The null device.
const NULL_DEVICE: &str = if cfg!(windows) { "nul" } else { "/dev/null" };

/// Variable that disables pip's configuration files.
const CONFIG_FILE: (&str, &str) = ("PIP_CONFIG_FILE", NULL_DEVICE);

/// Sections that apply to an installation, in increasing precedence.
const SECTIONS: &[&str] = &["global", "install"];
/// The section in which pip lists environment variables.
const VARIABLES: &str = ":env:";

/// Allowed settings: indexes, proxies, certificates, credentials, timeouts, retries and caches.
const ALLOWED_KEYS: &[&str] = &[
    "cache-dir",
    "cert",
    "client-cert",
    "default-timeout",
    "extra-index-url",
    "find-links",
    "index-url",
    "keyring-provider",
    "no-cache-dir",
    "no-index",
    "proxy",
    "retries",
    "timeout",
    "trusted-host",
];

/// Settings with a list of switches, with the only allowed switch of each, which is about certificates.
const ALLOWED_SWITCHES: &[(&str, &str)] = &[("use-deprecated", "legacy-certs"), ("use-feature", "truststore")];

/// Two names of one setting; a variable with either name overrides both in a file.
const TIMEOUT_KEYS: [&str; 2] = ["timeout", "default-timeout"];

/// Variables that override settings of a file which would change the output of `pip config list`: with `user = true` it
/// lists a single file, with `quiet` nothing, and with `log` it writes to a file of the user.
const LISTING_VARIABLES: &[(&str, &str)] = &[
    ("PIP_GLOBAL", "0"),
    ("PIP_ISOLATED", "0"),
    ("PIP_LOG", NULL_DEVICE),
    ("PIP_QUIET", "0"),
    ("PIP_SITE", "0"),
    ("PIP_USER", "0"),
    ("PIP_VERBOSE", "0"),
];

/// The environment in which the pip of `python` lists its configuration. `PIP_PYTHON` overrides an interpreter that a
/// file may name.
pub(in crate::runtime) fn listing_environment(env: &Environment, python: &str) -> Environment {
    LISTING_VARIABLES.iter().fold(env.clone().with("PIP_PYTHON", python), |env, (name, value)| env.with(name, *value))
}

/// The environment for pip: `env`, which has the user's variables, and the allowed settings in `listed`, the output of
/// `pip config list`.
pub(in crate::runtime) fn environment(env: &Environment, listed: &str) -> Environment {
    let is_set = |key: &str| env.get(&variable(key)).is_some();
    let mut result = env.clone();
    for (key, value) in settings(listed) {
        let overridden =
            is_set(&key) || (TIMEOUT_KEYS.contains(&key.as_str()) && TIMEOUT_KEYS.iter().any(|name| is_set(name)));
        if !overridden {
            result = result.with(&variable(&key), value);
        }
    }
    result.with(CONFIG_FILE.0, CONFIG_FILE.1)
}

fn variable(key: &str) -> String {
    format!("PIP_{}", key.to_uppercase().replace('-', "_"))
}

/// The allowed settings, each with the value of highest precedence. Other lines, such as those of a wrapper, are
/// ignored.
fn settings(listed: &str) -> BTreeMap<String, String> {
    let mut found: BTreeMap<String, (usize, String)> = BTreeMap::new();
    for line in listed.lines() {
        let Some((name, value)) = line.split_once('=') else { continue };
        let Some((section, key)) = name.rsplit_once('.') else { continue };
        let (Some(value), Some(rank)) = (parse_python_string(value.trim_end()), rank(section)) else { continue };
        let Some(value) = allowed_value(key, value) else { continue };
        if found.get(key).is_none_or(|(present, _)| *present <= rank) {
            found.insert(key.to_owned(), (rank, value));
        }
    }
    found.into_iter().map(|(key, (_, value))| (key, value)).collect()
}

fn rank(section: &str) -> Option<usize> {
    let file = SECTIONS.iter().position(|name| *name == section);
    file.or_else(|| (section == VARIABLES).then_some(SECTIONS.len()))
}

fn allowed_value(key: &str, value: String) -> Option<String> {
    if ALLOWED_KEYS.contains(&key) {
        return Some(value);
    }
    let (_, switch) = ALLOWED_SWITCHES.iter().find(|(name, _)| *name == key)?;
    value.split([' ', '\n', ',']).any(|word| word == *switch).then(|| (*switch).to_owned())
}

/// Parses a Python string literal, as `repr` writes it.
fn parse_python_string(literal: &str) -> Option<String> {
    let quote = literal.chars().next().filter(|quote| matches!(quote, '\'' | '"'))?;
    let inner = literal.strip_prefix(quote)?.strip_suffix(quote)?;
    let mut text = String::new();
    let mut rest = inner.chars();
    while let Some(letter) = rest.next() {
        text.push(if letter == '\\' { parse_escape(&mut rest)? } else { letter });
    }
    Some(text)
}

fn parse_escape(rest: &mut std::str::Chars<'_>) -> Option<char> {
    let digits = match rest.next()? {
        'n' => return Some('\n'),
        'r' => return Some('\r'),
        't' => return Some('\t'),
        'x' => 2,
        'u' => 4,
        'U' => 8,
        letter => return Some(letter),
    };
    let code: String = rest.by_ref().take(digits).collect();
    u32::from_str_radix(&code, 16).ok().and_then(char::from_u32)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn variables(env: &[(&str, &str)], listed: &str) -> Vec<(String, String)> {
        let env = env.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        let env = environment(&env, listed).filtered(|name| name.starts_with("PIP_"));
        env.iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect()
    }

    fn pairs(expected: &[(&str, &str)]) -> Vec<(String, String)> {
        let none = [CONFIG_FILE];
        let mut all: Vec<_> = expected.iter().chain(&none).map(|(a, b)| ((*a).to_owned(), (*b).to_owned())).collect();
        all.sort();
        all
    }

    #[test]
    fn only_settings_about_sources_of_packages_are_kept() {
        let listed = r"global.index-url='https://u:p@index.example/simple'
global.extra-index-url='\nhttps://a.example\nhttps://b.example'
global.user='true'
install.target='/home/u/x'
install.prefix='/x'
install.root='/x'
install.dry-run='true'
install.constraint='/x.txt'
install.no-binary=':all:'
install.trusted-host='index.example'
install.retries='1'
freeze.timeout='9'
global.cert='C:\\certs\\it\'s.pem'
";
        let expected = [
            ("PIP_INDEX_URL", "https://u:p@index.example/simple"),
            ("PIP_EXTRA_INDEX_URL", "\nhttps://a.example\nhttps://b.example"),
            ("PIP_TRUSTED_HOST", "index.example"),
            ("PIP_RETRIES", "1"),
            ("PIP_CERT", r"C:\certs\it's.pem"),
        ];
        assert_eq!(variables(&[], listed), pairs(&expected));
    }

    #[test]
    fn install_section_precedes_global_and_variables_precede_both() {
        let listed = "install.timeout='2'\nglobal.timeout='1'\nglobal.proxy=\"http://p'\"\n";
        assert_eq!(variables(&[], listed), pairs(&[("PIP_TIMEOUT", "2"), ("PIP_PROXY", "http://p'")]));
        let set = [("PIP_DEFAULT_TIMEOUT", "7"), ("PIP_PROXY", "")];
        assert_eq!(variables(&set, listed), pairs(&set));
    }

    #[test]
    fn only_switches_about_certificates_are_kept() {
        let listed = ":env:.use-feature='fast-deps truststore'\nglobal.use-deprecated='legacy-resolver'\n";
        assert_eq!(variables(&[], listed), pairs(&[("PIP_USE_FEATURE", "truststore")]));
    }

    #[test]
    fn lines_that_are_not_settings_are_ignored() {
        let listed = "WARNING: conda is deprecated\n=\nglobal.index-url=unquoted\nglobal.index-url='a\n";
        assert_eq!(variables(&[], listed), pairs(&[]));
    }
}
