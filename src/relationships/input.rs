//! What detection reads: tables of a scan, their profiles, joins that people wrote, and decisions of the user.

use super::profile::TableProfile;
use serde::{Deserialize, Serialize};

/// Everything that [`propose`](super::propose) reads. The order of the parts does not change the result.
#[derive(Debug, Default, Deserialize)]
pub struct Input {
    /// Tables and views of the scan.
    pub tables: Vec<Table>,
    /// Profiles of tables, by name; a table without one has declared and decided relationships only.
    #[serde(default)]
    pub profiles: Vec<TableProfile>,
    /// Equalities between columns in statements and models that people wrote.
    #[serde(default)]
    pub joins: Vec<WrittenJoin>,
    /// Answers of the user.
    #[serde(default)]
    pub decisions: Decisions,
}

/// A table or a view: the fields of an introspection (`schemas/introspection.json`) that detection reads.
#[derive(Debug, Clone, Default, Deserialize)]
pub struct Table {
    /// The database, in warehouses with several.
    pub catalog: Option<String>,
    /// The schema.
    pub db: Option<String>,
    /// Its name.
    pub name: String,
    /// A table or a view.
    #[serde(default)]
    pub kind: Kind,
    /// The columns, in their order.
    pub columns: Vec<Column>,
    /// Columns of declared foreign keys, those of one key in its order.
    #[serde(default)]
    pub foreign_keys: Vec<ForeignKeyColumn>,
    /// Columns of declared unique constraints and indexes.
    #[serde(default)]
    pub unique_keys: Vec<Vec<String>>,
}

/// Whether the rows are those of other tables.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(from = "String")]
pub enum Kind {
    /// A table of any kind.
    #[default]
    Table,
    /// A view, also a materialized one.
    View,
}

impl From<String> for Kind {
    fn from(kind: String) -> Self {
        if kind.ends_with("view") { Self::View } else { Self::Table }
    }
}

/// A column; `type` is the database's own spelling.
#[derive(Debug, Clone, Default, Deserialize)]
pub struct Column {
    /// Its name.
    pub name: String,
    /// The type.
    pub r#type: String,
    /// Whether it belongs to the declared primary key.
    #[serde(default)]
    pub primary_key: bool,
}

/// One column of a declared foreign key.
#[derive(Debug, Clone, Deserialize)]
pub struct ForeignKeyColumn {
    /// The referencing column.
    pub from_column: String,
    /// The schema of the referenced table; that of the referencing table if it is missing.
    pub to_schema: Option<String>,
    /// The referenced table.
    pub to_table: String,
    /// The referenced column; the primary key if it is missing.
    pub to_column: Option<String>,
    /// Name of the constraint, which its columns share.
    pub constraint_name: Option<String>,
    /// Position in a key without a name, from 1.
    #[serde(default)]
    pub position: Option<u32>,
    /// `false` if the database takes the key as declared.
    #[serde(default)]
    pub enforced: Option<bool>,
}

/// Columns of a table, in the order of a key; the same shape as in the daemon's `ProfileDatabase`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct TableColumns {
    /// The database, in warehouses with several.
    pub catalog: Option<String>,
    /// The schema.
    pub db: Option<String>,
    /// Name of the table.
    pub name: String,
    /// Names of its columns.
    pub columns: Vec<String>,
}

/// A possible foreign key; the same shape as in the daemon's `ProfileDatabase`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct LinkColumns {
    /// The referencing columns.
    pub from: TableColumns,
    /// The referenced columns, in the same order.
    pub to: TableColumns,
}

/// A join that people wrote. Which side is referenced follows from the counts.
#[derive(Debug, Clone, Deserialize)]
pub struct WrittenJoin {
    /// Columns of one side.
    pub left: TableColumns,
    /// Columns of the other side, in the same order.
    pub right: TableColumns,
    /// How often it was written, at least 1.
    pub count: u64,
    /// Where it was found.
    pub origin: JoinOrigin,
}

/// Where a join was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum JoinOrigin {
    /// The definition of a view.
    View,
    /// Statements of the query history.
    QueryHistory,
    /// An imported model, such as a semantic model of dbt or an explore of Looker.
    Model,
}

/// Answers of the user, which take precedence over everything but declared keys.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub struct Decisions {
    /// Answers about links.
    pub relationships: Vec<LinkDecision>,
    /// Answers about keys.
    pub keys: Vec<KeyDecision>,
}

/// An answer about a link.
#[derive(Debug, Clone, Deserialize)]
pub struct LinkDecision {
    /// The link.
    #[serde(flatten)]
    pub link: LinkColumns,
    /// The answer.
    pub answer: Answer,
}

/// An answer about a key.
#[derive(Debug, Clone, Deserialize)]
pub struct KeyDecision {
    /// The key.
    #[serde(flatten)]
    pub key: TableColumns,
    /// The answer.
    pub answer: Answer,
}

/// The answer of a user.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Answer {
    /// It is one.
    Accepted,
    /// It is none.
    Rejected,
}
