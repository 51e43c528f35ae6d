//! Exports for runs: scans, ingests, and their records.

mod adapters;
mod request;
mod run;
mod runs;

pub(crate) use request::scan_request;
