//! The port that parses table references of Looker into physical tables.

use super::{JsonRunner, read_answer, unexpected_answer};
use indexmap::IndexMap;
use serde::Deserialize;
use serde_json::value::RawValue;

const PATH: &str = "/sql/parse-table-identifier";

#[derive(Deserialize)]
struct Answer<R> {
    results: R,
}

/// Checked for its shape only; hosts get the original text.
#[derive(Deserialize)]
struct Parsed {
    ok: bool,
    name: Option<String>,
    canonical_table: Option<String>,
    reason: Option<String>,
    #[serde(rename = "catalog")]
    _catalog: Option<String>,
    #[serde(rename = "schema")]
    _schema: Option<String>,
    #[serde(rename = "detail")]
    _detail: Option<String>,
}

impl Parsed {
    /// The name of a required field that is missing.
    fn missing_field(&self) -> Option<&'static str> {
        let required = match self.ok {
            true => &[("name", &self.name), ("canonical_table", &self.canonical_table)][..],
            false => &[("reason", &self.reason)],
        };
        required.iter().find(|(_, value)| value.is_none()).map(|(field, _)| *field)
    }
}

/// Parses a JSON array of `{ key, sql_table_name, dialect }` in one call; returns the JSON object of results by key.
pub async fn parse_table_identifiers<R: JsonRunner>(runner: &R, items: &str) -> Result<String, R::Error> {
    let text = runner.request(PATH, format!("{{\"items\":{items}}}")).await?;
    let parsed: Answer<IndexMap<String, Parsed>> = read_answer(PATH, &text)?;
    if let Some((key, field)) = parsed.results.iter().find_map(|(key, parsed)| Some((key, parsed.missing_field()?))) {
        return Err(unexpected_answer(PATH, &format!("results.{key}"), &format!("missing field `{field}`")).into());
    }
    let answer: Answer<Box<RawValue>> = read_answer(PATH, &text)?;
    Ok(answer.results.get().to_owned())
}

#[cfg(test)]
mod tests {
    use super::super::sql_analysis::tests::CannedRunner;
    use super::*;
    use crate::error::Code;

    #[tokio::test]
    async fn results_are_returned_unchanged() {
        let results = r#"{"a":{"ok":true,"catalog":null,"schema":"s","name":"t","canonical_table":"s.t","more":1},"b":{"ok":false,"reason":"parse_error","detail":"x"}}"#;
        let runner = CannedRunner::new(&format!("{{\"results\":{results}}}"));
        assert_eq!(parse_table_identifiers(&runner, "[1]").await.unwrap(), results);
        assert_eq!(runner.sent(), (PATH.into(), r#"{"items":[1]}"#.into()));
    }

    #[tokio::test]
    async fn missing_fields_are_named() {
        for (answer, named) in [
            ("{}", "results"),
            (r#"{"results":{"a":{"ok":true,"name":"t"}}}"#, "results.a: missing field `canonical_table`"),
            (r#"{"results":{"b":{"ok":false}}}"#, "results.b: missing field `reason`"),
            (r#"{"results":{"c":{"ok":1}}}"#, "results.c.ok"),
            (r#"{"results":[]}"#, "results"),
        ] {
            let error = parse_table_identifiers(&CannedRunner::new(answer), "[]").await.unwrap_err();
            assert_eq!(error.code(), Code::HttpAnswerInvalid);
            assert!(error.to_string().contains(named), "{error}");
        }
    }
}
