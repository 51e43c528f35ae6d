//! Exports for the semantic layer: its compute port, the sources of a project, the scanned tables, and queries.

mod compute;
mod query;
mod relationships;
mod sources;
mod tables;
mod transports;

pub(super) use sources::run_on_project;
