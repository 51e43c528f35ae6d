//! HTTP requests to any server, with limits on time and size; redirects are not followed.

use super::{Limits, client::client, runtime::runtime};
use crate::{
    error::{Code, Error, Result, os_error_hint},
    request_id::{self, RequestId},
};
use bytes::Bytes;
use reqwest::{
    Method,
    header::{ACCEPT, CONTENT_TYPE, HeaderName, LOCATION, RETRY_AFTER},
};
use std::{error::Error as StdError, io, time::Duration};
use url::Url;

/// A request with its name in error messages. Errors contain neither the body nor the token.
#[derive(Clone)]
pub struct Request {
    name: String,
    method: Method,
    url: Url,
    body: Option<Body>,
    token: Option<String>,
    limits: Limits,
    time_left: Duration,
    stall_timeout: Option<Duration>,
    accept: &'static str,
    id: Option<RequestId>,
    guarded: bool,
}

#[derive(Clone)]
struct Body {
    content_type: &'static str,
    text: Bytes,
}

/// The media type that is accepted by default.
const JSON: &str = "application/json";

/// Maximum number of bytes that are allocated in advance because of a `Content-Length`.
const MAX_RESERVED_BYTES: u64 = 4 << 20;

/// A response of any status.
#[derive(Debug)]
pub struct Response {
    /// Status code.
    pub status: u16,
    /// The header `Retry-After`.
    pub retry_after: Option<String>,
    /// The header `Location`.
    pub location: Option<String>,
    /// The body, decompressed.
    pub body: Vec<u8>,
}

impl Response {
    /// Whether the status is between 200 and 299.
    pub fn is_success(&self) -> bool {
        (200..300).contains(&self.status)
    }
}

impl Request {
    fn new(method: Method, name: impl Into<String>, url: Url, limits: Limits) -> Self {
        let (name, time_left) = (name.into(), limits.total);
        Self {
            name,
            method,
            url,
            body: None,
            token: None,
            limits,
            time_left,
            stall_timeout: None,
            accept: JSON,
            id: None,
            guarded: false,
        }
    }

    /// Creates a GET. Error messages begin with the name.
    pub fn get(name: impl Into<String>, url: Url, limits: Limits) -> Self {
        Self::new(Method::GET, name, url, limits)
    }

    /// Creates a DELETE. Error messages begin with the name.
    pub fn delete(name: impl Into<String>, url: Url, limits: Limits) -> Self {
        Self::new(Method::DELETE, name, url, limits)
    }

    /// Creates a POST of a text. Error messages begin with the name.
    pub fn post(name: impl Into<String>, url: Url, content_type: &'static str, text: Bytes, limits: Limits) -> Self {
        Self { body: Some(Body { content_type, text }), ..Self::new(Method::POST, name, url, limits) }
    }

    /// Sets the bearer token, which replaces credentials in the URL.
    #[must_use]
    pub fn with_token(mut self, token: Option<String>) -> Self {
        self.token = token;
        self
    }

    /// Sets the header `Accept`.
    #[must_use]
    pub fn with_accept(mut self, accept: &'static str) -> Self {
        self.accept = accept;
        self
    }

    /// Sets the longest time without a received part of the response.
    #[must_use]
    pub fn with_stall_timeout(mut self, limit: Duration) -> Self {
        self.stall_timeout = Some(limit);
        self
    }

    /// Sets the request id header.
    #[must_use]
    pub(super) fn with_id(mut self, id: &RequestId) -> Self {
        self.id = Some(id.clone());
        self
    }

    /// Connects only while the process of the daemon that is registered for the URL is alive.
    #[must_use]
    pub(super) fn guarded(mut self) -> Self {
        self.guarded = true;
        self
    }

    /// Subtracts time that earlier attempts spent from the time limit.
    #[must_use]
    pub(super) fn with_time_spent(mut self, spent: Duration) -> Self {
        self.time_left = self.time_left.saturating_sub(spent);
        self
    }

    /// The bearer token.
    pub(super) fn token(&self) -> Option<&str> {
        self.token.as_deref()
    }

    /// Whether the method is POST.
    pub(super) fn is_post(&self) -> bool {
        self.body.is_some()
    }

    /// The URL of the request.
    pub(super) fn url(&self) -> &Url {
        &self.url
    }

    /// Sends the request; dropping the future closes the connection.
    ///
    /// Errors: the codes `Http…` if no complete response is received. A response of any status is not an error.
    pub async fn send(&self) -> Result<Response> {
        let request = self.clone();
        let exchange = crate::offload::spawn_on(runtime()?, async move { request.exchange().await });
        // A timer of the caller's runtime: see `runtime`.
        let limited = tokio::time::timeout(self.time_left, exchange).await;
        limited.unwrap_or_else(|_| Err(self.timeout_error(self.limits.total)))
    }

    async fn exchange(&self) -> Result<Response> {
        let client = client(&self.url, self.limits.connect, self.guarded).await;
        let client = client.map_err(|error| self.connect_error(error.as_ref()))?;
        let sent = self.unless_stalled(self.build(&client).send()).await?;
        let response = sent.map_err(|error| self.send_error(&error))?;
        self.read(response).await
    }

