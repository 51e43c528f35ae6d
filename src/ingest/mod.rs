//! Local ingest.
pub mod routing;
