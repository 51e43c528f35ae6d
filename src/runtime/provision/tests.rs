use super::{
    wheel::tests::{SCRIPT, archive, pinned},
    *,
};
use crate::runtime::AssetFile;
use std::{
    cell::{Cell, RefCell},
    io::{Read, Write},
    net::TcpListener,
};
use tempfile::TempDir;

const FILE: &str = "uv-9.9.9-py3-none-any.whl";
const PROGRAM: &[u8] = b"#!/bin/sh\necho uv 9.9.9\n";

fn wheel_bytes() -> Vec<u8> {
    archive(&[("../evil", b"x"), (SCRIPT, PROGRAM)])
}

/// A pin of a small wheel for all platforms.
fn pin() -> UvPin {
    let wheel = UvWheel { wheel: pinned(FILE, &wheel_bytes()), executable: pinned(SCRIPT, PROGRAM) };
    let names = ["linux-x64-gnu", "linux-x64-musl", "linux-arm64-gnu", "linux-arm64-musl", "darwin-arm64", "win32-x64"];
    UvPin { version: "9.9.9".into(), wheels: names.map(|name| (name.to_owned(), wheel.clone())).into() }
}

fn uv_at(root: &Path) -> ManagedUv {
    let options = UvOptions {
        platform: Some("linux".into()),
        arch: Some("x64".into()),
        runtime_root: Some(root.to_owned()),
        ..UvOptions::default()
    };
    ManagedUv::new(&pin(), options).unwrap()
}

fn env(pairs: &[(&str, &str)]) -> Environment {
    pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}

/// A fake that serves a page and a wheel, and records the requested URLs.
struct FakeIndex {
    page: String,
    wheel: Vec<u8>,
    asked: RefCell<Vec<String>>,
    fails: Cell<bool>,
}

impl FakeIndex {
    fn new() -> Self {
        let page = format!("<a href=\"../../f/{FILE}#sha256=x\">{FILE}</a>");
        Self { page, wheel: wheel_bytes(), asked: RefCell::default(), fails: Cell::new(false) }
    }
}

impl Fetch for FakeIndex {
    type Error = Error;

    async fn fetch(&self, url: &Url, _: FetchLimits) -> Result<Vec<u8>> {
        self.asked.borrow_mut().push(url.to_string());
        tokio::task::yield_now().await;
        match url.path() {
            _ if self.fails.get() => {
                Err(Error::new(Code::HttpConnect, "no route to https://u:secret@index.example/simple"))
            }
            path if path.ends_with("whl") => Ok(self.wheel.clone()),
            _ => Ok(self.page.clone().into_bytes()),
        }
    }

    fn reason(&self, cause: &Error) -> String {
        cause.to_string()
    }

    fn with_cause(&self, error: Error, cause: Error) -> Error {
        error.caused_by(cause)
    }
}

async fn ensure_managed_uv<F: Fetch>(fetch: &F, uv: &ManagedUv, env: &Environment) -> Result<PathBuf, F::Error> {
    super::ensure_managed_uv(fetch, uv, env, |_| ()).await
}

const INDEX: &[(&str, &str)] = &[("PIP_INDEX_URL", "https://u:secret@index.example/simple")];

fn names_in(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    entries.map(|entry| entry.file_name().to_string_lossy().into_owned()).collect()
}

#[test]
fn path_depends_on_platform_and_root() {
    let path = |platform: &str, arch: &str, env: Environment, root: Option<&str>| {
        let options = UvOptions {
            platform: Some(platform.into()),
            arch: Some(arch.into()),
            env,
            home_dir: Some("/home/u".into()),
            runtime_root: root.map(Into::into),
        };
        ManagedUv::new(&pin(), options).map(|uv| uv.path().to_string_lossy().replace('\\', "/"))
    };
    let none = || env(&[]);
    let below = |root: &str| format!("{root}/tools/uv/9.9.9/uv");
    assert_eq!(path("linux", "x64", none(), None).unwrap(), below("/home/u/.local/share/kaelio/ktx/runtime"));
    let mac = below("/home/u/Library/Application Support/kaelio/ktx/runtime");
    assert_eq!(path("darwin", "arm64", none(), None).unwrap(), mac);
    assert_eq!(path("win32", "x64", none(), Some("/r/../s/")).unwrap(), below("/s") + ".exe");
    assert_eq!(path("linux", "arm64", env(&[("KTX_RUNTIME_ROOT", "/k//r")]), None).unwrap(), below("/k/r"));
    let relative = path("linux", "x64", env(&[("KTX_RUNTIME_ROOT", "r")]), None).unwrap_err();
    assert_eq!(relative.code(), Code::EnvInvalid);
    assert_eq!(path("linux", "x64", none(), Some("r")).unwrap_err().code(), Code::ArgumentInvalid);
    assert_eq!(path("aix", "x64", none(), None).unwrap_err().code(), Code::RuntimeInstallerMissing);
}

