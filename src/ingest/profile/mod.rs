//! Profiles of tables: measured by the daemon in batches, staged beside the tables, and compared with earlier ones.
//!
//! ```text
//! live-database ─▶ run ─▶ batch ─▶ /database/profile ─▶ staged
//!                                      earlier syncs ─▶ find ─▶ changes ─▶ report
//! ```

mod answer;
mod batch;
mod bytes;
mod changes;
mod cost;
mod count;
mod find;
mod report;
mod request;
mod run;
mod staged;

pub use answer::{ColumnFacts, Format, FrequentValue, Sensitive};
pub use changes::find_changes;
pub use cost::CountedTables;
pub use find::{FoundProfile, ProfiledSyncs};
pub use report::{ProfileChange, ProfileSummary, UnprofiledTable};
pub use request::{ProfileColumn, ProfileTable};
pub use run::{MeasuredProfiles, ProfileOptions, Profiler};
pub use staged::{PROFILES_DIR, StagedColumn, StagedProfile, TableIdentity};
