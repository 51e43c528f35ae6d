//! Everything that an instance shows: models, explores and the other lists, as far as the user may see them.

use super::{
    client::{Client, Failure, Listed, identity, text_of},
    kinds::{CONNECTION, EXPLORE, KINDS, Kind, MODEL, parameter, pick},
};
use crate::{
    error::{Code, Error, Result},
    http::authority,
    ingest::progress::{Phase, Progress},
    project::looker::LookerInstance,
};
use futures_util::{StreamExt, stream};
use serde_json::Value;
use std::future::Future;

/// Requests at once.
const AT_ONCE: usize = 8;
/// Names that a warning lists.
const NAMED: usize = 5;

/// What was found; each value has only the keys that are staged.
#[derive(Default)]
pub(super) struct Found {
    pub(super) connections: Vec<Value>,
    pub(super) models: Vec<Value>,
    pub(super) explores: Vec<Value>,
    pub(super) lists: Vec<(&'static Kind, Vec<Value>)>,
    pub(super) warnings: Vec<String>,
    /// Lists that this user may not see.
    refused: usize,
}

/// One of many that were asked for: what came, or the status of a refusal.
type One = (String, Result<Value, u16>);

impl Found {
    /// Asks for everything. Errors: whatever is no matter of permission; [`Code::SourceForbidden`] where nothing is
    /// permitted.
    pub(super) async fn pull(client: &Client, instance: &LookerInstance, progress: Progress<'_>) -> Result<Self> {
        progress.tell(Phase::Fetch, format!("Logging in to Looker at {}", authority(&instance.base_url)));
        client.log_in().await?;
        let connections = match client.list("connections", &parameter(CONNECTION)).await {
            Ok(listed) => listed.items.iter().map(|item| pick(item, CONNECTION)).collect(),
            // Dialects are also known by the mapped connections; where one is not, there is a warning about it.
            Err(Failure::Refused(_)) => Vec::new(),
            Err(Failure::Broken(error)) => return Err(error),
        };
        let mut found = Self { connections, ..Self::default() };
        progress.tell(Phase::Fetch, "Reading the models");
        let models = found.list(client, "lookml_models", "access_data", &parameter(MODEL)).await?;
        found.models = models.iter().map(|model| pick(model, MODEL)).collect();
        found.pull_explores(client, progress).await?;
        for kind in KINDS {
            found.pull_kind(client, kind, progress).await?;
        }
        if found.refused > KINDS.len() {
            let message = format!(
                "Looker at {} shows nothing to the API user of the connection {}. Give the user a role with the permissions access_data and see_looks",
                authority(&instance.base_url),
                instance.connection_id
            );
            return Err(Error::new(Code::SourceForbidden, message));
        }
        Ok(found)
    }

    /// A list, or a warning where the user may not see it.
    async fn list(&mut self, client: &Client, path: &str, permission: &str, fields: &str) -> Result<Vec<Value>> {
        match client.list(path, fields).await {
            Ok(Listed { items, repeated }) => {
                if repeated {
                    self.warnings.push(format!(
                        "Looker gave the same page of {path} twice: what may follow it is missing. Report this to whoever runs the instance"
                    ));
                }
                Ok(items)
            }
            Err(Failure::Refused(status)) => {
                self.refused += 1;
                self.warnings.push(format!(
                    "Looker does not show {path} to the API user ({status}). Give the user the permission {permission} if they are wanted"
                ));
                Ok(Vec::new())
            }
            Err(Failure::Broken(error)) => Err(error),
        }
    }

