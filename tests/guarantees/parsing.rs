//! Arbitrary bytes on disk and on the wire: parsing never panics, and errors have a reason.

use crate::support::{Fixture, layout_and_env};
use ktx::{
    daemon::{DaemonStatusKind, Health, NativeDaemon, read_status},
    error::Code,
    http::{Call, Limits},
    project,
    runtime::{self, StatusKind, verify_asset},
};
use proptest::{collection::vec, prelude::*, test_runner::TestRunner};
use std::{
    fs,
    io::{Read, Write},
    net::TcpListener,
    time::Duration,
};

/// Arbitrary bytes, and nearly valid texts: pieces of real files in any order, with arbitrary bytes between them.
fn bytes(pieces: &'static [&'static str]) -> impl Strategy<Value = Vec<u8>> {
    let piece = prop_oneof![
        4 => prop::sample::select(pieces).prop_map(|piece| piece.as_bytes().to_vec()),
        1 => vec(any::<u8>(), 0..12),
    ];
    prop_oneof![vec(any::<u8>(), 0..300), vec(piece, 0..14).prop_map(|pieces| pieces.concat())]
}

const JSON: &[&str] = &[
    "{",
    "}",
    "[",
    "]",
    ",",
    ":",
    "null",
    "true",
    "-1",
    "1e999",
    "18446744073709551616",
    "\"\"",
    "\"\\ud800\"",
    "\"x\"",
    "{\"schemaVersion\":1",
    ",\"pid\":7",
    ",\"pid\":-7",
    ",\"host\":\"127.0.0.1\"",
    ",\"port\":61234",
    ",\"port\":99999",
    ",\"version\":\"1.2.3\"",
    ",\"features\":[\"core\"]",
    ",\"features\":[\"other\"]",
    ",\"startedAt\":\"\"",
    ",\"stdoutLog\":\"/o\"",
    ",\"stderrLog\":\"/e\"",
    ",\"cliVersion\":\"1.2.3\"",
    ",\"wheel\":{\"file\":\"../x\"}",
    "{\"status\":\"healthy\"",
    ",\"instance\":\"a\"",
    "\u{feff}",
    "\0",
];

const YAML: &[&str] = &[
    "project: shop\n",
    "connections:\n",
    "  local:\n",
    "    driver: sqlite\n",
    "    path: ./x.db\n",
    "    readonly: true\n",
    "    readonly: [\n",
    "  : x\n",
    "&a",
    "*a",
    "<<: *a\n",
    "- - -",
    "!!binary x\n",
    "? ",
    "|\n",
    "\t",
    "---\n",
    "...\n",
    "url: env:NOWHERE\n",
    "ingest: { adapters: [looker] }\n",
    "{",
    "}",
    "\"",
    "#",
    "\r\n",
    "\0",
];

const ANSWER: &[&str] = &[
    "HTTP/1.1 200 OK\r\n",
    "HTTP/1.1 204 \r\n",
    "HTTP/1.0 500 x\r\n",
    "HTTP/9.9 200\r\n",
    "HTTP/1.1 100 Continue\r\n\r\n",
    "HTTP/1.1 301 x\r\nlocation: http://127.0.0.1:9/\r\n",
    "content-length: 2\r\n",
    "content-length: -1\r\n",
    "content-length: 99999999999\r\n",
    "transfer-encoding: chunked\r\n",
    "content-encoding: gzip\r\n",
    "connection: close\r\n",
    "\r\n",
    "{}",
    "2\r\n{}\r\n0\r\n\r\n",
    "ffffffffffffffff\r\n",
    "[]",
    "\n",
    " ",
];

fn check<T: std::fmt::Debug>(cases: u32, strategy: impl Strategy<Value = T>, test: impl Fn(T)) {
    let config = ProptestConfig { cases, failure_persistence: None, ..ProptestConfig::default() };
    let run = TestRunner::new(config).run(&strategy, |value| {
        test(value);
        Ok(())
    });
    run.unwrap();
}

fn block_on<T>(future: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(future)
}

