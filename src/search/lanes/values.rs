//! The lane of values: columns whose frequent or allowed values are, or resemble, a text of the query.

use super::{parts::trigrams, scope::Scope};
use rusqlite::{Connection, Result, Row, params};

/// Maximum columns of one value; one that more columns have tells little.
const MAX_COLUMNS: i64 = 100;
/// Maximum values that are compared in full.
const MAX_COMPARED: i64 = 500;

/// A value of a column.
#[derive(Debug, Clone, PartialEq)]
pub(in crate::search) struct Member {
    /// Document of the column.
    pub(in crate::search) document: i64,
    /// The value, as the data have it.
    pub(in crate::search) value: String,
    /// Number of rows, if it is known.
    pub(in crate::search) rows: Option<i64>,
}

/// Returns the columns that hold a value, in any letter case, those with the most rows first.
pub(in crate::search) fn equal(database: &Connection, folded: &str, scope: &Scope) -> Result<Vec<Member>> {
    let sql = "SELECT members.document, members.value, members.rows FROM members
        JOIN documents ON documents.id = members.document
        WHERE members.folded = ?1 AND (?2 IS NULL OR documents.connection = ?2)
        ORDER BY members.rows DESC, documents.name, members.value LIMIT ?3";
    let mut select = database.prepare_cached(sql)?;
    select.query_map(params![folded, scope.connection, MAX_COLUMNS], member)?.collect()
}

/// Returns values that share parts with a text, those that share the most first.
pub(in crate::search) fn sharing_parts(database: &Connection, folded: &str, scope: &Scope) -> Result<Vec<Member>> {
    let Some(expression) = trigrams(folded, " OR ") else { return Ok(Vec::new()) };
    let sql = "SELECT members.document, members.value, members.rows
        FROM (SELECT rowid AS id, rank AS relevance FROM parts_of_members WHERE parts_of_members MATCH ?1
            ORDER BY rank LIMIT ?3) AS found
        JOIN members ON members.id = found.id JOIN documents ON documents.id = members.document
        WHERE ?2 IS NULL OR documents.connection = ?2 ORDER BY found.relevance, documents.name, members.value";
    let mut select = database.prepare_cached(sql)?;
    select.query_map(params![expression, scope.connection, MAX_COMPARED], member)?.collect()
}

fn member(row: &Row<'_>) -> Result<Member> {
    Ok(Member { document: row.get(0)?, value: row.get(1)?, rows: row.get(2)? })
}
