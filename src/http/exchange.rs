//! One HTTP exchange with any server: bounded in time and size, redirects not followed.

use super::{
    Limits,
    connection::Connection,
    dial::{Refusal, dial, dial_tcp},
    pool::{Place, Turn, adopt},
};
use crate::error::{Code, Error, Result, next_step};
use base64::{Engine, prelude::BASE64_STANDARD};
use bytes::Bytes;
use http_body_util::Full;
use hyper::{
    Method, Request, Response,
    body::{Body as _, Incoming},
    header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE, HOST, PROXY_AUTHORIZATION, RETRY_AFTER},
};
use std::{
    error::Error as StdError,
    time::{Duration, Instant},
};
use url::{Position, Url};

/// A request, and how errors name it. The body and the token stay out of every error.
#[derive(Clone)]
pub struct Exchange {
    name: String,
    url: Url,
    body: Option<Body>,
    token: Option<String>,
    limits: Limits,
    deletes: bool,
}

#[derive(Clone)]
struct Body {
    content_type: &'static str,
    text: Bytes,
}

/// Most that is set aside for an answer before it comes.
const PROMISED_BYTES: usize = 4 << 20;

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
        Self { name: name.into(), url, body: None, token: None, limits, deletes: false }
    }

    /// A DELETE. Errors begin with the name.
    pub fn delete(name: impl Into<String>, url: Url, limits: Limits) -> Self {
        Self { deletes: true, ..Self::get(name, url, limits) }
    }

    fn method(&self) -> Method {
        match &self.body {
            Some(_) => Method::POST,
            None if self.deletes => Method::DELETE,
            None => Method::GET,
        }
    }

    /// A POST of a text. Errors begin with the name.
    pub fn post(name: impl Into<String>, url: Url, content_type: &'static str, text: Bytes, limits: Limits) -> Self {
        let body = Some(Body { content_type, text });
        Self { name: name.into(), url, body, token: None, limits, deletes: false }
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

    /// Whether it has a body.
    pub(super) fn is_post(&self) -> bool {
        self.body.is_some()
    }

    /// Where it goes.
    pub(super) fn url(&self) -> &Url {
        &self.url
    }

    /// Sends the request; dropping the future hangs up.
    ///
    /// Errors: the codes `Http…` for what keeps an answer from arriving; a status is no error.
    pub async fn send(self) -> Result<Answer> {
        self.send_if(|_| Ok(())).await
    }

    /// The same, where nothing is sent on a new connection unless `may_send` allows it. A server that may not be asked
    /// is not the one that an old connection leads to: that would have closed it.
    pub(super) async fn send_if(&self, may_send: fn(&Self) -> Result<()>) -> Result<Answer> {
        if let Some(_turn) = Turn::of(&self.url) {
            let _guard = crate::hop::keep_alive();
            return Box::pin(self.run(Place::EventLoop, may_send)).await;
        }
        let this = self.clone();
        crate::hop::spawn(async move { this.run(Place::Runtime, may_send).await }).await
    }

    /// A pooled connection may have been closed by the other side meanwhile, which only using it tells. Everything that
    /// we send only reads or computes, so what got no answer may be sent again, within the same limit.
    async fn run(&self, place: Place, may_send: fn(&Self) -> Result<()>) -> Result<Answer> {
        let began = Instant::now();
        let pooled = place.take(&self.url).await;
        match self.once(self.limits.total, place, pooled, may_send).await {
            Err(error) if error.code() == Code::HttpLost => {
                let left = self.limits.total.saturating_sub(began.elapsed());
                self.once(left, place, None, may_send).await
            }
            other => other,
        }
    }

    async fn once(
        &self,
        limit: Duration,
        place: Place,
        pooled: Option<Connection>,
        may_send: fn(&Self) -> Result<()>,
    ) -> Result<Answer> {
        let exchange = async {
            let mut connection = match pooled {
                Some(connection) => connection,
                None => self.connect(place, may_send).await?,
            };
            let request = self.request(&connection)?;
            let response = connection.send(request).await.map_err(|error| self.lost(&error, Code::HttpLost))?;
            let answer = self.read(&mut connection, response).await?;
            place.put(&self.url, connection).await;
            Ok(answer)
        };
        tokio::time::timeout(limit, exchange).await.unwrap_or_else(|_| Err(self.timed_out(self.limits.total)))
    }

    async fn connect(&self, place: Place, may_send: fn(&Self) -> Result<()>) -> Result<Connection> {
        may_send(self)?;
        let connecting = tokio::time::timeout(self.limits.connect, self.open(place));
        let connection = connecting.await.map_err(|_| self.timed_out(self.limits.connect))?;
        let connection = connection.map_err(|refusal| {
            let cause = root_cause(refusal.as_ref());
            let next =
                io_error(refusal.as_ref()).and_then(next_step).map_or_else(String::new, |next| format!(". {next}"));
            let what = format!("could not connect to {}: {cause}{next}", authority(&self.url));
            self.error(Code::HttpConnect, &what).caused_by(cause)
        })?;
        // Who has just taken the port of one that ended meanwhile is told nothing either.
        may_send(self)?;
        Ok(connection)
    }

    async fn open(&self, place: Place) -> Result<Connection, Refusal> {
        match place {
            Place::Runtime => {
                let dialed = dial(&self.url).await?;
                Ok(Connection::on(dialed.socket, dialed.proxy).await?)
            }
            Place::EventLoop => {
                let stream = dial_tcp(&self.url).await?.into_std()?;
                Ok(Connection::on(adopt(stream)?, None).await?)
            }
        }
    }

    fn request(&self, connection: &Connection) -> Result<Request<Full<Bytes>>> {
        let method = self.method();
        let url = &self.url;
        let path = &url[Position::BeforePath..Position::AfterQuery];
        let mut request = Request::builder().method(method);
        request = match &connection.proxy {
            None => request.uri(path),
            Some(_) => request.uri(format!("{}{path}", url.origin().ascii_serialization())),
        };
        request =
            request.header(HOST, &url[Position::BeforeHost..Position::AfterPort]).header(ACCEPT, "application/json");
        if let Some(authorization) = connection.proxy.as_ref().and_then(|proxy| proxy.authorization.as_ref()) {
            request = request.header(PROXY_AUTHORIZATION, authorization);
        }
        if let Some(authorization) = self.authorization() {
            request = request.header(AUTHORIZATION, authorization);
        }
        if let Some(body) = &self.body {
            request = request.header(CONTENT_TYPE, body.content_type);
        }
        let body = self.body.as_ref().map(|body| body.text.clone()).unwrap_or_default();
        // The reason may quote what it could not take, be it the token.
        let unusable = |_| self.error(Code::HttpUrlInvalid, "has a URL or a token that no request can carry");
        request.body(Full::new(body)).map_err(unusable)
    }

    /// The token, or the credentials of the URL (RFC 7617).
    fn authorization(&self) -> Option<String> {
        if let Some(token) = &self.token {
            return Some(format!("Bearer {token}"));
        }
        let (user, password) = (self.url.username(), self.url.password());
        if user.is_empty() && password.is_none() {
            return None;
        }
        let decoded = |text| percent_encoding::percent_decode_str(text).collect::<Vec<u8>>();
        let credentials = [decoded(user), b":".to_vec(), decoded(password.unwrap_or_default())].concat();
        Some(format!("Basic {}", BASE64_STANDARD.encode(credentials)))
    }

    async fn read(&self, connection: &mut Connection, response: Response<Incoming>) -> Result<Answer> {
        let limit = self.limits.max_bytes;
        let (head, mut incoming) = response.into_parts();
        let expected = incoming.size_hint().exact().unwrap_or_default();
        if expected > limit as u64 {
            return Err(self.too_large());
        }
        let mut body = Vec::with_capacity((expected as usize).min(PROMISED_BYTES));
        let cut_off = |error| self.lost(&error, Code::HttpTruncated);
        while let Some(chunk) = connection.chunk(&mut incoming).await.map_err(cut_off)? {
            if body.len() + chunk.len() > limit {
                return Err(self.too_large());
            }
            body.extend_from_slice(&chunk);
        }
        let retry_after = head.headers.get(RETRY_AFTER).and_then(|value| value.to_str().ok());
        Ok(Answer { status: head.status.as_u16(), retry_after: retry_after.map(str::to_owned), body })
    }

    fn timed_out(&self, limit: Duration) -> Error {
        self.error(Code::HttpTimeout, &format!("timed out after {} ms", limit.as_millis()))
    }

    /// `code` is for a connection that broke.
    fn lost(&self, error: &hyper::Error, code: Code) -> Error {
        let cause = root_cause(error);
        self.error(code, &format!("lost the connection to {}: {cause}", authority(&self.url))).caused_by(cause)
    }

    fn too_large(&self) -> Error {
        self.error(Code::HttpTooLarge, &format!("returned more than {} bytes", self.limits.max_bytes))
    }

    /// An error that names the exchange.
    pub fn error(&self, code: Code, what: &str) -> Error {
        Error::new(code, format!("{} {what}", self.name))
    }
}

/// What began it all, as a text.
fn root_cause(error: &(dyn StdError + 'static)) -> String {
    let mut cause = error;
    while let Some(inner) = cause.source() {
        cause = inner;
    }
    cause.to_string()
}

/// The operating system's part in it.
fn io_error<'a>(error: &'a (dyn StdError + 'static)) -> Option<&'a std::io::Error> {
    let mut cause = Some(error);
    while let Some(error) = cause {
        if let Some(found) = error.downcast_ref::<std::io::Error>().filter(|found| found.raw_os_error().is_some()) {
            return Some(found);
        }
        cause = error.source();
    }
    None
}

/// Host and port.
pub fn authority(url: &Url) -> String {
    let host = url.host_str().unwrap_or_default();
    url.port_or_known_default().map_or_else(|| host.to_owned(), |port| format!("{host}:{port}"))
}
