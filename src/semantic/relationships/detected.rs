//! A staged detection, `relationships.json`.

use crate::{
    error::{Code, Error, Result},
    ingest::detection::{FoundDetection, find_detection},
    project::{Project, answers::Columns, format},
    shell,
};
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// A relationship (`KtxRelationship`).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ListedRelationship {
    /// Referencing columns.
    pub from: Columns,
    /// Referenced columns.
    pub to: Columns,
    /// `accepted`, `review` or `rejected`.
    pub status: String,
    /// `many_to_one` or `one_to_one`.
    pub cardinality: String,
    /// Probability that it is meant, 0 to 1.
    pub score: f64,
    /// Whether the database declares it.
    pub declared: bool,
    /// Signals with their texts and values.
    pub evidence: Vec<Value>,
}

/// A key (`KtxRelationshipKey`).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ListedKey {
    /// Name of the table, with its schema if it has one.
    pub table: String,
    /// Columns of the key.
    pub columns: Vec<String>,
    /// `accepted`, `review` or `rejected`.
    pub status: String,
    /// Probability that it is meant, 0 to 1.
    pub score: f64,
    /// Whether the database declares it.
    pub declared: bool,
    /// Signals with their texts and values.
    pub evidence: Vec<Value>,
}

/// A staged detection.
#[derive(Deserialize)]
pub(super) struct Detection {
    pub(super) relationships: Vec<ListedRelationship>,
    pub(super) keys: Vec<ListedKey>,
}

impl Detection {
    /// Parses the file of a detection. Errors: [`Code::ScanMissing`], [`Code::FormatNewer`].
    pub(super) fn parse(connection_id: &str, found: &FoundDetection) -> Result<Self> {
        let file = format!("relationships.json of {}", found.sync_id);
        format::check_json(&file, &found.text)?;
        serde_json::from_str(&found.text).map_err(|error| {
            Error::new(Code::ScanMissing, format!("{file} cannot be parsed: {error}"))
                .with_hint(format!("Scan again with: ktx scan {} --relationships", shell::quote(connection_id)))
                .caused_by(error)
        })
    }
}

/// Whether a relationship is declared by the database, as far as the newest detection says.
pub(super) fn is_declared(
    project: &Project,
    connection_id: &str,
    from: &Columns,
    to: Option<&Columns>,
) -> Result<bool> {
    let Some(found) = find_detection(project, connection_id)? else { return Ok(false) };
    let Detection { relationships, keys } = Detection::parse(connection_id, &found)?;
    Ok(match to {
        Some(to) => relationships.iter().any(|known| known.declared && (&known.from, &known.to) == (from, to)),
        None => keys.iter().any(|key| key.declared && (&key.table, &key.columns) == (&from.table, &from.columns)),
    })
}
