//! The semantic layer of a project: sources as YAML files, generated from scans, validated and queried through the
//! daemon.
//!
//! ```text
//! scan ─▶ generate ─▶ files ─▶ validate, query ─▶ SQL ─▶ execute
//!            └─ manifest, merge: the last generation, and edits since then
//! ```

mod affected;
mod allowed;
mod check_values;
mod column;
mod describe;
mod detected_keys;
mod execute;
mod extension;
mod files;
mod foreign_keys;
mod generate;
mod insert;
mod limit;
mod lineage;
mod manifest;
mod measure;
mod merge;
mod metrics;
mod model_descriptions;
mod model_file;
mod newest_scan;
mod outcome;
mod profile_facts;
mod query;
mod references;
mod rejection;
mod relationships;
mod searchable;
mod source;
mod source_names;
mod source_policy;
mod table;
mod table_profile;
mod unreadable;
mod unresolved_joins;
mod used_by;
mod validate;
mod write_validated;

pub use affected::record_affected;
pub use allowed::{list_allowed, read_all_allowed, read_allowed, read_allowed_model};
pub use column::{Column, ColumnType, Granularity, Scalar, Visibility};
pub use describe::{
    ColumnDescription, ForeignKey, TableDescription, TableSummary, describe_table, describe_tables, list_tables,
};
pub use execute::{Limits, ResultSet, execute};
pub use files::{Saved, SavedStatus, SourceFile, SourceSummary, list, read, read_all, write};
pub use generate::generate;
pub use lineage::{Lineage, Step as LineageStep, find_lineage};
pub use measure::{FollowedBy, Measure, Segment, SemiAdditive, Take};
pub use metrics::{Calendar, CalendarTable, Metric, Model, Pattern, RetailYears, Weekday, YearEnd};
pub(crate) use model_file::model_path;
pub use model_file::read_model;
pub use outcome::{Action, GeneratedSource, Generation};
pub use query::{ExecuteRequest, QueryRequest, QueryResult, parse_query, query};
#[cfg_attr(not(feature = "node"), expect(unused_imports, reason = "only the binding calls it from outside"))]
pub(crate) use rejection::map_rejection;
pub use relationships::{
    AnsweredRelationship, RelationshipFilter, RelationshipList, answer_relationship, list_relationships,
};
pub(crate) use searchable::{
    SearchableColumn, SearchableTable, list_source_files, list_source_names, read_searchable_metrics,
    read_searchable_source, read_searchable_tables,
};
pub use source::{Join, Relationship, Source};
pub use table_profile::{ColumnProfile, TableProfile};
pub use validate::{Validation, validate};
pub use write_validated::write_validated;
