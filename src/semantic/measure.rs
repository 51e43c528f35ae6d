//! The measures and segments of a semantic source.

use crate::project::yaml::or_default;
use serde::{Deserialize, Serialize};
use serde_json::Number;
use std::collections::BTreeMap;

/// A measure: an aggregate, such as `sum(amount)`, or an expression over other measures.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Measure {
    /// Name in queries.
    pub name: String,
    /// SQL over the columns and measures of the source.
    pub expr: String,
    /// Condition on the rows that are aggregated.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub filter: Option<String>,
    /// Segments of the rows that are aggregated.
    #[serde(default, deserialize_with = "or_default", skip_serializing_if = "Vec::is_empty")]
    pub segments: Vec<String>,
    /// Column that `metric_time` reads; default: that of the source.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub time: Option<String>,
    /// How a balance is aggregated over time.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub semi_additive: Option<SemiAdditive>,
    /// Later row that the aggregated rows have (a conversion).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub followed_by: Option<FollowedBy>,
    /// Join paths by the name of the source that they lead to.
    #[serde(default, deserialize_with = "or_default", skip_serializing_if = "BTreeMap::is_empty")]
    pub paths: BTreeMap<String, String>,
    /// Value of groups without rows.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fill_nulls_with: Option<Number>,
    /// Description for users and agents.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// Other names, for searches.
    #[serde(default, deserialize_with = "or_default", skip_serializing_if = "Vec::is_empty")]
    pub synonyms: Vec<String>,
    /// Unit of the values, such as `EUR`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unit: Option<String>,
    /// Format for display, such as `0.0 %`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub format: Option<String>,
}

impl Measure {
    /// Returns the expressions, conditions and columns over the rows of the source.
    pub(super) fn expressions(&self) -> impl Iterator<Item = &String> {
        let balance = self.semi_additive.iter().flat_map(|balance| balance.per.iter().chain([&balance.over]));
        let later = self.followed_by.iter().flat_map(|later| [Some(&later.on), later.filter.as_ref()]).flatten();
        [Some(&self.expr), self.filter.as_ref(), self.time.as_ref()].into_iter().flatten().chain(balance).chain(later)
    }
}

/// How a measure that cannot be summed over time, such as a balance, is aggregated over it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SemiAdditive {
    /// Column with the time of a balance.
    pub over: String,
    /// Which times of a group are aggregated.
    #[serde(default, deserialize_with = "or_default")]
    pub take: Take,
    /// Columns, such as the account: each combination of their values has its own first and last time.
    #[serde(default, deserialize_with = "or_default", skip_serializing_if = "Vec::is_empty")]
    pub per: Vec<String>,
}

/// Which times of a group a semi-additive measure aggregates.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Take {
    /// The first one.
    First,
    /// The last one.
    #[default]
    Last,
    /// Each one; the results are averaged.
    Average,
}

/// A later row of a source, within a duration of the time of the measure.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FollowedBy {
    /// Source of the later rows.
    pub source: String,
    /// Condition of equality, such as `user_id = orders.user_id`.
    pub on: String,
    /// Longest duration until the later row, such as `7 days`.
    pub within: String,
    /// Condition on the later row.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub filter: Option<String>,
    /// Time column of the later row; default: that of its source.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub time: Option<String>,
}

/// A named filter of a source.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Segment {
    /// Name in queries and measures.
    pub name: String,
    /// Condition: SQL over the columns of the source.
    pub expr: String,
    /// Description for users and agents.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
}
