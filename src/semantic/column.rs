//! The columns of a semantic source.

use crate::project::yaml::or_default;
use serde::{Deserialize, Serialize};

/// A column of a source.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Column {
    /// Name in queries.
    pub name: String,
    /// Semantic type of the column.
    #[serde(rename = "type")]
    pub kind: ColumnType,
    /// SQL over the columns of the table or query; default: the column with this name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expr: Option<String>,
    /// Measure of another source, `source.measure`, whose value for each row of this source the column has.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub measure: Option<String>,
    /// Visibility of the column.
    #[serde(default, deserialize_with = "or_default", skip_serializing_if = "Visibility::is_public")]
    pub visibility: Visibility,
    /// Description for users and agents.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// All values: the allowed ones, or those of the last profile; empty if they are not known.
    #[serde(default, deserialize_with = "or_default", skip_serializing_if = "Vec::is_empty")]
    pub values: Vec<Scalar>,
    /// Finest granularity of the times of the column.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub granularity: Option<Granularity>,
    /// `instant` for times with a zone, otherwise the IANA name of the zone in which its times are.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub time_zone: Option<String>,
}

/// A value of a column.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
#[expect(missing_docs, reason = "the names are self-explanatory")]
pub enum Scalar {
    Boolean(bool),
    Number(serde_json::Number),
    String(String),
}

/// Granularity of times.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[expect(missing_docs, reason = "the names are self-explanatory")]
pub enum Granularity {
    Second,
    Minute,
    Hour,
    Day,
    Week,
    Month,
    Quarter,
    Year,
}

/// Semantic type of a column.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[expect(missing_docs, reason = "the names are self-explanatory")]
pub enum ColumnType {
    String,
    Number,
    Time,
    Boolean,
}

/// Visibility of a column.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Visibility {
    /// For queries and expressions.
    #[default]
    Public,
    /// For joins and expressions only.
    Internal,
    /// For joins and expressions only, as [`Self::Internal`].
    Hidden,
}

impl Visibility {
    pub(super) fn is_public(&self) -> bool {
        *self == Self::Public
    }
}
