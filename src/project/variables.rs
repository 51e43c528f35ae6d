//! Environment variables that the connections of a project refer to.

use super::{
    Project,
    config::{Connection, Connections},
    drivers, environments,
    secrets::Reference,
};
use crate::error::Result;
use std::collections::BTreeSet;

impl Project {
    /// Returns the names in `env:NAME` of all connections, in all environments of `ktx.yaml`, sorted.
    ///
    /// Errors: [`crate::error::Code::ProjectInvalid`] for the connections of an environment.
    pub fn variables(&self) -> Result<Vec<String>> {
        let mut names = BTreeSet::new();
        let mut add = |connections: &Connections| names.extend(connections.values().flat_map(names_in));
        add(&self.config.connections);
        for name in self.config.environments.keys() {
            add(&environments::connections_in(&self.config, name)?);
        }
        Ok(names.into_iter().collect())
    }
}

fn names_in(connection: &Connection) -> Vec<String> {
    let values = drivers::values(connection).map(|(_, value)| value).chain(connection.url.clone());
    let names = values.filter_map(|value| match Reference::parse(&value) {
        Reference::Env(name) => Some(name.to_owned()),
        _ => None,
    });
    names.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn variables_of_all_environments_are_listed_once() {
        let dir = tempfile::tempdir().unwrap();
        let text = "connections:
  a: { driver: postgres, url: env:SHOP_URL, readonly: true }
  b: { driver: postgres, host: h, user: u, password: env:PASSWORD, readonly: true }
  c: { driver: sqlite, path: ./shop.db, readonly: true }
environments:
  prod: { connections: { a: { url: env:PROD_URL } } }
";
        let project = Project::parsed(dir.path(), text);
        assert_eq!(project.variables().unwrap(), ["PASSWORD", "PROD_URL", "SHOP_URL"]);
    }
}
