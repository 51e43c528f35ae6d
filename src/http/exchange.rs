//! One HTTP exchange with any server: bounded in time and size, redirects not followed.

use super::{Limits, client};
use crate::error::{Code, Error, Result};
use reqwest::{Method, RequestBuilder, Response};
use std::{
    error::Error as StdError,
    time::{Duration, Instant},
};
use url::Url;

/// A request, and how errors name it. The body and the token stay out of every error.
#[derive(Clone)]
pub struct Exchange {
    name: String,
    url: Url,
    body: Option<Body>,
    token: Option<String>,
    limits: Limits,
}

#[derive(Clone)]
struct Body {
    content_type: &'static str,
    text: String,
}

/// What came back, whatever its status.
#[derive(Debug)]
pub struct Answer {
    /// Status code.
    pub status: u16,
    /// The header `Retry-After`.
    pub retry_after: Option<String>,
    /// All of the body.
    pub body: Vec<u8>,
}

impl Answer {
    /// Whether the status is one of 200 to 299.
    pub fn is_success(&self) -> bool {
        (200..300).contains(&self.status)
    }
}

impl Exchange {
    /// A GET. Errors begin with the name.
    pub fn get(name: impl Into<String>, url: Url, limits: Limits) -> Self {
        Self { name: name.into(), url, body: None, token: None, limits }
    }

    /// A POST of a text. Errors begin with the name.
    pub fn post(name: impl Into<String>, url: Url, content_type: &'static str, text: String, limits: Limits) -> Self {
        let body = Some(Body { content_type, text });
        Self { name: name.into(), url, body, token: None, limits }
    }

    /// The same with a bearer token.
    #[must_use]
    pub fn with_token(mut self, token: Option<String>) -> Self {
        self.token = token;
        self
    }

    /// The bearer token that it carries.
    pub(super) fn token(&self) -> Option<&str> {
        self.token.as_deref()
    }

    /// Where it goes.
    pub(super) fn url(&self) -> &Url {
        &self.url
    }

    /// Sends the request off the calling thread; dropping the future hangs up.
    ///
    /// Errors: the codes `Http…` for what keeps an answer from arriving; a status is no error.
    pub async fn send(self) -> Result<Answer> {
        crate::hop::spawn(async move { self.run(|| Ok(())).await }).await
    }

    /// A pooled connection may have been closed by the other side meanwhile, which only using it tells. Everything that
    /// we send only reads or computes, so what got no answer may be sent again, within the same limit. Nothing is sent
    /// unless `may_send` allows it.
    pub(super) async fn run(&self, may_send: impl Fn() -> Result<()>) -> Result<Answer> {
        let began = Instant::now();
        may_send()?;
        match self.once(self.limits.total).await {
            Err(error) if error.code() == Code::HttpLost => {
                may_send()?;
                self.once(self.limits.total.saturating_sub(began.elapsed())).await
            }
            other => other,
        }
    }

    async fn once(&self, limit: Duration) -> Result<Answer> {
        match self.request(limit)?.send().await {
            Ok(response) => self.read(response).await,
            Err(error) => Err(self.failed(&error, Code::HttpLost)),
        }
    }

    fn request(&self, limit: Duration) -> Result<RequestBuilder> {
        let client = client::of(&self.url, self.limits.connect)?;
        let method = if self.body.is_some() { Method::POST } else { Method::GET };
        let mut request = client.request(method, self.url.clone()).timeout(limit);
        request = request.header("accept", "application/json");
        if let Some(body) = &self.body {
            request = request.header("content-type", body.content_type).body(body.text.clone());
        }
        if let Some(token) = &self.token {
            request = request.bearer_auth(token);
        }
        Ok(request)
    }

    async fn read(&self, mut response: Response) -> Result<Answer> {
        let limit = self.limits.max_bytes;
        if response.content_length().is_some_and(|length| length > limit as u64) {
            return Err(self.too_large());
        }
        let mut body = Vec::new();
        while let Some(chunk) = response.chunk().await.map_err(|error| self.failed(&error, Code::HttpTruncated))? {
            if body.len() + chunk.len() > limit {
                return Err(self.too_large());
            }
            body.extend_from_slice(&chunk);
        }
        let retry_after = response.headers().get("retry-after").and_then(|value| value.to_str().ok());
        Ok(Answer { status: response.status().as_u16(), retry_after: retry_after.map(str::to_owned), body })
    }

    fn too_large(&self) -> Error {
        self.error(Code::HttpTooLarge, &format!("returned more than {} bytes", self.limits.max_bytes))
    }

    /// `lost` is the code for a connection that broke.
    fn failed(&self, error: &reqwest::Error, lost: Code) -> Error {
        let cause = root_cause(error);
        let (code, what) = if error.is_timeout() {
            let limit = if error.is_connect() { self.limits.connect } else { self.limits.total };
            (Code::HttpTimeout, format!("timed out after {} ms", limit.as_millis()))
        } else if error.is_connect() {
            (Code::HttpConnect, format!("could not connect to {}: {cause}", authority(&self.url)))
        } else {
            (lost, format!("lost the connection to {}: {cause}", authority(&self.url)))
        };
        self.error(code, &what).caused_by(cause)
    }

    /// An error that names the exchange.
    pub fn error(&self, code: Code, what: &str) -> Error {
        Error::new(code, format!("{} {what}", self.name))
    }
}

/// What began it all, as a text: the layers above repeat the URL, which may hold credentials.
fn root_cause(error: &reqwest::Error) -> String {
    let mut cause: &dyn StdError = error;
    while let Some(inner) = cause.source() {
        cause = inner;
    }
    cause.to_string()
}

/// Host and port.
pub fn authority(url: &Url) -> String {
    let host = url.host_str().unwrap_or_default();
    url.port_or_known_default().map_or_else(|| host.to_owned(), |port| format!("{host}:{port}"))
}
