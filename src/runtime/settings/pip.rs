//! `pip.conf`, as pip itself reads it. The settings that count are handed on as variables, and no file is read then.

use crate::env::Environment;
use std::collections::BTreeMap;

/// What is read from here is empty, and what is written to it is gone.
const NOTHING: &str = if cfg!(windows) { "nul" } else { "/dev/null" };

/// Names the files to read; this value none at all.
const CONFIG_FILE: (&str, &str) = ("PIP_CONFIG_FILE", NOTHING);

/// Sections that count for an installation, the stronger one last. The variables are a section for pip as well.
const SECTIONS: &[&str] = &["global", "install"];
const VARIABLES: &str = ":env:";

/// What is kept: indexes, proxies, certificates, credentials, patience and caches.
const KEPT: &[&str] = &[
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

/// Settings that hold a list of switches, and the only one of them that is about certificates.
const SWITCHES: &[(&str, &str)] = &[("use-deprecated", "legacy-certs"), ("use-feature", "truststore")];

/// Two names of one setting: a variable of either wins over a file's other one.
const SAME: [&str; 2] = ["timeout", "default-timeout"];

/// What would bend `pip config list` itself if it stood in a file: `user = true` makes it list one file alone, `quiet`
/// nothing; with `log` it writes into a file of the user's or fails to. Variables win over files.
const LISTING: &[(&str, &str)] = &[
    ("PIP_GLOBAL", "0"),
    ("PIP_ISOLATED", "0"),
    ("PIP_LOG", NOTHING),
    ("PIP_QUIET", "0"),
    ("PIP_SITE", "0"),
    ("PIP_USER", "0"),
    ("PIP_VERBOSE", "0"),
];

/// The environment in which the pip of `python` lists its configuration. A file may name another interpreter,
/// and an empty variable does not count.
pub(in crate::runtime) fn listing(env: &Environment, python: &str) -> Environment {
    LISTING.iter().fold(env.clone().with("PIP_PYTHON", python), |env, (name, value)| env.with(name, *value))
}

/// The environment for pip: `listed` is what `pip config list` printed in `env`, which has the user's variables.
pub(in crate::runtime) fn environment(env: &Environment, listed: &str) -> Environment {
    let is_set = |key: &str| env.get(&variable(key)).is_some();
    let mut kept = env.clone();
    for (key, value) in settings(listed) {
        let overridden = is_set(&key) || (SAME.contains(&key.as_str()) && SAME.iter().any(|name| is_set(name)));
        if !overridden {
            kept = kept.with(&variable(&key), value);
        }
    }
    kept.with(CONFIG_FILE.0, CONFIG_FILE.1)
}

fn variable(key: &str) -> String {
    format!("PIP_{}", key.to_uppercase().replace('-', "_"))
}

/// The settings that count, each with its strongest value. Lines that are no setting, of a wrapper, are passed over.
fn settings(listed: &str) -> BTreeMap<String, String> {
    let mut found: BTreeMap<String, (usize, String)> = BTreeMap::new();
    for line in listed.lines() {
        let Some((name, value)) = line.split_once('=') else { continue };
        let Some((section, key)) = name.rsplit_once('.') else { continue };
        let (Some(value), Some(rank)) = (unquoted(value.trim_end()), rank(section)) else { continue };
        let Some(value) = kept(key, value) else { continue };
        if found.get(key).is_none_or(|(present, _)| *present <= rank) {
            found.insert(key.to_owned(), (rank, value));
        }
    }
    found.into_iter().map(|(key, (_, value))| (key, value)).collect()
}

fn rank(section: &str) -> Option<usize> {
    let file = SECTIONS.iter().position(|known| *known == section);
    file.or_else(|| (section == VARIABLES).then_some(SECTIONS.len()))
}

fn kept(key: &str, value: String) -> Option<String> {
    if KEPT.contains(&key) {
        return Some(value);
    }
    let (_, switch) = SWITCHES.iter().find(|(name, _)| *name == key)?;
    value.split([' ', '\n', ',']).any(|word| word == *switch).then(|| (*switch).to_owned())
}

/// The text of a Python string literal, as `repr` writes it.
fn unquoted(literal: &str) -> Option<String> {
    let quote = literal.chars().next().filter(|quote| matches!(quote, '\'' | '"'))?;
    let inner = literal.strip_prefix(quote)?.strip_suffix(quote)?;
    let mut text = String::new();
    let mut rest = inner.chars();
    while let Some(letter) = rest.next() {
        text.push(if letter == '\\' { escaped(&mut rest)? } else { letter });
    }
    Some(text)
}

fn escaped(rest: &mut std::str::Chars<'_>) -> Option<char> {
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
    fn what_leads_to_packages_stays_and_what_bends_goes() {
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
    fn the_section_of_installations_wins_over_the_general_one_and_variables_over_both() {
        let listed = "install.timeout='2'\nglobal.timeout='1'\nglobal.proxy=\"http://p'\"\n";
        assert_eq!(variables(&[], listed), pairs(&[("PIP_TIMEOUT", "2"), ("PIP_PROXY", "http://p'")]));
        let own = [("PIP_DEFAULT_TIMEOUT", "7"), ("PIP_PROXY", "")];
        assert_eq!(variables(&own, listed), pairs(&own));
    }

    #[test]
    fn of_features_only_those_about_certificates_count() {
        let listed = ":env:.use-feature='fast-deps truststore'\nglobal.use-deprecated='legacy-resolver'\n";
        assert_eq!(variables(&[], listed), pairs(&[("PIP_USE_FEATURE", "truststore")]));
    }

    #[test]
    fn lines_that_are_no_settings_are_passed_over() {
        let listed = "WARNING: conda is deprecated\n=\nglobal.index-url=unquoted\nglobal.index-url='a\n";
        assert_eq!(variables(&[], listed), pairs(&[]));
    }
}
