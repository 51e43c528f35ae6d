//! A Looker instance, through its API 4.0: models, explores with their physical tables, dashboards, looks, folders and
//! users.
//!
//! Entities that the API user may not see, or that the server cannot return, are warnings, and are carried over from an
//! earlier sync. Errors of the login, the network or a list fail the run.

mod carry_over;
mod client;
mod dialects;
mod entities;
mod entity_results;
mod explores;
mod inventory;
mod kinds;
mod pull;
mod queries;
mod tables;
mod usage;

pub(super) use entities::LAYOUT;
pub use explores::{PhysicalTable, StagedDimension, StagedExplore, StagedJoin, read_explores};

use super::SourceAdapter;
use crate::{
    error::Result,
    ingest::{
        entity::PullResult,
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

/// The adapter. The daemon, called through `runner`, parses table references.
pub struct Looker<'a, R> {
    instance: LookerInstance,
    project_dir: PathBuf,
    client: Client,
    runner: &'a R,
}

/// Number of entities that the API user can see.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Counts {
    /// Models.
    pub model_count: usize,
    /// Explores of all models.
    pub explore_count: usize,
}

impl<'a, R: JsonRunner<Error: RunFailure>> Looker<'a, R> {
    /// Creates the adapter without connecting. Earlier syncs in `project_dir` supply entities that cannot be read.
    pub fn new(instance: LookerInstance, project_dir: PathBuf, runner: &'a R) -> Self {
        Self { client: Client::new(instance.clone(), Backoff::default()), instance, project_dir, runner }
    }

    /// Replaces the backoff of requests.
    #[must_use]
    pub fn with_backoff(self, backoff: Backoff) -> Self {
        Self { client: Client::new(self.instance.clone(), backoff), ..self }
    }
}

/// Logs in, counts models and explores, and logs out. Errors: [`Code::SourceForbidden`] and
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

    async fn fetch(&self, progress: Progress<'_>) -> Result<PullResult, R::Error> {
        let inventory = pull::fetch_inventory(&self.client, &self.instance, progress).await;
        self.client.log_out().await;
        let mut inventory = convert_error::<_, R::Error>(inventory)?;
        progress.report(Phase::Fetch, "Resolving the tables of the explores");
        tables::resolve(&mut inventory, &self.instance.mappings, self.runner).await?;
        let (instance, project_dir) = (self.instance.clone(), self.project_dir.clone());
        convert_error(
            offload::spawn_blocking(move || entities::to_pull_result(&instance, &project_dir, inventory)).await,
        )
    }

    fn redact_error(&self, error: &R::Error) -> String {
        self.client.redact(&error.text())
    }
}
