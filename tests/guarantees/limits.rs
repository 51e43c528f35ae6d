//! 5. No hang.

use crate::{
    child::{processes_of, set_up, start_daemon, wait_until},
    support::{Fixture, RecordingHost},
};
use ktx::{
    daemon::{DaemonStatusKind, StartStatus, StopStatus, read_status, stop},
    error::Code,
    http::{Call, Limits},
    runtime::{Feature, InstallRequest, StatusKind, install},
};
use std::{
    io::{Read, Write},
    net::TcpListener,
    time::Duration,
};

fn suspend(pid: u32) {
    // SAFETY: a plain system call on a process of this test.
    assert_eq!(unsafe { libc::kill(i32::try_from(pid).unwrap(), libc::SIGSTOP) }, 0);
}

#[tokio::test]
async fn guarantee_5_unresponsive_daemon_is_replaced_and_stopped() {
    let (fixture, host) = set_up("ok").await;
    let first = start_daemon(&host, false).await.unwrap();
    suspend(first.state.pid);
    let status = read_status(&host, &host.layout).await.unwrap();
    assert_eq!(status.kind, DaemonStatusKind::Stale);
    assert!(status.detail.contains("/health timed out after 5000 ms"), "{}", status.detail);
    let second = start_daemon(&host, false).await.unwrap();
    assert_eq!(second.status, StartStatus::Started);
    suspend(second.state.pid);
    assert_eq!(stop(&host, &host.layout).await.unwrap().status, StopStatus::Stopped);
    wait_until("nothing runs any more", || processes_of(fixture.folder.path()).is_empty());
}

#[tokio::test]
async fn guarantee_5_call_timeout_names_path_and_time() {
    let (_place, host) = set_up("ok").await;
    let started = start_daemon(&host, false).await.unwrap();
    suspend(started.state.pid);
    let limits = Limits { total: Duration::from_millis(300), ..Limits::default() };
    let error = Call::post(&started.base_url, "/echo", "{}".into(), limits).unwrap().send().await.unwrap_err();
    assert_eq!(error.code(), Code::HttpTimeout);
    assert_eq!(error.to_string(), "KTX managed daemon HTTP /echo timed out after 300 ms");
    assert!(ktx::http::is_down(&started.base_url), "no call goes there again before a probe");
    stop(&host, &host.layout).await.unwrap();
}

#[tokio::test]
async fn guarantee_5_hanging_installer_is_killed_and_named() {
    let fixture = Fixture::new();
    fixture.uv_mode("hang");
    let request = fixture.request(&[Feature::Core], false);
    let mut seconds = 1;
    let error = loop {
        seconds *= 2;
        let env = request.env.clone().with("KTX_INSTALL_TIMEOUT", &*seconds.to_string());
        let request = InstallRequest { env, ..request.clone() };
        let error = install(&RecordingHost::default(), &request).await.unwrap_err().to_string();
        // On a busy machine the fake may take longer to print its version.
        if !error.contains("KTX_UV does not work") {
            break error;
        }
    };
    let waited = format!("uv took longer than {} ms", seconds * 1000);
    assert!(error.contains(&waited) && error.contains("install.log"), "{error}");
    wait_until("the tool is gone", || processes_of(fixture.folder.path()).is_empty());
}

#[tokio::test]
async fn guarantee_5_invalid_install_timeout_is_an_error_before_installation() {
    for value in ["soon", "-1", "0", "1e400", ""] {
        let fixture = Fixture::new();
        let request = fixture.request(&[Feature::Core], false);
        let env = request.env.clone().with("KTX_INSTALL_TIMEOUT", value);
        let error = install(&RecordingHost::default(), &InstallRequest { env, ..request }).await.unwrap_err();
        assert_eq!(error.code(), Code::EnvInvalid, "{value}: {error}");
        assert!(!fixture.layout.version_dir.exists());
    }
}

/// Starts a package index that answers all requests with the same bytes, or never.
fn index(answer: Option<&'static str>) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://127.0.0.1:{}/simple", listener.local_addr().unwrap().port());
    std::thread::spawn(move || {
        let mut silent = Vec::new();
        for mut connection in listener.incoming().flatten() {
            let Some(answer) = answer else {
                silent.push(connection);
                continue;
            };
            let _ = connection.read(&mut [0; 4096]);
            let _ = connection.write_all(answer.as_bytes());
        }
    });
    url
}

/// With the real `venv` and `pip` of the present Python.
#[tokio::test]
async fn guarantee_3_failing_and_hanging_index_are_errors_without_leftovers() {
    let failing = index(Some("HTTP/1.1 500 Broken\r\ncontent-length: 0\r\nconnection: close\r\n\r\n"));
    for index in [failing, index(None)] {
        let fixture = Fixture::new();
        fixture.lock_to("absent==1 --hash=sha256:00");
        let env = fixture.env.clone().filtered(|name| name != "KTX_UV" && name != "PIP_INDEX_URL");
        let env = env.with("PIP_INDEX_URL", index.replace("//", "//user:secret@"));
        let env = env.with("PIP_RETRIES", "0").with("PIP_DEFAULT_TIMEOUT", "1").with("PATH", python_folder());
        let request = InstallRequest { env, ..fixture.request(&[Feature::Core], false) };
        let error = install(&RecordingHost::default(), &request).await.unwrap_err().to_string();
        assert!(error.starts_with("Python runtime install failed") && error.contains("Install log:"), "{error}");
        assert!(!error.contains("secret"), "{error}");
        assert_eq!(ktx::runtime::read_status(&fixture.layout).kind, StatusKind::Missing);
        assert_eq!(std::fs::read_dir(fixture.layout.environments_dir()).unwrap().count(), 0);
    }
}

/// A `PATH` with a Python and no uv.
fn python_folder() -> String {
    let found = std::process::Command::new("python3").args(["-c", "import sys; print(sys.base_exec_prefix)"]).output();
    format!("{}/bin", String::from_utf8(found.unwrap().stdout).unwrap().trim())
}
