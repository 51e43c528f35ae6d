//! A Looker instance, through its API 4.0: models, explores with their physical tables, dashboards, looks, folders and
//! users.
//!
//! What the API user may not see is a warning; what fails for another reason ends the run, because a sync with holes
//! would look like one from which things were deleted.

mod client;
mod dialects;
mod entities;
mod found;
mod kinds;
mod retry;
mod tables;

pub use retry::Retry;

use super::{SourceAdapter, staged::Shape};
use crate::{
    hop,
    ingest::{
        entity::Pulled,
        failure::{RunFailure, own},
        progress::{Phase, Progress},
    },
    ports::JsonRunner,
    project::{Adapter, looker::LookerInstance},
};
use client::Client;
use found::Found;

/// Name of the source.
pub const SOURCE: &str = Adapter::Looker.name();

/// How a sync looks on disk.
pub(super) const SHAPE: Shape =
    Shape { folders: entities::FOLDERS, attachments: &[entities::CONNECTION_FILE], entities: entities::restaged };

/// An instance, and the way to the daemon that knows SQL.
pub struct Looker<'a, R> {
    instance: LookerInstance,
    client: Client,
    runner: &'a R,
}

impl<'a, R: JsonRunner<Error: RunFailure>> Looker<'a, R> {
    /// Nothing is connected yet.
    pub fn new(instance: LookerInstance, runner: &'a R) -> Self {
        Self { client: Client::new(instance.clone(), Retry::default()), instance, runner }
    }

    /// The same with another patience.
    #[must_use]
    pub fn with_retry(self, retry: Retry) -> Self {
        Self { client: Client::new(self.instance.clone(), retry), ..self }
    }
}

impl<R: JsonRunner<Error: RunFailure>> SourceAdapter for Looker<'_, R> {
    type Error = R::Error;

    fn source(&self) -> &'static str {
        SOURCE
    }

    async fn fetch(&self, progress: Progress<'_>) -> Result<Pulled, R::Error> {
        let mut found = own::<_, R::Error>(Found::pull(&self.client, &self.instance, progress).await)?;
        progress.tell(Phase::Fetch, "Resolving the tables of the explores");
        tables::resolve(&mut found, &self.instance.mappings, self.runner).await?;
        let instance = self.instance.clone();
        own(hop::blocking(move || entities::pulled(&instance, found)).await)
    }

    fn scrubbed(&self, error: &R::Error) -> String {
        self.client.scrubber().text(&error.to_string())
    }
}