#[tokio::test]
async fn uv_is_downloaded_once_and_then_verified_on_disk() {
    let (root, index) = (TempDir::new().unwrap(), FakeIndex::new());
    let uv = uv_at(root.path());
    let path = ensure_managed_uv(&index, &uv, &env(INDEX)).await.unwrap();
    assert_eq!(fs::read(&path).unwrap(), PROGRAM);
    let asked = format!("https://u:secret@index.example/f/{FILE}");
    assert_eq!(*index.asked.borrow(), ["https://u:secret@index.example/simple/uv/", &asked]);
    assert_eq!(names_in(path.parent().unwrap()), ["uv"]);
    #[cfg(unix)]
    assert!(is_runnable(&path.metadata().unwrap()));
    index.fails.set(true);
    let no_step = |step| panic!("{step:?} although it is installed");
    assert_eq!(super::ensure_managed_uv(&index, &uv, &env(INDEX), no_step).await.unwrap(), path);
    assert_eq!(index.asked.borrow().len(), 2);
}

#[tokio::test]
async fn concurrent_callers_download_once() {
    let (root, index) = (TempDir::new().unwrap(), FakeIndex::new());
    let (uv, env, steps) = (uv_at(root.path()), env(INDEX), RefCell::new(Vec::new()));
    let ensure = || super::ensure_managed_uv(&index, &uv, &env, |step| steps.borrow_mut().push(step));
    let (a, b, c) = tokio::join!(ensure(), ensure(), ensure());
    assert!(a.is_ok() && b.is_ok() && c.is_ok());
    assert_eq!(index.asked.borrow().len(), 2);
    let count = |wanted| steps.borrow().iter().filter(|step| **step == wanted).count();
    assert_eq!((count(UvStep::Downloading), count(UvStep::Waiting)), (1, 2));
}

#[tokio::test]
async fn interrupted_or_damaged_installation_is_repaired() {
    let leave: &[fn(&Path)] = &[
        |path| fs::write(path, &PROGRAM[..5]).unwrap(),
        |path| fs::write(path, [b'x'; PROGRAM.len()]).unwrap(),
        |path| fs::write(path.with_file_name(".tmp-abc"), PROGRAM).unwrap(),
        |path| fs::create_dir_all(path.join("inside")).unwrap(),
        #[cfg(unix)]
        |path| fs::write(path, PROGRAM).unwrap(), // without the right to run it
        #[cfg(unix)]
        |path| std::os::unix::fs::symlink("/nonexistent/uv", path).unwrap(),
    ];
    for leave in leave {
        let (root, index) = (TempDir::new().unwrap(), FakeIndex::new());
        let uv = uv_at(root.path());
        fs::create_dir_all(uv.path().parent().unwrap()).unwrap();
        leave(uv.path());
        let path = ensure_managed_uv(&index, &uv, &env(INDEX)).await.unwrap();
        assert!(uv.is_installed() && !path.is_symlink());
        assert_eq!(names_in(path.parent().unwrap()), ["uv"]);
    }
}

#[tokio::test]
async fn wheel_with_another_checksum_is_not_installed() {
    let (root, mut index) = (TempDir::new().unwrap(), FakeIndex::new());
    let uv = uv_at(root.path());
    index.wheel = archive(&[(SCRIPT, b"evil")]);
    let error = ensure_managed_uv(&index, &uv, &env(INDEX)).await.unwrap_err();
    assert_eq!(error.code(), Code::AssetChecksum);
    assert!(error.to_string().contains(FILE) && !error.to_string().contains("secret"), "{error}");
    assert_eq!(names_in(&root.path().join("tools/uv")), ["provision.lock"]);
}

