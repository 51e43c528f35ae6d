//! Reads the request for a scan.

use crate::{
    ingest::{ScanMode, ScanRequest, adapters::live_database::Timeouts},
    node::{js::Outcome, options::Options, project::variables},
};

pub(crate) fn scan_request(options: &Options) -> Outcome<ScanRequest> {
    Ok(ScanRequest {
        connection_id: options.required_string("connectionId")?,
        mode: scan_mode(options)?,
        profile_is_optional: options.boolean("optionalProfile")?.unwrap_or(false),
        dry_run: options.boolean("dryRun")?.unwrap_or(false),
        env: variables(options)?,
        timeouts: Timeouts::default(),
    })
}

/// Reads `mode` and `detectRelationships`, which selects the mode `relationships`.
fn scan_mode(options: &Options) -> Outcome<ScanMode> {
    let mode = match options.string("mode")? {
        None => ScanMode::default(),
        Some(name) => ScanMode::from_name(&name)
            .ok_or_else(|| options.type_error("mode", &format!("one of {}", ScanMode::NAMES.join(", "))))?,
    };
    let detect = options.boolean("detectRelationships")?.unwrap_or(false);
    Ok(if detect { ScanMode::Relationships } else { mode })
}
