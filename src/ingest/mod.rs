//! Local ingest: pulls a source, stages its entities, compares them with the last sync and records a report.
//!
//! ```text
//! scan, ingest ─▶ run ─▶ adapter.fetch ─▶ stage ─▶ diff ─▶ store
//!                  └─ active: the lock, the record of the run, and cleanup when it ends early
//! ```

mod active;
pub mod adapters;
mod baseline;
mod changes;
mod database;
mod details;
pub mod detection;
mod diff;
pub mod entity;
mod failure;
mod history;
mod layout;
pub mod models;
mod newest_sync;
pub mod profile;
mod progress;
mod prune;
mod pull;
mod qualified_name;
mod repetition;
mod report;
mod report_policy;
mod run;
mod scan;
mod scan_mode;
mod schema;
mod stage;
pub mod store;

pub use adapters::connection_error::correction;
pub use adapters::live_database::Depth;
pub(crate) use adapters::live_database::without_denied;
pub use changes::{Change, ChangeKind, ChangedObject, Details};
pub use failure::RunFailure;
pub(crate) use failure::convert_error;
pub use history::{HistoryFilter, HistoryList, ListedTemplate, list_history};
pub(crate) use newest_sync::{find_newest_scan, find_newest_sync, syncs_folder};
pub use progress::{Phase, Progress, RunProgress};
pub use prune::{PruneRequest, PrunedScan, PrunedScans, prune_scans};
pub use pull::{IngestRequest, ingest};
pub use report::{Changes, DiffSummary, IngestResult, RunReport, RunStatus, ScanResult, WorkUnit};
pub use report_policy::apply_policies;
pub use run::{RunRequest, run};
pub use scan::{ConnectionTest, ScanRequest, TableList, list_tables, scan, test_connection};
pub use scan_mode::ScanMode;