#[tokio::test]
async fn errors_name_the_index_and_the_next_step_without_credentials() {
    let (root, mut index) = (TempDir::new().unwrap(), FakeIndex::new());
    let uv = uv_at(root.path());
    index.fails.set(true);
    let unreachable = ensure_managed_uv(&index, &uv, &env(INDEX)).await.unwrap_err();
    index.fails.set(false);
    index.page = "<a href=\"uv-1.0.0-py3-none-any.whl\">".into();
    let absent = ensure_managed_uv(&index, &uv, &env(INDEX)).await.unwrap_err();
    let offline = ensure_managed_uv(&index, &uv, &env(&[("UV_OFFLINE", "1")])).await.unwrap_err();
    assert!(offline.hint().unwrap().contains("UV_FIND_LINKS"), "{offline}");
    for error in [&unreachable, &absent] {
        assert!(error.to_string().contains("https://***@index.example/simple/uv/"), "{error}");
    }
    for error in [unreachable, absent, offline] {
        assert_eq!(error.code(), Code::RuntimeInstallFailed);
        let text = error.with_hint_text();
        assert!(text.contains("KTX_UV") && !text.contains("secret"), "{text}");
    }
}

#[tokio::test]
async fn wheel_in_a_folder_needs_no_index() {
    let (root, wheels, index) = (TempDir::new().unwrap(), TempDir::new().unwrap(), FakeIndex::new());
    fs::write(wheels.path().join(FILE), wheel_bytes()).unwrap();
    let links = wheels.path().to_string_lossy().into_owned();
    let offline = env(&[("UV_FIND_LINKS", &links), ("UV_OFFLINE", "1")]);
    ensure_managed_uv(&index, &uv_at(&root.path().join("a")), &offline).await.unwrap();
    let page = wheels.path().join("simple/uv");
    fs::create_dir_all(&page).unwrap();
    fs::write(page.join("index.html"), format!("<a href=\"../../{FILE}\">")).unwrap();
    let simple = Url::from_directory_path(wheels.path().join("simple")).unwrap().to_string();
    ensure_managed_uv(&index, &uv_at(&root.path().join("b")), &env(&[("PIP_INDEX_URL", &simple)])).await.unwrap();
    assert!(index.asked.borrow().is_empty());
}

#[tokio::test]
async fn root_that_cannot_be_written_is_an_error_with_a_hint() {
    let root = TempDir::new().unwrap();
    fs::write(root.path().join("tools"), "a file").unwrap();
    let error = ensure_managed_uv(&FakeIndex::new(), &uv_at(root.path()), &env(INDEX)).await.unwrap_err();
    assert_eq!(error.code(), Code::FileIo);
    assert!(error.hint().unwrap().contains("KTX_RUNTIME_ROOT"), "{error}");
}

/// Starts a server that answers each connection with the next of `answers`; the thread returns the requests.
fn server(answers: Vec<Vec<u8>>) -> (String, std::thread::JoinHandle<Vec<String>>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let authority = listener.local_addr().unwrap().to_string();
    let serve = move || {
        let answer = |answer: Vec<u8>| {
            let (mut connection, mut request) = (listener.accept().unwrap().0, Vec::new());
            while !request.ends_with(b"\r\n\r\n") {
                let mut part = [0; 4096];
                let length = connection.read(&mut part).unwrap();
                request.extend_from_slice(&part[..length]);
            }
            connection.write_all(&answer).unwrap();
            String::from_utf8(request).unwrap()
        };
        answers.into_iter().map(answer).collect()
    };
    (authority, std::thread::spawn(serve))
}

fn answer(status: &str, headers: &str, body: &[u8]) -> Vec<u8> {
    let head = format!("HTTP/1.1 {status}\r\n{headers}content-length: {}\r\nconnection: close\r\n\r\n", body.len());
    [head.as_bytes(), body].concat()
}

