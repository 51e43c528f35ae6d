//! Client of the Looker API 4.0: login, requests with retries, and pagination.

use crate::{
    error::{Code, Error, Result},
    http::{Limits, Request, Response, authority},
    offload,
    project::looker::LookerInstance,
    redact::Redactor,
    retry::{Backoff, parse_retry_after},
};
use bytes::Bytes;
use serde::Deserialize;
use serde_json::Value;
use std::{
    collections::HashSet,
    sync::PoisonError,
    time::{Duration, Instant},
};
use tokio::sync::Mutex;
use url::{Url, form_urlencoded};

/// Entities of one page.
const PAGE_SIZE: usize = 200;
/// Maximum attempts to read one of many entities.
const MAX_ENTITY_ATTEMPTS: u32 = 3;
/// Time limit of a logout.
const LOGOUT_TIMEOUT: Duration = Duration::from_secs(5);
/// Maximum characters of a message of Looker that an error quotes.
const MAX_QUOTED_CHARS: usize = 300;

/// A failed request.
pub(super) enum Failure {
    /// 403 or 404: the user lacks the permission, or the entity does not exist.
    Refused(u16),
    /// This request failed after all retries; others may succeed.
    Failed(Error),
    /// Any other error, which fails the run.
    Fatal(Error),
}

impl Failure {
    /// Converts it to an error, also where it is [`Self::Refused`].
    pub(super) fn into_error(self) -> Error {
        match self {
            Self::Failed(error) | Self::Fatal(error) => error,
            Self::Refused(status) => {
                Error::new(Code::SourceForbidden, format!("Looker refuses the request ({status})"))
            }
        }
    }
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Self::Fatal(error)
    }
}

/// The items of a list.
#[derive(Default)]
pub(super) struct EntityList {
    pub(super) items: Vec<Value>,
    /// Whether the server returned the same page twice, so that later items are missing.
    pub(super) has_repeated_page: bool,
}

/// A session with an instance.
pub(super) struct Client {
    instance: LookerInstance,
    backoff: Backoff,
    redactor: Redactor,
    token: Mutex<Option<Token>>,
    /// Tokens of this session, to redact: an error of the server may contain one.
    tokens: std::sync::Mutex<Vec<String>>,
}

#[derive(Clone)]
struct Token {
    text: String,
    valid_until: Instant,
}

#[derive(Deserialize)]
struct Login {
    access_token: String,
    expires_in: f64,
}

impl Client {
    pub(super) fn new(instance: LookerInstance, backoff: Backoff) -> Self {
        let secrets = [&instance.client_id, &instance.client_secret];
        let redactor = Redactor::from_secrets(secrets.into_iter().map(|secret| secret.expose().to_owned()).collect());
        Self { instance, backoff, redactor, token: Mutex::default(), tokens: std::sync::Mutex::default() }
    }

    /// Removes credentials and tokens from a text.
    pub(super) fn redact(&self, text: &str) -> String {
        let tokens = self.tokens.lock().unwrap_or_else(PoisonError::into_inner).clone();
        Redactor::from_secrets(tokens).text(&self.redactor.text(text))
    }

    /// Ends the session, which otherwise lasts until the token expires. Failures are ignored.
    pub(super) async fn log_out(&self) {
        let Some(token) = self.token.lock().await.take() else { return };
        let Ok(url) = self.url(&["logout"], &[]) else { return };
        let limits = Limits { total: LOGOUT_TIMEOUT, ..Limits::default() };
        drop(Request::delete("Looker DELETE /logout", url, limits).with_token(Some(token.text)).send().await);
    }

    /// Logs in. Errors: [`Code::SourceForbidden`] if the credentials are rejected.
    pub(super) async fn log_in(&self) -> Result<()> {
        self.token(None).await.map(drop)
    }

    /// Reads a list that is not paginated.
    pub(super) async fn list(&self, path: &str, query: &[(&str, &str)]) -> Result<Vec<Value>, Failure> {
        match self.get(&[path], query).await? {
            Value::Array(items) => {
                let mut seen = HashSet::new();
                Ok(items.into_iter().filter(|item| seen.insert(entity_id(item))).collect())
            }
            _ => Err(self.invalid_answer(&[path], "a value that is not a list").into()),
        }
    }

    /// Reads a list page by page, without duplicates by `id` or `name`.
    pub(super) async fn list_pages(&self, path: &str, fields: &str) -> Result<EntityList, Failure> {
        let mut listed = EntityList::default();
        let mut seen = HashSet::new();
        for offset in (0..).step_by(PAGE_SIZE) {
            let (limit, offset) = (PAGE_SIZE.to_string(), offset.to_string());
            let query = [("fields", fields), ("limit", &limit), ("offset", &offset)];
            let Value::Array(page) = self.get(&[path], &query).await? else {
                return Err(self.invalid_answer(&[path], "a value that is not a list").into());
            };
            let (length, before) = (page.len(), listed.items.len());
            listed.items.extend(page.into_iter().filter(|item| seen.insert(entity_id(item))));
            listed.has_repeated_page = length > 0 && listed.items.len() == before;
            // More items than the limit mean that the server does not paginate this list.
            if length != PAGE_SIZE || listed.has_repeated_page {
                break;
            }
        }
        Ok(listed)
    }

