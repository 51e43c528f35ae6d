//! The inventory of an instance: the models, explores and other entities that the API user can see.
//!
//! An entity that cannot be read is a warning, and [`super::carry_over`] takes it from an earlier sync: otherwise it
//! would be reported as deleted.

use super::{
    carry_over::FailedReads,
    client::{Client, Failure, entity_id, to_text},
    entity_results::{EntityResult, EntityResults},
    kinds::{EXPLORE, EXPLORE_HEAD, EXPLORES, Kind, MODEL, MODELS, fields_parameter, pick},
};
use crate::{
    error::{Code, Error, Result},
    ingest::progress::{Phase, Progress},
};
use serde_json::Value;

/// Entities of an instance. Each value has only the keys that are staged.
#[derive(Default)]
pub(super) struct Inventory {
    pub(super) connections: Vec<Value>,
    pub(super) models: Vec<Value>,
    pub(super) explores: Vec<Explore>,
    pub(super) lists: Vec<(&'static Kind, Vec<Value>)>,
    pub(super) warnings: Vec<String>,
    /// Entities that could not be read, and may still exist.
    pub(super) failed_reads: FailedReads,
    /// Number of lists that the API user cannot see.
    pub(super) refused_lists: usize,
}

/// An explore. It may have a thousand fields, so that only the keys for its tables are stored as a tree.
pub(super) struct Explore {
    /// The keys of [`EXPLORE_HEAD`].
    pub(super) head: Value,
    /// The staged keys, as JSON.
    text: String,
    /// Whether the user may see LookML, which has the tables of views.
    pub(super) can_see_lookml: bool,
    /// Connections of Looker and of the project; null until they are resolved.
    pub(super) connection: Value,
    /// Physical tables of its views; null until they are resolved.
    pub(super) physical_tables: Value,
}

impl Explore {
    fn from_answer(answer: &Value, model: &str, explore: &str) -> Result<Self> {
        let mut picked = pick(answer, EXPLORE);
        // The names in the path take precedence over those in the body.
        picked["name"] = explore.into();
        picked["model_name"] = model.into();
        let text = serde_json::to_string(&picked).map_err(json_error)?;
        let (head, can_see_lookml) = (pick(&picked, EXPLORE_HEAD), answer["can_see_lookml"] != false);
        Ok(Self { head, text, can_see_lookml, connection: Value::Null, physical_tables: Value::Null })
    }

    /// Returns `model.explore`.
    pub(super) fn name(&self) -> String {
        format!("{}.{}", to_text(&self.head["model_name"]), to_text(&self.head["name"]))
    }

    /// Returns the content of the staged file.
    pub(super) fn value(&self) -> Result<Value> {
        let mut value: Value = serde_json::from_str(&self.text).map_err(json_error)?;
        value["connection"] = self.connection.clone();
        value["physicalTables"] = self.physical_tables.clone();
        Ok(value)
    }
}

fn json_error(error: serde_json::Error) -> Error {
    Error::new(Code::Internal, "An explore cannot be stored as JSON").caused_by(error)
}

impl Inventory {
    pub(super) async fn pull_models(&mut self, client: &Client) -> Result<()> {
        let listed = client.list_pages("lookml_models", &fields_parameter(MODEL)).await;
        let listed = listed.map(|listed| (listed.items, listed.has_repeated_page));
        let models = self.list_or_warn(listed, "lookml_models", "access_data", &[MODELS, EXPLORES])?;
        self.models = models.iter().map(|model| pick(model, MODEL)).collect();
        Ok(())
    }

