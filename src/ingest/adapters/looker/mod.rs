//! A Looker instance, through its API 4.0: models, explores with their physical tables, dashboards, looks, folders and
//! users.
//!
//! What the API user may not see, or the server cannot give, is a warning, and what an earlier sync has of it is carried
//! over; what is about the login, the network or a list ends the run.

mod client;
mod dialects;
mod entities;
mod found;
mod kinds;
mod many;
mod pull;
mod queries;
mod tables;
mod unread;
mod usage;

pub(super) use entities::SHAPE;

use super::SourceAdapter;
use crate::{
    error::Result,
    ingest::{
        entity::Pulled,
        failure::{RunFailure, convert_error},
        progress::{Phase, Progress},
    },
    offload,
    ports::JsonRunner,
    project::{Adapter, looker::LookerInstance},
    retry::Backoff,
};
use client::{Client, Failure};
use serde::Serialize;
use std::path::PathBuf;

/// Name of the source.
pub const SOURCE: &str = Adapter::Looker.name();

/// An instance, and the way to the daemon that knows SQL.
pub struct Looker<'a, R> {
    instance: LookerInstance,
    project_dir: PathBuf,
    client: Client,
    runner: &'a R,
}

/// What a user of the API can see of an instance.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Counts {
    /// Models.
    pub model_count: usize,
    /// Explores of all models.
    pub explore_count: usize,
}

impl<'a, R: JsonRunner<Error: RunFailure>> Looker<'a, R> {
    /// Nothing is connected yet. The project's earlier syncs are read for what cannot be read now.
    pub fn new(instance: LookerInstance, project_dir: PathBuf, runner: &'a R) -> Self {
        Self { client: Client::new(instance.clone(), Backoff::default()), instance, project_dir, runner }
    }

    /// The same with another patience.
    #[must_use]
    pub fn with_backoff(self, backoff: Backoff) -> Self {
        Self { client: Client::new(self.instance.clone(), backoff), ..self }
    }
}

/// Logs in and counts what can be seen, then logs out. Errors: [`Code::SourceForbidden`] and
/// [`Code::ConnectionFailed`](crate::error::Code::ConnectionFailed).
pub async fn count(instance: LookerInstance) -> Result<Counts> {
    let client = Client::new(instance, Backoff { attempts: 1, ..Backoff::default() });
    client.log_in().await?;
    let listed = client.list_pages("lookml_models", "name,explores").await;
    client.log_out().await;
    let models = listed.map_err(Failure::into_error)?.items;
    let explores = models.iter().filter_map(|model| model["explores"].as_array()).map(Vec::len).sum();
    Ok(Counts { model_count: models.len(), explore_count: explores })
}

impl<R: JsonRunner<Error: RunFailure>> SourceAdapter for Looker<'_, R> {
    type Error = R::Error;

    fn source(&self) -> &'static str {
        SOURCE
    }

    async fn fetch(&self, progress: Progress<'_>) -> Result<Pulled, R::Error> {
        let found = pull::found(&self.client, &self.instance, progress).await;
        self.client.log_out().await;
        let mut found = convert_error::<_, R::Error>(found)?;
        progress.tell(Phase::Fetch, "Resolving the tables of the explores");
        tables::resolve(&mut found, &self.instance.mappings, self.runner).await?;
        let (instance, project_dir) = (self.instance.clone(), self.project_dir.clone());
        convert_error(offload::spawn_blocking(move || entities::pulled(&instance, &project_dir, found)).await)
    }

    fn scrubbed(&self, error: &R::Error) -> String {
        self.client.scrubbed(&error.text())
    }
}
