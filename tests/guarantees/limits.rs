//! 5. No hang.

use crate::{
    child::{begin, processes_of, ready, until},
    support::{Place, Watching},
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
async fn guarantee_5_a_daemon_that_accepts_and_never_answers_is_replaced_and_stopped() {
    let (place, host) = ready("ok").await;
    let first = begin(&host, false).await.unwrap();
    suspend(first.state.pid);
    let status = read_status(&host, &host.layout).await.unwrap();
    assert_eq!(status.kind, DaemonStatusKind::Stale);
    assert!(status.detail.contains("/health timed out after 5000 ms"), "{}", status.detail);
    let second = begin(&host, false).await.unwrap();
    assert_eq!(second.status, StartStatus::Started);
    suspend(second.state.pid);
    assert_eq!(stop(&host, &host.layout).await.unwrap().status, StopStatus::Stopped);
    until("nothing runs any more", || processes_of(place.folder.path()).is_empty());
}

#[tokio::test]
async fn guarantee_5_a_call_has_a_limit_that_names_path_and_time() {
    let (_place, host) = ready("ok").await;
    let started = begin(&host, false).await.unwrap();
    suspend(started.state.pid);
    let limits = Limits { total: Duration::from_millis(300), ..Limits::default() };
    let error = Call::post(&started.base_url, "/echo", "{}".into(), limits).unwrap().send().await.unwrap_err();
    assert_eq!(error.code(), Code::HttpTimeout);
    assert_eq!(error.to_string(), "KTX managed daemon HTTP /echo timed out after 300 ms");
    assert!(ktx::http::is_down(&started.base_url), "no call goes there again before a probe");
    stop(&host, &host.layout).await.unwrap();
}

#[tokio::test]
async fn guarantee_5_an_installer_that_hangs_is_ended_and_named() {
    let place = Place::new();
    place.uv_mode("hang");
    let request = place.request(&[Feature::Core], false);
    let mut seconds = 1;
    let error = loop {
        seconds *= 2;
        let env = request.env.clone().with("KTX_INSTALL_TIMEOUT", &*seconds.to_string());
        let request = InstallRequest { env, ..request.clone() };
        let error = install(&Watching::default(), &request).await.unwrap_err().to_string();
        // On a busy machine it may need longer to say its version.
        if !error.contains("KTX_UV does not work") {
            break error;
        }
    };
    let waited = format!("uv took longer than {} ms", seconds * 1000);
    assert!(error.contains(&waited) && error.contains("install.log"), "{error}");
    until("the tool is gone", || processes_of(place.folder.path()).is_empty());
}

#[tokio::test]
async fn guarantee_5_an_impossible_time_limit_is_named_before_anything_happens() {
    for value in ["soon", "-1", "0", "1e400", ""] {
        let place = Place::new();
        let request = place.request(&[Feature::Core], false);
        let env = request.env.clone().with("KTX_INSTALL_TIMEOUT", value);
        let error = install(&Watching::default(), &InstallRequest { env, ..request }).await.unwrap_err();
        assert_eq!(error.code(), Code::EnvInvalid, "{value}: {error}");
        assert!(!place.layout.version_dir.exists());
    }
}

/// A package index that gives every request the same bytes, or holds its tongue.
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

/// With the real `venv` and `pip` of the Python that is there.
#[tokio::test]
async fn guarantee_3_a_failing_and_a_hanging_index_are_named_and_leave_nothing_behind() {
    let failing = index(Some("HTTP/1.1 500 Broken\r\ncontent-length: 0\r\nconnection: close\r\n\r\n"));
    for index in [failing, index(None)] {
        let place = Place::new();
        place.lock_to("absent==1 --hash=sha256:00");
        let env = place.env.clone().filtered(|name| name != "KTX_UV" && name != "PIP_INDEX_URL");
        let env = env.with("PIP_INDEX_URL", index.replace("//", "//user:secret@"));
        let env = env.with("PIP_RETRIES", "0").with("PIP_DEFAULT_TIMEOUT", "1").with("PATH", python_folder());
        let request = InstallRequest { env, ..place.request(&[Feature::Core], false) };
        let error = install(&Watching::default(), &request).await.unwrap_err().to_string();
        assert!(error.starts_with("Python runtime install failed") && error.contains("Install log:"), "{error}");
        assert!(!error.contains("secret"), "{error}");
        assert_eq!(ktx::runtime::read_status(&place.layout).kind, StatusKind::Missing);
        assert_eq!(std::fs::read_dir(place.layout.environments_dir()).unwrap().count(), 0);
    }
}

/// A `PATH` with a Python and no uv.
fn python_folder() -> String {
    let found = std::process::Command::new("python3").args(["-c", "import sys; print(sys.base_exec_prefix)"]).output();
    format!("{}/bin", String::from_utf8(found.unwrap().stdout).unwrap().trim())
}
