//! Named environments of `ktx.yaml`, such as `dev` and `prod`: each overrides connections, key by key.

use super::{
    Project,
    config::{Config, Connection, Connections},
    drivers, suggest,
};
use crate::error::{Code, Error, Result};

impl Project {
    /// Selects an environment.
    ///
    /// Errors: [`Code::EnvironmentUnknown`].
    pub fn in_environment(mut self, name: Option<&str>) -> Result<Self> {
        let Some(name) = name else { return Ok(self) };
        self.connections = connections_in(&self.config, name)?;
        self.environment = Some(name.to_owned());
        Ok(self)
    }
}

/// Returns the connections with the overrides of an environment.
///
/// Errors: [`Code::EnvironmentUnknown`].
pub(super) fn connections_in(config: &Config, name: &str) -> Result<Connections> {
    let settings = config.environments.get(name).ok_or_else(|| unknown(config, name))?;
    let mut connections = config.connections.clone();
    for (id, overrides) in &settings.connections {
        let merged = match connections.get(id) {
            Some(base) => merge(base, overrides)?,
            None => overrides.clone(),
        };
        connections.insert(id.clone(), merged);
    }
    Ok(connections)
}

fn unknown(config: &Config, name: &str) -> Error {
    let names: Vec<_> = config.environments.keys().map(String::as_str).collect();
    let message = format!("There is no environment {name} in ktx.yaml");
    if names.is_empty() {
        return Error::new(Code::EnvironmentUnknown, format!("{message}: it has none"))
            .with_hint("Add it below environments, or select none");
    }
    let nearest = suggest::nearest(name, names.iter().copied());
    let suggestion = nearest.map_or_else(String::new, |nearest| format!(" (did you mean {nearest}?)"));
    Error::new(Code::EnvironmentUnknown, format!("{message}{suggestion}; available: {}", names.join(", ")))
}

/// Keys whose values name a profile that an address is taken from.
pub(super) const PROFILES: &[&str] = &["dbt_profile", "service"];

/// Overrides a connection key by key. A URL, a path, a profile and the parts of a URL replace each other; parts only add
/// to a profile.
pub(super) fn merge(base: &Connection, overrides: &Connection) -> Result<Connection> {
    let (mut merged, overrides) = (base.keys()?, overrides.keys()?);
    let parts: Vec<_> = drivers::all_parts().filter(|part| part.is_in_url()).map(|part| part.key).collect();
    let replaced: Vec<&str> = match () {
        () if PROFILES.iter().any(|key| overrides.contains_key(*key)) => {
            [&parts[..], &["url", "path"], PROFILES].concat()
        }
        () if overrides.contains_key("url") => [&parts[..], &["path"], PROFILES].concat(),
        () if overrides.contains_key("path") => [&parts[..], &["url"], PROFILES].concat(),
        () if parts.iter().any(|key| overrides.contains_key(*key)) => vec!["url", "path"],
        () => Vec::new(),
    };
    merged.retain(|key, _| !replaced.contains(&key.as_str()));
    merged.extend(overrides);
    Connection::from_keys(merged)
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "
connections:
  w: { driver: postgres, host: dev.example, user: ada, password: env:DEV, database: shop, readonly: true, schemas: [a] }
  u: { driver: postgres, url: env:U, readonly: true }
environments:
  prod:
    connections:
      w: { host: prod.example, password: env:PROD }
      u: { host: h, schemas: [] }
      new: { driver: sqlite, path: ./x.db }
  by-url: { connections: { w: { url: env:W } } }
  empty:
";

    fn in_environment(name: &str) -> Result<Project> {
        Project::parsed("/p".as_ref(), TEXT).in_environment(Some(name))
    }

    #[test]
    fn overrides_are_merged_key_by_key() {
        let project = in_environment("prod").unwrap();
        let w = &project.connections["w"];
        assert_eq!((w.host.as_deref(), w.user.as_deref()), (Some("prod.example"), Some("ada")));
        assert_eq!((w.password.as_deref(), w.is_readonly()), (Some("env:PROD"), true));
        assert_eq!(project.connections.keys().collect::<Vec<_>>(), ["w", "u", "new"]);
        assert_eq!(project.view().environment.as_deref(), Some("prod"));
        assert_eq!(project.view().environments, ["prod", "by-url", "empty"]);
        assert_eq!(in_environment("empty").unwrap().connections, project.config.connections);
    }

    #[test]
    fn url_replaces_parts_and_parts_replace_a_url() {
        let w = &in_environment("by-url").unwrap().connections["w"];
        assert_eq!((w.url.as_deref(), &w.host, &w.user), (Some("env:W"), &None, &None));
        assert_eq!(w.schemas, Some(vec!["a".to_owned()]));
        let u = &in_environment("prod").unwrap().connections["u"];
        assert_eq!((&u.url, u.host.as_deref(), u.schemas.as_deref()), (&None, Some("h"), Some(&[][..])));
    }

    #[test]
    fn unknown_environment_error_lists_the_existing_ones() {
        let error = in_environment("prd").unwrap_err();
        assert_eq!(error.code(), Code::EnvironmentUnknown);
        let expected = "There is no environment prd in ktx.yaml (did you mean prod?); available: prod, by-url, empty";
        assert_eq!(error.to_string(), expected);
        let none = Project::parsed("/p".as_ref(), "project: x").in_environment(Some("dev")).unwrap_err();
        assert!(none.to_string().ends_with("it has none"), "{none}");
    }
}
