//! Configuration of the `looker` adapter: the instance, its API credentials, and the mapping of its connections.

use super::{Project, config::Connection, connection::invalid};
use crate::{
    env::Environment,
    error::Result,
    http::{is_loopback, parse_base_url},
    redact::SecretText,
};
use indexmap::IndexMap;
use url::Url;

/// A resolved connection to a Looker instance, with its secrets.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LookerInstance {
    /// Id of the connection.
    pub connection_id: String,
    /// URL of the instance; ends with `/`.
    pub base_url: Url,
    /// Id of the API client.
    pub client_id: SecretText,
    /// Secret of the API client.
    pub client_secret: SecretText,
    /// Connections of this project, by the names of Looker's connections.
    pub mappings: IndexMap<String, ConnectionMapping>,
    /// The selected environment.
    pub environment: Option<String>,
}

/// Target of the mapping of a Looker connection.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ConnectionMapping {
    /// A connection of the project.
    Resolved {
        /// Its id.
        connection_id: String,
        /// Its driver, as written in `ktx.yaml`.
        driver: String,
    },
    /// A connection that the project does not have, with the error message.
    Missing(String),
}

impl Project {
    /// Whether the connection exists and its driver is Looker.
    pub fn is_looker(&self, id: &str) -> bool {
        self.connection(id).is_ok_and(|connection| connection.driver.trim() == "looker")
    }

    /// Ids of the connections whose driver is Looker, in the order of `ktx.yaml`.
    pub fn looker_connections(&self) -> Vec<String> {
        self.connections.keys().filter(|id| self.is_looker(id)).cloned().collect()
    }

    /// Resolves the Looker instance of a connection.
    ///
    /// Errors: [`crate::error::Code::ConnectionUnknown`], [`crate::error::Code::ConnectionInvalid`],
    /// [`crate::error::Code::SecretMissing`].
    pub fn looker(&self, id: &str, env: &Environment) -> Result<LookerInstance> {
        let connection = self.connection(id)?;
        if connection.driver.trim() != "looker" {
            return Err(invalid(format!(
                "The connection {id} is not a Looker instance: its driver is {}",
                connection.driver
            ))
            .with_hint("Choose a connection whose driver is looker"));
        }
        let secrets = self.secrets(id, env)?;
        let secret = |key: &str, value: &Option<String>, example: &str| match value {
            Some(value) => secrets.resolve(&format!("connections.{id}.{key}"), value),
            None => Err(missing_key(id, key, example)),
        };
        let base_url = secret("base_url", &connection.base_url, "https://looker.example.com")?;
        Ok(LookerInstance {
            connection_id: id.to_owned(),
            base_url: parse_instance_url(id, base_url.expose())?,
            client_id: secret("client_id", &connection.client_id, "env:LOOKER_CLIENT_ID")?,
            client_secret: secret("client_secret", &connection.client_secret, "env:LOOKER_CLIENT_SECRET")?,
            mappings: self.mappings(connection),
            environment: self.environment.clone(),
        })
    }

    fn mappings(&self, connection: &Connection) -> IndexMap<String, ConnectionMapping> {
        let mappings = connection.mappings.iter().flat_map(|mappings| &mappings.connection_mappings);
        let resolve = |id: &String| match self.connections.get(id) {
            Some(target) => {
                ConnectionMapping::Resolved { connection_id: id.clone(), driver: target.driver.trim().to_owned() }
            }
            None => ConnectionMapping::Missing(self.unknown_connection(id).with_hint_text()),
        };
        mappings.map(|(name, id)| (name.clone(), resolve(id))).collect()
    }
}

const CORRECT_HINT: &str = "Correct it in ktx.yaml";

fn missing_key(id: &str, key: &str, example: &str) -> crate::error::Error {
    invalid(format!("The connection {id} has no {key}"))
        .with_hint(format!("Add one to it in ktx.yaml, such as {key}: {example}"))
}

/// Parses the URL of an instance, or that of its API.
fn parse_instance_url(id: &str, text: &str) -> Result<Url> {
    let trimmed = text.trim().trim_end_matches('/');
    let trimmed = trimmed.strip_suffix("/api/4.0").or(trimmed.strip_suffix("/api")).unwrap_or(trimmed);
    let url = parse_base_url(&format!("{trimmed}/")).map_err(|reason| {
        invalid(format!("The base_url of the connection {id} cannot be used: {reason}")).with_hint(CORRECT_HINT)
    })?;
    if url.scheme() != "https" && !is_loopback(&url) {
        return Err(invalid(format!(
            "The base_url of the connection {id} is not an https URL, and secrets would cross the network in the clear"
        ))
        .with_hint(CORRECT_HINT));
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err(invalid(format!("The base_url of the connection {id} has credentials in it"))
            .with_hint("Put them into client_id and client_secret in ktx.yaml"));
    }
    Ok(url)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::Code;

    fn looker(connection: &str) -> Result<LookerInstance> {
        let text = format!("connections:\n  l: {connection}\n  w: {{ driver: snowflake }}\n");
        let project = Project::parsed("/p".as_ref(), &text);
        let env = Environment::default().with("ID", "me").with("SECRET", "hunter2").with("KTX_TRUST", "1");
        project.looker("l", &env)
    }

    #[test]
    fn instance_is_resolved_and_its_debug_output_masked() {
        let instance = looker(
            "{ driver: looker, base_url: 'https://l.example:19999/api/4.0/', client_id: env:ID, client_secret: env:SECRET,
               mappings: { connectionMappings: { a: w, b: ww } } }",
        )
        .unwrap();
        assert_eq!(instance.base_url.as_str(), "https://l.example:19999/");
        assert_eq!((instance.client_id.expose(), instance.client_secret.expose()), ("me", "hunter2"));
        assert_eq!(
            instance.mappings["a"],
            ConnectionMapping::Resolved { connection_id: "w".into(), driver: "snowflake".into() }
        );
        assert!(matches!(&instance.mappings["b"], ConnectionMapping::Missing(why) if why.contains("did you mean w?")));
        assert!(!format!("{instance:?}").contains("hunter2"));
    }

    #[test]
    fn invalid_settings_are_rejected_with_a_hint() {
        let with = |rest: &str| format!("{{ driver: looker, client_id: env:ID, client_secret: env:SECRET, {rest} }}");
        for (connection, code, part) in [
            ("{ driver: postgres }".to_owned(), Code::ConnectionInvalid, "is not a Looker instance"),
            ("{ driver: looker }".to_owned(), Code::ConnectionInvalid, "has no base_url"),
            ("{ driver: looker, base_url: 'https://l' }".to_owned(), Code::ConnectionInvalid, "has no client_id"),
            (with("base_url: 'http://l.example'"), Code::ConnectionInvalid, "is not an https URL"),
            (with("base_url: nonsense"), Code::ConnectionInvalid, "is not a URL"),
            (with("base_url: 'https://u:hunter3@l.example'"), Code::ConnectionInvalid, "has credentials in it"),
            (with("base_url: env:NOPE"), Code::SecretMissing, "env:NOPE"),
        ] {
            let error = looker(&connection).unwrap_err();
            assert_eq!(error.code(), code, "{error}");
            assert!(error.to_string().contains(part) && !error.to_string().contains("hunter"), "{error}");
        }
        assert!(looker(&with("base_url: 'http://127.0.0.1:8'")).is_ok());
    }
}
