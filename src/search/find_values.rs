//! Finds the columns that hold a value, with the spelling in the data.

use super::{
    failure::Failure,
    found::similar,
    lanes::{
        scope::Scope,
        values::{Member, equal},
    },
    opened,
    terms::fold_value,
};
use crate::{
    error::{Code, Error, Result},
    project::Project,
};
use rusqlite::Connection;
use serde::Serialize;

/// Default number of values.
const DEFAULT_LIMIT: usize = 20;
/// Maximum number of values.
const MAX_LIMIT: usize = 200;

/// What is looked up.
#[derive(Debug, Clone, Default)]
pub struct ValuesRequest {
    /// The value, in any letter case.
    pub text: String,
    /// Only columns of this connection.
    pub connection_id: Option<String>,
    /// Only columns with this name: `column`, `table.column` or `schema.table.column`, in any letter case.
    pub column: Option<String>,
    /// Maximum number of values; default 20.
    pub limit: Option<usize>,
}

/// Columns that hold a value (`KtxValuesAnswer`).
#[derive(Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ValuesAnswer {
    /// The text.
    pub text: String,
    /// Values: equal ones first, then those in another letter case; similar ones only if there are no others.
    pub values: Vec<FoundValue>,
    /// Whether there are further values.
    pub truncated: bool,
    /// What the answer does not say.
    pub notes: Vec<String>,
}

/// A value of a column (`KtxFoundValue`).
#[derive(Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct FoundValue {
    /// Id of the connection.
    pub connection_id: String,
    /// Table, with its schema.
    pub table: String,
    /// Name of the column.
    pub column: String,
    /// The value, as the data have it.
    pub value: String,
    /// Number of rows at the time of the profile, in its sample if there is one; `None` for a value that is allowed.
    pub rows: Option<i64>,
    /// How the value is like the text.
    #[serde(rename = "match")]
    pub matched: ValueMatch,
}

/// How a value is like a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum ValueMatch {
    /// Equal.
    Exact,
    /// Equal but for letter case and blanks.
    Case,
    /// Similar, or a part of the value.
    Near,
}

/// Finds the columns whose frequent or allowed values are like a text. Values of masked and sensitive columns are not
/// known. Blocks.
///
/// Errors: as [`super::search`].
pub fn find_values(project: &Project, request: &ValuesRequest) -> Result<ValuesAnswer> {
    let limit = request.limit.unwrap_or(DEFAULT_LIMIT);
    if !(1..=MAX_LIMIT).contains(&limit) {
        let message = format!("The limit of values is a number from 1 to {MAX_LIMIT}, not {limit}");
        return Err(Error::new(Code::ArgumentInvalid, message));
    }
    if request.text.trim().is_empty() {
        return Err(Error::new(Code::ArgumentInvalid, "The value to find is empty").with_hint("Write a text"));
    }
    if let Some(id) = &request.connection_id {
        project.connection(id)?;
    }
    opened::read(project, |index| find(index.database, request, limit))
}

fn find(database: &Connection, request: &ValuesRequest, limit: usize) -> Result<ValuesAnswer, Failure> {
    let scope = Scope { connection: request.connection_id.clone(), kinds: Vec::new() };
    let folded = fold_value(&request.text);
    let mut values = in_columns(database, equal(database, &folded, &scope)?, request)?;
    if values.is_empty() {
        values = in_columns(database, similar(database, &folded, &scope)?, request)?;
    }
    values.sort_by_key(|found| found.matched);
    let mut notes = Vec::new();
    let truncated = values.len() > limit;
    if truncated {
        notes.push(format!("{} of {} values; a connection or a column narrows them", limit, values.len()));
        values.truncate(limit);
    }
    if values.is_empty() {
        notes.push("No indexed value is like it. Only frequent and allowed values are indexed, after a scan with a profile, and none of masked columns".into());
    }
    Ok(ValuesAnswer { text: request.text.clone(), values, truncated, notes })
}

fn in_columns(
    database: &Connection,
    members: Vec<Member>,
    request: &ValuesRequest,
) -> rusqlite::Result<Vec<FoundValue>> {
    let sql = "SELECT connection, shown_table, own_name FROM documents WHERE id = ?";
    let mut select = database.prepare_cached(sql)?;
    let mut values = Vec::new();
    for member in members {
        let place = |row: &rusqlite::Row<'_>| Ok((row.get(0)?, row.get(1)?, row.get(2)?));
        let (connection_id, table, column): (String, String, String) = select.query_row([member.document], place)?;
        if is_wanted(request.column.as_deref(), &table, &column) {
            let matched = match_of(&request.text, &member.value);
            values.push(FoundValue { connection_id, table, column, value: member.value, rows: member.rows, matched });
        }
    }
    Ok(values)
}

fn match_of(text: &str, value: &str) -> ValueMatch {
    if text == value {
        ValueMatch::Exact
    } else if fold_value(text) == fold_value(value) {
        ValueMatch::Case
    } else {
        ValueMatch::Near
    }
}

fn is_wanted(wanted: Option<&str>, table: &str, column: &str) -> bool {
    let Some(wanted) = wanted else { return true };
    let (wanted, full) = (wanted.to_lowercase(), format!("{table}.{column}").to_lowercase());
    full == wanted || full.ends_with(&format!(".{wanted}"))
}
