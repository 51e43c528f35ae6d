//! The ports of the semantic layer: compile a query, validate sources, generate sources from tables.

use super::{JsonRunner, read_answer};
use crate::offload;
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use serde_json::value::RawValue;
use std::collections::BTreeMap;

const QUERY: &str = "/semantic-layer/query";
const VALIDATE: &str = "/semantic-layer/validate";
const GENERATE: &str = "/semantic-layer/generate-sources";

/// A compiled query; `columns` and `plan` are the JSON of the daemon.
#[derive(Debug, Serialize, Deserialize)]
pub struct CompiledQuery {
    /// SQL in the dialect of the connection.
    pub sql: String,
    /// sqlglot's name of the dialect.
    pub dialect: String,
    /// Descriptions of the result's columns.
    pub columns: Box<RawValue>,
    /// The plan: sources, join paths, measure groups, filters.
    pub plan: Box<RawValue>,
    /// SQL that counts the rows of the query without its limit and offset; `None` without dimensions.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub count_sql: Option<String>,
}

/// Result of a validation.
#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(rename_all(serialize = "camelCase"))]
pub struct ModelProblems {
    /// Whether there are no errors.
    pub valid: bool,
    /// Problems because of which queries fail.
    pub errors: Vec<String>,
    /// Other problems.
    pub warnings: Vec<String>,
    /// The warnings by name of source.
    #[serde(default)]
    pub per_source_warnings: BTreeMap<String, Vec<String>>,
}

#[derive(Deserialize)]
struct Generated<S> {
    sources: Vec<S>,
}

/// What a query is compiled for, or what is validated.
#[derive(Debug, Clone, Copy)]
pub struct ModelRequest<'a> {
    /// Sources, as JSON.
    pub sources: &'a str,
    /// Metrics and calendar, as JSON; `None` if there are none, as older daemons do not know them.
    pub model: Option<&'a str>,
    /// Dialect of the connection.
    pub dialect: &'a str,
    /// What the data policy denies; `None` if it denies nothing, as older daemons do not know it.
    pub denied: Option<&'a RawValue>,
}

impl ModelRequest<'_> {
    /// Returns the body of a request, with further members of it as JSON.
    fn body(&self, members: &str) -> String {
        let Self { sources, model, dialect, denied } = self;
        let model = model.map(|model| format!(",\"model\":{model}")).unwrap_or_default();
        let denied = denied.map(|denied| format!(",\"denied\":{denied}")).unwrap_or_default();
        format!("{{\"sources\":{sources}{members},\"dialect\":{}{model}{denied}}}", json_string(dialect))
    }
}

/// Compiles a query, given as JSON. A query that may read what is denied is refused.
pub async fn compile_query<R: JsonRunner>(
    runner: &R,
    model: ModelRequest<'_>,
    query: &str,
) -> Result<CompiledQuery, R::Error> {
    request(runner, QUERY, model.body(&format!(",\"query\":{query}"))).await
}

/// Validates sources, and compares them with the tables of a scan, given as JSON, if there is one. Sources that may read
/// what is denied have warnings.
pub async fn validate_sources<R: JsonRunner>(
    runner: &R,
    model: ModelRequest<'_>,
    tables: Option<&str>,
) -> Result<ModelProblems, R::Error> {
    let tables = tables.map(|tables| format!(",\"tables\":{tables}")).unwrap_or_default();
    request(runner, VALIDATE, model.body(&tables)).await
}

/// Generates sources from tables and links, both given as JSON.
pub async fn generate_sources<R: JsonRunner, S: DeserializeOwned + Send + 'static>(
    runner: &R,
    tables: &str,
    links: &str,
    dialect: &str,
) -> Result<Vec<S>, R::Error> {
    let payload = format!("{{\"tables\":{tables},\"links\":{links},\"dialect\":{}}}", json_string(dialect));
    let generated: Generated<S> = request(runner, GENERATE, payload).await?;
    Ok(generated.sources)
}

async fn request<R: JsonRunner, T: DeserializeOwned + Send + 'static>(
    runner: &R,
    path: &'static str,
    payload: String,
) -> Result<T, R::Error> {
    let answer = runner.request(path, payload).await?;
    Ok(offload::spawn_blocking(move || read_answer(path, &answer)).await?)
}

fn json_string(text: &str) -> serde_json::Value {
    text.into()
}

#[cfg(test)]
mod tests {
    use super::super::sql_analysis::tests::CannedRunner;
    use super::*;
    use crate::schemas::definition;

    const NOTHING: ModelRequest<'_> = ModelRequest { sources: "[]", model: None, dialect: "sqlite", denied: None };

    #[tokio::test]
    async fn requests_and_answers_have_the_daemons_format() {
        let runner =
            CannedRunner::new(r#"{"sql":"SELECT 1","dialect":"sqlite","columns":[{"name":"n"}],"plan":{"a":1}}"#);
        let compiled = compile_query(&runner, NOTHING, r#"{"measures":[]}"#).await.unwrap();
        assert_eq!((compiled.sql.as_str(), compiled.plan.get()), ("SELECT 1", r#"{"a":1}"#));
        assert_eq!(
            runner.sent(),
            (QUERY.into(), r#"{"sources":[],"query":{"measures":[]},"dialect":"sqlite"}"#.into())
        );
        let model = ModelRequest { model: Some("{}"), ..NOTHING };
        compile_query(&runner, model, "{}").await.unwrap();
        assert_eq!(runner.sent().1, r#"{"sources":[],"query":{},"dialect":"sqlite","model":{}}"#);
        let runner = CannedRunner::new(r#"{"sources":["a"],"source_count":1}"#);
        let sources: Vec<String> = generate_sources(&runner, "[]", "[]", "x").await.unwrap();
        assert_eq!(sources, ["a"]);
    }

    #[tokio::test]
    async fn missing_field_is_named() {
        let error = validate_sources(&CannedRunner::new(r#"{"valid":true}"#), NOTHING, None).await.unwrap_err();
        assert!(error.to_string().contains("missing field `errors`"), "{error}");
    }

    #[test]
    fn types_match_the_schemas() {
        definition("compiled-query", "CompiledQuery").assert_kept_by::<CompiledQuery>();
        definition("validation", "Validation").assert_kept_by::<ModelProblems>();
    }
}
