//! Looker API 4.0 over HTTPS: login, one request, and lists in pages. Waits out what is temporary.

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

/// Entities that one page holds.
const PAGE: usize = 200;
/// Requests for one of many entities until it is given up.
const ATTEMPTS_OF_ONE: u32 = 3;
/// Until the end of a session is not waited for any longer.
const LOG_OUT: Duration = Duration::from_secs(5);
/// Longest part of a text of Looker's that an error quotes, in letters.
const QUOTED: usize = 300;

/// Why there is no answer.
pub(super) enum Failure {
    /// This user may not see it, or it is not there: 403 or 404.
    Refused(u16),
    /// The server cannot answer this very request, also when it is repeated.
    Failed(Error),
    /// Everything else; the run cannot go on.
    Broken(Error),
}

impl Failure {
    /// The error of a request whose refusal is one as well.
    pub(super) fn into_error(self) -> Error {
        match self {
            Self::Failed(error) | Self::Broken(error) => error,
            Self::Refused(status) => {
                Error::new(Code::SourceForbidden, format!("Looker refuses the request ({status})"))
            }
        }
    }
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Self::Broken(error)
    }
}

/// What a list gave.
#[derive(Default)]
pub(super) struct Listed {
    pub(super) items: Vec<Value>,
    /// A full page came a second time, so that what may follow it cannot be had.
    pub(super) repeated: bool,
}

/// A session with an instance.
pub(super) struct Client {
    instance: LookerInstance,
    backoff: Backoff,
    redactor: Redactor,
    token: Mutex<Option<Token>>,
    /// Tokens of this session, which must not be quoted; a server may repeat one in an error.
    tokens: std::sync::Mutex<Vec<String>>,
}

#[derive(Clone)]
struct Token {
    text: String,
    good_until: Instant,
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

    /// The text without credentials and tokens.
    pub(super) fn scrubbed(&self, text: &str) -> String {
        let tokens = self.tokens.lock().unwrap_or_else(PoisonError::into_inner).clone();
        Redactor::from_secrets(tokens).text(&self.redactor.text(text))
    }

    /// Ends the session at the server, which otherwise keeps it until the token expires. A failure changes nothing.
    pub(super) async fn log_out(&self) {
        let Some(token) = self.token.lock().await.take() else { return };
        let Ok(url) = self.url(&["logout"], &[]) else { return };
        let limits = Limits { total: LOG_OUT, ..Limits::default() };
        drop(Request::delete("Looker DELETE /logout", url, limits).with_token(Some(token.text)).send().await);
    }

    /// Makes sure that the credentials work. Errors: [`Code::SourceForbidden`] where they do not.
    pub(super) async fn log_in(&self) -> Result<()> {
        self.token(None).await.map(drop)
    }

    /// A list that Looker gives as a whole.
    pub(super) async fn list(&self, path: &str, query: &[(&str, &str)]) -> Result<Vec<Value>, Failure> {
        match self.get(&[path], query).await? {
            Value::Array(items) => {
                let mut seen = HashSet::new();
                Ok(items.into_iter().filter(|item| seen.insert(identity(item))).collect())
            }
            _ => Err(self.answered(&[path], "something else than a list").into()),
        }
    }

    /// A list, page by page; each entity once, by its `id` or `name`.
    pub(super) async fn list_pages(&self, path: &str, fields: &str) -> Result<Listed, Failure> {
        let mut listed = Listed::default();
        let mut seen = HashSet::new();
        for offset in (0..).step_by(PAGE) {
            let (limit, offset) = (PAGE.to_string(), offset.to_string());
            let query = [("fields", fields), ("limit", &limit), ("offset", &offset)];
            let Value::Array(page) = self.get(&[path], &query).await? else {
                return Err(self.answered(&[path], "something else than a list").into());
            };
            let (length, before) = (page.len(), listed.items.len());
            listed.items.extend(page.into_iter().filter(|item| seen.insert(identity(item))));
            listed.repeated = length > 0 && listed.items.len() == before;
            // More than was asked for is all there is: this list has no pages.
            if length != PAGE || listed.repeated {
                break;
            }
        }
        Ok(listed)
    }

