//! The one transport: pooled connections, limits on time and size, no redirects, no proxies on loopback.

mod connection;
mod dial;
mod exchange;
mod known;
mod pool;

pub use dial::{Duplex, Socket};
pub use exchange::{Answer, Exchange, authority};
pub use known::{KnownDaemon, capability_url, is_dead, is_gone, is_lost, mark_dead, register, revive};
pub use pool::{forget_event_loop, set_event_loop};

use crate::error::{Code, Error, Result};
use bytes::Bytes;
use std::{cell::RefCell, time::Duration};
use url::{Host, Url};

/// The status of a missing or wrong token.
const UNAUTHORIZED: u16 = 401;

/// The status of an unexpected error, and the daemon's code where its environment explains that.
const SERVER_ERROR: u16 = 500;
const DAMAGED: &str = "environment_damaged";

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

/// A JSON call of the daemon.
#[derive(Clone)]
pub struct Call {
    exchange: Exchange,
    may_send: fn(&Exchange) -> Result<()>,
}

impl Call {
    /// A POST of a JSON text to a path below a base URL. Carries the token of a daemon that this process knows.
    pub fn post(base_url: &str, path: &str, body: Bytes, limits: Limits) -> Result<Self> {
        let exchange = Exchange::post(name(path), target(base_url, path)?, "application/json", body, limits);
        Ok(Self::known(exchange))
    }

    /// A GET of a path below a base URL, without a token: who listens there may not be known yet, or may be a new
    /// daemon that got the port of an old one.
    pub fn get(base_url: &str, path: &str, limits: Limits) -> Result<Self> {
        let exchange = Exchange::get(name(path), target(base_url, path)?, limits);
        Ok(Self { exchange, may_send: |_| Ok(()) })
    }

    fn known(exchange: Exchange) -> Self {
        let token = known::token_of(exchange.url());
        Self { exchange: exchange.with_token(token), may_send: is_to_the_daemon }
    }

    /// The same with a bearer token.
    #[must_use]
    pub fn with_token(self, token: Option<String>) -> Self {
        match token {
            Some(token) => Self { exchange: self.exchange.with_token(Some(token)), ..self },
            None => self,
        }
    }

    /// The same with a bearer token where this process knows none for the address.
    #[must_use]
    pub fn with_token_if_unknown(self, token: Option<&str>) -> Self {
        match self.exchange.token() {
            Some(_) => self,
            None => self.with_token(token.map(str::to_owned)),
        }
    }

    /// Sends the call and returns the text of a JSON object; dropping the future hangs up.
    pub async fn send(self) -> Result<String> {
        let result = self.exchange.send_if(self.may_send).await;
        let url = self.exchange.url();
        match &result {
            // What it says of itself is no call that it answered.
            Ok(_) if self.exchange.is_post() => known::mark_answered(url),
            Ok(_) => {}
            Err(error) if error.code() == Code::HttpLost => known::mark_lost(url),
            Err(error) if matches!(error.code(), Code::HttpConnect | Code::HttpTimeout) => {
                known::mark_dead(url.as_str());
            }
            Err(_) => {}
        }
        self.object_text(result?)
    }

    /// Whoever does not know the token of a daemon that this process knows is another one, which got its port; or what
    /// this process knows is wrong.
    fn is_of_another(&self, answer: &Answer) -> bool {
        let is_known = || known::process_of(self.exchange.url()).is_some();
        answer.status == UNAUTHORIZED && (self.exchange.token().is_some() || is_known())
    }

    fn object_text(&self, mut answer: Answer) -> Result<String> {
        if self.is_of_another(&answer) || is_damaged(&answer) {
            known::mark_dead(self.exchange.url().as_str());
        }
        if !answer.is_success() {
            answer.body.truncate(QUOTED_BYTES);
            let text = String::from_utf8_lossy(&answer.body);
            return Err(self.exchange.error(Code::HttpStatus, &format!("failed with {}: {text}", answer.status)));
        }
        let text = String::from_utf8(answer.body).map_err(|error| {
            self.exchange.error(Code::HttpNotObject, "returned non-object JSON: it is not UTF-8").caused_by(error)
        })?;
        if text.trim_start().starts_with('{') {
            return Ok(text);
        }
        Err(self.exchange.error(Code::HttpNotObject, "returned non-object JSON"))
    }
}

/// Whether a daemon says that its own files are gone or cannot be imported: nothing that it is asked next will do better.
fn is_damaged(answer: &Answer) -> bool {
    #[derive(serde::Deserialize)]
    struct Refusal {
        code: String,
    }
    answer.status == SERVER_ERROR
        && serde_json::from_slice::<Refusal>(&answer.body).is_ok_and(|refusal| refusal.code == DAMAGED)
}