    /// Sends a request. The parts of `path` are percent-encoded.
    pub(super) async fn get(&self, path: &[&str], query: &[(&str, &str)]) -> Result<Value, Failure> {
        self.get_with_backoff(self.backoff, path, query).await
    }

    /// Reads one of many entities, with fewer retries than [`Self::get`].
    pub(super) async fn get_entity(&self, path: &[&str], query: &[(&str, &str)]) -> Result<Value, Failure> {
        let backoff = Backoff { attempts: self.backoff.attempts.min(MAX_ENTITY_ATTEMPTS), ..self.backoff };
        self.get_with_backoff(backoff, path, query).await
    }

    async fn get_with_backoff(
        &self,
        backoff: Backoff,
        path: &[&str],
        query: &[(&str, &str)],
    ) -> Result<Value, Failure> {
        let mut refused_token: Option<String> = None;
        let mut attempt = 0;
        loop {
            attempt += 1;
            let token = self.token(refused_token.as_deref()).await?;
            let request = Request::get(self.request_name(path), self.url(path, query)?, self.limits());
            let answer = request.with_token(Some(token.clone())).send().await;
            match answer {
                Ok(answer) if answer.is_success() => return self.parse(path, answer).await.map_err(Failure::Failed),
                Ok(answer) if answer.status == 401 && refused_token.is_none() => {
                    refused_token = Some(token);
                    continue;
                }
                Ok(answer) if matches!(answer.status, 403 | 404) => return Err(Failure::Refused(answer.status)),
                Ok(answer) if is_temporary(answer.status) => match wait_before_retry(backoff, attempt, &answer) {
                    Some(wait) => offload::sleep(wait).await,
                    None => return Err(self.give_up(path, &answer)),
                },
                Ok(answer) => return Err(self.give_up(path, &answer)),
                Err(error) => self.wait_or_fail(backoff, attempt, error).await?,
            }
            // After another answer, a 401 means a new or an expired token.
            refused_token = None;
        }
    }

    /// Returns the failure of an answer. Rejected credentials and rate limits fail the run.
    fn give_up(&self, path: &[&str], answer: &Response) -> Failure {
        let error = self.status_error(path, answer);
        if matches!(answer.status, 401 | 429) { Failure::Fatal(error) } else { Failure::Failed(error) }
    }

    /// Returns the token, and a new one if there is none, or if it is about to expire or was rejected.
    async fn token(&self, refused: Option<&str>) -> Result<String> {
        let mut slot = self.token.lock().await;
        if let Some(token) = slot.as_ref().filter(|token| refused != Some(token.text.as_str()))
            && token.valid_until > Instant::now()
        {
            return Ok(token.text.clone());
        }
        let token = self.new_token().await?;
        *slot = Some(token.clone());
        Ok(token.text)
    }

    async fn new_token(&self) -> Result<Token> {
        const PATH: &[&str] = &["login"];
        let form = form_urlencoded::Serializer::new(String::new())
            .append_pair("client_id", self.instance.client_id.expose())
            .append_pair("client_secret", self.instance.client_secret.expose())
            .finish();
        let (url, form) = (self.url(PATH, &[])?, Bytes::from(form));
        let mut attempt = 0;
        loop {
            attempt += 1;
            let form_type = "application/x-www-form-urlencoded";
            let request = Request::post("Looker POST /login", url.clone(), form_type, form.clone(), self.limits());
            match request.send().await {
                Ok(answer) if answer.is_success() => return self.read_token(&answer),
                Ok(answer) if is_temporary(answer.status) => match wait_before_retry(self.backoff, attempt, &answer) {
                    Some(wait) => offload::sleep(wait).await,
                    None => return Err(self.status_error(PATH, &answer)),
                },
                Ok(answer) => return Err(self.login_error(answer.status)),
                Err(error) => self.wait_or_fail(self.backoff, attempt, error).await.map_err(Failure::into_error)?,
            }
        }
    }

    fn read_token(&self, answer: &Response) -> Result<Token> {
        let login: Login = serde_json::from_slice(&answer.body)
            .map_err(|_| self.invalid_answer(&["login"], "no access_token with an expires_in"))?;
        // Renewed 10 % of its lifetime before the end, at most 60 s, so that requests in flight can finish.
        let lifetime = Duration::try_from_secs_f64(login.expires_in).unwrap_or_default();
        let valid_until = Instant::now() + lifetime - (lifetime / 10).min(Duration::from_secs(60));
        self.tokens.lock().unwrap_or_else(PoisonError::into_inner).push(login.access_token.clone());
        Ok(Token { text: login.access_token, valid_until })
    }

