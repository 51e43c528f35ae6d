//! Requests and answers of the search.

use super::document::Kind;
use serde::Serialize;

/// What is searched.
#[derive(Debug, Clone, Default)]
pub struct SearchRequest {
    /// Words, a question, or texts in quotes, which are looked up among the values.
    pub query: String,
    /// Kinds of hits; all if it is empty.
    pub kinds: Vec<Kind>,
    /// Only hits of this connection, and pages.
    pub connection_id: Option<String>,
    /// Maximum number of hits; default 10.
    pub limit: Option<usize>,
}

/// What was found (`KtxSearchAnswer`).
#[derive(Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct SearchAnswer {
    /// The query.
    pub query: String,
    /// Hits, the best first.
    pub hits: Vec<SearchHit>,
    /// Whether there are further hits, which rank lower.
    pub truncated: bool,
    /// What was searched differently from what the query says, such as a corrected word.
    pub notes: Vec<String>,
    /// Whether similar meanings were searched, and texts have no vector yet.
    #[serde(skip)]
    pub lacks_vectors: bool,
}

/// A hit (`KtxSearchHit`).
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct SearchHit {
    /// What it is.
    pub kind: Kind,
    /// Its name: `schema.table`, `schema.table.column`, `source.measure`, `model.explore`, a fingerprint, or a path.
    pub name: String,
    /// Id of the connection; `None` for a page.
    pub connection_id: Option<String>,
    /// What matched, on one line. Names, comments and values in it are data of the database.
    pub why: String,
    /// Table that it is of, with its schema; the hit itself for a table.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub table: Option<String>,
    /// Weight among the hits of this answer; greater is better.
    pub score: f64,
}
