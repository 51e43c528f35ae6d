//! Calls of an external daemon over HTTPS with the token of `KTX_DAEMON_TOKEN`.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "an unwrap in a test is an assertion")]

use ktx::{
    env::Environment,
    error::{Code, Error},
    http::Limits,
    ports::{
        BaseUrlSource, Trace, post_with_retry,
        routing::{RoutingOptions, configured_token, sql_analysis_route},
    },
    redact::SecretText,
};
use std::{
    fs,
    io::{self, BufRead, BufReader, Write},
    net::{TcpListener, TcpStream},
    path::Path,
    process::{Child, Command},
    sync::mpsc,
    thread,
};

/// A host name that only the proxy resolves.
const PROXIED_HOST: &str = "ktx.example";
const FOLDER: &str = "KTX_TEST_REMOTE_DAEMON";

struct Remote {
    base_url: String,
    token: Option<SecretText>,
}

impl BaseUrlSource for Remote {
    type Error = Error;

    async fn base_url(&self) -> Result<String, Error> {
        Ok(self.base_url.clone())
    }

    fn token(&self) -> Option<&str> {
        self.token.as_ref().map(SecretText::expose)
    }
}

fn remote(authority: &str, token: Option<&str>) -> Remote {
    let base_url = format!("https://{authority}/prefix");
    let mut env = Environment::default().with("KTX_DAEMON_URL", &*base_url);
    if let Some(token) = token {
        env = env.with("KTX_DAEMON_TOKEN", token);
    }
    let options = RoutingOptions {
        looker_parser: false,
        looker_daemon_base_url: None,
        sql_analysis_url: None,
        database_introspection_url: None,
        introspection_request_json: false,
        managed_daemon: true,
        env: &env,
    };
    let route = sql_analysis_route(&options).unwrap();
    Remote { base_url, token: configured_token(&route, &env).unwrap() }
}

const HOST: &str = "KTX_TEST_REMOTE_HOST";

struct Server(Child);

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn serve(folder: &Path) -> Server {
    let certificate = rcgen::generate_simple_self_signed(["localhost".to_owned(), PROXIED_HOST.to_owned()]).unwrap();
    fs::write(folder.join("cert.pem"), certificate.cert.pem()).unwrap();
    fs::write(folder.join("key.pem"), certificate.signing_key.serialize_pem()).unwrap();
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fakes/remote_daemon.py");
    let server = Server(Command::new("python3").arg(script).arg(folder).spawn().unwrap());
    while !folder.join("port").exists() {
        thread::yield_now();
    }
    server
}

/// Not a test: runs in a child process that trusts the certificate by `SSL_CERT_FILE`.
#[tokio::test]
#[ignore = "runs as a child of another test"]
async fn child_that_calls_the_daemon() {
    let (folder, host) = (std::env::var(FOLDER).unwrap(), std::env::var(HOST).unwrap());
    let authority = format!("{host}:{}", port_in(Path::new(&folder)));
    let call = async |token| {
        post_with_retry(&remote(&authority, token), "/sql/x", "{\"a\":1}".into(), Limits::default(), &Trace::default())
            .await
    };
    assert_eq!(call(Some("hunter2")).await.unwrap(), r#"{"path": "/prefix/sql/x", "body": {"a": 1}}"#);
    for token in [None, Some("hunter3")] {
        let error = call(token).await.unwrap_err();
        assert_eq!(error.code(), Code::HttpStatus);
        assert!(error.to_string().contains("failed with 401") && !error.to_string().contains("hunter"), "{error}");
    }
}

fn port_in(folder: &Path) -> String {
    fs::read_to_string(folder.join("port")).unwrap()
}

fn call_in_child(folder: &Path, host: &str, env: &[(&str, String)]) {
    let mut child = Command::new(std::env::current_exe().unwrap());
    child.args(["--exact", "child_that_calls_the_daemon", "--ignored"]).env(FOLDER, folder).env(HOST, host);
    child.env("SSL_CERT_FILE", folder.join("cert.pem")).envs(env.iter().map(|(name, value)| (name, value)));
    let output = child.output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stdout));
}

#[cfg(target_os = "linux")]
#[test]
fn remote_daemon_is_called_over_https_with_the_token() {
    let folder = tempfile::tempdir().unwrap();
    let _server = serve(folder.path());
    call_in_child(folder.path(), "localhost", &[]);
}

/// Starts a proxy that forwards all tunnels to a port; returns its port and the heads of its requests.
fn tunnel(server_port: String) -> (u16, mpsc::Receiver<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let (sender, requests) = mpsc::channel();
    thread::spawn(move || {
        for client in listener.incoming().map(Result::unwrap) {
            let mut head = String::new();
            let mut lines = BufReader::new(client.try_clone().unwrap());
            while !head.ends_with("\r\n\r\n") {
                lines.read_line(&mut head).unwrap();
            }
            let server = TcpStream::connect(format!("127.0.0.1:{server_port}")).unwrap();
            (&client).write_all(b"HTTP/1.1 200 OK\r\n\r\n").unwrap();
            sender.send(head).unwrap();
            let (from_server, to_client) = (server.try_clone().unwrap(), client.try_clone().unwrap());
            thread::spawn(move || io::copy(&mut &from_server, &mut &to_client));
            thread::spawn(move || io::copy(&mut &client, &mut &server));
        }
    });
    (port, requests)
}

#[cfg(target_os = "linux")]
#[test]
fn remote_daemon_is_called_through_a_proxy_tunnel() {
    let folder = tempfile::tempdir().unwrap();
    let _server = serve(folder.path());
    let (port, requests) = tunnel(port_in(folder.path()));
    let proxy = format!("http://user:p%40ss@127.0.0.1:{port}");
    call_in_child(folder.path(), PROXIED_HOST, &[("HTTPS_PROXY", proxy), ("NO_PROXY", String::new())]);
    let head = requests.recv().unwrap();
    assert!(head.starts_with(&format!("CONNECT {PROXIED_HOST}:{}", port_in(folder.path()))), "{head}");
    assert!(head.to_lowercase().contains("proxy-authorization: basic dxnlcjpwqhnz"), "{head}");
    assert!(!head.contains("Bearer"), "{head}");
}

#[tokio::test]
async fn self_signed_certificate_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let _server = serve(folder.path());
    let remote = remote(&format!("localhost:{}", port_in(folder.path())), Some("hunter2"));
    let error =
        post_with_retry(&remote, "/sql/x", "{}".into(), Limits::default(), &Trace::default()).await.unwrap_err();
    assert_eq!(error.code(), Code::HttpConnect);
    assert!(error.to_string().contains("certificate") && !error.to_string().contains("hunter2"), "{error}");
}
