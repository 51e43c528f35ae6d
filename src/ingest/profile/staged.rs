//! The staged file of a profile. It has nothing that changes between scans of the same data.

use super::{
    answer::{ColumnFacts, ColumnProfile, TableProfile},
    request::ProfileTable,
};
use crate::project::policy::{Policy, TableName};
use serde::{Deserialize, Serialize};

/// Folder of the profiles in a sync.
pub const PROFILES_DIR: &str = "profiles";

/// The profile of a table.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct StagedProfile {
    /// Catalog, if the database has catalogs.
    pub catalog: Option<String>,
    /// Schema, if the database has schemas.
    pub db: Option<String>,
    /// Name without the schema.
    pub name: String,
    /// Number of rows, if it is known.
    pub rows: Option<u64>,
    /// Whether `rows` was counted and not estimated.
    pub rows_exact: bool,
    /// Number of rows of the sample; `None` if all rows were read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sampled_rows: Option<u64>,
    /// Columns, in the order of the table.
    pub columns: Vec<StagedColumn>,
}

/// The profile of a column.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct StagedColumn {
    /// Name.
    pub name: String,
    /// Type, as the database spells it.
    #[serde(rename = "type")]
    pub kind: String,
    /// Facts of the column.
    #[serde(flatten)]
    pub facts: ColumnFacts,
}

impl StagedProfile {
    /// Combines a profile with its table. Errors: the first column that the profile lacks or has in another place.
    pub(super) fn new(table: &ProfileTable, profile: TableProfile) -> Result<Self, String> {
        if profile.name != table.name || profile.columns.len() != table.columns.len() {
            return Err(format!("the profile of {} is one of another table", table.name));
        }
        let pairs = table.columns.iter().zip(profile.columns);
        let columns = pairs.map(|(column, ColumnProfile { name, facts })| match name == column.name {
            true => Ok(StagedColumn { name, kind: column.kind.clone(), facts }),
            false => Err(format!("the profile of {} has no column {} in its place", table.name, column.name)),
        });
        Ok(Self {
            catalog: table.catalog.clone(),
            db: table.db.clone(),
            name: table.name.clone(),
            rows: profile.rows,
            rows_exact: profile.rows_exact,
            sampled_rows: profile.sampled_rows,
            columns: columns.collect::<Result<_, _>>()?,
        })
    }

    /// Number of rows that `nulls` and `distinct` are about: those of the table, or of the sample of one of unknown size.
    pub fn measured_rows(&self) -> Option<u64> {
        self.rows.or(self.sampled_rows)
    }

    /// Removes denied columns, and the values of columns that are masked, or sensitive and not unmasked.
    pub(super) fn apply_policy(&mut self, policy: &Policy) {
        let table = TableName { catalog: self.catalog.as_deref(), schema: self.db.as_deref(), name: &self.name };
        self.columns.retain(|column| !policy.column_denied(table, &column.name));
        for StagedColumn { name, facts, .. } in &mut self.columns {
            let is_shown = facts.sensitive.is_none() || policy.column_unmasked(table, name);
            if !is_shown || policy.column_masked(table, name) {
                facts.hide();
            }
        }
    }

    /// Whether the profile is one of a table with the same columns.
    pub(super) fn is_of(&self, table: &TableIdentity<'_>) -> bool {
        let columns = self.columns.iter().map(|column| (column.name.as_str(), column.kind.as_str()));
        (self.catalog.as_deref(), self.db.as_deref(), self.name.as_str()) == (table.catalog, table.db, table.name)
            && columns.eq(table.columns.iter().copied())
    }
}

/// What a profile and its table have in common.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TableIdentity<'a> {
    /// Catalog, if the database has catalogs.
    pub catalog: Option<&'a str>,
    /// Schema, if the database has schemas.
    pub db: Option<&'a str>,
    /// Name without the schema.
    pub name: &'a str,
    /// Names and types of the columns, in the order of the table.
    pub columns: Vec<(&'a str, &'a str)>,
}

impl<'a> From<&'a ProfileTable> for TableIdentity<'a> {
    fn from(table: &'a ProfileTable) -> Self {
        Self {
            catalog: table.catalog.as_deref(),
            db: table.db.as_deref(),
            name: &table.name,
            columns: table.columns.iter().map(|column| (column.name.as_str(), column.kind.as_str())).collect(),
        }
    }
}
