//! Queries of the semantic layer: compiled to SQL by the daemon, and run on request.

use super::{
    execute::{Limits, ResultSet, execute},
    files::SourceFolder,
    limit::QueryLimit,
    model_file::read_model_json,
    rejection::map_query_rejection,
    source::to_json,
};
use crate::{
    env::Environment,
    error::{Code, Error, Result},
    ingest::{RunFailure, convert_error},
    offload,
    ports::{CompiledQuery, JsonRunner, ModelRequest, compile_query},
    project::{Project, yaml},
};
use serde::Serialize;
use std::{borrow::Cow, sync::Arc};

/// Request for a query.
#[derive(Debug, Clone, Default)]
pub struct QueryRequest {
    /// Id of the connection.
    pub connection_id: String,
    /// Query of the semantic layer, as JSON.
    pub query: String,
    /// Options to run the SQL; `None` only compiles it.
    pub execute: Option<ExecuteRequest>,
}

/// Options to run the SQL of a query.
#[derive(Debug, Clone, Default)]
pub struct ExecuteRequest {
    /// Limits of the result.
    pub limits: Limits,
    /// Whether to count the rows of the query without its limit, by a statement of its own.
    pub count: bool,
    /// Environment variables for secret references.
    pub env: Environment,
}

/// Result of a query (`KtxSemanticQueryResult`).
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct QueryResult {
    /// Id of the connection.
    pub connection_id: String,
    /// SQL, dialect, columns and plan.
    #[serde(flatten)]
    pub compiled: CompiledQuery,
    /// Rows, if the SQL was run.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub result: Option<ResultSet>,
    /// Number of the rows without limit and offset, if it was asked for and the query has a statement that counts them.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub total_rows: Option<u64>,
}

/// Parses a query from YAML or JSON; `file` is its name in errors. The daemon checks the keys.
///
/// Errors: [`Code::SemanticInvalid`], with line and column, for a text that is not one mapping.
pub fn parse_query(file: &str, text: &str) -> Result<serde_json::Map<String, serde_json::Value>> {
    let (query, _) = yaml::read(file, Code::SemanticInvalid, text)?;
    query.ok_or_else(|| Error::new(Code::SemanticInvalid, format!("{file} has no query")).with_hint(QUERY_HINT))
}

const QUERY_HINT: &str = "Write its measures and dimensions as YAML or JSON";

/// Compiles a query to SQL through `compute`, and runs it through `database` if requested.
///
/// Errors: [`Code::SemanticInvalid`] if a file or the query is invalid, [`Code::PolicyDenied`] if it may read what is
/// denied, those of [`execute`] and of the runners.
pub async fn query<R: JsonRunner<Error: RunFailure>>(
    project: &Arc<Project>,
    request: &QueryRequest,
    compute: &R,
    database: &R,
) -> Result<QueryResult, R::Error> {
    let id = request.connection_id.clone();
    let dialect = convert_error::<_, R::Error>(project.dialect(&id))?;
    let owned_project = project.clone();
    let loaded =
        offload::spawn_blocking(move || Ok((load_all_sources(&owned_project, &id)?, read_model_json(&owned_project)?)));
    let (sources, model) = convert_error::<_, R::Error>(loaded.await)?;
    let denied = convert_error::<_, R::Error>(project.denied(&request.connection_id))?;
    let model =
        ModelRequest { sources: &sources, model: model.as_deref(), dialect: &dialect, denied: denied.as_deref() };
    let compiled = compile_query(compute, model, &request.query).await;
    let policy = convert_error::<_, R::Error>(project.policy(&request.connection_id))?;
    let compiled = compiled.map_err(|error| map_query_rejection(error, &policy))?;
    let mut answer =
        QueryResult { connection_id: request.connection_id.clone(), compiled, result: None, total_rows: None };
    if let Some(options) = &request.execute {
        let limit = QueryLimit::from_query(&request.query);
        let (sql, limits) = (limit.raise(&answer.compiled.sql), limit.apply(options.limits));
        let mut rows = execute(project, &request.connection_id, &sql, limits, &options.env, database).await?;
        limit.mark_truncation(&mut rows, matches!(sql, Cow::Owned(_)));
        if let Some(sql) = answer.compiled.count_sql.as_ref().filter(|_| options.count) {
            let limits = Limits { max_rows: Some(1), max_bytes: None };
            let counted = execute(project, &request.connection_id, sql, limits, &options.env, database).await?;
            answer.total_rows = Some(convert_error(read_count(&counted))?);
        }
        answer.result = Some(rows);
    }
    Ok(answer)
}

