//! A scanned table: read from its staged file, described, and sent to the daemon for generation.

use super::column::Scalar;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// A table. Deserialises a staged file, and serialises for the daemon.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Table {
    pub(super) name: String,
    pub(super) catalog: Option<String>,
    pub(super) db: Option<String>,
    /// Name of the existing source of the table.
    #[serde(skip_deserializing, skip_serializing_if = "Option::is_none")]
    pub(super) source_name: Option<String>,
    /// A key that the data has, in place of a declared one.
    #[serde(skip_deserializing, skip_serializing_if = "Vec::is_empty")]
    pub(super) grain: Vec<String>,
    /// Number of rows of the profile.
    #[serde(skip_deserializing, skip_serializing_if = "Option::is_none")]
    pub(super) rows: Option<u64>,
    /// `table` or `view`.
    #[serde(skip_serializing, default)]
    pub(super) kind: Option<String>,
    /// Statistic of the database, if it has one.
    #[serde(skip_serializing, default)]
    pub(super) estimated_rows: Option<u64>,
    pub(super) comment: Option<String>,
    pub(super) columns: Vec<Column>,
    /// Columns of all foreign keys, grouped by key.
    #[serde(skip_serializing, default)]
    pub(super) foreign_keys: Vec<KeyColumn>,
    /// Size on the database's disk. This and the following are missing in files of older versions.
    #[serde(skip_serializing, default)]
    pub(super) bytes: Option<u64>,
    #[serde(skip_serializing, default)]
    pub(super) engine: Option<String>,
    #[serde(skip_serializing, default)]
    pub(super) partition_key: Option<String>,
    #[serde(skip_serializing, default)]
    pub(super) sorting_key: Option<String>,
    #[serde(skip_serializing, default)]
    pub(super) modified_at: Option<String>,
    #[serde(skip_serializing, default)]
    pub(super) primary_key_enforced: Option<bool>,
    #[serde(skip_serializing, default)]
    pub(super) partition_filter_required: Option<bool>,
    #[serde(skip_serializing, default)]
    pub(super) labels: Option<BTreeMap<String, String>>,
    #[serde(skip_serializing, default)]
    pub(super) indexes: Vec<Index>,
    #[serde(skip_serializing, default)]
    pub(super) unique_keys: Vec<Vec<String>>,
    #[serde(skip_serializing, default)]
    pub(super) row_security: Option<bool>,
    #[serde(skip_serializing, default)]
    pub(super) unique_keys_enforced: Option<bool>,
    #[serde(skip_serializing, default)]
    pub(super) variant: Option<String>,
    #[serde(skip_serializing, default)]
    pub(super) definition: Option<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(super) checks: Vec<Check>,
    /// `false` if the user may read no column.
    #[serde(skip_serializing, default)]
    pub(super) readable: Option<bool>,
}

impl Table {
    /// Returns the name with its schema, if it has one.
    pub(super) fn qualified_name(&self) -> String {
        self.db.as_ref().map_or_else(|| self.name.clone(), |db| format!("{db}.{}", self.name))
    }

    /// Returns the parts of the name with the catalog and the schema, as far as it has them.
    pub(super) fn parts(&self) -> Vec<String> {
        name_parts([&self.catalog, &self.db], &self.name)
    }
}

/// Returns the parts of a name, of which qualifiers may be missing.
pub(super) fn name_parts(qualifiers: [&Option<String>; 2], name: &str) -> Vec<String> {
    qualifiers.into_iter().flatten().cloned().chain([name.to_owned()]).collect()
}

/// A check constraint (`KtxTableCheck`).
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Check {
    /// Name of the constraint, if it has one.
    pub name: Option<String>,
    /// Condition, as the database spells it.
    pub expression: String,
}

/// An index of all rows of a table by whole columns (`KtxTableIndex`).
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Index {
    /// Name of the index.
    pub name: String,
    /// Its columns, in their order.
    pub columns: Vec<String>,
    /// Whether it is unique.
    pub unique: bool,
}

