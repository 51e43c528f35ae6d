//! Checks a parsed `ktx.yaml` beyond its types: unknown keys and adapters, and ids of connections.

use super::{
    adapter::Adapter,
    config::{
        CONFIG_FILE, Config, Connection, Connections, EnvironmentSettings, HistoricSql, Ingest, Mappings,
        ProfileSettings,
    },
    environments::connections_in,
    policy::{DenySettings, Policy, PolicySettings},
    yaml,
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

fn valid_keys(all: &[String]) -> &'static [&'static str] {
    let parents: Vec<_> = all.iter().map(String::as_str).collect();
    match parents[..] {
        ["environments", _] => serde_introspect::<EnvironmentSettings>(),
        ["environments", _, "connections", ..] => valid_keys(&all[2..]),
        [] => serde_introspect::<Config>(),
        ["ingest"] => serde_introspect::<Ingest>(),
        ["connections", _] => serde_introspect::<Connection>(),
        ["connections", _, "historicSql"] => serde_introspect::<HistoricSql>(),
        ["connections", _, "profile"] => serde_introspect::<ProfileSettings>(),
        ["connections", _, "policy"] => serde_introspect::<PolicySettings>(),
        ["connections", _, "policy", "deny"] => serde_introspect::<DenySettings>(),
        ["connections", _, "mappings"] => serde_introspect::<Mappings>(),
        _ => &[],
    }
}

/// Checks the ids and drivers of connections, in every environment.
pub(super) fn check_connections(config: &Config, text: &str) -> Result<()> {
    check_drivers(&config.connections, &[], text)?;
    check_ids(&config.connections)?;
    for (name, settings) in &config.environments {
        let mut added = settings.connections.clone();
        added.retain(|id, _| !config.connections.contains_key(id));
        check_drivers(&added, &["environments", name], text)?;
        check_ids(&connections_in(config, name)?)?;
    }
    Ok(())
}

/// Rejects connections without a driver.
fn check_drivers(connections: &Connections, parents: &[&str], text: &str) -> Result<()> {
    let Some((id, _)) = connections.iter().find(|(_, connection)| connection.driver.is_empty()) else {
        return Ok(());
    };
    let path = [parents, &["connections", id]].concat();
    let message = format!("{}: {}: the key driver is missing", place(text, &path), path.join("."));
    Err(Error::new(Code::ProjectInvalid, message))
}

/// Rejects invalid patterns of data policies, with the line and the column of their list.
pub(super) fn check_policies(config: &Config, text: &str) -> Result<()> {
    let check = |connections: &Connections, parents: &[&str]| {
        connections.iter().try_for_each(|(id, connection)| {
            let (keys, error) = match connection.policy.as_ref().map(Policy::parse) {
                Some(Err(found)) => found,
                Some(Ok(_)) | None => return Ok(()),
            };
            let path = [parents, &["connections", id, "policy"], &keys].concat();
            let message = format!("{}: {}: {error}", place(text, &path), path.join("."));
            Err(Error::new(Code::ProjectInvalid, message))
        })
    };
    check(&config.connections, &[])?;
    config.environments.iter().try_for_each(|(name, settings)| check(&settings.connections, &["environments", name]))
}

/// Returns `ktx.yaml:<line>:<column>` of a value.
pub(super) fn place(text: &str, path: &[&str]) -> String {
    match yaml::locate(text, path) {
        Some((line, column)) => format!("{CONFIG_FILE}:{line}:{column}"),
        None => CONFIG_FILE.to_owned(),
    }
}

/// Rejects ids that differ in letter case only, since each connection has a folder. Rejects empty ids.
fn check_ids(connections: &Connections) -> Result<()> {
    let mut seen = HashMap::new();
    for id in connections.keys() {
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
            ["ktx.yaml: unknown key zzz; expected one of: project, connections, environments, ingest"]
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
