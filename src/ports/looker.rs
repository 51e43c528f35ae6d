//! Looker's table references, as physical tables.

use super::{JsonRunner, read_answer};
use serde::Deserialize;
use serde_json::value::RawValue;
use std::collections::HashMap;

const PATH: &str = "/sql/parse-table-identifier";

#[derive(Deserialize)]
struct Answer<R> {
    results: R,
}

/// Each result has these fields, or says why it has not.
#[derive(Deserialize)]
#[serde(untagged)]
#[expect(dead_code, reason = "only the shape is checked; hosts get the text")]
enum Parsed {
    Table { ok: True, catalog: Option<String>, schema: Option<String>, name: String, canonical_table: String },
    Refused { ok: False, reason: String, detail: Option<String> },
}

#[derive(Deserialize)]
#[serde(try_from = "bool")]
struct True;

#[derive(Deserialize)]
#[serde(try_from = "bool")]
struct False;

impl TryFrom<bool> for True {
    type Error = &'static str;

    fn try_from(value: bool) -> Result<Self, Self::Error> {
        if value { Ok(Self) } else { Err("false") }
    }
}

impl TryFrom<bool> for False {
    type Error = &'static str;

    fn try_from(value: bool) -> Result<Self, Self::Error> {
        if value { Err("true") } else { Ok(Self) }
    }
}

/// Parses a JSON array of `{ key, sql_table_name, dialect }` in one call; returns the JSON object of results by key.
pub async fn parse_table_identifiers<R: JsonRunner>(runner: &R, items: &str) -> Result<String, R::Error> {
    let text = runner.request(PATH, format!("{{\"items\":{items}}}")).await?;
    let _: Answer<HashMap<String, Parsed>> = read_answer(PATH, &text)?;
    let answer: Answer<Box<RawValue>> = read_answer(PATH, &text)?;
    Ok(answer.results.get().to_owned())
}

#[cfg(test)]
mod tests {
    use super::super::sql_analysis::tests::Canned;
    use super::*;
    use crate::error::Code;

    #[tokio::test]
    async fn results_come_back_as_they_are() {
        let results = r#"{"a":{"ok":true,"catalog":null,"schema":"s","name":"t","canonical_table":"s.t","more":1},"b":{"ok":false,"reason":"parse_error","detail":"x"}}"#;
        let runner = Canned::new(&format!("{{\"results\":{results}}}"));
        assert_eq!(parse_table_identifiers(&runner, "[1]").await.unwrap(), results);
        assert_eq!(runner.sent(), (PATH.into(), r#"{"items":[1]}"#.into()));
    }

    #[tokio::test]
    async fn what_is_missing_is_named() {
        for (answer, named) in
            [("{}", "results"), (r#"{"results":{"a":{"ok":true}}}"#, "results.a"), (r#"{"results":[]}"#, "results")]
        {
            let error = parse_table_identifiers(&Canned::new(answer), "[]").await.unwrap_err();
            assert_eq!(error.code(), Code::HttpAnswerInvalid);
            assert!(error.to_string().contains(named), "{error}");
        }
    }
}
