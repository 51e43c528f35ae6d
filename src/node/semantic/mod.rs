//! Exports for the semantic layer: its compute port, the sources of a project, and queries.

mod compute;
mod query;
mod sources;
mod transports;
