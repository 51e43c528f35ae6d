//! The port that runs a read-only query on a database.

use super::{JsonRunner, read_answer};
use crate::{
    error::{Code, Error},
    offload,
};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use std::num::NonZeroU16;

const PATH: &str = "/sql/execute";

/// Request to run a query. The URL contains credentials.
#[derive(Serialize)]
pub struct Execution<'a> {
    /// Id of the connection, for messages.
    pub connection_id: &'a str,
    /// The daemon's name of the driver.
    pub driver: &'a str,
    /// URL with credentials.
    pub url: &'a str,
    /// Text of the query.
    pub sql: &'a str,
    /// Dialect of the query.
    pub dialect: &'a str,
    /// Maximum number of rows; absent for the daemon's default.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_rows: Option<u64>,
    /// Maximum size of the answer in bytes; absent for the daemon's default.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_bytes: Option<u64>,
    /// Maximum number of concurrent statements of the connection; absent for the daemon's default.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_concurrent_statements: Option<NonZeroU16>,
    /// Tables and columns that the query must not read, as JSON; absent if nothing is denied, as older daemons do not
    /// know it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub denied: Option<&'a RawValue>,
}

/// Result of a query; `columns` is the JSON `[{ name, type }]`, `rows` the JSON `[[value]]`.
#[derive(Debug, Deserialize)]
pub struct QueryResult {
    /// Names and types of the columns.
    pub columns: Box<RawValue>,
    /// Values of the rows.
    pub rows: Box<RawValue>,
    /// Number of returned rows.
    pub row_count: u64,
    /// Whether the query has more rows.
    pub truncated: bool,
    /// The limit because of which rows were left out.
    #[serde(default)]
    pub truncated_by: Option<TruncationReason>,
}

/// The limit because of which rows of a result were left out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum TruncationReason {
    /// The limit of a semantic query, explicit or default.
    Limit,
    /// The maximum number of rows of an answer.
    Rows,
    /// The maximum size of an answer in bytes.
    Bytes,
}

/// Runs a query.
pub async fn execute_sql<R: JsonRunner>(runner: &R, execution: &Execution<'_>) -> Result<QueryResult, R::Error> {
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
        definition("query-result", "QueryResult").assert_read_by::<QueryResult>();
        definition("query-result", "QueryResult").assert_values_of::<TruncationReason>("truncated_by", &["limit"]);
    }
}