    /// One answer. `path` is given in parts, which are encoded.
    pub(super) async fn get(&self, path: &[&str], query: &[(&str, &str)]) -> Result<Value, Failure> {
        self.get_within(self.backoff, path, query).await
    }

    /// One of many: a server that cannot give it is not asked as often as for a list.
    pub(super) async fn get_one(&self, path: &[&str], query: &[(&str, &str)]) -> Result<Value, Failure> {
        let backoff = Backoff { attempts: self.backoff.attempts.min(ATTEMPTS_OF_ONE), ..self.backoff };
        self.get_within(backoff, path, query).await
    }

    async fn get_within(&self, backoff: Backoff, path: &[&str], query: &[(&str, &str)]) -> Result<Value, Failure> {
        let mut refused_token: Option<String> = None;
        let mut attempt = 0;
        loop {
            attempt += 1;
            let token = self.token(refused_token.as_deref()).await?;
            let request = Request::get(self.name(path), self.url(path, query)?, self.limits());
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
                    None => return Err(self.given_up(path, &answer)),
                },
                Ok(answer) => return Err(self.given_up(path, &answer)),
                Err(error) => self.wait_out(backoff, attempt, error).await?,
            }
            // Another answer came in between: a token that is refused now is another one, or has expired.
            refused_token = None;
        }
    }

    /// What is about the credentials or the load of the server is about the whole run.
    fn given_up(&self, path: &[&str], answer: &Response) -> Failure {
        let error = self.refused(path, answer);
        if matches!(answer.status, 401 | 429) { Failure::Broken(error) } else { Failure::Failed(error) }
    }

    /// The token to use; a new one where there is none, where it is about to expire or where it was refused.
    async fn token(&self, refused: Option<&str>) -> Result<String> {
        let mut slot = self.token.lock().await;
        if let Some(token) = slot.as_ref().filter(|token| refused != Some(token.text.as_str()))
            && token.good_until > Instant::now()
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
                    None => return Err(self.refused(PATH, &answer)),
                },
                Ok(answer) => return Err(self.login_refused(answer.status)),
                Err(error) => self.wait_out(self.backoff, attempt, error).await.map_err(Failure::into_error)?,
            }
        }
    }

    fn read_token(&self, answer: &Response) -> Result<Token> {
        let login: Login = serde_json::from_slice(&answer.body)
            .map_err(|_| self.answered(&["login"], "no access_token with an expires_in"))?;
        // Early enough for a request that is under way, but never so early that every request logs in.
        let lifetime = Duration::try_from_secs_f64(login.expires_in).unwrap_or_default();
        let good_until = Instant::now() + lifetime - (lifetime / 10).min(Duration::from_secs(60));
        self.tokens.lock().unwrap_or_else(PoisonError::into_inner).push(login.access_token.clone());
        Ok(Token { text: login.access_token, good_until })
    }

    async fn wait_out(&self, backoff: Backoff, attempt: u32, error: Error) -> Result<(), Failure> {
        let worth_it = match error.code() {
            Code::HttpConnect | Code::HttpLost | Code::HttpTruncated => true,
            // A server that took minutes twice will not answer the sixth time.
            Code::HttpTimeout => attempt == 1,
            _ => false,
        };
        if let Some(wait) = backoff.wait(attempt, None).filter(|_| worth_it) {
            offload::sleep(wait).await;
            return Ok(());
        }
        let is_about_one = matches!(error.code(), Code::HttpTimeout | Code::HttpTooLarge | Code::HttpTruncated);
        let error = self.broken(&error.to_string()).with_hint_from(&error).caused_by(self.redactor.error(error));
        Err(if is_about_one { Failure::Failed(error) } else { Failure::Broken(error) })
    }

    async fn parse(&self, path: &[&str], answer: Response) -> Result<Value> {
        let parsed = offload::spawn_blocking(move || serde_json::from_slice(&answer.body)).await;
        parsed.map_err(|error| self.answered(path, &format!("broken JSON: {error}")))
    }

    fn limits(&self) -> Limits {
        Limits { total: self.backoff.response_timeout, ..Limits::default() }
    }

    fn url(&self, path: &[&str], query: &[(&str, &str)]) -> Result<Url> {
        let mut url = self.instance.base_url.clone();
        let no_base = |()| Error::new(Code::Internal, "The base URL of Looker has no path");
        // A part may hold several steps of a fixed path, never such of a name.
        url.path_segments_mut().map_err(no_base)?.pop_if_empty().extend(["api", "4.0"]).extend(path);
        if !query.is_empty() {
            url.query_pairs_mut().extend_pairs(query);
        }
        Ok(url)
    }

    fn name(&self, path: &[&str]) -> String {
        format!("Looker GET /{}", path.join("/"))
    }

    fn host(&self) -> String {
        authority(&self.instance.base_url)
    }

    /// A failure to read the instance is one of the connection.
    fn broken(&self, reason: &str) -> Error {
        let message = format!("Cannot read the connection {}: {reason}", self.instance.connection_id);
        Error::new(Code::ConnectionFailed, self.scrubbed(&message))
    }

    fn answered(&self, path: &[&str], what: &str) -> Error {
        let (name, host) = (self.name(path), self.host());
        self.broken(&format!("{name} at {host} answered with {what}"))
            .with_hint("Check that its base_url is the address of Looker")
    }

    fn login_refused(&self, status: u16) -> Error {
        let id = &self.instance.connection_id;
        let message = format!("Looker at {} refused the login of the connection {id} ({status})", self.host());
        let is_forbidden = matches!(status, 401 | 403 | 404);
        Error::new(if is_forbidden { Code::SourceForbidden } else { Code::ConnectionFailed }, message)
            .with_hint("Check its base_url, client_id and client_secret in ktx.yaml")
    }

    fn refused(&self, path: &[&str], answer: &Response) -> Error {
        let status = answer.status;
        let what = format!("{} at {} failed with {status}{}", self.name(path), self.host(), said(&answer.body));
        match status {
            401 => Error::new(Code::SourceForbidden, self.scrubbed(&what))
                .with_hint("Check that the API client is still enabled in Looker"),
            429 => self.broken(&what).with_hint("Try again later: Looker asks for fewer requests"),
            500.. => self.broken(&what).with_hint("Try again later"),
            _ => self.broken(&what),
        }
    }
}

/// The wait before an answer that is temporary is asked for again.
fn wait_before_retry(backoff: Backoff, attempt: u32, answer: &Response) -> Option<Duration> {
    let asked = answer.retry_after.as_deref().and_then(|text| parse_retry_after(text, jiff::Timestamp::now()));
    backoff.wait(attempt, asked)
}

fn is_temporary(status: u16) -> bool {
    status == 429 || status == 408 || status >= 500
}

/// Looker's own sentence.
fn said(body: &[u8]) -> String {
    let message =
        serde_json::from_slice::<Value>(body).ok().and_then(|body| Some(body["message"].as_str()?.to_owned()));
    match message {
        Some(text) => format!(": {}", text.trim_end_matches('.').chars().take(QUOTED).collect::<String>()),
        None => String::new(),
    }
}

/// What tells an entity of a list from the others.
pub(super) fn identity(item: &Value) -> String {
    [&item["id"], &item["name"]].into_iter().find(|value| !value.is_null()).map(text_of).unwrap_or_default()
}

/// A text as it is, anything else as JSON: ids of older versions are numbers.
pub(super) fn text_of(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}
