//! Sources that a run can pull: one folder each. What a run staged before can be pulled again from its folder.

pub mod historic_sql;
pub mod live_database;
pub mod looker;
mod refused;
pub mod registry;
pub mod staged;

use super::{entity::Pulled, failure::RunFailure, progress::Progress};

/// A source, ready to be pulled: its settings are resolved and checked before a run begins.
#[allow(async_fn_in_trait, reason = "orchestration runs on one thread, so that the futures need not be Send")]
pub trait SourceAdapter {
    /// What fetching raises.
    type Error: RunFailure;

    /// Name in commands, folders and reports, for example `live-database`.
    fn source(&self) -> &'static str;

    /// Asks the source. What takes time goes off the thread.
    async fn fetch(&self, progress: Progress<'_>) -> Result<Pulled, Self::Error>;

    /// What may be recorded of an error of [`Self::fetch`]: no secrets.
    fn scrubbed(&self, error: &Self::Error) -> String;
}
