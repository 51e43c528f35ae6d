//! Runs: scans and ingests of any adapter, and what was recorded of them.

mod adapters;
mod request;
mod run;
mod runs;

pub(crate) use request::scan_request;
