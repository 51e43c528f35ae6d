//! One read-only query on a database.

use super::{JsonRunner, read_answer};
use crate::{
    error::{Code, Error},
    hop,
};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

const PATH: &str = "/sql/execute";

/// What to run, and where. The URL holds credentials.
#[derive(Serialize)]
pub struct Execution<'a> {
    /// Id of the connection, for messages.
    pub connection_id: &'a str,
    /// Driver as the daemon names it.
    pub driver: &'a str,
    /// URL with credentials.
    pub url: &'a str,
    /// One query.
    pub sql: &'a str,
    /// Dialect of the query.
    pub dialect: &'a str,
    /// Most rows; the daemon's own limit where it is absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_rows: Option<u64>,
}

/// Rows, as the daemon gives them: `columns` is `[{ name, type }]`, `rows` is `[[value]]`.
#[derive(Debug, Deserialize)]
pub struct Executed {
    /// Names and types.
    pub columns: Box<RawValue>,
    /// The values.
    pub rows: Box<RawValue>,
    /// How many rows there are here.
    pub row_count: u64,
    /// Whether the query has more.
    pub truncated: bool,
}

/// Runs a query.
pub async fn execute_sql<R: JsonRunner>(runner: &R, execution: &Execution<'_>) -> Result<Executed, R::Error> {
    let payload = serde_json::to_string(execution)
        .map_err(|_| Error::new(Code::Internal, "The request for a query cannot be written as JSON"))?;
    let answer = runner.request(PATH, payload).await?;
    Ok(hop::blocking(move || read_answer(PATH, &answer)).await?)
}
