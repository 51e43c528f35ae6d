//! The one transport: pooled connections, limits on time and size, no redirects, no proxies on loopback.

mod client;
mod known;

pub use known::{KnownDaemon, capability_url, is_dead, mark_dead, register, revive};

use crate::error::{Code, Error, Result};
use reqwest::{Method, RequestBuilder, Response};
use std::{error::Error as StdError, time::Duration};
use url::{Host, Url};

/// Longest part of a failed answer that an error message quotes, in bytes.
const QUOTED_BYTES: usize = 16 * 1024;

/// Limits of one call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Until a connection stands.
    pub connect: Duration,
    /// Until the whole answer is there.
    pub total: Duration,
    /// Largest answer in bytes.
    pub max_bytes: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self { connect: Duration::from_secs(5), total: Duration::from_secs(120), max_bytes: 64 << 20 }
    }
}

/// A JSON call.
#[derive(Debug, Clone)]
pub struct Call {
    url: Url,
    path: String,
    body: Option<String>,
    limits: Limits,
    token: Option<String>,
}

impl Call {
    /// A POST of a JSON text to a path below a base URL. Carries the token of a daemon that this process knows.
    pub fn post(base_url: &str, path: &str, body: String, limits: Limits) -> Result<Self> {
        Self::new(base_url, path, Some(body), limits)
    }

    /// A GET of a path below a base URL.
    pub fn get(base_url: &str, path: &str, limits: Limits) -> Result<Self> {
        Self::new(base_url, path, None, limits)
    }

    fn new(base_url: &str, path: &str, body: Option<String>, limits: Limits) -> Result<Self> {
        let url = target(base_url, path)?;
        let token = known::token_of(&url);
        Ok(Self { url, path: path.to_owned(), body, limits, token })
    }

    /// The same with a bearer token.
    #[must_use]
    pub fn with_token(mut self, token: Option<String>) -> Self {
        self.token = token.or(self.token);
        self
    }

    /// Sends the call and returns the text of a JSON object. Runs off the calling thread; dropping it hangs up.
    pub async fn send(self) -> Result<String> {
        // On the heap: futures that hold this one are copied on the stack of the JavaScript thread, which is small.
        crate::hop::spawn(Box::pin(async move { self.run().await })).await
    }

    /// A pooled connection may have been closed by the other side meanwhile, which only using it tells. Every endpoint
    /// only reads or computes, so a call that got no answer may be made again.
    async fn run(self) -> Result<String> {
        let result = match self.once().await {
            Err(error) if error.code() == Code::HttpLost => self.once().await,
            other => other,
        };
        if let Err(error) = &result
            && error.code() == Code::HttpConnect
        {
            known::mark_dead(self.url.as_str());
        }
        result
    }

    async fn once(&self) -> Result<String> {
        match self.request()?.send().await {
            Ok(response) => self.read(response).await,
            Err(error) => Err(self.failed(&error, Code::HttpLost)),
        }
    }

    fn request(&self) -> Result<RequestBuilder> {
        let client = client::of(&self.url, self.limits.connect)?;
        let method = if self.body.is_some() { Method::POST } else { Method::GET };
        let mut request = client.request(method, self.url.clone()).timeout(self.limits.total);
        request = request.header("accept", "application/json");
        if let Some(body) = &self.body {
            request = request.header("content-type", "application/json").body(body.clone());
        }
        if let Some(token) = &self.token {
            request = request.bearer_auth(token);
        }
        Ok(request)
    }

    async fn read(&self, mut response: Response) -> Result<String> {
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
        let status = response.status();
        if !status.is_success() {
            body.truncate(QUOTED_BYTES);
            let text = String::from_utf8_lossy(&body);
            return Err(self.error(Code::HttpStatus, &format!("failed with {}: {text}", status.as_u16())));
        }
        let text = String::from_utf8(body).map_err(|error| {
            self.error(Code::HttpNotObject, "returned non-object JSON: it is not UTF-8").caused_by(error)
        })?;
        if text.trim_start().starts_with('{') {
            return Ok(text);
        }
        Err(self.error(Code::HttpNotObject, "returned non-object JSON"))
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

    fn error(&self, code: Code, what: &str) -> Error {
        Error::new(code, format!("KTX managed daemon HTTP {} {what}", self.path))
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

fn authority(url: &Url) -> String {
    let host = url.host_str().unwrap_or_default();
    url.port_or_known_default().map_or_else(|| host.to_owned(), |port| format!("{host}:{port}"))
}

/// The URL of a path below a base URL.
fn target(base_url: &str, path: &str) -> Result<Url> {
    let base = parse_base_url(base_url)
        .map_err(|reason| Error::new(Code::HttpUrlInvalid, format!("Not a daemon URL: {reason}")))?;
    let base = if base.as_str().ends_with('/') { base.to_string() } else { format!("{base}/") };
    let relative = format!("./{}", path.trim_start_matches('/'));
    Url::parse(&base)
        .and_then(|base| base.join(&relative))
        .map_err(|error| Error::new(Code::HttpUrlInvalid, format!("Not a path of the daemon: {path}: {error}")))
}

/// Checks a base URL; the reason names it without credentials.
pub fn parse_base_url(text: &str) -> Result<Url, String> {
    let shown = crate::redact::urls(text);
    match Url::parse(text) {
        Ok(url) if matches!(url.scheme(), "http" | "https") && url.host().is_some() => Ok(url),
        Ok(_) => Err(format!("{shown:?} is not an http or https URL")),
        Err(error) => Err(format!("{shown:?} is not a URL ({error})")),
    }
}

/// Whether a URL leads to this very machine.
fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        Some(Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
        None => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_go_below_the_base() {
        let url = |base, path| target(base, path).unwrap().to_string();
        assert_eq!(url("http://h:1", "/a/b"), "http://h:1/a/b");
        assert_eq!(url("http://h:1/t/x/", "a"), "http://h:1/t/x/a");
        assert_eq!(url("http://h:1/t/x", "/a:b"), "http://h:1/t/x/a:b");
    }

    #[test]
    fn what_is_no_daemon_url_is_refused_without_its_password() {
        for base in ["", "nonsense", "ftp://h/", "file:///x", "127.0.0.1:80"] {
            assert_eq!(target(base, "/x").unwrap_err().code(), Code::HttpUrlInvalid, "{base}");
        }
        assert!(!target("ftp://u:secret@h/", "/x").unwrap_err().to_string().contains("secret"));
    }

    #[test]
    fn loopback_is_told_from_the_rest() {
        for (url, loopback) in [
            ("http://127.9.9.9", true),
            ("http://[::1]:8", true),
            ("http://localhost", true),
            ("http://example.com", false),
        ] {
            assert_eq!(is_loopback(&Url::parse(url).unwrap()), loopback, "{url}");
        }
    }
}