/// The port of a daemon that has ended may be anybody's, and a request may hold the password of a database.
fn is_to_the_daemon(exchange: &Exchange) -> Result<()> {
    if !known::has_ended(exchange.url()) {
        return Ok(());
    }
    let what = format!("could not connect to {}: the daemon has ended", authority(exchange.url()));
    Err(exchange.error(Code::HttpConnect, &what))
}

fn name(path: &str) -> String {
    format!("KTX managed daemon HTTP {path}")
}

/// The URL of a path below a base URL.
fn target(base_url: &str, path: &str) -> Result<Url> {
    let relative = format!("./{}", path.trim_start_matches('/'));
    folder(base_url)?
        .join(&relative)
        .map_err(|error| Error::new(Code::HttpUrlInvalid, format!("Not a path of the daemon: {path}: {error}")))
}

thread_local! {
    /// The base URL that was asked for last, and its URL: a port asks one daemon for all that it wants.
    static LAST: RefCell<Option<(String, Url)>> = const { RefCell::new(None) };
}

/// A base URL with a slash at its end, so that paths go below it.
fn folder(base_url: &str) -> Result<Url> {
    LAST.with(|last| {
        if let Some((text, url)) = &*last.borrow()
            && text == base_url
        {
            return Ok(url.clone());
        }
        let wrong = |reason| Error::new(Code::HttpUrlInvalid, format!("Not a daemon URL: {reason}"));
        let mut url = parse_base_url(base_url).map_err(wrong)?;
        if !url.as_str().ends_with('/') {
            url = parse_base_url(&format!("{url}/")).map_err(wrong)?;
        }
        last.replace(Some((base_url.to_owned(), url.clone())));
        Ok(url)
    })
}

/// Checks a base URL; the reason names it without credentials.
pub fn parse_base_url(text: &str) -> Result<Url, String> {
    let shown = || crate::redact::urls(text);
    match Url::parse(text) {
        Ok(url) if matches!(url.scheme(), "http" | "https") && url.host().is_some() => Ok(url),
        Ok(_) => Err(format!("{:?} is not an http or https URL", shown())),
        Err(error) => Err(format!("{:?} is not a URL ({error})", shown())),
    }
}

/// Whether a URL leads to this very machine.
pub fn is_loopback(url: &Url) -> bool {
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
    #[cfg(unix)]
    use crate::process::Identity;
    #[cfg(unix)]
    use std::io::ErrorKind;
    use std::{
        io::{Read, Write},
        net::TcpListener,
    };

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

    const HEAD: &str = "HTTP/1.1 401 No\r\ncontent-length: 0\r\nconnection: close\r\n\r\n";

    #[tokio::test]
    async fn who_does_not_know_the_token_is_not_asked_again_without_a_look() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let base_url = format!("http://{}", listener.local_addr().unwrap());
        let stranger = std::thread::spawn(move || {
            let (mut connection, mut request) = (listener.accept().unwrap().0, Vec::new());
            while !request.ends_with(b"{}") {
                let mut part = [0; 4096];
                let length = connection.read(&mut part).unwrap();
                request.extend_from_slice(&part[..length]);
            }
            connection.write_all(HEAD.as_bytes()).unwrap();
        });
        register(&base_url, Some("t".into()), None);
        let error = Call::post(&base_url, "/x", "{}".into(), Limits::default()).unwrap().send().await.unwrap_err();
        stranger.join().unwrap();
        assert_eq!(error.code(), Code::HttpStatus);
        assert!(is_dead(&base_url));
    }

    /// Whoever got the port of a daemon that had ended was sent the next request, with the password of a database in it.
    #[cfg(unix)]
    #[tokio::test]
    async fn nothing_is_sent_to_the_port_of_a_daemon_that_has_ended() {
        let mut daemon = std::process::Command::new("sleep").arg("600").spawn().unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        listener.set_nonblocking(true).unwrap();
        let base_url = format!("http://{}", listener.local_addr().unwrap());
        register(&base_url, None, Identity::of(daemon.id()));
        daemon.kill().unwrap();
        daemon.wait().unwrap();
        let error = Call::post(&base_url, "/x", "{}".into(), Limits::default()).unwrap().send().await.unwrap_err();
        assert_eq!(error.code(), Code::HttpConnect);
        assert!(error.to_string().contains("the daemon has ended") && is_dead(&base_url), "{error}");
        assert_eq!(listener.accept().unwrap_err().kind(), ErrorKind::WouldBlock);
    }

    /// Whoever started a daemon on the port of one that had been killed waited for its health in vain.
    #[cfg(unix)]
    #[tokio::test]
    async fn who_listens_on_the_port_of_a_daemon_that_has_ended_may_be_asked_how_it_is() {
        let mut daemon = std::process::Command::new("sleep").arg("600").spawn().unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let base_url = format!("http://{}", listener.local_addr().unwrap());
        register(&base_url, None, Identity::of(daemon.id()));
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
