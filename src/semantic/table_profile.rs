//! The profile of a described table.

use super::table::Table;
use crate::{
    error::Result,
    ingest::profile::{ColumnFacts, Format, FoundProfile, FrequentValue, ProfiledSyncs, Sensitive, TableIdentity},
};
use serde::Serialize;
use serde_json::Value;
use std::collections::HashMap;

/// The newest profile of a table (`KtxTableProfile`).
#[derive(Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct TableProfile {
    /// Name of the folder in `raw-sources` of the scan that has the profile.
    pub sync_id: String,
    /// Number of rows, if it is known.
    pub rows: Option<u64>,
    /// Whether `rows` was counted and not estimated.
    pub rows_exact: bool,
    /// Number of rows of the sample; `None` if all rows were read.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sampled_rows: Option<u64>,
}

/// The profile of a column (`KtxColumnProfile`). Values are data of the database. If its table was sampled, `nulls` and
/// `distinct` are estimates for all rows, if their number is known, and all else is of the sample.
#[derive(Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ColumnProfile {
    /// Number of rows without a value.
    pub nulls: u64,
    /// Share of the rows without a value, 0 to 1; `None` for a table without rows.
    pub null_share: Option<f64>,
    /// Number of distinct values without NULL.
    pub distinct: u64,
    /// Whether `distinct` was counted and not estimated.
    pub distinct_exact: bool,
    /// Least value.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub min: Option<Value>,
    /// Greatest value.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max: Option<Value>,
    /// Mean of numbers.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mean: Option<f64>,
    /// Least length of texts, in characters.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub min_length: Option<u64>,
    /// Greatest length of texts, in characters.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_length: Option<u64>,
    /// Mean length of texts, in characters.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mean_length: Option<f64>,
    /// Most frequent values, the first with the most rows.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub values: Option<Vec<FrequentValue>>,
    /// Whether there are no other values than `values`.
    pub values_complete: bool,
    /// Recognised formats.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub formats: Vec<Format>,
    /// Why the column looks sensitive.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sensitive: Option<Sensitive>,
    /// Whether values are left out, as the column is masked or `sensitive`.
    pub hidden: bool,
}

/// The newest profile of a table with the same columns, and of its columns by name.
pub(super) type Found = (Option<TableProfile>, HashMap<String, ColumnProfile>);

/// Finds the newest profile of a table. Errors: those of [`ProfiledSyncs::find`].
pub(super) fn find(syncs: &ProfiledSyncs, table: &Table) -> Result<Found> {
    let Some(FoundProfile { sync_id, profile }) = syncs.find(&TableIdentity::from(table))? else {
        return Ok((None, HashMap::new()));
    };
    let measured_rows = profile.measured_rows();
    let columns = profile.columns.into_iter().map(|column| (column.name, describe(column.facts, measured_rows)));
    let columns = columns.collect();
    let (rows, rows_exact, sampled_rows) = (profile.rows, profile.rows_exact, profile.sampled_rows);
    Ok((Some(TableProfile { sync_id, rows, rows_exact, sampled_rows }), columns))
}

fn describe(facts: ColumnFacts, rows: Option<u64>) -> ColumnProfile {
    let ColumnFacts { nulls, distinct, distinct_exact, values_complete, formats, hidden, .. } = facts;
    ColumnProfile {
        nulls,
        null_share: rows.filter(|rows| *rows > 0).map(|rows| nulls as f64 / rows as f64),
        distinct,
        distinct_exact,
        min: facts.min,
        max: facts.max,
        mean: facts.mean,
        min_length: facts.min_length,
        max_length: facts.max_length,
        mean_length: facts.mean_length,
        values: facts.values,
        values_complete,
        formats,
        sensitive: facts.sensitive,
        hidden,
    }
}