/// A field within a nested column (`KtxTableField`).
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Field {
    /// Names from the column to the field.
    pub path: Vec<String>,
    /// Type, as the database spells it.
    #[serde(rename = "type")]
    pub kind: String,
    /// Comment in the database.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub comment: Option<String>,
}

/// A column of a table.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Column {
    pub(super) name: String,
    #[serde(rename = "type")]
    pub(super) kind: String,
    pub(super) primary_key: bool,
    pub(super) nullable: bool,
    pub(super) comment: Option<String>,
    #[serde(skip_serializing, default)]
    pub(super) fields: Vec<Field>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(super) enum_values: Vec<String>,
    #[serde(skip_serializing, default)]
    pub(super) generated: Option<String>,
    #[serde(skip_serializing, default)]
    pub(super) default: Option<String>,
    #[serde(skip_serializing, default)]
    pub(super) labels: Option<BTreeMap<String, String>>,
    #[serde(skip_serializing, default)]
    pub(super) masking_policy: Option<String>,
    /// `false` if the user may read other columns of the table, but not this one.
    #[serde(skip_serializing, default)]
    pub(super) readable: Option<bool>,
    /// Whether the column is a part of a foreign key, also to a table that is not scanned.
    #[serde(skip_deserializing, skip_serializing_if = "std::ops::Not::not")]
    pub(super) foreign_key: bool,
    /// What a profile found in the column.
    #[serde(skip_deserializing, skip_serializing_if = "Option::is_none")]
    pub(super) facts: Option<ColumnFacts>,
}

/// What a profile found in a column, for the generation of sources.
#[derive(Debug, Default, Serialize)]
pub(super) struct ColumnFacts {
    pub(super) nulls: u64,
    pub(super) distinct: u64,
    pub(super) distinct_exact: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) min: Option<Scalar>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) max: Option<Scalar>,
    pub(super) formats: Vec<String>,
    /// All values; empty if there are others.
    pub(super) values: Vec<Scalar>,
}

/// A column of a foreign key.
#[derive(Debug, Deserialize)]
pub(super) struct KeyColumn {
    pub(super) from_column: String,
    pub(super) to_schema: Option<String>,
    pub(super) to_table: String,
    pub(super) to_column: Option<String>,
    pub(super) constraint_name: Option<String>,
    /// Position in the key, from 1, if constraints have no names. Missing in files of older versions.
    #[serde(default)]
    pub(super) position: Option<u32>,
    /// `false` if the database takes the key as declared.
    #[serde(default)]
    pub(super) enforced: Option<bool>,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::schemas::definition;

    #[test]
    fn types_match_the_schemas() {
        definition("introspection", "Table").ignoring(&["parents"]).assert_read_by::<Table>();
        definition("introspection", "Column").assert_read_by::<Column>();
        definition("introspection", "Field").assert_kept_by::<Field>();
        definition("introspection", "Index").assert_kept_by::<Index>();
        definition("introspection", "Check").assert_kept_by::<Check>();
        let column = r#"{"name":"id","type":"int","nullable":false,"primary_key":true,"comment":null}"#;
        let text = format!(r#"{{"name":"a","catalog":null,"db":"s","comment":null,"columns":[{column}]}}"#);
        let mut table: Table = serde_json::from_str(&text).unwrap();
        table.source_name = Some("a".into());
        (table.grain, table.rows) = (vec!["id".into()], Some(1));
        let facts = ColumnFacts {
            nulls: 0,
            distinct: 1,
            distinct_exact: true,
            min: Some(Scalar::Number(1.into())),
            max: None,
            formats: Vec::new(),
            values: Vec::new(),
        };
        definition("generate-sources", "ColumnFacts").assert_describes(&facts);
        (table.columns[0].foreign_key, table.columns[0].facts) = (true, Some(facts));
        definition("generate-sources", "Table").assert_describes(&table);
        definition("generate-sources", "TableColumn").assert_describes(&table.columns[0]);
    }
}