    async fn pull_explores(&mut self, client: &Client, progress: Progress<'_>) -> Result<()> {
        let names: Vec<(String, String)> = self.models.iter().flat_map(explores_of).collect();
        let fields = parameter(EXPLORE);
        let requests = names.iter().map(|(model, explore)| {
            let fields = fields.as_str();
            async move {
                let path = ["lookml_models", model, "explores", explore];
                refusal_aside(format!("{model}.{explore}"), client.get(&path, &[("fields", fields)]).await)
            }
        });
        let answers = all("Reading explores", requests, names.len(), progress).await?;
        let mut refused = Vec::new();
        for ((name, answer), (model, explore)) in answers.into_iter().zip(&names) {
            match answer {
                Ok(value) => {
                    let mut value = pick(&value, EXPLORE);
                    // The names of the path count, whatever the body says.
                    value["name"] = explore.as_str().into();
                    value["model_name"] = model.as_str().into();
                    self.explores.push(value);
                }
                Err(status) => refused.push((name, status)),
            }
        }
        self.warn_of("explores", "cannot be read and are left out", &refused);
        Ok(())
    }

    async fn pull_kind(&mut self, client: &Client, kind: &'static Kind, progress: Progress<'_>) -> Result<()> {
        progress.tell(Phase::Fetch, format!("Reading {}", kind.plural));
        let listed = self.list(client, kind.plural, kind.permission, &parameter(kind.listed)).await?;
        let listed: Vec<_> = listed.into_iter().filter(|item| item["deleted"] != true).collect();
        let Some(further) = kind.detailed else {
            self.lists.push((kind, listed.iter().map(|item| pick(item, kind.listed)).collect()));
            return Ok(());
        };
        let keys = kind.listed.iter().chain(further);
        let fields = parameter(keys.clone());
        let requests = listed.iter().map(|item| {
            let fields = fields.as_str();
            async move {
                let id = identity(item);
                let answer = client.get(&[kind.plural, &id], &[("fields", fields)]).await;
                refusal_aside(id, answer)
            }
        });
        let answers = all(&format!("Reading {}", kind.plural), requests, listed.len(), progress).await?;
        let mut refused = Vec::new();
        let mut items = Vec::new();
        for ((id, answer), item) in answers.into_iter().zip(&listed) {
            match answer {
                Ok(value) => items.push(pick(&value, keys.clone())),
                Err(status) => {
                    items.push(pick(item, kind.listed));
                    refused.push((id, status));
                }
            }
        }
        self.warn_of(kind.plural, "cannot be read in full", &refused);
        self.lists.push((kind, items));
        Ok(())
    }

    fn warn_of(&mut self, what: &str, how: &str, refused: &[(String, u16)]) {
        let Some((_, status)) = refused.first() else { return };
        let names: Vec<_> = refused.iter().take(NAMED).map(|(name, _)| name.as_str()).collect();
        let more = if refused.len() > NAMED { ", …" } else { "" };
        self.warnings.push(format!(
            "{} {what} {how} ({status}): {}{more}. Give the API user access to them if they are wanted",
            refused.len(),
            names.join(", ")
        ));
    }
}

fn explores_of(model: &Value) -> Vec<(String, String)> {
    let explores = model["explores"].as_array().map(Vec::as_slice).unwrap_or_default();
    explores.iter().map(|explore| (text_of(&model["name"]), text_of(&explore["name"]))).collect()
}

fn refusal_aside(name: String, answer: Result<Value, Failure>) -> Result<One> {
    match answer {
        Ok(value) => Ok((name, Ok(value))),
        Err(Failure::Refused(status)) => Ok((name, Err(status))),
        Err(Failure::Broken(error)) => Err(error),
    }
}

/// Answers in the order of the requests, a few at once; the first error ends all.
async fn all(
    what: &str,
    requests: impl Iterator<Item = impl Future<Output = Result<One>>>,
    total: usize,
    progress: Progress<'_>,
) -> Result<Vec<One>> {
    let mut answers = Vec::with_capacity(total);
    let mut stream = stream::iter(requests).buffered(AT_ONCE);
    while let Some(answer) = stream.next().await {
        answers.push(answer?);
        progress.count(Phase::Fetch, what, answers.len(), total);
    }
    Ok(answers)
}
