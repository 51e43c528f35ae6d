//! The lanes of neighbours: tables that are of other documents, that are joined, and that are used.

use rusqlite::{Connection, OptionalExtension, Result};
use std::collections::BTreeSet;

/// Maximum tables that a table is joined to.
const MAX_JOINED: usize = 100;

/// The names of a table, by which other documents refer to it.
#[derive(Debug, Clone)]
pub(in crate::search) struct TableName {
    /// Id of the connection.
    pub(in crate::search) connection: String,
    /// Name in lower case, with the schema.
    pub(in crate::search) folded: String,
}

/// Returns the name of a table.
pub(in crate::search) fn name_of(database: &Connection, table: i64) -> Result<Option<TableName>> {
    let name = |row: &rusqlite::Row<'_>| Ok(TableName { connection: row.get(0)?, folded: row.get(1)? });
    let sql = "SELECT connection, folded FROM tables WHERE document = ?";
    database.prepare_cached(sql)?.query_row([table], name).optional()
}

/// Returns the tables that a document is of. A reference without a schema may be one of several tables.
pub(in crate::search) fn tables_of(database: &Connection, document: i64) -> Result<Vec<i64>> {
    let mut select = database.prepare_cached("SELECT connection, folded FROM mentions WHERE document = ?")?;
    let names = select.query_map([document], |row| Ok((row.get(0)?, row.get(1)?)))?;
    let mut tables = Vec::new();
    for name in names.collect::<Result<Vec<(String, String)>>>()? {
        tables.extend(find(database, &name.0, &name.1)?);
    }
    Ok(tables)
}

/// Finds the tables with a folded name: by the whole name, or else by its last part.
fn find(database: &Connection, connection: &str, folded: &str) -> Result<Vec<i64>> {
    let by = |column: &str, name: &str| -> Result<Vec<i64>> {
        let sql = format!("SELECT document FROM tables WHERE connection = ? AND {column} = ? LIMIT 3");
        database.prepare_cached(&sql)?.query_map([connection, name], |row| row.get(0))?.collect()
    };
    let exact = by("folded", folded)?;
    if exact.is_empty() { by("bare", folded.rsplit('.').next().unwrap_or_default()) } else { Ok(exact) }
}

/// Returns the tables that are joined to a table by a foreign key, in either direction.
pub(in crate::search) fn joined(database: &Connection, table: &TableName) -> Result<Vec<i64>> {
    let mut names: BTreeSet<String> = BTreeSet::new();
    // Most tables have few joins or none: one statement for all would make temporary tables for each of them.
    for sql in [
        "SELECT other FROM joins WHERE connection = ? AND one = ?",
        "SELECT one FROM joins WHERE connection = ? AND other = ?",
    ] {
        let mut select = database.prepare_cached(sql)?;
        for name in select.query_map([&table.connection, &table.folded], |row| row.get(0))? {
            names.insert(name?);
        }
    }
    names.remove(&table.folded);
    let mut select = database.prepare_cached("SELECT document FROM tables WHERE connection = ? AND folded = ?")?;
    let mut found = Vec::new();
    for name in names {
        let documents = select.query_map([&table.connection, &name], |row| row.get(0))?;
        found.extend(documents.collect::<Result<Vec<i64>>>()?);
        if found.len() >= MAX_JOINED {
            break;
        }
    }
    found.truncate(MAX_JOINED);
    Ok(found)
}

/// Returns the number of executions of the statements of the query history on a table.
pub(in crate::search) fn calls(database: &Connection, table: &TableName) -> Result<i64> {
    let sql = "SELECT coalesce(sum(calls), 0) FROM uses WHERE connection = ? AND folded = ?";
    database.prepare_cached(sql)?.query_row([&table.connection, &table.folded], |row| row.get(0))
}