    /// Returns the items of a list. If the user may not see it, adds a warning and marks its folders to be carried
    /// over.
    fn list_or_warn(
        &mut self,
        listed: Result<(Vec<Value>, bool), Failure>,
        path: &str,
        permission: &str,
        folders: &[&'static str],
    ) -> Result<Vec<Value>> {
        match listed {
            Ok((items, repeated)) => {
                if repeated {
                    self.failed_reads.folders.extend(folders);
                    self.warnings.push(format!(
                        "Looker returned the same page of {path} twice: later items are missing. Report this to the administrator of the instance"
                    ));
                }
                Ok(items)
            }
            Err(Failure::Refused(status)) => {
                self.refused_lists += 1;
                self.failed_reads.folders.extend(folders);
                self.warnings.push(format!(
                    "Looker does not show {path} to the API user ({status}). Give the user the permission {permission} to include them"
                ));
                Ok(Vec::new())
            }
            Err(failure) => Err(failure.into_error()),
        }
    }

    pub(super) async fn pull_explores(&mut self, client: &Client, progress: Progress<'_>) -> Result<()> {
        let names: Vec<(String, String)> = self.models.iter().flat_map(explore_names).collect();
        let fields = format!("{},can_see_lookml", fields_parameter(EXPLORE));
        let requests = names.iter().map(|(model, explore)| {
            let fields = fields.as_str();
            async move {
                let path = ["lookml_models", model, "explores", explore];
                let answer = client.get_entity(&path, &[("fields", fields)]).await;
                // Drops the answer here: it is many times larger than the explore.
                let explore = answer.and_then(|answer| Ok(Explore::from_answer(&answer, model, explore)?));
                EntityResult::new(format!("{model}.{}", path[3]), explore)
            }
        });
        let results = EntityResults::fetch_all("Reading explores", requests, names.len(), progress).await?;
        self.warnings.extend(results.warnings("explores", "cannot be read and are skipped"));
        self.failed_reads.entities.extend(results.failed_names().map(|name| (EXPLORES, name)));
        self.explores = results.into_values();
        Ok(())
    }

    pub(super) async fn pull_kind(
        &mut self,
        client: &Client,
        kind: &'static Kind,
        progress: Progress<'_>,
    ) -> Result<()> {
        progress.report(Phase::Fetch, format!("Reading {}", kind.plural));
        let listed = self.list_kind(client, kind).await?;
        let Some(detail_keys) = kind.detail_keys else {
            self.lists.push((kind, listed.iter().map(|item| pick(item, kind.list_keys)).collect()));
            return Ok(());
        };
        let keys = kind.list_keys.iter().chain(detail_keys);
        let fields = fields_parameter(keys.clone());
        let requests = listed.iter().map(|item| {
            let (fields, keys) = (fields.as_str(), keys.clone());
            async move {
                let id = entity_id(item);
                let answer = client.get_entity(&[kind.plural, &id], &[("fields", fields)]).await;
                EntityResult::new(id, answer.map(|value| pick(&value, keys)))
            }
        });
        let results =
            EntityResults::fetch_all(&format!("Reading {}", kind.plural), requests, listed.len(), progress).await?;
        self.warnings.extend(results.warnings(kind.plural, "cannot be read in full"));
        self.failed_reads.entities.extend(results.failed_names().map(|id| (kind.plural, id)));
        // Without an earlier sync, the keys of the list are staged for entities that could not be read.
        let failed: Vec<_> = results.failed_names().collect();
        let partial =
            listed.iter().filter(|item| failed.contains(&entity_id(item))).map(|item| pick(item, kind.list_keys));
        self.failed_reads.partial.extend(failed.iter().map(|id| (kind.plural, id.clone())));
        let partial: Vec<_> = partial.collect();
        self.lists.push((kind, results.into_values().into_iter().chain(partial).collect()));
        Ok(())
    }

    /// Lists the entities of a kind that are not deleted.
    async fn list_kind(&mut self, client: &Client, kind: &'static Kind) -> Result<Vec<Value>> {
        let fields = fields_parameter(kind.list_keys);
        let listed = if kind.is_paginated {
            client.list_pages(kind.plural, &fields).await.map(|listed| (listed.items, listed.has_repeated_page))
        } else {
            client.list(kind.plural, &[("fields", &fields)]).await.map(|items| (items, false))
        };
        let listed = self.list_or_warn(listed, kind.plural, kind.permission, &[kind.plural])?;
        Ok(listed.into_iter().filter(|item| item["deleted"] != true).collect())
    }

    /// Adds warnings for hidden LookML, once for all explores, and for errors in LookML.
    pub(super) fn warn_about_lookml(&mut self) {
        let hidden = self.explores.iter().filter(|explore| !explore.can_see_lookml).count();
        if hidden > 0 {
            self.warnings.push(format!(
                "Looker does not show the LookML of {hidden} explores to the API user, so that their SQL and tables are unknown. Give the user the permission see_lookml"
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

fn explore_names(model: &Value) -> Vec<(String, String)> {
    let explores = model["explores"].as_array().map(Vec::as_slice).unwrap_or_default();
    explores.iter().map(|explore| (to_text(&model["name"]), to_text(&explore["name"]))).collect()
}
