//! What the report of a scan says about profiles.

use serde::{Deserialize, Serialize};

/// How the tables of a scan were profiled (`KtxProfileSummary`).
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct ProfileSummary {
    /// Number of profiled tables.
    pub profiled: usize,
    /// Number of those that were profiled on a sample.
    pub sampled: usize,
    /// Tables that could not be read.
    pub unread: Vec<UnprofiledTable>,
    /// Tables that were left out, as a limit of the scan was reached.
    pub skipped: Vec<UnprofiledTable>,
    /// Elapsed time, in seconds.
    pub seconds: f64,
    /// Number of statements.
    pub statements: u64,
    /// Number of bytes that were read, where the database says so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bytes: Option<u64>,
}

/// A table without a profile.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct UnprofiledTable {
    /// Name of the table, as in the changes of the report.
    pub table: String,
    /// One sentence without a full stop.
    pub reason: String,
}

/// A change of a profile (`KtxProfileChange`).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProfileChange {
    /// Name of the table, as in the changes of the report.
    pub table: String,
    /// Name of the column.
    pub column: String,
    /// The change, one line. It may have values of the database.
    pub text: String,
}
