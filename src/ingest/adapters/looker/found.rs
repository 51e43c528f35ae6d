//! Everything that an instance shows: models, explores and the other lists, as far as the user may see them.
//!
//! An entity that cannot be read is a warning with its id. What is left of it from an earlier sync is carried over, as
//! [`super::unread`] does it: a sync with holes would look like one from which things were deleted.

use super::{
    client::{Client, Failure, identity, text_of},
    kinds::{EXPLORE, EXPLORE_HEAD, EXPLORES, Kind, MODEL, MODELS, parameter, pick},
    many::{Many, One},
    unread::Unread,
};
use crate::{
    error::{Code, Error, Result},
    ingest::progress::{Phase, Progress},
};
use serde_json::Value;

/// What was found; each value has only the keys that are staged.
#[derive(Default)]
pub(super) struct Found {
    pub(super) connections: Vec<Value>,
    pub(super) models: Vec<Value>,
    pub(super) explores: Vec<Explore>,
    pub(super) lists: Vec<(&'static Kind, Vec<Value>)>,
    pub(super) warnings: Vec<String>,
    /// What could not be read, and may be there all the same.
    pub(super) unread: Unread,
    /// Lists that this user may not see.
    pub(super) refused: usize,
}

/// An explore. It may have a thousand fields, so that only what its tables are found by is kept as a tree.
pub(super) struct Explore {
    /// With the keys of [`EXPLORE_HEAD`].
    pub(super) head: Value,
    /// The whole of it, as JSON.
    text: String,
    /// Whether the user may see LookML; without it no view has a table.
    pub(super) shows_lookml: bool,
    /// Connection of Looker and of the project; null until it is known.
    pub(super) connection: Value,
    /// Where its views are; null until they are resolved.
    pub(super) physical_tables: Value,
}

impl Explore {
    fn of(answer: &Value, model: &str, explore: &str) -> Result<Self> {
        let mut picked = pick(answer, EXPLORE);
        // The names in the path take precedence over those in the body.
        picked["name"] = explore.into();
        picked["model_name"] = model.into();
        let text = serde_json::to_string(&picked).map_err(unwritable)?;
        let (head, shows_lookml) = (pick(&picked, EXPLORE_HEAD), answer["can_see_lookml"] != false);
        Ok(Self { head, text, shows_lookml, connection: Value::Null, physical_tables: Value::Null })
    }

    /// `model.explore`.
    pub(super) fn name(&self) -> String {
        format!("{}.{}", text_of(&self.head["model_name"]), text_of(&self.head["name"]))
    }

    /// As it is staged.
    pub(super) fn value(&self) -> Result<Value> {
        let mut value: Value = serde_json::from_str(&self.text).map_err(unwritable)?;
        value["connection"] = self.connection.clone();
        value["physicalTables"] = self.physical_tables.clone();
        Ok(value)
    }
}

fn unwritable(error: serde_json::Error) -> Error {
    Error::new(Code::Internal, "An explore cannot be kept as JSON").caused_by(error)
}

impl Found {
    pub(super) async fn pull_models(&mut self, client: &Client) -> Result<()> {
        let listed = client.list_pages("lookml_models", &parameter(MODEL)).await;
        let listed = listed.map(|listed| (listed.items, listed.repeated));
        let models = self.listed(listed, "lookml_models", "access_data", &[MODELS, EXPLORES])?;
        self.models = models.iter().map(|model| pick(model, MODEL)).collect();
        Ok(())
    }

