//! One read-only query on a database.

use super::{JsonRunner, read_answer};
use crate::{
    error::{Code, Error},
    offload,
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
    /// Most bytes of the answer; the daemon's own limit where it is absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_bytes: Option<u64>,
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
    /// Why not all of them are here.
    #[serde(default)]
    pub truncated_by: Option<Cut>,
}

/// What left rows out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Cut {
    /// The limit that a semantic query has, by itself or by default.
    Limit,
    /// The most rows that an answer may have.
    Rows,
    /// The most bytes that an answer may have.
    Bytes,
}

/// Runs a query.
pub async fn execute_sql<R: JsonRunner>(runner: &R, execution: &Execution<'_>) -> Result<Executed, R::Error> {
    let payload = serde_json::to_string(execution)
        .map_err(|_| Error::new(Code::Internal, "The request for a query cannot be written as JSON"))?;
    let answer = runner.request(PATH, payload).await?;
    Ok(offload::spawn_blocking(move || read_answer(PATH, &answer)).await?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::schemas::definition;

    #[test]
    fn types_match_the_schema() {
        definition("query-result", "QueryResult").assert_read_by::<Executed>();
        definition("query-result", "QueryResult").assert_values_of::<Cut>("truncated_by", &["limit"]);
    }
}
