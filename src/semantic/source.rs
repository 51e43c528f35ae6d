//! The types of a semantic source, in files and in requests to the daemon.
//!
//! Unknown keys are errors: to ignore `filters` in place of `filter` would give wrong numbers.

use super::{
    column::Column,
    measure::{Measure, Segment},
};
use crate::{
    error::{Code, Error, Result},
    project::{
        format,
        yaml::{self, or_default},
    },
};
use serde::{Deserialize, Serialize};
use std::{
    collections::{BTreeMap, HashSet},
    ops::Not,
    path::Path,
};

/// Maximum characters of the name of a source.
const MAX_NAME_CHARS: usize = 255;

/// A source: a table or a query (exactly one of both) whose rows are unique in the columns of `grain`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Source {
    /// Name in queries.
    pub name: String,
    /// Description for users and agents.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// Reference to a physical table, in the dialect of the connection.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub table: Option<String>,
    /// SQL query, in the dialect of the connection.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sql: Option<String>,
    /// Columns that identify a row.
    #[serde(default, deserialize_with = "or_default")]
    pub grain: Vec<String>,
    /// Columns of expressions and queries.
    #[serde(default, deserialize_with = "or_default")]
    pub columns: Vec<Column>,
    /// Joins to other sources.
    #[serde(default, deserialize_with = "or_default", skip_serializing_if = "Vec::is_empty")]
    pub joins: Vec<Join>,
    /// Aggregates.
    #[serde(default, deserialize_with = "or_default", skip_serializing_if = "Vec::is_empty")]
    pub measures: Vec<Measure>,
    /// Named filters.
    #[serde(default, deserialize_with = "or_default", skip_serializing_if = "Vec::is_empty")]
    pub segments: Vec<Segment>,
    /// Time column that `metric_time` reads.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub time: Option<String>,
    /// Join paths by the name of the source that they lead to.
    #[serde(default, deserialize_with = "or_default", skip_serializing_if = "BTreeMap::is_empty")]
    pub paths: BTreeMap<String, String>,
    /// Whether the source links the rows of two others, many to many.
    #[serde(default, deserialize_with = "or_default", skip_serializing_if = "Not::not")]
    pub bridge: bool,
    /// Column of a bridge with the share of each link.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub weight: Option<String>,
}

/// A join to another source.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Join {
    /// Name of the other source.
    pub to: String,
    /// `local_column = other.column`.
    pub on: String,
    /// Cardinality of the join.
    pub relationship: Relationship,
    /// Role of the other source in this join, if several joins lead to it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub alias: Option<String>,
}

/// Cardinality of a join, from this source to the other.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "the names are self-explanatory")]
pub enum Relationship {
    ManyToOne,
    OneToMany,
    OneToOne,
}

impl Source {
    /// Parses the text of a file. `file` is its name in errors.
    ///
    /// Errors: [`Code::FormatNewer`]; [`Code::SemanticInvalid`] with line and column, and with a suggestion for an
    /// unknown key.
    pub fn from_yaml(file: &str, text: &str) -> Result<Self> {
        format::check_yaml(file, text)?;
        let (source, _) = yaml::read::<Self>(file, Code::SemanticInvalid, text)?;
        let empty = || invalid(format!("{file} is empty")).with_hint("Describe a source in it, or remove it");
        let source = source.ok_or_else(empty)?;
        source.check(file)?;
        Ok(source)
    }

    /// Parses the JSON of a host. Errors: [`Code::SemanticInvalid`] with the path of the key.
    pub fn from_json(text: &str) -> Result<Self> {
        let source: Self = yaml::read_json("source", Code::SemanticInvalid, text)?;
        source.check("source")?;
        Ok(source)
    }

    /// Serialises the source as the text of a file.
    pub fn to_yaml(&self) -> Result<String> {
        yaml::write(self)
    }

    /// Checks constraints that types cannot express. The daemon checks references between names.
    fn check(&self, place: &str) -> Result<()> {
        if self.name.trim().is_empty() || self.name.contains(char::is_control) {
            return Err(invalid(format!("{place}: the name of a source must be one line of text")));
        }
        if self.table.is_some() == self.sql.is_some() {
            return Err(invalid(format!("{place}: a source needs either a table or sql, and not both")));
        }
        let columns = self.columns.iter().map(|column| ("column", &column.name));
        let measures = self.measures.iter().map(|measure| ("measure", &measure.name));
        let segments = self.segments.iter().map(|segment| ("segment", &segment.name));
        let mut seen = HashSet::new();
        match columns.chain(measures).chain(segments).find(|named| !seen.insert(*named)) {
            Some((what, name)) => Err(invalid(format!("{place}: there are two {what}s with the name {name}"))),
            None => Ok(()),
        }
    }
}

/// Returns an error of a source.
pub(super) fn invalid(message: impl Into<String>) -> Error {
    Error::new(Code::SemanticInvalid, message.into())
}

/// Serialises sources, or tables of a scan, as JSON for the daemon.
pub(super) fn to_json(value: &impl Serialize) -> Result<String> {
    serde_json::to_string(value)
        .map_err(|error| Error::new(Code::Internal, "Semantic sources cannot be written as JSON").caused_by(error))
}

/// Formats a path relative to the project, with `/` on every system.
pub(super) fn display_path(project_dir: &Path, path: &Path) -> String {
    let relative = path.strip_prefix(project_dir).unwrap_or(path);
    relative.components().map(|part| part.as_os_str().to_string_lossy()).collect::<Vec<_>>().join("/")
}

/// Rejects names that queries cannot use, or that are too long for a file.
pub(super) fn check_name(name: &str) -> Result<()> {
    let excerpt: String = name.chars().take(40).collect();
    if name.chars().count() > MAX_NAME_CHARS {
        let length = name.chars().count();
        let message = format!("The name of a source has at most {MAX_NAME_CHARS} characters; {excerpt}… has {length}");
        return Err(invalid(message).with_hint("Choose a shorter one"));
    }
    if name.contains('.') {
        let message = format!("The name of a source cannot contain a dot, which separates it from a field: {excerpt}");
        return Err(invalid(message).with_hint("Choose another one"));
    }
    Ok(())
}

#[cfg(test)]
mod tests;
