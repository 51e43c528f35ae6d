//! The daemon's answer to an introspection.

use crate::{
    error::Result,
    ingest::profile::{ProfileColumn, ProfileTable},
    ports::read_answer,
    project::policy::{Policy, TableName},
};
use serde::{Deserialize, Serialize};
use std::{borrow::Cow, collections::BTreeMap, fmt};

/// Path of the endpoint.
pub(super) const PATH: &str = "/database/introspect";

/// The answer. Columns and keys, which are the most numerous, borrow from its text.
#[derive(Debug, Deserialize)]
pub(super) struct Introspection<'a> {
    pub(super) extracted_at: String,
    pub(super) metadata: Metadata,
    #[serde(borrow)]
    pub(super) tables: Vec<Table<'a>>,
    /// Number of the facts that the daemon reports; other servers, and earlier versions, do not send it.
    #[serde(default)]
    pub(super) facts: u32,
    /// Warnings about the user of the database. Optional, since other servers may not send them.
    #[serde(default)]
    pub(super) warnings: Vec<String>,
}

/// Metadata of an introspection.
#[derive(Debug, Deserialize)]
pub(super) struct Metadata {
    pub(super) schemas: Vec<String>,
    /// Sentences about what the connector lacks for the warehouse.
    #[serde(default)]
    pub(super) limitations: Vec<String>,
}

/// A table or a view, which is staged as it is.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Table<'a> {
    pub(super) catalog: Option<String>,
    pub(super) db: Option<String>,
    pub(super) name: String,
    pub(super) kind: Kind,
    pub(super) comment: Option<String>,
    /// Estimate of the database, which is not compared.
    pub(super) estimated_rows: Option<i64>,
    #[serde(borrow)]
    pub(super) columns: Vec<Column<'a>>,
    #[serde(borrow)]
    pub(super) foreign_keys: Vec<ForeignKey<'a>>,
    /// Size on the database's disk, which is not compared.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) bytes: Option<i64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) engine: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) partition_key: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) sorting_key: Option<String>,
    /// Time of the last change of the data, which is not compared.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) modified_at: Option<String>,
    /// `false` if the database takes the primary key as declared.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) primary_key_enforced: Option<bool>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) partition_filter_required: Option<bool>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) labels: Option<BTreeMap<String, String>>,
    #[serde(borrow, default, skip_serializing_if = "Vec::is_empty")]
    pub(super) indexes: Vec<Index<'a>>,
    #[serde(borrow, default, skip_serializing_if = "Vec::is_empty")]
    pub(super) unique_keys: Vec<Vec<Cow<'a, str>>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) row_security: Option<bool>,
    /// `false` if the database takes unique keys as declared.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) unique_keys_enforced: Option<bool>,
    /// What a table or a view is in particular, for example `materialized_view`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) variant: Option<String>,
    /// SQL of a view, as the database gives it, if the user may see it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) definition: Option<String>,
    #[serde(borrow, default, skip_serializing_if = "Vec::is_empty")]
    pub(super) checks: Vec<Check<'a>>,
    /// `false` if the user may read no column.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) readable: Option<bool>,
    /// Tables that it inherits from, directly or through others. They are not compared.
    #[serde(borrow, default, skip_serializing_if = "Vec::is_empty")]
    pub(super) parents: Vec<Parent<'a>>,
    /// Whether the data policy denies some of its columns.
    #[serde(skip)]
    pub(super) restricted: bool,
}

/// A table of the same catalog that another one inherits from.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Parent<'a> {
    #[serde(borrow)]
    db: Cow<'a, str>,
    #[serde(borrow)]
    name: Cow<'a, str>,
}

/// A check constraint; the names of `SQLite` are optional.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Check<'a> {
    pub(super) name: Option<String>,
    #[serde(borrow)]
    pub(super) expression: Cow<'a, str>,
}

/// An index of all rows by whole columns.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Index<'a> {
    #[serde(borrow)]
    pub(super) name: Cow<'a, str>,
    #[serde(borrow)]
    pub(super) columns: Vec<Cow<'a, str>>,
    pub(super) unique: bool,
}

/// Kind of a table.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// A table with rows of its own.
    Table,
    /// A view, also a materialized one.
    View,
}

#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Column<'a> {
    #[serde(borrow)]
    pub(super) name: Cow<'a, str>,
    #[serde(borrow, rename = "type")]
    pub(super) data_type: Cow<'a, str>,
    pub(super) nullable: bool,
    pub(super) primary_key: bool,
    pub(super) comment: Option<String>,
    #[serde(borrow, default, skip_serializing_if = "Vec::is_empty")]
    pub(super) fields: Vec<Field<'a>>,
    #[serde(borrow, default, skip_serializing_if = "Vec::is_empty")]
    pub(super) enum_values: Vec<Cow<'a, str>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) generated: Option<String>,
    /// Expression of the default.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) default: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) labels: Option<BTreeMap<String, String>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) masking_policy: Option<String>,
    /// `false` if the user may read other columns of the table, but not this one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) readable: Option<bool>,
}

/// A field within a nested column.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Field<'a> {
    #[serde(borrow)]
    path: Vec<Cow<'a, str>>,
    #[serde(borrow, rename = "type")]
    data_type: Cow<'a, str>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    comment: Option<String>,
}

