//! Reports and results of runs. Their JSON is declared in `index.d.ts`.

use super::{
    changes::Details,
    detection::Detected,
    profile::{ProfileChange, ProfileSummary},
    scan_mode::ScanMode,
};
use serde::{Deserialize, Serialize};
use std::{collections::BTreeMap, path::PathBuf};

/// Status of a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum RunStatus {
    /// In progress.
    Running,
    /// Successful.
    Done,
    /// Failed or interrupted; `error` of the report has the reason.
    Failed,
}

/// Numbers of entities, compared with the last successful sync (`KtxDiffSummary`).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct DiffSummary {
    /// Entities that the last sync does not have.
    pub added: usize,
    /// Entities with changed content.
    pub modified: usize,
    /// Entities that only the last sync has.
    pub deleted: usize,
    /// Entities with the same content.
    pub unchanged: usize,
}

/// Names of the entities that changed, each list sorted.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Changes {
    /// Entities that the last sync does not have.
    pub added: Vec<String>,
    /// Entities with changed content.
    pub modified: Vec<String>,
    /// Entities that only the last sync has.
    pub deleted: Vec<String>,
}

/// Changed entities of one group, for review together.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct WorkUnit {
    /// Key of the group, for example a schema.
    pub key: String,
    /// Names of the changed entities, sorted.
    pub entities: Vec<String>,
}

/// What the data policy left out of a run (`KtxLeftOut`).
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct LeftOut {
    /// Number of denied tables.
    pub tables: usize,
    /// Number of denied columns of other tables.
    pub columns: usize,
    /// Number of query templates that name a denied table or column.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub templates: usize,
    /// The patterns of `ktx.yaml` that matched.
    pub patterns: Vec<String>,
}

impl LeftOut {
    fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

fn is_zero(count: &usize) -> bool {
    *count == 0
}

/// Report of one run (`KtxRunReport`).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct RunReport {
    /// `run-` and a version 7 UUID.
    pub run_id: String,
    /// Connection that was pulled.
    pub connection_id: String,
    /// Name of the source, for example `live-database`.
    pub source: String,
    /// Status of the run.
    pub status: RunStatus,
    /// The selected environment.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub environment: Option<String>,
    /// Mode of a scan; `None` for other runs, and for scans of earlier versions.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mode: Option<ScanMode>,
    /// Whether the run staged no files.
    pub dry_run: bool,
    /// Name of the folder in `raw-sources`; sorts by time. That of the last sync if nothing has changed since.
    pub sync_id: String,
    /// Begin, ISO 8601 in UTC.
    pub started_at: String,
    /// End, ISO 8601 in UTC; `None` while the run is in progress.
    pub finished_at: Option<String>,
    /// Numbers of entities.
    pub diff_summary: DiffSummary,
    /// Names of changed entities.
    pub changes: Changes,
    /// Descriptions of changed entities whose names are hashes, by name.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub descriptions: BTreeMap<String, String>,
    /// Changed entities by group.
    pub work_units: Vec<WorkUnit>,
    /// Changes of tables, by name.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub details: Details,
    /// Number of changed tables that `details` leaves out.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub details_left_out: usize,
    /// How tables were profiled, if they were.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub profile: Option<ProfileSummary>,
    /// Numbers of detected relationships, if they were detected.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub relationships: Option<Detected>,
    /// Changes of profiles.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub profile_changes: Vec<ProfileChange>,
    /// Findings that did not fail the run.
    pub warnings: Vec<String>,
    /// What the data policy left out.
    #[serde(default, skip_serializing_if = "LeftOut::is_empty")]
    pub left_out: LeftOut,
    /// Reason of a failure, without credentials.
    pub error: Option<String>,
    /// Id of the run at the host.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub job_id: Option<String>,
    /// Reason of the host for the run, for example `manual_resync`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub trigger: Option<String>,
}

impl RunReport {
    /// Returns the report of a run that begins now.
    pub(super) fn begin(connection_id: &str, source: &str, dry_run: bool) -> Self {
        let id = uuid::Uuid::now_v7();
        let started_at = format_iso_8601(jiff::Timestamp::now());
        let suffix = id.simple().to_string().split_off(24);
        Self {
            run_id: format!("run-{id}"),
            connection_id: connection_id.to_owned(),
            source: source.to_owned(),
            status: RunStatus::Running,
            environment: None,
            mode: None,
            dry_run,
            sync_id: format!("{}-{suffix}", started_at.replace(['-', ':', '.'], "")),
            started_at,
            finished_at: None,
            diff_summary: DiffSummary::default(),
            changes: Changes::default(),
            descriptions: BTreeMap::new(),
            work_units: Vec::new(),
            details: Details::new(),
            details_left_out: 0,
            profile: None,
            relationships: None,
            profile_changes: Vec::new(),
            warnings: Vec::new(),
            left_out: LeftOut::default(),
            error: None,
            job_id: None,
            trigger: None,
        }
    }

    /// Sets the end time to now, and the status by `error`.
    pub(super) fn end(&mut self, error: Option<String>) {
        self.status = if error.is_some() { RunStatus::Failed } else { RunStatus::Done };
        self.finished_at = Some(format_iso_8601(jiff::Timestamp::now()));
        self.error = error;
    }
}

fn format_iso_8601(at: jiff::Timestamp) -> String {
    format!("{at:.3}")
}

/// Result of a scan (`LocalScanRunResult`).
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ScanResult {
    run_id: String,
    status: RunStatus,
    done: bool,
    connection_id: String,
    mode: ScanMode,
    dry_run: bool,
    sync_id: String,
    /// The recorded report.
    pub report: RunReport,
}

impl From<RunReport> for ScanResult {
    fn from(report: RunReport) -> Self {
        Self {
            run_id: report.run_id.clone(),
            status: report.status,
            done: report.status == RunStatus::Done,
            connection_id: report.connection_id.clone(),
            mode: report.mode.unwrap_or_default(),
            dry_run: report.dry_run,
            sync_id: report.sync_id.clone(),
            report,
        }
    }
}

/// Result of an ingest (`LocalIngestRunResult`).
#[derive(Debug, Clone, PartialEq, Serialize)]
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
    /// The recorded report.
    pub report: RunReport,
}

impl IngestResult {
    /// Returns the result of a run. `source_dir` is the staged folder that it read, if any.
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
    fn json_has_the_keys_of_the_public_interface() {
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
    fn ids_are_unique_and_sort_by_time() {
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
