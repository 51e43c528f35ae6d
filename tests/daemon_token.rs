//! A daemon that somebody else runs: over HTTPS, with the token of `KTX_DAEMON_TOKEN`.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "an unwrap in a test is an assertion")]

use ktx::{
    env::Environment,
    error::{Code, Error},
    http::Limits,
    ingest::routing::{RoutingOptions, explicit_token, sql_analysis_route},
    ports::{BaseUrlSource, post_to},
    project::secrets::SecretText,
};
use std::{
    fs,
    path::Path,
    process::{Child, Command},
    thread,
};

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

fn remote(port: &str, token: Option<&str>) -> Remote {
    let base_url = format!("https://localhost:{port}/prefix");
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
    Remote { base_url, token: explicit_token(&route, &env).unwrap() }
}

struct Server(Child);

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn serve(folder: &Path) -> Server {
    let made = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    fs::write(folder.join("cert.pem"), made.cert.pem()).unwrap();
    fs::write(folder.join("key.pem"), made.signing_key.serialize_pem()).unwrap();
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fakes/remote_daemon.py");
    let server = Server(Command::new("python3").arg(script).arg(folder).spawn().unwrap());
    while !folder.join("port").exists() {
        thread::yield_now();
    }
    server
}

/// Not a test of its own: a process that trusts the certificate, as one whose system does.
#[tokio::test]
#[ignore = "runs as a child of another test"]
async fn child_that_asks() {
    let folder = std::env::var(FOLDER).unwrap();
    let port = fs::read_to_string(Path::new(&folder).join("port")).unwrap();
    let ask = async |token| post_to(&remote(&port, token), "/sql/x", "{\"a\":1}".into(), Limits::default()).await;
    assert_eq!(ask(Some("hunter2")).await.unwrap(), r#"{"path": "/prefix/sql/x", "body": {"a": 1}}"#);
    for token in [None, Some("hunter3")] {
        let error = ask(token).await.unwrap_err();
        assert_eq!(error.code(), Code::HttpStatus);
        assert!(error.to_string().contains("failed with 401") && !error.to_string().contains("hunter"), "{error}");
    }
}

#[cfg(target_os = "linux")]
#[test]
fn a_remote_daemon_is_asked_over_https_with_the_token() {
    let folder = tempfile::tempdir().unwrap();
    let _server = serve(folder.path());
    let mut child = Command::new(std::env::current_exe().unwrap());
    child.args(["--exact", "child_that_asks", "--ignored"]).env(FOLDER, folder.path());
    let output = child.env("SSL_CERT_FILE", folder.path().join("cert.pem")).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stdout));
}

#[tokio::test]
async fn a_certificate_that_nobody_vouches_for_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let _server = serve(folder.path());
    let port = fs::read_to_string(folder.path().join("port")).unwrap();
    let remote = remote(&port, Some("hunter2"));
    let error = post_to(&remote, "/sql/x", "{}".into(), Limits::default()).await.unwrap_err();
    assert_eq!(error.code(), Code::HttpConnect);
    assert!(error.to_string().contains("certificate") && !error.to_string().contains("hunter2"), "{error}");
}
