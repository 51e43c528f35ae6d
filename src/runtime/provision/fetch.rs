//! Getting what a URL leads to, by us or by the host.

use super::index::follow;
use crate::{
    error::{Code, Error, Result},
    http::{Limits, Request, Response},
    retry,
};
use std::time::Duration;
use url::Url;

/// An index answers with the one or the other.
const ACCEPT: &str = "application/vnd.pypi.simple.v1+json, text/html;q=0.5, */*;q=0.1";

/// Most redirects of one request.
const REDIRECTS: usize = 5;

/// Pauses before each retry.
const PAUSES: &[Duration] = &[Duration::from_millis(300), Duration::from_millis(1500)];

const CONNECT_LIMIT: Duration = Duration::from_secs(15);

/// Longest that one answer may take, and its largest size.
#[derive(Debug, Clone, Copy)]
pub struct FetchLimits {
    /// Time for the whole answer.
    pub total: Duration,
    /// Size in bytes.
    pub max_bytes: usize,
}

/// Fetches what a URL leads to.
#[expect(async_fn_in_trait, reason = "orchestration stays on one thread, so futures need not be Send")]
pub trait Fetch {
    /// What the host fails with.
    type Error: From<Error>;

    /// The bytes that the URL leads to. The URL may carry credentials.
    async fn fetch(&self, url: &Url, limits: FetchLimits) -> Result<Vec<u8>, Self::Error>;

    /// Why a fetch failed, as part of a sentence.
    fn reason(&self, cause: &Self::Error) -> String;

    /// An error of ours with its cause.
    fn with_cause(&self, error: Error, cause: Self::Error) -> Self::Error;
}

/// Fetches over HTTP, by the proxy and with the certificates of this process.
#[derive(Debug, Clone, Copy)]
pub struct NativeFetch;

impl Fetch for NativeFetch {
    type Error = Error;

    async fn fetch(&self, url: &Url, limits: FetchLimits) -> Result<Vec<u8>> {
        let mut url = url.clone();
        for _ in 0..=REDIRECTS {
            let answer = get_with_retries(&url, limits).await?;
            match (answer.status, &answer.location) {
                (200..=299, _) => return Ok(answer.body),
                (301 | 302 | 303 | 307 | 308, Some(location)) => {
                    url = follow(&url, location)
                        .ok_or_else(|| failed("was redirected to what is no URL of a package index"))?;
                }
                (401 | 403, _) => {
                    let what = format!(
                        "was refused with status {}: the credentials in its URL are missing or wrong",
                        answer.status
                    );
                    return Err(failed(&what));
                }
                (status, _) => return Err(failed(&format!("was answered with status {status}"))),
            }
        }
        Err(failed(&format!("was redirected more than {REDIRECTS} times")))
    }

    fn reason(&self, cause: &Error) -> String {
        cause.to_string()
    }

    fn with_cause(&self, error: Error, cause: Error) -> Error {
        error.caused_by(cause)
    }
}

fn failed(what: &str) -> Error {
    Error::new(Code::HttpStatus, format!("the request {what}"))
}

/// Retries where the connection broke or the server is overloaded.
async fn get_with_retries(url: &Url, limits: FetchLimits) -> Result<Response> {
    let limits = Limits { connect: CONNECT_LIMIT, total: limits.total, max_bytes: limits.max_bytes };
    let request = Request::get("the request", url.clone(), limits).with_accept(ACCEPT);
    retry::retry_with_delays(PAUSES, || request.send(), is_transient).await
}

fn is_transient(outcome: &Result<Response>) -> bool {
    match outcome {
        Ok(answer) => matches!(answer.status, 429 | 500 | 502 | 503 | 504),
        Err(error) => matches!(error.code(), Code::HttpLost | Code::HttpTruncated),
    }
}