/// One column of a foreign key. Without `to_column`, it refers to the primary key.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct ForeignKey<'a> {
    #[serde(borrow)]
    pub(super) from_column: Cow<'a, str>,
    pub(super) to_schema: Option<String>,
    #[serde(borrow)]
    pub(super) to_table: Cow<'a, str>,
    pub(super) to_column: Option<String>,
    pub(super) constraint_name: Option<String>,
    /// Position in the key, from 1. Only databases whose constraints have no names have it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    position: Option<u32>,
    /// `false` if the database takes the key as declared.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) enforced: Option<bool>,
}

impl Kind {
    /// Returns the name in requests and files.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Table => "table",
            Self::View => "view",
        }
    }
}

impl Table<'_> {
    /// Its name, and those of its parents: what the policy says of them is true of its rows, too.
    pub(super) fn names(&self) -> impl Iterator<Item = TableName<'_>> {
        let catalog = self.catalog.as_deref();
        let own = TableName { catalog, schema: self.db.as_deref(), name: &self.name };
        let parents = self.parents.iter();
        std::iter::once(own).chain(parents.map(move |parent| TableName {
            catalog,
            schema: Some(&parent.db),
            name: &parent.name,
        }))
    }

    /// Whether it or a parent is denied.
    pub(super) fn is_denied(&self, policy: &Policy) -> bool {
        self.names().any(|name| policy.table_denied(name))
    }

    /// Whether a column of it or of a parent is denied.
    pub(super) fn denies_column(&self, policy: &Policy, column: &str) -> bool {
        self.names().any(|name| policy.column_denied(name, column))
    }

    /// Whether a column of it or of a parent is masked.
    pub(super) fn masks_column(&self, policy: &Policy, column: &str) -> bool {
        self.names().any(|name| policy.column_masked(name, column))
    }

    /// Returns the request for its profile. A view may read any table, and its errors may have values of it.
    pub(super) fn to_profile(&self, policy: &Policy) -> ProfileTable {
        let table = TableName { catalog: self.catalog.as_deref(), schema: self.db.as_deref(), name: &self.name };
        let readable = self.columns.iter().filter(|column| column.readable != Some(false));
        let columns = readable.map(|column| ProfileColumn {
            name: column.name.clone().into_owned(),
            kind: column.data_type.clone().into_owned(),
            masked: self.masks_column(policy, &column.name),
            unmasked: policy.column_unmasked(table, &column.name) && !self.masks_column(policy, &column.name),
        });
        ProfileTable {
            catalog: self.catalog.clone(),
            db: self.db.clone(),
            name: self.name.clone(),
            kind: self.kind.name(),
            columns: columns.collect(),
            estimated_rows: self.estimated_rows,
            bytes: self.bytes,
            partition_key: self.partition_key.clone(),
            partition_filter_required: self.partition_filter_required == Some(true),
            restricted: self.restricted || (self.kind == Kind::View && (policy.denies() || policy.masks())),
            readable: self.readable != Some(false),
        }
    }

    /// Removes what is not compared: estimates, sizes, times and parents.
    pub(super) fn keep_compared(&mut self) {
        (self.estimated_rows, self.bytes, self.modified_at) = (None, None, None);
        self.parents.clear();
        for key in &mut self.foreign_keys {
            // Files of older versions lack the position 1 of a key of one column.
            key.position = key.position.filter(|position| *position > 1);
        }
    }
}

impl fmt::Display for Field<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{} {}", self.path.join("."), self.data_type)
    }
}

impl ForeignKey<'_> {
    /// Whether the column belongs to the key that begins with another one, whose columns precede it.
    pub(super) fn continues(&self, first: &Self) -> bool {
        let is_same_key = self.constraint_name.is_some() || self.position != Some(1);
        self.constraint_name == first.constraint_name && self.to_table == first.to_table && is_same_key
    }
}

impl<'a> Introspection<'a> {
    /// Errors: [`Code::HttpAnswerInvalid`] names the field with its path.
    pub(super) fn parse(text: &'a str) -> Result<Self> {
        read_answer(PATH, text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::Code;

    fn error(text: &str) -> String {
        let error = Introspection::parse(text).unwrap_err();
        assert_eq!(error.code(), Code::HttpAnswerInvalid);
        error.to_string()
    }

    #[test]
    fn invalid_fields_are_named_with_their_path() {
        let head = r#""extracted_at":"now","metadata":{"schemas":[]}"#;
        let table = |columns: &str| {
            format!(r#"{{{head},"tables":[{{"name":"a","kind":"table","foreign_keys":[],"columns":{columns}}}]}}"#)
        };
        assert!(error("{}").contains("/database/introspect answered unexpectedly: missing field `extracted_at`"));
        assert!(error(&format!("{{{head}}}")).contains("missing field `tables`"));
        assert!(error(&table(r#"[{"name":"x"}]"#)).contains("tables[0].columns[0]: missing field `type`"));
        assert!(error(&table("5")).contains("tables[0].columns: invalid type"));
    }

    #[test]
    fn types_match_the_schema() {
        let schema = |name: &str| crate::schemas::definition("introspection", name);
        schema("Introspection").ignoring(&["connection_id"]).assert_read_by::<Introspection<'_>>();
        schema("Metadata").ignoring(&["driver"]).assert_read_by::<Metadata>();
        schema("Table").assert_kept_by::<Table<'_>>();
        schema("Column").assert_kept_by::<Column<'_>>();
        schema("Field").assert_kept_by::<Field<'_>>();
        schema("ForeignKey").assert_kept_by::<ForeignKey<'_>>();
        schema("Parent").assert_kept_by::<Parent<'_>>();
        schema("Check").assert_kept_by::<Check<'_>>();
        schema("Table").assert_values_of::<Kind>("kind", &[]);
    }
}
