//! The semantic layer's questions: what is wrong with sources, which SQL answers a query, which sources a schema makes.

use super::{JsonRunner, read_answer};
use crate::offload;
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use serde_json::value::RawValue;
use std::collections::BTreeMap;

const QUERY: &str = "/semantic-layer/query";
const VALIDATE: &str = "/semantic-layer/validate";
const GENERATE: &str = "/semantic-layer/generate-sources";

/// The SQL that answers a query; `columns` and `plan` are as the daemon gives them.
#[derive(Debug, Serialize, Deserialize)]
pub struct CompiledQuery {
    /// In the dialect.
    pub sql: String,
    /// sqlglot's name of it.
    pub dialect: String,
    /// What the columns of the result mean.
    pub columns: Box<RawValue>,
    /// How the answer comes about.
    pub plan: Box<RawValue>,
}

/// Every problem of a model.
#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(rename_all(serialize = "camelCase"))]
pub struct ModelProblems {
    /// Whether queries can work.
    pub valid: bool,
    /// What keeps them from working.
    pub errors: Vec<String>,
    /// What does not.
    pub warnings: Vec<String>,
    /// The same, by the names of the sources.
    #[serde(default)]
    pub per_source_warnings: BTreeMap<String, Vec<String>>,
}

#[derive(Deserialize)]
struct Generated<S> {
    sources: Vec<S>,
}

/// Compiles a query over sources, both JSON.
pub async fn compile_query<R: JsonRunner>(
    runner: &R,
    sources: &str,
    query: &str,
    dialect: &str,
) -> Result<CompiledQuery, R::Error> {
    let payload = format!("{{\"sources\":{sources},\"query\":{query},\"dialect\":{}}}", text(dialect));
    ask(runner, QUERY, payload).await
}

/// Looks for problems in sources, and compares them with the tables of a scan where there are any; both are JSON.
pub async fn validate_sources<R: JsonRunner>(
    runner: &R,
    sources: &str,
    dialect: &str,
    tables: Option<&str>,
) -> Result<ModelProblems, R::Error> {
    let tables = tables.map(|tables| format!(",\"tables\":{tables}")).unwrap_or_default();
    ask(runner, VALIDATE, format!("{{\"sources\":{sources},\"dialect\":{}{tables}}}", text(dialect))).await
}

/// Makes sources of tables and links, which are JSON.
pub async fn generate_sources<R: JsonRunner, S: DeserializeOwned + Send + 'static>(
    runner: &R,
    tables: &str,
    links: &str,
    dialect: &str,
) -> Result<Vec<S>, R::Error> {
    let payload = format!("{{\"tables\":{tables},\"links\":{links},\"dialect\":{}}}", text(dialect));
    let generated: Generated<S> = ask(runner, GENERATE, payload).await?;
    Ok(generated.sources)
}

async fn ask<R: JsonRunner, T: DeserializeOwned + Send + 'static>(
    runner: &R,
    path: &'static str,
    payload: String,
) -> Result<T, R::Error> {
    let answer = runner.request(path, payload).await?;
    Ok(offload::spawn_blocking(move || read_answer(path, &answer)).await?)
}

fn text(text: &str) -> serde_json::Value {
    text.into()
}

#[cfg(test)]
mod tests {
    use super::super::sql_analysis::tests::Canned;
    use super::*;
    use crate::schemas::definition;

    #[tokio::test]
    async fn what_is_asked_and_answered() {
        let runner = Canned::new(r#"{"sql":"SELECT 1","dialect":"sqlite","columns":[{"name":"n"}],"plan":{"a":1}}"#);
        let compiled = compile_query(&runner, "[]", r#"{"measures":[]}"#, "sqlite").await.unwrap();
        assert_eq!((compiled.sql.as_str(), compiled.plan.get()), ("SELECT 1", r#"{"a":1}"#));
        assert_eq!(
            runner.sent(),
            (QUERY.into(), r#"{"sources":[],"query":{"measures":[]},"dialect":"sqlite"}"#.into())
        );
        let runner = Canned::new(r#"{"sources":["a"],"source_count":1}"#);
        let sources: Vec<String> = generate_sources(&runner, "[]", "[]", "x").await.unwrap();
        assert_eq!(sources, ["a"]);
    }

    #[tokio::test]
    async fn a_missing_field_is_named() {
        let error = validate_sources(&Canned::new(r#"{"valid":true}"#), "[]", "x", None).await.unwrap_err();
        assert!(error.to_string().contains("missing field `errors`"), "{error}");
    }

    #[test]
    fn types_match_the_schemas() {
        definition("compiled-query", "CompiledQuery").assert_kept_by::<CompiledQuery>();
        definition("validation", "Validation").assert_kept_by::<ModelProblems>();
    }
}
