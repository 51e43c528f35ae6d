//! The texts of documents whose vectors are compared. They are made of what the index has, which the data policy allows.

use crate::{
    digest::sha256,
    search::{document::Kind, names::canonical_name},
};
use rusqlite::{Connection, Result, Row, params};

/// Columns and dimensions above which neither have vectors: each takes about 8 ms to compute.
pub(in crate::search) const MAX_PARTS: i64 = 3000;
/// Maximum columns of a table, and values of a column.
const MAX_COLUMNS: usize = 12;
const MAX_VALUES: i64 = 5;
/// Maximum characters of a text, which the model reads nearly in full.
const MAX_CHARS: usize = 600;

/// The text of a document.
#[derive(Debug)]
pub(in crate::search) struct Text {
    pub(in crate::search) document: i64,
    pub(in crate::search) kind: Kind,
    pub(in crate::search) connection: Option<String>,
    pub(in crate::search) text: String,
}

impl Text {
    /// Returns the key of its vector.
    pub(in crate::search) fn hash(&self) -> String {
        sha256(&self.text)
    }
}

/// Returns the texts of all documents that have vectors, by document.
pub(in crate::search) fn read_texts(database: &Connection) -> Result<Vec<Text>> {
    let parts = [Kind::Column, Kind::Dimension].map(Kind::number);
    let sql = "SELECT count(*) FROM (SELECT 1 FROM documents WHERE kind IN (?, ?) LIMIT ?)";
    let count: i64 = database.query_row(sql, params![parts[0], parts[1], MAX_PARTS + 1], |row| row.get(0))?;
    let sql = "SELECT id, kind, documents.connection, own_name, text, columns FROM documents
        LEFT JOIN tables ON document = id WHERE ? OR kind NOT IN (?, ?) ORDER BY id";
    let mut select = database.prepare_cached(sql)?;
    let mut rows = select.query(params![count <= MAX_PARTS, parts[0], parts[1]])?;
    let mut texts = Vec::new();
    while let Some(row) = rows.next()? {
        texts.extend(text(database, row)?);
    }
    Ok(texts)
}

fn text(database: &Connection, row: &Row<'_>) -> Result<Option<Text>> {
    let (document, Some(kind)) = (row.get(0)?, Kind::from_number(row.get(1)?)) else { return Ok(None) };
    let (name, comment): (String, String) = (row.get(3)?, row.get(4)?);
    let mut text = format!("{} {}", kind.name(), canonical_name(&name));
    if !comment.trim().is_empty() {
        text = format!("{text}: {comment}");
    }
    let columns: Option<String> = row.get(5)?;
    let words = columns.iter().flat_map(|lines| lines.lines()).filter_map(|line| Some(line.split_once('\t')?.0));
    let mut further: Vec<_> = words.take(MAX_COLUMNS).map(str::to_owned).collect();
    if kind == Kind::Column {
        further.extend(values(database, document)?);
    }
    if !further.is_empty() {
        text = format!("{text}; {}", further.join(", "));
    }
    Ok(Some(Text { document, kind, connection: row.get(2)?, text: text.chars().take(MAX_CHARS).collect() }))
}

fn values(database: &Connection, document: i64) -> Result<Vec<String>> {
    let sql = "SELECT value FROM members WHERE document = ? ORDER BY rows DESC, value LIMIT ?";
    database.prepare_cached(sql)?.query_map(params![document, MAX_VALUES], |row| row.get(0))?.collect()
}
