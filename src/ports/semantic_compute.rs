//! The compute port of the semantic layer: translates between the camelCase keys of hosts and the daemon's snake_case.

use super::{CompiledQuery, JsonRunner, ModelProblems, answer::read_argument, read_answer};
use crate::error::{Code, Error, Result};
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use serde_json::value::RawValue;

/// Dialect of a validation without a `dialect`.
const DEFAULT_DIALECT: &str = "postgres";

/// A method of the semantic layer's compute port.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SemanticMethod {
    /// `{ sources, query, dialect, model? }` → `{ sql, dialect, columns, plan }`.
    Query,
    /// `{ sources, dialect?, recentlyTouched?, model? }` → `{ valid, errors, warnings, perSourceWarnings }`.
    ValidateSources,
    /// `{ tables, links?, dialect }` → `{ sources, sourceCount }`.
    GenerateSources,
}

impl SemanticMethod {
    /// Every method.
    pub const ALL: [Self; 3] = [Self::Query, Self::ValidateSources, Self::GenerateSources];

    /// Its name in JavaScript.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Query => "query",
            Self::ValidateSources => "validateSources",
            Self::GenerateSources => "generateSources",
        }
    }

    const fn path(self) -> &'static str {
        match self {
            Self::Query => "/semantic-layer/query",
            Self::ValidateSources => "/semantic-layer/validate",
            Self::GenerateSources => "/semantic-layer/generate-sources",
        }
    }

    /// Calls the method with the host's JSON object and returns the JSON object for the host.
    ///
    /// Errors: [`Code::ArgumentInvalid`] names the path of a key that is unknown, missing or of the wrong type.
    pub async fn call<R: JsonRunner>(self, runner: &R, payload: &str) -> Result<String, R::Error> {
        let path = self.path();
        match self {
            Self::Query => {
                let text = runner.request(path, translate_keys::<QueryRequest>(payload)?).await?;
                Ok(encode(&read_answer::<CompiledQuery>(path, &text)?)?)
            }
            Self::ValidateSources => {
                let text = runner.request(path, translate_keys::<ValidateRequest>(payload)?).await?;
                Ok(encode(&read_answer::<ModelProblems>(path, &text)?)?)
            }
            Self::GenerateSources => {
                let text = runner.request(path, translate_keys::<GenerateRequest>(payload)?).await?;
                Ok(encode(&read_answer::<GeneratedSources>(path, &text)?)?)
            }
        }
    }
}

/// Translates the keys of a payload from camelCase to snake_case.
fn translate_keys<T: DeserializeOwned + Serialize>(payload: &str) -> Result<String> {
    encode(&read_argument::<T>("payload", payload)?)
}

fn encode(value: &impl Serialize) -> Result<String> {
    serde_json::to_string(value).map_err(|error| Error::new(Code::Internal, error.to_string()))
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct QueryRequest {
    sources: Box<RawValue>,
    query: Box<RawValue>,
    dialect: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    model: Option<Box<RawValue>>,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all(deserialize = "camelCase"), deny_unknown_fields)]
struct ValidateRequest {
    sources: Box<RawValue>,
    #[serde(default = "default_dialect")]
    dialect: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    recently_touched: Option<Vec<String>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    model: Option<Box<RawValue>>,
}

