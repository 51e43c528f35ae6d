//! The port of local embeddings.

use super::{JsonRunner, read_answer, unexpected_answer};
use crate::error::{Code, Error};
use serde::{Deserialize, Serialize};

/// The model of the port; the daemon refuses another one.
pub const EMBEDDING_MODEL: &str = "sentence-transformers/all-MiniLM-L6-v2";

const PATH: &str = "/embeddings/compute-bulk";

#[derive(Serialize)]
struct Request<'a> {
    texts: &'a [String],
    model: &'a str,
}

#[derive(Deserialize)]
struct Answer {
    embeddings: Vec<Vec<f32>>,
}

/// Computes the embeddings of 1 to 100 texts that are not blank: a unit vector of 384 numbers for each, in their order.
pub async fn compute_embeddings<R: JsonRunner>(runner: &R, texts: &[String]) -> Result<Vec<Vec<f32>>, R::Error> {
    let payload = serde_json::to_string(&Request { texts, model: EMBEDDING_MODEL })
        .map_err(|_| Error::new(Code::Internal, "The request for embeddings cannot be written as JSON"))?;
    let answer = runner.request(PATH, payload).await?;
    let Answer { embeddings } = read_answer(PATH, &answer)?;
    if embeddings.len() == texts.len() {
        return Ok(embeddings);
    }
    let reason = format!("{} embeddings of {} texts", embeddings.len(), texts.len());
    Err(unexpected_answer(PATH, "embeddings", &reason).into())
}

#[cfg(test)]
mod tests {
    use super::super::sql_analysis::tests::CannedRunner;
    use super::*;

    #[tokio::test]
    async fn each_text_has_an_embedding() {
        let runner = CannedRunner::new(r#"{"embeddings":[[0.5,-1]]}"#);
        assert_eq!(compute_embeddings(&runner, &["a".into()]).await.unwrap(), [[0.5, -1.0]]);
        let sent = r#"{"texts":["a"],"model":"sentence-transformers/all-MiniLM-L6-v2"}"#;
        assert_eq!(runner.sent(), (PATH.to_owned(), sent.to_owned()));
        let error = compute_embeddings(&runner, &["a".into(), "b".into()]).await.unwrap_err();
        assert_eq!(error.code(), Code::HttpAnswerInvalid);
    }
}