    fn build(&self, client: &reqwest::Client) -> reqwest::RequestBuilder {
        let mut url = self.url.clone();
        if self.token.is_some() {
            // reqwest turns credentials of a URL into a second Authorization header.
            let _ = url.set_username("");
            let _ = url.set_password(None);
        }
        let mut builder = client.request(self.method.clone(), url).header(ACCEPT, self.accept);
        if let Some(token) = &self.token {
            builder = builder.bearer_auth(token);
        }
        if let Some(id) = &self.id {
            builder = builder.header(request_id::HEADER, id.as_str());
        }
        match &self.body {
            Some(body) => builder.header(CONTENT_TYPE, body.content_type).body(body.text.clone()),
            None => builder,
        }
    }

    async fn read(&self, mut response: reqwest::Response) -> Result<Response> {
        let limit = self.limits.max_bytes;
        let expected = response.content_length().unwrap_or_default();
        if expected > limit as u64 {
            return Err(self.too_large_error());
        }
        let header = |name: HeaderName| response.headers().get(name)?.to_str().ok().map(str::to_owned);
        let (status, retry_after, location) = (response.status().as_u16(), header(RETRY_AFTER), header(LOCATION));
        let mut body = Vec::with_capacity(expected.min(MAX_RESERVED_BYTES) as usize);
        let truncated = |error: reqwest::Error| self.connection_lost_error(&error, Code::HttpTruncated);
        while let Some(chunk) = self.unless_stalled(response.chunk()).await?.map_err(truncated)? {
            if body.len() + chunk.len() > limit {
                return Err(self.too_large_error());
            }
            body.extend_from_slice(&chunk);
        }
        Ok(Response { status, retry_after, location, body })
    }

    async fn unless_stalled<T>(&self, step: impl Future<Output = T>) -> Result<T> {
        let Some(limit) = self.stall_timeout else { return Ok(step.await) };
        let stalled = |_| self.error(Code::HttpTimeout, &format!("received nothing for {} s", limit.as_secs_f64()));
        tokio::time::timeout(limit, step).await.map_err(stalled)
    }

    fn send_error(&self, error: &reqwest::Error) -> Error {
        if error.is_builder() {
            // The cause is left out, as it may quote the token.
            return self.error(Code::HttpUrlInvalid, "has a URL or a token that is not valid in an HTTP request");
        }
        if !error.is_connect() {
            return self.connection_lost_error(error, Code::HttpLost);
        }
        if error.is_timeout() {
            return self.timeout_error(self.limits.connect);
        }
        self.connect_error(error)
    }

    fn connect_error(&self, error: &(dyn StdError + 'static)) -> Error {
        let cause = root_cause(error);
        let message = format!("could not connect to {}: {cause}", authority(&self.url));
        let failure = self.error(Code::HttpConnect, &message).caused_by(cause);
        match io_error(error).and_then(os_error_hint) {
            Some(hint) => failure.with_hint(hint),
            None => failure,
        }
    }

    fn timeout_error(&self, limit: Duration) -> Error {
        self.error(Code::HttpTimeout, &format!("timed out after {} ms", limit.as_millis()))
    }

    fn connection_lost_error(&self, error: &reqwest::Error, code: Code) -> Error {
        let cause = root_cause(error);
        self.error(code, &format!("lost the connection to {}: {cause}", authority(&self.url))).caused_by(cause)
    }

    fn too_large_error(&self) -> Error {
        self.error(Code::HttpTooLarge, &format!("returned more than {} bytes", self.limits.max_bytes))
    }

    /// An error whose message begins with the name of the request.
    pub fn error(&self, code: Code, message: &str) -> Error {
        Error::new(code, format!("{} {message}", self.name))
    }
}

/// The message of the innermost cause; outer errors of reqwest quote the URL.
fn root_cause(error: &(dyn StdError + 'static)) -> String {
    let mut cause = error;
    while let Some(inner) = cause.source() {
        cause = inner;
    }
    cause.to_string()
}

/// The error of the operating system among the causes.
fn io_error<'a>(error: &'a (dyn StdError + 'static)) -> Option<&'a io::Error> {
    let mut cause = Some(error);
    while let Some(error) = cause {
        if let Some(found) = error.downcast_ref::<io::Error>().filter(|found| found.raw_os_error().is_some()) {
            return Some(found);
        }
        cause = error.source();
    }
    None
}

/// Host and port of a URL.
pub fn authority(url: &Url) -> String {
    let host = url.host_str().unwrap_or_default();
    url.port_or_known_default().map_or_else(|| host.to_owned(), |port| format!("{host}:{port}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::{
        io::{Read, Write},
        net::TcpListener,
    };

    #[tokio::test]
    async fn stalled_response_fails_before_the_total_limit() {
        for head in ["", "HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\npart"] {
            let listener = TcpListener::bind("127.0.0.1:0").unwrap();
            let url = Url::parse(&format!("http://{}", listener.local_addr().unwrap())).unwrap();
            let server = std::thread::spawn(move || {
                let mut connection = listener.accept().unwrap().0;
                assert!(connection.read(&mut [0; 4096]).unwrap() > 0);
                connection.write_all(head.as_bytes()).unwrap();
                // Until the client closes the connection.
                connection.read_to_end(&mut Vec::new())
            });
            let limits = Limits { total: Duration::from_secs(3600), ..Limits::default() };
            let request = Request::get("GET", url, limits).with_stall_timeout(Duration::from_millis(200));
            let error = request.send().await.unwrap_err();
            assert_eq!(error.code(), Code::HttpTimeout);
            assert_eq!(error.to_string(), "GET received nothing for 0.2 s");
            drop(server.join().unwrap());
        }
    }
}
