//! Downloads, natively or by an injected function.

use super::index::resolve_link;
use crate::{
    error::{Code, Error, Result},
    http::{Limits, Request, Response},
    retry,
};
use std::time::Duration;
use url::Url;

/// Media types of pages of indexes, JSON preferred.
const ACCEPT: &str = "application/vnd.pypi.simple.v1+json, text/html;q=0.5, */*;q=0.1";

/// Maximum number of redirects of a request.
const MAX_REDIRECTS: usize = 5;

/// Delays before each retry.
const RETRY_DELAYS: &[Duration] = &[Duration::from_millis(300), Duration::from_millis(1500)];

const CONNECT_TIMEOUT: Duration = Duration::from_secs(15);

/// Time without a received byte after which a download fails.
const STALL_TIMEOUT: Duration = Duration::from_secs(60);

/// Limits of a download.
#[derive(Debug, Clone, Copy)]
pub struct FetchLimits {
    /// Timeout of each request.
    pub total: Duration,
    /// Maximum size in bytes.
    pub max_bytes: usize,
}

/// Downloads artifacts and pages of an index.
#[expect(async_fn_in_trait, reason = "orchestration stays on one thread, so futures need not be Send")]
pub trait Fetch {
    /// Error type of the host.
    type Error: From<Error>;

    /// Downloads a URL, which may contain credentials.
    async fn fetch(&self, url: &Url, limits: FetchLimits) -> Result<Vec<u8>, Self::Error>;

    /// The message of a failed download, for use in another message.
    fn reason(&self, cause: &Self::Error) -> String;

    /// Sets an error of the host as the cause of an error.
    fn with_cause(&self, error: Error, cause: Self::Error) -> Self::Error;
}

/// Downloads over HTTP with the proxies and certificates of this process.
#[derive(Debug, Clone, Copy)]
pub struct NativeFetch;

impl Fetch for NativeFetch {
    type Error = Error;

    async fn fetch(&self, url: &Url, limits: FetchLimits) -> Result<Vec<u8>> {
        let mut url = url.clone();
        for _ in 0..=MAX_REDIRECTS {
            let answer = get_with_retries(&url, limits).await?;
            match (answer.status, &answer.location) {
                (200..=299, _) => return Ok(answer.body),
                (301 | 302 | 303 | 307 | 308, Some(location)) => {
                    url = resolve_link(&url, location)
                        .ok_or_else(|| fetch_error("was redirected to a URL that is not one of a package index"))?;
                }
                (401 | 403, _) => {
                    let what = format!(
                        "was refused with status {}: the credentials in its URL are missing or wrong",
                        answer.status
                    );
                    return Err(fetch_error(&what));
                }
                (status, _) => return Err(fetch_error(&format!("was answered with status {status}"))),
            }
        }
        Err(fetch_error(&format!("was redirected more than {MAX_REDIRECTS} times")))
    }

    fn reason(&self, cause: &Error) -> String {
        cause.to_string()
    }

    fn with_cause(&self, error: Error, cause: Error) -> Error {
        error.caused_by(cause)
    }
}

fn fetch_error(what: &str) -> Error {
    Error::new(Code::HttpStatus, format!("the request {what}"))
}

/// Makes a GET, and retries it after a lost connection or if the server is overloaded.
async fn get_with_retries(url: &Url, limits: FetchLimits) -> Result<Response> {
    let limits = Limits { connect: CONNECT_TIMEOUT, total: limits.total, max_bytes: limits.max_bytes };
    let request =
        Request::get("the request", url.clone(), limits).with_accept(ACCEPT).with_stall_timeout(STALL_TIMEOUT);
    retry::retry_with_delays(RETRY_DELAYS, || request.send(), is_transient).await
}

fn is_transient(outcome: &Result<Response>) -> bool {
    match outcome {
        Ok(answer) => matches!(answer.status, 429 | 500 | 502 | 503 | 504),
        Err(error) => matches!(error.code(), Code::HttpLost | Code::HttpTruncated),
    }
}