fn default_dialect() -> String {
    DEFAULT_DIALECT.to_owned()
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct GenerateRequest {
    tables: Vec<Table>,
    #[serde(default)]
    links: Vec<Link>,
    dialect: String,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Table {
    name: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    catalog: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    db: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    comment: Option<String>,
    columns: Vec<Column>,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all(deserialize = "camelCase"), deny_unknown_fields)]
struct Column {
    name: String,
    r#type: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    primary_key: Option<bool>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    nullable: Option<bool>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    comment: Option<String>,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all(deserialize = "camelCase"), deny_unknown_fields)]
struct Link {
    from_table: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    from_column: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    from_columns: Option<Vec<String>>,
    to_table: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    to_column: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    to_columns: Option<Vec<String>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    relationship_type: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    constraint_name: Option<String>,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all(serialize = "camelCase"))]
struct GeneratedSources {
    sources: Box<RawValue>,
    source_count: usize,
}

#[cfg(test)]
mod tests {
    use super::super::sql_analysis::tests::CannedRunner;
    use super::*;

    async fn call(method: SemanticMethod, payload: &str, answer: &str) -> (String, String) {
        let runner = CannedRunner::new(answer);
        let returned = method.call(&runner, payload).await.unwrap();
        (runner.sent().1, returned)
    }

    #[tokio::test]
    async fn generation_translates_keys_in_both_directions() {
        let payload = r#"{"tables":[{"name":"t","db":null,"columns":[{"name":"id","type":"int","primaryKey":true}]}],
            "links":[{"fromTable":"t","fromColumn":"u_id","toTable":"u","toColumn":"id","relationshipType":"many_to_one"}],
            "dialect":"postgres"}"#;
        let (sent, returned) =
            call(SemanticMethod::GenerateSources, payload, r#"{"sources":[{"name":"t"}],"source_count":1}"#).await;
        assert_eq!(
            sent,
            r#"{"tables":[{"name":"t","columns":[{"name":"id","type":"int","primary_key":true}]}],"links":[{"from_table":"t","from_column":"u_id","to_table":"u","to_column":"id","relationship_type":"many_to_one"}],"dialect":"postgres"}"#
        );
        assert_eq!(returned, r#"{"sources":[{"name":"t"}],"sourceCount":1}"#);
    }

    #[tokio::test]
    async fn links_of_composite_keys_are_translated() {
        let link =
            r#"{"fromTable":"t","fromColumns":["a","b"],"toTable":"u","toColumns":["c","d"],"constraintName":"fk"}"#;
        let payload = format!(r#"{{"tables":[],"links":[{link}],"dialect":"x"}}"#);
        let (sent, _) = call(SemanticMethod::GenerateSources, &payload, r#"{"sources":[],"source_count":0}"#).await;
        let translated = r#""links":[{"from_table":"t","from_columns":["a","b"],"to_table":"u","to_columns":["c","d"],"constraint_name":"fk"}]"#;
        assert!(sent.contains(translated), "{sent}");
    }

    #[tokio::test]
    async fn validation_translates_keys_in_both_directions() {
        let answer = r#"{"valid":false,"errors":["e"],"warnings":[],"per_source_warnings":{"a":["w"]}}"#;
        let payload = r#"{"sources":[],"recentlyTouched":["a"],"model":{"metrics":[]}}"#;
        let (sent, returned) = call(SemanticMethod::ValidateSources, payload, answer).await;
        assert_eq!(sent, r#"{"sources":[],"dialect":"postgres","recently_touched":["a"],"model":{"metrics":[]}}"#);
        assert_eq!(returned, r#"{"valid":false,"errors":["e"],"warnings":[],"perSourceWarnings":{"a":["w"]}}"#);
    }

    #[tokio::test]
    async fn query_is_passed_through_and_its_answer_is_typed() {
        let answer = r#"{"sql":"SELECT 1","dialect":"sqlite","columns":[],"plan":{"has_fan_out":false},"more":1}"#;
        let payload = r#"{"sources":[{"name":"a"}],"query":{"order_by":["a.b:desc"]},"dialect":"sqlite"}"#;
        let (sent, returned) = call(SemanticMethod::Query, payload, answer).await;
        assert_eq!(sent, payload);
        assert_eq!(returned, r#"{"sql":"SELECT 1","dialect":"sqlite","columns":[],"plan":{"has_fan_out":false}}"#);
    }

    #[tokio::test]
    async fn wrong_key_is_named_with_its_path() {
        let column =
            r#"{"tables":[{"name":"t","columns":[{"name":"id","type":"int","primary_key":true}]}],"dialect":"x"}"#;
        for (method, payload, named) in [
            (
                SemanticMethod::GenerateSources,
                column,
                "payload.tables[0].columns[0].primary_key: unknown field `primary_key`",
            ),
            (SemanticMethod::GenerateSources, r#"{"tables":[]}"#, "payload: missing field `dialect`"),
            (SemanticMethod::ValidateSources, r#"{"sources":[],"recentlyTouched":"a"}"#, "payload.recentlyTouched: "),
            (
                SemanticMethod::Query,
                r#"{"sources":[],"query":{},"dialect":"x","limit":1}"#,
                "payload.limit: unknown field `limit`",
            ),
        ] {
            let error = method.call(&CannedRunner::new("{}"), payload).await.unwrap_err();
            assert_eq!(error.code(), Code::ArgumentInvalid);
            assert!(error.to_string().starts_with(named), "{error}");
        }
    }

    #[test]
    fn types_match_the_schema() {
        let schema = |name: &str| crate::schemas::definition("generate-sources", name).in_camel_case();
        schema("GenerateSources")
            .ignoring(&["source_name", "grain", "rows", "checks", "facts", "foreign_key", "enum_values"])
            .assert_kept_by::<GenerateRequest>();
        schema("Table")
            .ignoring(&["source_name", "grain", "rows", "checks", "facts", "foreign_key", "enum_values"])
            .assert_kept_by::<Table>();
        schema("TableColumn").ignoring(&["facts", "foreign_key", "enum_values"]).assert_kept_by::<Column>();
        schema("Link").assert_kept_by::<Link>();
    }
}
