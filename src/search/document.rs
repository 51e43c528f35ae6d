//! What is indexed: documents of entities.

use crate::{
    digest::sha256,
    error::{Code, Error, Result},
};
use serde::Serialize;

/// What a hit is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
#[expect(missing_docs, reason = "the names are self-explanatory")]
pub enum Kind {
    Table,
    Column,
    Source,
    Measure,
    Dimension,
    Segment,
    Value,
    View,
    Query,
    Page,
    Metric,
}

impl Kind {
    /// All kinds. Their order is that of their numbers in the index.
    pub const ALL: [Self; 11] = [
        Self::Table,
        Self::Column,
        Self::Source,
        Self::Measure,
        Self::Dimension,
        Self::Segment,
        Self::Value,
        Self::View,
        Self::Query,
        Self::Page,
        Self::Metric,
    ];

    /// Returns the name in requests and answers.
    pub fn name(self) -> &'static str {
        match self {
            Self::Table => "table",
            Self::Column => "column",
            Self::Source => "source",
            Self::Measure => "measure",
            Self::Dimension => "dimension",
            Self::Segment => "segment",
            Self::Value => "value",
            Self::View => "view",
            Self::Query => "query",
            Self::Page => "page",
            Self::Metric => "metric",
        }
    }

    /// Parses the name of a request. Errors: [`Code::ArgumentInvalid`] with all names.
    pub fn from_name(name: &str) -> Result<Self> {
        let names = || Self::ALL.map(Self::name).join(", ");
        let unknown =
            || Error::new(Code::ArgumentInvalid, format!("Unknown kind {name:?}; expected one of: {}", names()));
        Self::ALL.into_iter().find(|kind| kind.name() == name).ok_or_else(unknown)
    }

    /// Returns the kind of a number in the index.
    pub(super) fn from_number(number: i64) -> Option<Self> {
        usize::try_from(number).ok().and_then(|index| Self::ALL.get(index)).copied()
    }

    pub(super) fn number(self) -> i64 {
        self as i64
    }
}

/// One thing that can be found.
#[derive(Debug)]
pub(super) struct Document {
    pub(super) kind: Kind,
    /// Complete name, as commands take it.
    pub(super) name: String,
    /// The words of the name that say what it is, without those of its schema and table.
    pub(super) own_name: String,
    /// Comment or description.
    pub(super) text: String,
    /// Further words, such as those of its table; of a table, the names of its columns.
    pub(super) context: String,
    /// Comments of its parts.
    pub(super) part_texts: String,
    /// Of a table, the names of its columns.
    pub(super) columns: Vec<String>,
    /// Tables that it is of, the first of which is shown.
    pub(super) tables: Vec<String>,
    /// Connection of the tables, if it is another one than that of the document.
    pub(super) tables_connection: Option<String>,
    /// Values of a column, with their numbers of rows, if these are known.
    pub(super) values: Vec<(String, Option<u64>)>,
    /// Number of executions of a query template.
    pub(super) calls: i64,
}

impl Document {
    /// Returns a document with a name and a text only.
    pub(super) fn new(kind: Kind, name: &str, own_name: &str, text: &str) -> Self {
        Self {
            kind,
            name: name.to_owned(),
            own_name: own_name.to_owned(),
            text: text.to_owned(),
            context: String::new(),
            part_texts: String::new(),
            columns: Vec::new(),
            tables: Vec::new(),
            tables_connection: None,
            values: Vec::new(),
            calls: 0,
        }
    }
}

/// What is replaced together when it has changed: a table with its columns, the source of a file, a page.
#[derive(Debug)]
pub(super) struct Entity {
    /// Name, unique in its feed.
    pub(super) key: String,
    /// Its documents.
    pub(super) documents: Vec<Document>,
    /// Pairs of tables that it joins.
    pub(super) joins: Vec<(String, String)>,
}

impl Entity {
    /// Returns the hash of all that is indexed.
    pub(super) fn hash(&self) -> String {
        sha256(format!("{self:?}"))
    }
}

/// Folds the name of a table for comparison: in lower case, without quotes, and without a catalog.
pub(super) fn fold_table(name: &str) -> String {
    let plain: String = name.chars().filter(|c| !matches!(c, '"' | '`' | '[' | ']')).collect();
    let parts: Vec<_> = plain.split('.').collect();
    parts[parts.len().saturating_sub(2)..].join(".").to_lowercase()
}