#[test]
fn guarantee_6_any_state_gives_a_status() {
    let fixture = Fixture::new();
    let host = NativeDaemon { layout: fixture.layout.clone(), env: fixture.env.clone() };
    fs::create_dir_all(&fixture.layout.version_dir).unwrap();
    check(256, bytes(JSON), |text| {
        fs::write(&fixture.layout.daemon_state_path, text).unwrap();
        let status = block_on(read_status(&host, &host.layout)).unwrap();
        assert_eq!(status.kind, DaemonStatusKind::Stale);
        assert!(!status.detail.is_empty());
    });
}

#[test]
fn guarantee_6_any_manifest_gives_a_status() {
    let fixture = Fixture::new();
    fs::create_dir_all(&fixture.layout.version_dir).unwrap();
    check(256, bytes(JSON), |text| {
        fs::write(&fixture.layout.manifest_path, text).unwrap();
        let status = runtime::read_status(&fixture.layout);
        assert_ne!(status.kind, StatusKind::Ready);
        assert!(!status.detail.is_empty());
    });
}

#[test]
fn guarantee_6_any_asset_manifest_gives_an_error_that_names_it() {
    let fixture = Fixture::new();
    check(256, bytes(JSON), |text| {
        fs::write(fixture.layout.asset_dir.join("manifest.json"), text).unwrap();
        let error = verify_asset(&fixture.layout.asset_dir).unwrap_err();
        assert!(error.to_string().contains("manifest"), "{error}");
    });
}

#[test]
fn guarantee_6_any_roots_record_and_launch_record_does_not_fail_a_stop() {
    let fixture = Fixture::new();
    let record = fixture.folder.path().join("home/kaelio/ktx/roots.json");
    fs::create_dir_all(record.parent().unwrap()).unwrap();
    fs::create_dir_all(&fixture.layout.version_dir).unwrap();
    let _life = ktx::files::FileLock::try_acquire(&fixture.layout.life_lock()).unwrap().unwrap();
    // Pids above the maximum of all systems, so that no process is signalled by chance.
    let pid_record = bytes(&["4194305 ", "4294967295 ", "x", "\n", "99999999999", "-"]);
    check(128, (bytes(JSON), bytes(JSON), pid_record), |(roots, life, lock)| {
        fs::write(&record, roots).unwrap();
        fs::write(fixture.layout.version_dir.join("daemon.life.json"), life).unwrap();
        fs::write(fixture.layout.life_lock(), lock).unwrap();
        let (layout, env) = layout_and_env(fixture.folder.path(), "1.2.3");
        block_on(ktx::daemon::stop_all(&layout, &env)).unwrap();
    });
}

#[test]
fn guarantee_6_any_health_response_is_parsed_or_refused() {
    check(1024, bytes(JSON), |text| {
        if let Err(reason) = Health::parse(&String::from_utf8_lossy(&text)) {
            assert!(reason.starts_with("it is not a health response"), "{reason}");
        }
    });
}

#[test]
fn guarantee_6_any_ktx_yaml_is_loaded_or_an_error_that_names_it() {
    let folder = tempfile::tempdir().unwrap();
    check(512, bytes(YAML), |text| {
        fs::write(folder.path().join("ktx.yaml"), text).unwrap();
        if let Err(error) = project::load(folder.path()) {
            assert!(error.to_string().contains("ktx.yaml"), "{error}");
        }
    });
}

#[test]
fn guarantee_5_any_http_response_is_an_object_or_an_error_without_a_timeout() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let base_url = format!("http://{}", listener.local_addr().unwrap());
    let (sender, answers) = std::sync::mpsc::channel::<Vec<u8>>();
    std::thread::spawn(move || {
        let mut answer = Vec::new();
        for mut connection in listener.incoming().flatten() {
            while let Ok(newer) = answers.try_recv() {
                answer = newer;
            }
            let _ = connection.read(&mut [0; 4096]);
            let _ = connection.write_all(&answer);
        }
    });
    check(256, bytes(ANSWER), |answer| {
        sender.send(answer).unwrap();
        let limits = Limits { connect: Duration::from_secs(5), total: Duration::from_secs(30), max_bytes: 1 << 20 };
        match block_on(Call::post(&base_url, "/x", "{}".into(), limits).unwrap().send()) {
            Ok(text) => assert!(text.trim_start().starts_with('{')),
            Err(error) => assert_ne!(error.code(), Code::HttpTimeout, "{error}"),
        }
    });
}
