//! The fields of a profile that detection reads, and the counts of keys and links: types of the daemon
//! (`ktx_daemon/warehouses/model/profile.py`).

use serde::Deserialize;

/// The profile of a table.
#[derive(Debug, Clone, Default, Deserialize)]
pub struct TableProfile {
    /// The database, in warehouses with several.
    pub catalog: Option<String>,
    /// The schema.
    pub db: Option<String>,
    /// Name of the table.
    pub name: String,
    /// Number of rows.
    pub rows: Option<u64>,
    /// Whether `rows` is no estimate.
    pub rows_exact: bool,
    /// Profiles of columns; none if the table could not be read.
    pub columns: Vec<ColumnProfile>,
    /// Rows of the sample, if not all were read.
    #[serde(default)]
    pub sampled_rows: Option<u64>,
}

/// The profile of a column. Of a sample, `nulls` and `distinct` are estimates for all rows, if their number is known.
#[derive(Debug, Clone, Default, Deserialize)]
pub struct ColumnProfile {
    /// Name of the column.
    pub name: String,
    /// Rows with NULL.
    pub nulls: u64,
    /// Distinct values without NULL.
    pub distinct: u64,
    /// Whether `distinct` is no estimate.
    pub distinct_exact: bool,
    /// Least value.
    #[serde(default)]
    pub min: Option<Scalar>,
    /// Greatest value.
    #[serde(default)]
    pub max: Option<Scalar>,
    /// Length of the shortest text, in characters.
    #[serde(default)]
    pub min_length: Option<u64>,
    /// Length of the longest text, in characters.
    #[serde(default)]
    pub max_length: Option<u64>,
    /// Mean length of a text, in characters.
    #[serde(default)]
    pub mean_length: Option<f64>,
    /// The most frequent values.
    #[serde(default)]
    pub values: Vec<FrequentValue>,
    /// Hashes of all distinct values whose hash is below `hash_limit`, sorted.
    #[serde(default)]
    pub hashes: Option<Vec<u64>>,
    /// All hashes are below it; missing if `hashes` has all values.
    #[serde(default)]
    pub hash_limit: Option<u64>,
}

/// A value of a column.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(untagged)]
pub enum Scalar {
    /// A boolean.
    Boolean(bool),
    /// A number.
    Number(f64),
    /// A text, or a value of another type as text.
    Text(String),
}

/// A value and the number of its rows.
#[derive(Debug, Clone, Deserialize)]
pub struct FrequentValue {
    /// The value.
    pub value: Scalar,
}

/// Exact counts of a possible key.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
pub struct KeyCount {
    /// All rows.
    pub rows: u64,
    /// Rows in which a column is NULL.
    pub null_rows: u64,
    /// Distinct values of the other rows.
    pub distinct: u64,
    /// Why it could not be counted.
    #[serde(default)]
    pub uncounted: Option<String>,
}

/// Exact counts of a possible foreign key.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
pub struct LinkCount {
    /// Referencing rows without NULL.
    pub rows: u64,
    /// Their distinct values.
    pub distinct: u64,
    /// Those that refer to no row.
    pub unmatched_rows: u64,
    /// Referenced rows without NULL.
    pub target_rows: u64,
    /// Their distinct values.
    pub target_distinct: u64,
    /// Why it could not be counted.
    #[serde(default)]
    pub uncounted: Option<String>,
}

impl Scalar {
    /// The value as a number, also where it is encoded as a text to keep its digits.
    pub(super) fn as_number(&self) -> Option<f64> {
        match self {
            Self::Boolean(_) => None,
            Self::Number(number) => Some(*number),
            Self::Text(text) => text.parse().ok(),
        }
    }

    /// The value as a text; `None` for other types.
    pub(super) fn as_text(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            _ => None,
        }
    }
}
