//! Checks a parsed `ktx.yaml` beyond its types: unknown keys and adapters, and ids of connections.

use super::{
    adapter::Adapter,
    config::{Config, Connection, HistoricSql, Ingest, Mappings},
};
use crate::{
    error::{Code, Error, Result},
    project::{file_names::fold_case, suggest::hint},
};
use serde_aux::serde_introspection::serde_introspect;
use std::collections::HashMap;

/// Returns a warning for each unknown key and adapter.
pub(super) fn warnings(config: &Config, unknown: &[Vec<String>]) -> Vec<String> {
    let keys = unknown.iter().filter_map(|keys| {
        let (key, parents) = keys.split_last()?;
        Some(format!("ktx.yaml: unknown key {}{}", keys.join("."), hint(key, valid_keys(parents))))
    });
    let adapters = config.ingest.adapters.iter().flatten().filter(|name| !Adapter::NAMES.contains(&name.as_str()));
    let adapters = adapters.map(|name| format!("ktx.yaml: unknown adapter {name}{}", hint(name, Adapter::NAMES)));
    keys.chain(adapters).collect()
}

fn valid_keys(parents: &[String]) -> &'static [&'static str] {
    let parents: Vec<_> = parents.iter().map(String::as_str).collect();
    match parents[..] {
        [] => serde_introspect::<Config>(),
        ["ingest"] => serde_introspect::<Ingest>(),
        ["connections", _] => serde_introspect::<Connection>(),
        ["connections", _, "historicSql"] => serde_introspect::<HistoricSql>(),
        ["connections", _, "mappings"] => serde_introspect::<Mappings>(),
        _ => &[],
    }
}

/// Rejects ids that differ in letter case only, since each connection has a folder. Rejects empty ids.
pub(super) fn check_ids(config: &Config) -> Result<()> {
    let mut seen = HashMap::new();
    for id in config.connections.keys() {
        if id.trim().is_empty() {
            let error = Error::new(Code::ProjectInvalid, "ktx.yaml: a connection has an empty name");
            return Err(error.with_hint("Give it a name"));
        }
        if let Some(other) = seen.insert(fold_case(id), id) {
            let message = format!("ktx.yaml: the connections {other} and {id} differ only in letter case");
            return Err(Error::new(Code::ProjectInvalid, message).with_hint("Rename one of them"));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use crate::project::parse_config as parse;

    fn warnings(text: &str) -> Vec<String> {
        parse(text).unwrap().1
    }

    #[test]
    fn unknown_keys_are_warnings_with_the_nearest_key() {
        assert_eq!(
            warnings("projct: a\nconnections: { w: { driver: x, read_only: true, historicSql: { mincalls: 3 } } }"),
            [
                "ktx.yaml: unknown key projct; did you mean project?",
                "ktx.yaml: unknown key connections.w.read_only; did you mean readonly?",
                "ktx.yaml: unknown key connections.w.historicSql.mincalls; did you mean minCalls?",
            ]
        );
    }

    #[test]
    fn valid_keys_are_listed_if_none_is_near() {
        assert_eq!(
            warnings("zzz: { a: 1 }"),
            ["ktx.yaml: unknown key zzz; expected one of: project, connections, ingest"]
        );
        assert_eq!(
            warnings("ingest: { adapters: [live-databse], q: 1 }"),
            [
                "ktx.yaml: unknown key ingest.q; expected one of: adapters",
                "ktx.yaml: unknown adapter live-databse; did you mean live-database?"
            ]
        );
    }

    #[test]
    fn ids_that_differ_in_letter_case_only_are_rejected() {
        let error = parse("connections: { Shop: { driver: x }, shop: { driver: x } }").unwrap_err();
        assert_eq!(error.to_string(), "ktx.yaml: the connections Shop and shop differ only in letter case");
        assert!(parse("connections: { '': { driver: x } }").is_err());
    }
}