    /// A list; a warning, and its folders carried over, where the user may not see it.
    fn listed(
        &mut self,
        listed: Result<(Vec<Value>, bool), Failure>,
        path: &str,
        permission: &str,
        folders: &[&'static str],
    ) -> Result<Vec<Value>> {
        match listed {
            Ok((items, repeated)) => {
                if repeated {
                    self.unread.folders.extend(folders);
                    self.warnings.push(format!(
                        "Looker gave the same page of {path} twice: what may follow it is missing. Report this to the administrator of the instance"
                    ));
                }
                Ok(items)
            }
            Err(Failure::Refused(status)) => {
                self.refused += 1;
                self.unread.folders.extend(folders);
                self.warnings.push(format!(
                    "Looker does not show {path} to the API user ({status}). Give the user the permission {permission} if they are wanted"
                ));
                Ok(Vec::new())
            }
            Err(failure) => Err(failure.into_error()),
        }
    }

    pub(super) async fn pull_explores(&mut self, client: &Client, progress: Progress<'_>) -> Result<()> {
        let names: Vec<(String, String)> = self.models.iter().flat_map(explores_of).collect();
        let fields = format!("{},can_see_lookml", parameter(EXPLORE));
        let requests = names.iter().map(|(model, explore)| {
            let fields = fields.as_str();
            async move {
                let path = ["lookml_models", model, "explores", explore];
                let answer = client.get_one(&path, &[("fields", fields)]).await;
                // The answer is dropped here: it is many times as large as what is kept of it.
                let explore = answer.and_then(|answer| Ok(Explore::of(&answer, model, explore)?));
                One::of(format!("{model}.{}", path[3]), explore)
            }
        });
        let many = Many::gather("Reading explores", requests, names.len(), progress).await?;
        self.warnings.extend(many.warnings("explores", "cannot be read and are left out"));
        self.unread.entities.extend(many.unread().map(|name| (EXPLORES, name)));
        self.explores = many.values();
        Ok(())
    }

    pub(super) async fn pull_kind(
        &mut self,
        client: &Client,
        kind: &'static Kind,
        progress: Progress<'_>,
    ) -> Result<()> {
        progress.tell(Phase::Fetch, format!("Reading {}", kind.plural));
        let fields = parameter(kind.listed);
        let listed = if kind.has_pages {
            client.list_pages(kind.plural, &fields).await.map(|listed| (listed.items, listed.repeated))
        } else {
            client.list(kind.plural, &[("fields", &fields)]).await.map(|items| (items, false))
        };
        let listed = self.listed(listed, kind.plural, kind.permission, &[kind.plural])?;
        let listed: Vec<_> = listed.into_iter().filter(|item| item["deleted"] != true).collect();
        let Some(further) = kind.detailed else {
            self.lists.push((kind, listed.iter().map(|item| pick(item, kind.listed)).collect()));
            return Ok(());
        };
        let keys = kind.listed.iter().chain(further);
        let fields = parameter(keys.clone());
        let requests = listed.iter().map(|item| {
            let (fields, keys) = (fields.as_str(), keys.clone());
            async move {
                let id = identity(item);
                let answer = client.get_one(&[kind.plural, &id], &[("fields", fields)]).await;
                One::of(id, answer.map(|value| pick(&value, keys)))
            }
        });
        let many = Many::gather(&format!("Reading {}", kind.plural), requests, listed.len(), progress).await?;
        self.warnings.extend(many.warnings(kind.plural, "cannot be read in full"));
        self.unread.entities.extend(many.unread().map(|id| (kind.plural, id)));
        // What the list shows of the others is better than nothing where there is no earlier sync.
        let unread: Vec<_> = many.unread().collect();
        let partial = listed.iter().filter(|item| unread.contains(&identity(item))).map(|item| pick(item, kind.listed));
        self.unread.partial.extend(unread.iter().map(|id| (kind.plural, id.clone())));
        let partial: Vec<_> = partial.collect();
        self.lists.push((kind, many.values().into_iter().chain(partial).collect()));
        Ok(())
    }

    /// Once for all explores: a missing right is no property of a view.
    pub(super) fn warn_of_lookml(&mut self) {
        let hidden = self.explores.iter().filter(|explore| !explore.shows_lookml).count();
        if hidden > 0 {
            self.warnings.push(format!(
                "Looker shows no LookML of {hidden} explores to the API user, so that their SQL and tables are not known. Give the user the permission see_lookml"
            ));
        }
        for explore in self.explores.iter().filter(|explore| explore.has_errors()) {
            self.warnings.push(format!("Looker reports errors in the LookML of the explore {}", explore.name()));
        }
    }
}

impl Explore {
    fn has_errors(&self) -> bool {
        self.head["errors"].as_array().is_some_and(|errors| !errors.is_empty())
    }
}

fn explores_of(model: &Value) -> Vec<(String, String)> {
    let explores = model["explores"].as_array().map(Vec::as_slice).unwrap_or_default();
    explores.iter().map(|explore| (text_of(&model["name"]), text_of(&explore["name"]))).collect()
}