/// Reads the only value of a result, which may be a text of digits.
fn read_count(counted: &ResultSet) -> Result<u64> {
    let rows: Option<Vec<Vec<serde_json::Value>>> = serde_json::from_str(counted.rows.get()).ok();
    let value = rows.as_deref().and_then(<[_]>::first).and_then(|row| row.first());
    let count = value.and_then(|value| value.as_u64().or_else(|| value.as_str()?.parse().ok()));
    count.ok_or_else(|| {
        let message = format!("{} returned no number of rows for the count of the query", counted.connection_id);
        Error::new(Code::QueryFailed, message).with_hint("Run the query without the count")
    })
}

fn load_all_sources(project: &Project, connection_id: &str) -> Result<String> {
    let mut sources = SourceFolder::open(project, connection_id)?.sources()?;
    let policy = project.policy(connection_id)?;
    for source in &mut sources {
        // The daemon names values in its hints.
        source.hide_values(&policy);
    }
    if sources.is_empty() {
        let message = format!("The connection {connection_id} has no semantic sources yet");
        return Err(Error::new(Code::SemanticUnknown, message).with_hint("Generate them with: ktx sl generate"));
    }
    to_json(&sources)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::semantic::validate::tests::{Daemon, problems, shop};
    use std::{cell::RefCell, fs};

    #[test]
    fn query_is_parsed_from_yaml_and_json() {
        let yaml = "measures: [orders.count]\nlimit: null\ninclude_empty: true\n";
        let json = r#"{"measures":["orders.count"],"limit":null,"include_empty":true}"#;
        let query = parse_query("q.yaml", yaml).unwrap();
        assert_eq!(query, parse_query("q.json", json).unwrap());
        assert_eq!(serde_json::Value::Object(query), serde_json::from_str::<serde_json::Value>(json).unwrap());
    }

    #[test]
    fn text_that_is_not_a_query_is_an_error_with_its_location() {
        for (text, message) in [
            ("# nothing\n", "q.yaml has no query"),
            ("- orders.count\n", "q.yaml:1:1: expected keys and values"),
            ("measures: [\n", "q.yaml:"),
        ] {
            let error = parse_query("q.yaml", text).unwrap_err();
            assert_eq!(error.code(), Code::SemanticInvalid);
            assert!(error.to_string().starts_with(message), "{error}");
        }
    }

    #[tokio::test]
    async fn invalid_file_fails_a_query() {
        let dir = tempfile::tempdir().unwrap();
        let project = shop(dir.path());
        fs::write(dir.path().join("semantic-layer/shop/broken.yaml"), "name: [").unwrap();
        let daemon = Daemon::new(problems());
        let request = QueryRequest { connection_id: "shop".into(), query: "{}".into(), execute: None };
        let error = query(&project, &request, &daemon, &daemon).await.unwrap_err();
        assert_eq!(error.code(), Code::SemanticInvalid);
    }

    #[tokio::test]
    async fn metrics_and_calendar_are_sent() {
        let dir = tempfile::tempdir().unwrap();
        let project = shop(dir.path());
        let compiled = serde_json::json!({ "sql": "SELECT 1", "dialect": "sqlite", "columns": [], "plan": {} });
        let daemon = Daemon::new(compiled);
        let request = QueryRequest { connection_id: "shop".into(), query: "{}".into(), execute: None };
        query(&project, &request, &daemon, &daemon).await.unwrap();
        assert_eq!(daemon.1.borrow().get("model"), None);
        let text = "metrics: [{ name: rate, expr: a.x / b.y }]\ncalendar: { week_start: sunday }\n";
        fs::write(dir.path().join("semantic-layer/metrics.yaml"), text).unwrap();
        query(&project, &request, &daemon, &daemon).await.unwrap();
        let model = serde_json::json!({
            "metrics": [{ "name": "rate", "expr": "a.x / b.y" }],
            "calendar": { "week_start": "sunday", "fiscal_year_start": 1 },
        });
        assert_eq!(daemon.1.borrow()["model"], model);
        fs::write(dir.path().join("semantic-layer/metrics.yaml"), "metric: []").unwrap();
        let error = query(&project, &request, &daemon, &daemon).await.unwrap_err();
        assert!(error.to_string().starts_with("semantic-layer/metrics.yaml:1:1: "), "{error}");
    }

    #[tokio::test]
    async fn all_rows_are_counted_on_request() {
        let dir = tempfile::tempdir().unwrap();
        shop(dir.path());
        let config = "connections: { shop: { driver: mysql, url: 'mysql://u@h/d', readonly: true } }";
        let project = Arc::new(Project::parsed(dir.path(), config));
        let compute = |count_sql: Option<&str>| {
            Daemon::new(serde_json::json!({
                "sql": "S", "dialect": "mysql", "columns": [], "plan": {}, "count_sql": count_sql,
            }))
        };
        let database = |value: serde_json::Value| {
            let column = serde_json::json!({ "name": "n", "type": null });
            Daemon::new(
                serde_json::json!({ "columns": [column], "rows": [[value]], "row_count": 1, "truncated": false }),
            )
        };
        let request = |count| {
            let execute = ExecuteRequest { count, ..ExecuteRequest::default() };
            QueryRequest { connection_id: "shop".into(), query: "{}".into(), execute: Some(execute) }
        };
        for (value, count, count_sql, expected) in [
            (12.into(), true, Some("COUNT"), Some(12)),
            ("1234".into(), true, Some("COUNT"), Some(1234)),
            (12.into(), false, Some("COUNT"), None),
            (12.into(), true, None, None),
        ] {
            let (compute, database) = (compute(count_sql), database(value));
            let answer = query(&project, &request(count), &compute, &database).await.unwrap();
            assert_eq!(answer.total_rows, expected);
            assert_eq!(database.1.borrow()["sql"], if expected.is_some() { "COUNT" } else { "S" });
        }
        let error = query(&project, &request(true), &compute(Some("COUNT")), &database("?".into())).await.unwrap_err();
        assert_eq!(error.code(), Code::QueryFailed);
    }

    #[tokio::test]
    async fn refusal_of_the_daemon_is_the_error() {
        let dir = tempfile::tempdir().unwrap();
        let project = shop(dir.path());
        let daemon = Daemon(Err(r#"{"detail":"There is no measure y","code":"unknown_name"}"#), RefCell::default());
        let request = QueryRequest { connection_id: "shop".into(), query: "{}".into(), execute: None };
        let error = query(&project, &request, &daemon, &daemon).await.unwrap_err();
        assert_eq!((error.code(), error.to_string().as_str()), (Code::SemanticInvalid, "There is no measure y"));
        let broken = Daemon(Err(r#"{"detail":"Look at the log","code":"internal_error"}"#), RefCell::default());
        assert_eq!(query(&project, &request, &broken, &broken).await.unwrap_err().code(), Code::HttpStatus);
        let request = QueryRequest { connection_id: "größe/2".into(), ..request };
        let error = query(&project, &request, &daemon, &daemon).await.unwrap_err();
        assert_eq!(error.hint(), Some("Generate them with: ktx sl generate"));
    }
}
