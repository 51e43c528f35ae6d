//! JSON calls of the daemon: adds the token, retries lost connections and updates the daemon registry by the outcome.

use super::{Limits, Request, Response, parse_base_url, registry};
use crate::{
    error::{Code, Error, ErrorResponse, REBUILD_HINT, Result},
    request_id::RequestId,
    retry,
};
use bytes::Bytes;
use url::Url;

/// Status of a missing or wrong token.
const UNAUTHORIZED: u16 = 401;

/// Status of an unexpected error of a call; the health check of a damaged daemon has status 503.
const SERVER_ERROR: u16 = 500;

/// The hint of a 401. The token of a managed daemon is registered, so the user configures that of an external one only.
const TOKEN_HINT: &str = "Set KTX_DAEMON_TOKEN to the token of that daemon, then run the command again";

/// Maximum length of an error response that an error message quotes, in bytes.
const MAX_QUOTED_BYTES: usize = 16 * 1024;

/// A JSON call of the daemon.
#[derive(Clone)]
pub struct Call {
    request: Request,
}

impl Call {
    /// Creates a POST of a JSON text to a path below a base URL. It carries the token of the registered daemon, and is
    /// sent only while the process of that daemon is alive.
    ///
    /// Errors: [`Code::HttpUrlInvalid`].
    pub fn post(base_url: &str, path: &str, body: Bytes, limits: Limits) -> Result<Self> {
        let request = Request::post(call_name(path), join_url(base_url, path)?, "application/json", body, limits);
        let token = registry::token_of(request.url());
        Ok(Self { request: request.with_token(token).guarded() })
    }

    /// Creates a GET of a path below a base URL, without a token: the process on that port may not be registered yet,
    /// or be a new daemon on the port of an old one.
    ///
    /// Errors: [`Code::HttpUrlInvalid`].
    pub fn get(base_url: &str, path: &str, limits: Limits) -> Result<Self> {
        Ok(Self { request: Request::get(call_name(path), join_url(base_url, path)?, limits) })
    }

    /// Sets the request id.
    #[must_use]
    pub fn with_id(self, id: &RequestId) -> Self {
        Self { request: self.request.with_id(id) }
    }

    /// Sets the bearer token; `None` keeps the present one.
    #[must_use]
    pub fn with_token(self, token: Option<String>) -> Self {
        match token {
            Some(token) => Self { request: self.request.with_token(Some(token)) },
            None => self,
        }
    }

    /// Sets the bearer token if none is registered for the address.
    #[must_use]
    pub fn with_fallback_token(self, token: Option<&str>) -> Self {
        match self.request.token() {
            Some(_) => self,
            None => self.with_token(token.map(str::to_owned)),
        }
    }

    /// Sends the call and returns the text of a JSON object; dropping the future closes the connection.
    pub async fn send(self) -> Result<String> {
        let result = self.send_with_retry().await;
        let url = self.request.url();
        match &result {
            // A GET is a health check, which a daemon may answer although it does not answer calls.
            Ok(_) if self.request.is_post() => registry::mark_answered(url),
            Ok(_) => {}
            Err(error) if error.code() == Code::HttpLost => registry::mark_lost(url),
            Err(error) if matches!(error.code(), Code::HttpConnect | Code::HttpTimeout) => {
                registry::mark_down(url.as_str());
            }
            Err(_) => {}
        }
        self.require_object(result?)
    }

    /// Retries once after a lost connection: the daemon may have closed an idle one while the request was sent, and all
    /// endpoints are idempotent.
    async fn send_with_retry(&self) -> Result<Response> {
        let attempt = |spent| {
            let request = self.request.clone().with_time_spent(spent);
            async move { request.send().await }
        };
        retry::retry_once(attempt, |error| error.code() == Code::HttpLost).await
    }

    /// Whether a response shows that the registered daemon no longer listens there: it would accept its own token.
    fn is_from_other_process(&self, response: &Response) -> bool {
        let is_registered = || registry::process_at(&registry::origin(self.request.url())).is_some();
        response.status == UNAUTHORIZED && (self.request.token().is_some() || is_registered())
    }

    fn require_object(&self, response: Response) -> Result<String> {
        if !response.is_success() {
            return Err(self.status_error(response));
        }
        let text = String::from_utf8(response.body).map_err(|error| {
            self.request.error(Code::HttpNotObject, "returned non-object JSON: it is not UTF-8").caused_by(error)
        })?;
        if text.trim_start().starts_with('{') {
            return Ok(text);
        }
        Err(self.request.error(Code::HttpNotObject, "returned non-object JSON"))
    }

    fn status_error(&self, mut answer: Response) -> Error {
        let response = ErrorResponse::parse(&answer.body);
        let is_damaged =
            answer.status == SERVER_ERROR && response.as_ref().is_some_and(ErrorResponse::is_environment_damaged);
        if self.is_from_other_process(&answer) || is_damaged {
            registry::mark_down(self.request.url().as_str());
        }
        answer.body.truncate(MAX_QUOTED_BYTES);
        let text = String::from_utf8_lossy(&answer.body);
        let hint = match (&response, answer.status) {
            (_, UNAUTHORIZED) => Some(TOKEN_HINT.to_owned()),
            (Some(_), _) if is_damaged => Some(REBUILD_HINT.to_owned()),
            (Some(response), _) => response.hint.clone(),
            (None, _) => None,
        };
        let error = self.request.error(Code::HttpStatus, &format!("failed with {}: {text}", answer.status));
        let error = error.with_response(Some(answer.status), response);
        match hint {
            Some(hint) => error.with_hint(hint),
            None => error,
        }
    }
}