    async fn wait_or_fail(&self, backoff: Backoff, attempt: u32, error: Error) -> Result<(), Failure> {
        let is_retryable = match error.code() {
            Code::HttpConnect | Code::HttpLost | Code::HttpTruncated => true,
            // After two timeouts of minutes, another attempt is unlikely to succeed.
            Code::HttpTimeout => attempt == 1,
            _ => false,
        };
        if let Some(wait) = backoff.wait(attempt, None).filter(|_| is_retryable) {
            offload::sleep(wait).await;
            return Ok(());
        }
        let is_entity_error = matches!(error.code(), Code::HttpTimeout | Code::HttpTooLarge | Code::HttpTruncated);
        let error =
            self.connection_error(&error.to_string()).with_hint_from(&error).caused_by(self.redactor.error(error));
        Err(if is_entity_error { Failure::Failed(error) } else { Failure::Fatal(error) })
    }

    async fn parse(&self, path: &[&str], answer: Response) -> Result<Value> {
        let parsed = offload::spawn_blocking(move || serde_json::from_slice(&answer.body)).await;
        parsed.map_err(|error| self.invalid_answer(path, &format!("broken JSON: {error}")))
    }

    fn limits(&self) -> Limits {
        Limits { total: self.backoff.response_timeout, ..Limits::default() }
    }

    fn url(&self, path: &[&str], query: &[(&str, &str)]) -> Result<Url> {
        let mut url = self.instance.base_url.clone();
        let no_base = |()| Error::new(Code::Internal, "The base URL of Looker has no path");
        // Each part is one segment of the path, since `extend` encodes `/`.
        url.path_segments_mut().map_err(no_base)?.pop_if_empty().extend(["api", "4.0"]).extend(path);
        if !query.is_empty() {
            url.query_pairs_mut().extend_pairs(query);
        }
        Ok(url)
    }

    fn request_name(&self, path: &[&str]) -> String {
        format!("Looker GET /{}", path.join("/"))
    }

    fn host(&self) -> String {
        authority(&self.instance.base_url)
    }

    /// Returns the error for a failure to read the instance.
    fn connection_error(&self, reason: &str) -> Error {
        let message = format!("Cannot read the connection {}: {reason}", self.instance.connection_id);
        Error::new(Code::ConnectionFailed, self.redact(&message))
    }

    fn invalid_answer(&self, path: &[&str], what: &str) -> Error {
        let (name, host) = (self.request_name(path), self.host());
        self.connection_error(&format!("{name} at {host} answered with {what}"))
            .with_hint("Check that its base_url is the address of Looker")
    }

    fn login_error(&self, status: u16) -> Error {
        let id = &self.instance.connection_id;
        let message = format!("Looker at {} refused the login of the connection {id} ({status})", self.host());
        let is_forbidden = matches!(status, 401 | 403 | 404);
        Error::new(if is_forbidden { Code::SourceForbidden } else { Code::ConnectionFailed }, message)
            .with_hint("Check its base_url, client_id and client_secret in ktx.yaml")
    }

    fn status_error(&self, path: &[&str], answer: &Response) -> Error {
        let status = answer.status;
        let what = format!(
            "{} at {} failed with {status}{}",
            self.request_name(path),
            self.host(),
            quote_message(&answer.body)
        );
        match status {
            401 => Error::new(Code::SourceForbidden, self.redact(&what))
                .with_hint("Check that the API client is still enabled in Looker"),
            429 => self.connection_error(&what).with_hint("Try again later: Looker asks for fewer requests"),
            500.. => self.connection_error(&what).with_hint("Try again later"),
            _ => self.connection_error(&what),
        }
    }
}

/// Returns the wait before a retry; `None` if there are no attempts left.
fn wait_before_retry(backoff: Backoff, attempt: u32, answer: &Response) -> Option<Duration> {
    let requested = answer.retry_after.as_deref().and_then(|text| parse_retry_after(text, jiff::Timestamp::now()));
    backoff.wait(attempt, requested)
}

fn is_temporary(status: u16) -> bool {
    status == 429 || status == 408 || status >= 500
}

/// Quotes the message of an error body, with a leading colon; empty without one.
fn quote_message(body: &[u8]) -> String {
    let message =
        serde_json::from_slice::<Value>(body).ok().and_then(|body| Some(body["message"].as_str()?.to_owned()));
    match message {
        Some(text) => format!(": {}", text.trim_end_matches('.').chars().take(MAX_QUOTED_CHARS).collect::<String>()),
        None => String::new(),
    }
}

/// Returns the id of an entity in a list.
pub(super) fn entity_id(item: &Value) -> String {
    [&item["id"], &item["name"]].into_iter().find(|value| !value.is_null()).map(to_text).unwrap_or_default()
}

/// Returns a string as it is, and other values as JSON: ids of older Looker versions are numbers.
pub(super) fn to_text(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}
