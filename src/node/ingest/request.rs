//! Reads the request for a scan.

use crate::{
    ingest::{ScanRequest, adapters::live_database::Timeouts},
    node::{js::Outcome, options::Options, project::variables},
};

pub(crate) fn scan_request(options: &Options) -> Outcome<ScanRequest> {
    Ok(ScanRequest {
        connection_id: options.required_string("connectionId")?,
        dry_run: options.boolean("dryRun")?.unwrap_or(false),
        env: variables(options)?,
        timeouts: Timeouts::default(),
    })
}
