//! What a run reports; the JSON is that of `index.d.ts`.

use serde::{Deserialize, Serialize};
use std::{collections::BTreeMap, path::PathBuf};

/// State of a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum RunStatus {
    /// Going on.
    Running,
    /// Everything was pulled and recorded.
    Done,
    /// It ended early; the report's `error` says why.
    Failed,
}

/// Counts of entities against the last successful sync (`KtxDiffSummary`).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct DiffSummary {
    /// New ones.
    pub added: usize,
    /// Ones with other content than last time.
    pub modified: usize,
    /// Ones that are gone.
    pub deleted: usize,
    /// Ones that are as they were.
    pub unchanged: usize,
}

/// Names of the entities that changed, each list sorted.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Changes {
    /// New ones.
    pub added: Vec<String>,
    /// Ones with other content.
    pub modified: Vec<String>,
    /// Ones that are gone.
    pub deleted: Vec<String>,
}

/// Entities whose changes are best looked at together.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct WorkUnit {
    /// Names the unit, for example a schema.
    pub key: String,
    /// Names of its entities that changed, sorted.
    pub entities: Vec<String>,
}

/// Report of one run (`KtxRunReport`).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct RunReport {
    /// `run-` and a UUID of version 7.
    pub run_id: String,
    /// Connection that was pulled.
    pub connection_id: String,
    /// For example `live-database`.
    pub source: String,
    /// State of the run.
    pub status: RunStatus,
    /// Whether nothing was staged.
    pub dry_run: bool,
    /// Names the folder below `raw-sources`; sorts by time.
    pub sync_id: String,
    /// ISO 8601, UTC.
    pub started_at: String,
    /// ISO 8601, UTC; `null` while the run goes on.
    pub finished_at: Option<String>,
    /// Counts of the differences.
    pub diff_summary: DiffSummary,
    /// Names of what differs.
    pub changes: Changes,
    /// By name: what people read for those whose names are hashes.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub descriptions: BTreeMap<String, String>,
    /// Work that follows from the changes.
    pub work_units: Vec<WorkUnit>,
    /// Oddities that did not stop the run.
    pub warnings: Vec<String>,
    /// Why the run failed, without credentials.
    pub error: Option<String>,
    /// The host's own name for the run.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub job_id: Option<String>,
    /// What made the host run it, for example `manual_resync`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub trigger: Option<String>,
}

impl RunReport {
    /// A run that begins now.
    pub(super) fn begin(connection_id: &str, source: &str, dry_run: bool) -> Self {
        let id = uuid::Uuid::now_v7();
        let started_at = iso(jiff::Timestamp::now());
        let suffix = id.simple().to_string().split_off(24);
        Self {
            run_id: format!("run-{id}"),
            connection_id: connection_id.to_owned(),
            source: source.to_owned(),
            status: RunStatus::Running,
            dry_run,
            sync_id: format!("{}-{suffix}", started_at.replace(['-', ':', '.'], "")),
            started_at,
            finished_at: None,
            diff_summary: DiffSummary::default(),
            changes: Changes::default(),
            descriptions: BTreeMap::new(),
            work_units: Vec::new(),
            warnings: Vec::new(),
            error: None,
            job_id: None,
            trigger: None,
        }
    }

    /// Ends the run now.
    pub(super) fn end(&mut self, error: Option<String>) {
        self.status = if error.is_some() { RunStatus::Failed } else { RunStatus::Done };
        self.finished_at = Some(iso(jiff::Timestamp::now()));
        self.error = error;
    }
}

fn iso(at: jiff::Timestamp) -> String {
    format!("{at:.3}")
}

/// Result of a scan (`LocalScanRunResult`).
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ScanResult {
    run_id: String,
    status: RunStatus,
    done: bool,
    connection_id: String,
    mode: &'static str,
    dry_run: bool,
    sync_id: String,
    /// The report as it was recorded.
    pub report: RunReport,
}

impl From<RunReport> for ScanResult {
    fn from(report: RunReport) -> Self {
        Self {
            run_id: report.run_id.clone(),
            status: report.status,
            done: report.status == RunStatus::Done,
            connection_id: report.connection_id.clone(),
            mode: "structural",
            dry_run: report.dry_run,
            sync_id: report.sync_id.clone(),
            report,
        }
    }
}

/// Result of an ingest (`LocalIngestRunResult`).
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct IngestResult {
    run_id: String,
    job_id: Option<String>,
    status: RunStatus,
    done: bool,
    connection_id: String,
    adapter: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    source_dir: Option<PathBuf>,
    dry_run: bool,
    sync_id: String,
    /// The report as it was recorded.
    pub report: RunReport,
}

impl IngestResult {
    /// The result of a run, which may have come from a folder.
    pub fn new(report: RunReport, source_dir: Option<PathBuf>) -> Self {
        Self {
            run_id: report.run_id.clone(),
            job_id: report.job_id.clone(),
            status: report.status,
            done: report.status == RunStatus::Done,
            connection_id: report.connection_id.clone(),
            adapter: report.source.clone(),
            source_dir,
            dry_run: report.dry_run,
            sync_id: report.sync_id.clone(),
            report,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_json_is_that_of_the_interface() {
        let mut report = RunReport::begin("shop", "live-database", false);
        report.end(None);
        let json = serde_json::to_value(ScanResult::from(report)).unwrap();
        let keys = |value: &serde_json::Value| value.as_object().unwrap().keys().cloned().collect::<Vec<_>>().join(" ");
        assert_eq!(keys(&json), "runId status done connectionId mode dryRun syncId report");
        assert_eq!(
            keys(&json["report"]),
            "runId connectionId source status dryRun syncId startedAt finishedAt diffSummary changes workUnits warnings error"
        );
        assert_eq!(
            (&json["status"], &json["done"], &json["mode"]),
            (&"done".into(), &true.into(), &"structural".into())
        );
        assert!(json["report"]["error"].is_null());
    }

    #[test]
    fn ids_sort_by_time_and_are_unique() {
        let ids: Vec<_> = (0..100).map(|_| RunReport::begin("c", "s", false)).collect();
        assert!(ids.windows(2).all(|pair| pair[0].run_id < pair[1].run_id));
        assert!(
            ids.windows(2)
                .all(|pair| pair[0].sync_id[..19] <= pair[1].sync_id[..19] && pair[0].sync_id != pair[1].sync_id)
        );
        let (sync, iso) = (&ids[0].sync_id, &ids[0].started_at);
        assert_eq!((sync.len(), &sync[8..9], &sync[18..20]), (28, "T", "Z-"), "{sync}");
        assert!(iso.len() == 24 && iso.ends_with('Z') && iso.parse::<jiff::Timestamp>().is_ok(), "{iso}");
    }
}