/// The name of a call of the daemon in error messages.
pub fn call_name(path: &str) -> String {
    format!("KTX managed daemon HTTP {path}")
}

/// Joins a path to a base URL, below the path of the base URL.
fn join_url(base_url: &str, path: &str) -> Result<Url> {
    let invalid = |reason| Error::new(Code::HttpUrlInvalid, format!("Not a daemon URL: {reason}"));
    let mut base = parse_base_url(base_url).map_err(invalid)?;
    if !base.path().ends_with('/') {
        base.set_path(&format!("{}/", base.path()));
    }
    base.join(&format!("./{}", path.trim_start_matches('/')))
        .map_err(|error| Error::new(Code::HttpUrlInvalid, format!("Not a path of the daemon: {path}: {error}")))
}

#[cfg(test)]
mod tests {
    use super::{registry::is_down, *};
    #[cfg(unix)]
    use crate::process::Identity;
    #[cfg(unix)]
    use std::io::ErrorKind;
    use std::{
        io::{Read, Write},
        net::TcpListener,
    };

    #[test]
    fn paths_are_joined_below_the_path_of_the_base_url() {
        let url = |base, path| join_url(base, path).unwrap().to_string();
        assert_eq!(url("http://h:1", "/a/b"), "http://h:1/a/b");
        assert_eq!(url("http://h:1/t/x/", "a"), "http://h:1/t/x/a");
        assert_eq!(url("http://h:1/t/x", "/a:b"), "http://h:1/t/x/a:b");
    }

    #[test]
    fn invalid_base_url_is_refused_without_quoting_its_password() {
        for base in ["", "nonsense", "ftp://h/", "file:///x", "127.0.0.1:80"] {
            assert_eq!(join_url(base, "/x").unwrap_err().code(), Code::HttpUrlInvalid, "{base}");
        }
        assert!(!join_url("ftp://u:secret@h/", "/x").unwrap_err().to_string().contains("secret"));
    }

    const HEAD: &str = "HTTP/1.1 401 No\r\ncontent-length: 0\r\nconnection: close\r\n\r\n";

    #[tokio::test]
    async fn rejected_token_marks_the_daemon_down() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let base_url = format!("http://{}", listener.local_addr().unwrap());
        let other_process = std::thread::spawn(move || {
            let (mut connection, mut request) = (listener.accept().unwrap().0, Vec::new());
            while !request.ends_with(b"{}") {
                let mut part = [0; 4096];
                let length = connection.read(&mut part).unwrap();
                request.extend_from_slice(&part[..length]);
            }
            connection.write_all(HEAD.as_bytes()).unwrap();
        });
        registry::register(&base_url, Some("t".into()), None);
        let error = Call::post(&base_url, "/x", "{}".into(), Limits::default()).unwrap().send().await.unwrap_err();
        other_process.join().unwrap();
        assert_eq!(error.code(), Code::HttpStatus);
        assert!(is_down(&base_url));
    }

    /// Regression: a request with the password of a database was sent to a process that reused the port of a dead
    /// daemon.
    #[cfg(unix)]
    #[tokio::test]
    async fn nothing_is_sent_to_the_port_of_a_daemon_that_has_ended() {
        let mut daemon = std::process::Command::new("sleep").arg("600").spawn().unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        listener.set_nonblocking(true).unwrap();
        let base_url = format!("http://{}", listener.local_addr().unwrap());
        registry::register(&base_url, None, Identity::of(daemon.id()));
        daemon.kill().unwrap();
        daemon.wait().unwrap();
        let error = Call::post(&base_url, "/x", "{}".into(), Limits::default()).unwrap().send().await.unwrap_err();
        assert_eq!(error.code(), Code::HttpConnect);
        assert!(error.to_string().contains("the daemon has ended") && is_down(&base_url), "{error}");
        assert_eq!(listener.accept().unwrap_err().kind(), ErrorKind::WouldBlock);
    }

    /// Regression: a daemon that was started on the port of a killed one never became healthy.
    #[cfg(unix)]
    #[tokio::test]
    async fn health_check_is_sent_to_the_reused_port_of_a_dead_daemon() {
        let mut daemon = std::process::Command::new("sleep").arg("600").spawn().unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let base_url = format!("http://{}", listener.local_addr().unwrap());
        registry::register(&base_url, None, Identity::of(daemon.id()));
        daemon.kill().unwrap();
        daemon.wait().unwrap();
        let next = std::thread::spawn(move || {
            let mut connection = listener.accept().unwrap().0;
            assert!(connection.read(&mut [0; 4096]).unwrap() > 0);
            connection.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}").unwrap();
        });
        assert_eq!(Call::get(&base_url, "/health", Limits::default()).unwrap().send().await.unwrap(), "{}");
        next.join().unwrap();
    }
}
