//! Adapters, one folder for each source. A staged folder can take the place of a source.

pub mod connection_error;
pub mod historic_sql;
pub mod live_database;
pub mod looker;
pub mod registry;
pub mod staged;

use super::{entity::PullResult, failure::RunFailure, progress::Progress};

pub use historic_sql::{Template as HistoryTemplate, read_templates};

/// An adapter for one source. Its settings are resolved and checked before a run begins.
#[allow(async_fn_in_trait, reason = "orchestration runs on one thread, so that the futures need not be Send")]
pub trait SourceAdapter {
    /// Error of [`Self::fetch`].
    type Error: RunFailure;

    /// Returns the name in commands, folders and reports, for example `live-database`.
    fn source(&self) -> &'static str;

    /// Reads the source. Blocking work is offloaded.
    async fn fetch(&self, progress: Progress<'_>) -> Result<PullResult, Self::Error>;

    /// Returns the text of an error of [`Self::fetch`] without secrets, for the report.
    fn redact_error(&self, error: &Self::Error) -> String;
}
