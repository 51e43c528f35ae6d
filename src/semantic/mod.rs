//! The semantic layer of a project: sources as YAML files, made from scans, checked and queried through the daemon.
//!
//! ```text
//! scan ─▶ generate ─▶ files ─▶ validate, query ─▶ SQL ─▶ execute
//!            └─ manifest, merge: what was generated before, and what became of it since
//! ```

mod ask;
mod checked;
mod execute;
mod files;
mod foreign_keys;
mod generate;
mod insert;
mod known;
mod limit;
mod manifest;
mod merge;
mod outcome;
mod scanned;
mod source;
mod table;

#[cfg_attr(not(feature = "node"), expect(unused_imports, reason = "only the binding calls it from outside"))]
pub(crate) use ask::refused;
pub use ask::{ExecuteRequest, QueryRequest, QueryResult, Validation, query, validate};
pub use checked::write_validated;
pub use execute::{Limits, ResultSet, execute};
pub use files::{Saved, SavedStatus, SourceFile, SourceSummary, list, read, write};
pub use generate::generate;
pub use outcome::{Action, GeneratedSource, Generation};
pub use source::{Column, ColumnType, Join, Measure, Relationship, Segment, Source, Visibility};