#[tokio::test]
async fn index_is_requested_with_credentials_and_redirects_are_followed() {
    let page = format!("{{\"files\": [{{\"filename\": \"{FILE}\", \"url\": \"/f/{FILE}\"}}]}}");
    let (authority, served) = server(vec![
        answer("503 Busy", "", b""),
        answer("301 Moved", "location: /other/uv/\r\n", b""),
        answer("200 OK", "", page.as_bytes()),
        answer("302 Found", &format!("location: /g/{FILE}?sig=1\r\n"), b""),
        answer("200 OK", "", &wheel_bytes()),
    ]);
    let root = TempDir::new().unwrap();
    let index = format!("http://u:p%40ss@{authority}/simple");
    ensure_managed_uv(&NativeFetch, &uv_at(root.path()), &env(&[("UV_INDEX_URL", &index)])).await.unwrap();
    let requests = served.join().unwrap();
    let lines: Vec<_> = requests.iter().map(|request| request.lines().next().unwrap()).collect();
    let (file, signed) = (format!("GET /f/{FILE} HTTP/1.1"), format!("GET /g/{FILE}?sig=1 HTTP/1.1"));
    let simple = "GET /simple/uv/ HTTP/1.1";
    assert_eq!(lines, [simple, simple, "GET /other/uv/ HTTP/1.1", file.as_str(), signed.as_str()]);
    for request in requests {
        assert!(request.contains("authorization: Basic dTpwQHNz\r\n"), "{request}");
        assert!(request.contains("accept: application/vnd.pypi.simple.v1+json"), "{request}");
    }
}

#[tokio::test]
async fn error_names_the_reason_of_an_index() {
    for (status, headers, reason) in [
        ("401 No", "", "credentials"),
        ("404 Gone", "", "status 404"),
        ("302 Found", "location: ftp://h/x\r\n", "not one of a package index"),
        ("302 Found", "", "status 302"),
    ] {
        let (authority, served) = server(vec![answer(status, headers, b"")]);
        let root = TempDir::new().unwrap();
        let index = format!("http://u:secret@{authority}/simple");
        let given = env(&[("PIP_INDEX_URL", &index)]);
        let error = ensure_managed_uv(&NativeFetch, &uv_at(root.path()), &given).await.unwrap_err();
        served.join().unwrap();
        assert_eq!(error.code(), Code::RuntimeInstallFailed);
        assert!(error.to_string().contains(reason) && !error.to_string().contains("secret"), "{error}");
    }
}

#[tokio::test]
async fn download_is_limited_to_the_pinned_size() {
    let page = format!("<a href=\"{FILE}\">");
    let large = vec![0; wheel_bytes().len() + 1];
    let (authority, served) = server(vec![answer("200 OK", "", page.as_bytes()), answer("200 OK", "", &large)]);
    let root = TempDir::new().unwrap();
    let index = format!("http://{authority}/simple");
    let given = env(&[("PIP_INDEX_URL", &index)]);
    let error = ensure_managed_uv(&NativeFetch, &uv_at(root.path()), &given).await.unwrap_err();
    served.join().unwrap();
    assert!(error.to_string().contains("more than"), "{error}");
}

#[test]
fn files_of_the_pin_have_plain_names() {
    for UvWheel { wheel: AssetFile { file, .. }, .. } in UvPin::bundled().unwrap().wheels.values() {
        assert!(!file.contains(['/', '\\']) && file.ends_with(".whl"), "{file}");
    }
}

#[test]
fn settings_of_pip_for_the_wheel_of_uv_apply_to_packages_too() {
    let added = |pairs: &[(&str, &str)]| {
        let found = uv_environment(&env(pairs));
        let uv = found.iter().filter(|(name, _)| name.starts_with("UV_"));
        uv.map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>()
    };
    let pip = [("PIP_INDEX_URL", "https://i.example/simple"), ("PIP_FIND_LINKS", "/a  /b")];
    assert_eq!(added(&pip), ["UV_DEFAULT_INDEX=https://i.example/simple", "UV_FIND_LINKS=/a,/b"]);
    for own in [("UV_INDEX_URL", "https://own.example/"), ("UV_FIND_LINKS", "/own")] {
        let all = added(&[pip[0], pip[1], own]);
        assert!(all.contains(&format!("{}={}", own.0, own.1)) && all.len() == 2, "{all:?}");
    }
    assert_eq!(added(&[("PIP_INDEX_URL", " ")]), [""; 0]);
    assert!(has_no_index(&env(&[("PIP_NO_INDEX", "true")])) && has_no_index(&env(&[("UV_NO_INDEX", "1")])));
    assert!(!has_no_index(&env(&[("PIP_NO_INDEX", "0"), ("UV_OFFLINE", "1")])));
}
