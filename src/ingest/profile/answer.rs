//! The daemon's answer to a request for profiles.

use crate::relationships::{self, KeyCount, LinkCount};
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// The answer.
#[derive(Debug, Deserialize)]
pub(super) struct Answer {
    /// Results in the order of the request.
    pub(super) tables: Vec<TableProfile>,
    #[serde(default)]
    pub(super) warnings: Vec<String>,
}

/// The same tables with the hashes that the detection of relationships reads.
#[derive(Debug, Deserialize)]
pub(super) struct HashedTables {
    pub(super) tables: Vec<relationships::TableProfile>,
}

/// Counts of keys and links, in the order of the request.
#[derive(Debug, Deserialize)]
pub(super) struct Counts {
    pub(super) keys: Vec<KeyCount>,
    pub(super) links: Vec<LinkCount>,
}

/// The profile of a table or a view.
#[derive(Debug, Clone, Deserialize)]
pub(super) struct TableProfile {
    pub(super) name: String,
    /// `None` if the number is not known.
    pub(super) rows: Option<u64>,
    /// Whether `rows` was counted.
    pub(super) rows_exact: bool,
    /// Columns, in the order of the table; none if it is `unread`.
    pub(super) columns: Vec<ColumnProfile>,
    pub(super) statements: u64,
    /// Size of the sample; `None` if all rows were read.
    #[serde(default)]
    pub(super) sampled_rows: Option<u64>,
    /// Bytes that were read, where the engine says so.
    #[serde(default)]
    pub(super) bytes: Option<u64>,
    /// Why the table could not be profiled.
    #[serde(default)]
    pub(super) unread: Option<String>,
}

/// The profile of a column.
#[derive(Debug, Clone, Deserialize)]
pub(super) struct ColumnProfile {
    pub(super) name: String,
    #[serde(flatten)]
    pub(super) facts: ColumnFacts,
}

/// Facts of a column. Values are encoded as in results of queries. If its table was sampled, `nulls` and `distinct` are
/// estimates for all rows, if their number is known, and all else is of the sample.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct ColumnFacts {
    /// Number of rows without a value.
    pub nulls: u64,
    /// Number of distinct values without NULL; an inexact 0 is unknown.
    pub distinct: u64,
    /// Whether `distinct` was counted and not estimated.
    pub distinct_exact: bool,
    /// Least value.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub min: Option<Value>,
    /// Greatest value.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max: Option<Value>,
    /// Mean of numbers.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mean: Option<f64>,
    /// Least length of texts, in characters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub min_length: Option<u64>,
    /// Greatest length of texts, in characters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_length: Option<u64>,
    /// Mean length of texts, in characters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mean_length: Option<f64>,
    /// Most frequent values, the first with the most rows.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub values: Option<Vec<FrequentValue>>,
    /// Whether there are no other values than `values`.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub values_complete: bool,
    /// Recognised formats.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub formats: Vec<Format>,
    /// Why the column looks sensitive.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sensitive: Option<Sensitive>,
    /// Whether `min`, `max` and `values` are left out, as the column is masked or `sensitive`.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub hidden: bool,
}

impl ColumnFacts {
    /// Removes all values.
    pub(super) fn hide(&mut self) {
        (self.min, self.max, self.values) = (None, None, None);
        (self.values_complete, self.hidden) = (false, true);
    }
}

/// A value and the number of its rows.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct FrequentValue {
    /// The value.
    pub value: Value,
    /// Number of rows, in the sample if there is one.
    pub count: u64,
}

/// A recognised format of a column.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Format {
    /// Name of the format, such as `iso_date`.
    pub kind: String,
    /// Share of the checked values that have it, 0 to 1.
    pub share: f64,
    /// The evidence, as a sentence.
    pub evidence: String,
}

/// Why a column looks sensitive.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sensitive {
    /// Class of its values, such as `email`.
    pub class: String,
    /// What it was recognised by: `name` or `content`.
    pub by: String,
    /// The evidence, without any value.
    pub evidence: String,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::schemas::definition;

    #[test]
    fn types_match_the_schema() {
        let left_out = ["catalog", "db", "seconds"];
        definition("profile", "TableProfile").ignoring(&left_out).assert_read_by::<TableProfile>();
        definition("profile", "ColumnProfile")
            .ignoring(&["name", "hashes", "hash_limit"])
            .assert_kept_by::<ColumnFacts>();
        definition("profile", "FrequentValue").assert_kept_by::<FrequentValue>();
        definition("profile", "Format").assert_kept_by::<Format>();
        definition("profile", "Sensitive").assert_kept_by::<Sensitive>();
    }
}
