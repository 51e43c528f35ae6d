//! Installations with the real pip and uv from a local index: installed packages, settings files of the user, and that
//! no code of packages is run.
#![cfg(unix)]
#![allow(clippy::unwrap_used, clippy::panic, reason = "an unwrap in a test is an assertion")]
#![allow(clippy::print_stderr, reason = "a test that cannot run here prints the reason")]

mod support;

use ktx::{
    env::Environment,
    error::{Code, Error},
    runtime::{CheckStatus, Feature, InstallRequest, InstallStatus, Layout, NativeExec, StatusKind, doctor, install},
};
use std::{
    collections::BTreeSet,
    fs,
    io::{BufRead, BufReader},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
};
use support::{RecordingHost, layout_and_env};

/// The installer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Tool {
    Pip,
    Uv,
}

const BOTH: [Tool; 2] = [Tool::Pip, Tool::Uv];

/// A folder with a running index and the home of a user.
struct Index {
    folder: tempfile::TempDir,
    server: Child,
    port: String,
}

impl Drop for Index {
    fn drop(&mut self) {
        self.server.kill().unwrap();
        self.server.wait().unwrap();
    }
}

impl Index {
    fn new() -> Self {
        Self::with_lock("requirements.lock")
    }

    fn with_lock(lock: &str) -> Self {
        let folder = tempfile::Builder::new().prefix("ktx-index").tempdir().unwrap();
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fakes/index.py");
        let mut command = Command::new("python3");
        command.arg(script).arg(folder.path()).arg(lock).stdout(Stdio::piped());
        let mut server = command.spawn().unwrap();
        let mut port = String::new();
        BufReader::new(server.stdout.take().unwrap()).read_line(&mut port).unwrap();
        fs::create_dir_all(folder.path().join("home")).unwrap();
        Self { folder, server, port: port.trim().to_owned() }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn url(&self) -> String {
        format!("http://127.0.0.1:{}/simple", self.port)
    }

    /// Writes a file in the user's home.
    fn home(&self, name: &str, text: &str) {
        let path = self.path("home").join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    fn fixture(&self, tool: Tool) -> (Layout, Environment) {
        let (layout, env) = layout_and_env(self.folder.path(), "1.2.3");
        let layout = Layout { asset_dir: self.path("asset"), ..layout.with_root(&self.path("root")) };
        let env = env.filtered(|name| name != "KTX_UV" && name != "XDG_DATA_HOME");
        let env = env.with("PATH", python_folder()).with("HOME", self.path("home").to_string_lossy());
        let env = env.with("XDG_CONFIG_DIRS", self.path("etc").to_string_lossy());
        (layout, if tool == Tool::Uv { env.with("KTX_UV", real_uv().unwrap().to_string_lossy()) } else { env })
    }

    async fn install(&self, tool: Tool, more: &[(&str, &str)]) -> Result<Layout, Error> {
        let (layout, env) = self.fixture(tool);
        let env = more.iter().fold(env, |env, (name, value)| env.with(name, *value));
        let request = InstallRequest { layout, env, features: vec![Feature::Core], force: true };
        let installed = install(&RecordingHost::default(), &request).await?;
        assert_eq!(installed.status, InstallStatus::Installed);
        Ok(installed.layout)
    }

    /// All files in the user's home but caches.
    fn files_of_user(&self) -> BTreeSet<PathBuf> {
        let mut found = BTreeSet::new();
        let mut folders = vec![self.path("home")];
        while let Some(folder) = folders.pop() {
            for entry in fs::read_dir(folder).unwrap().flatten().map(|entry| entry.path()) {
                if entry.is_dir() && !entry.ends_with(".cache") {
                    folders.push(entry.clone());
                }
                found.insert(entry);
            }
        }
        found.retain(|path| !path.ends_with(".cache"));
        found
    }

    /// The version of `dep` that the daemon of a runtime imports.
    fn installed_dep(layout: &Layout) -> String {
        let output = Command::new(&layout.daemon_path).output().unwrap();
        String::from_utf8(output.stdout).unwrap().trim().to_owned()
    }
}

/// The uv of the development environment.
fn real_uv() -> Option<PathBuf> {
    let uv = Path::new(env!("CARGO_MANIFEST_DIR")).join("python-runtime/.venv/bin/uv");
    if !uv.exists() {
        eprintln!("not run: there is no {}", uv.display());
    }
    uv.exists().then_some(uv)
}

/// A `PATH` with a Python and no uv.
fn python_folder() -> String {
    let found = Command::new("python3").args(["-c", "import sys; print(sys.base_exec_prefix)"]).output();
    format!("{}/bin", String::from_utf8(found.unwrap().stdout).unwrap().trim())
}

fn tools() -> impl Iterator<Item = Tool> {
    BOTH.into_iter().filter(|tool| *tool == Tool::Pip || real_uv().is_some())
}

#[tokio::test]
async fn source_packages_are_not_built() {
    let index = Index::with_lock("with-source.lock");
    for tool in tools() {
        let url = index.url();
        let variables = [("PIP_INDEX_URL", url.as_str()), ("UV_DEFAULT_INDEX", url.as_str())];
        let error = index.install(tool, &variables).await.unwrap_err();
        assert_eq!(error.code(), Code::RuntimeInstallFailed, "{tool:?}: {error}");
        assert!(error.to_string().contains("source"), "{tool:?}: {error}");
        assert!(!index.path("ran").exists(), "{tool:?} ran code of the package");
    }
}

/// The file has the index and all settings that would change the installation, each of which must be ignored.
#[tokio::test]
async fn only_the_index_of_pip_conf_is_used() {
    let index = Index::new();
    let target = |name: &str| index.path("home").join(name).display().to_string();
    let bending = format!(
        "[global]\nindex-url = {}\ntimeout = 30\nquiet = 2\nuser = true\nno-binary = :all:\npython = /no/such\nlog = {}\n[install]\ntarget = {}\nprefix = {}\n\
         root = {}\ndry-run = true\nconstraint = {}\nrequire-virtualenv = true\nno-deps = true\npre = true\n\
         quiet = 3\nglobal = true\nsite = true\nisolated = true\n\
         ignore-installed = true\nrequirement = {}\n",
        index.url(),
        target("pip.log"),
        target("t"),
        target("p"),
        target("r"),
        target("constraint.txt"),
        target("constraint.txt"),
    );
    index.home("constraint.txt", "dep==2.0\n");
    for name in [".config/pip/pip.conf", "own.conf"] {
        index.home(name, &bending);
        let own = target("own.conf");
        let variables: &[(&str, &str)] = if name == "own.conf" { &[("PIP_CONFIG_FILE", &own)] } else { &[] };
        let before = index.files_of_user();
        let layout = index.install(Tool::Pip, variables).await.unwrap();
        assert_eq!(Index::installed_dep(&layout), "1.0", "{name}");
        assert_eq!(index.files_of_user(), before, "nothing is written elsewhere");
        fs::remove_file(index.path("home").join(name)).unwrap();
    }
    let asked = fs::read_to_string(index.path("asked")).unwrap();
    assert!(asked.contains("/simple/dep/"), "{asked}");
}

#[tokio::test]
async fn only_the_index_of_uv_toml_is_used() {
    if real_uv().is_none() {
        return;
    }
    let index = Index::new();
    let target = index.path("home").join("t").display().to_string();
    let bending = [
        "exclude-newer = '2001-01-01'".to_owned(),
        "required-version = '==0.0.1'".into(),
        "no-binary = true".into(),
        "constraint-dependencies = ['dep==2.0']".into(),
        "override-dependencies = ['dep==2.0']".into(),
        "[pip]\nexclude-newer = '2001-01-01'".into(),
        format!("[pip]\ntarget = '{target}'"),
        format!("[pip]\nprefix = '{target}'"),
        "[pip]\nno-binary = [':all:']".into(),
        "[pip]\nextra = ['all']".into(),
        "[pip]\nonly-binary = ['none']\nno-build = false\nno-deps = true\nsystem = true".into(),
        "[pip]\npython-version = '3.8'\npython-platform = 'windows'".into(),
        "[pip]\nrequire-hashes = false\nreinstall = true\nno-build-isolation = true".into(),
    ];
    for settings in &bending {
        let text = format!("index-url = '{}'\nallow-insecure-host = ['127.0.0.1']\n{settings}\n", index.url());
        index.home(".config/uv/uv.toml", &text);
        let before = index.files_of_user();
        let layout = index.install(Tool::Uv, &[]).await.unwrap_or_else(|error| panic!("{settings}: {error}"));
        assert_eq!(Index::installed_dep(&layout), "1.0", "{settings}");
        assert_eq!(index.files_of_user(), before, "{settings}: nothing is written elsewhere");
        assert!(!layout.version_dir.join("uv.toml").exists(), "the settings go with the attempt");
    }
}

/// By default uv reads settings of a project above its working folder.
#[tokio::test]
async fn project_above_the_root_is_ignored() {
    let index = Index::new();
    let bending = "[project]\nname = 'x'\nversion = '1'\nrequires-python = '>=3.99'\n[tool.uv]\n";
    fs::write(index.path("uv.toml"), "no-index = true").unwrap();
    for settings in ["required-version = '==0.0.1'", "no-index = true", "exclude-newer = '2001-01-01'", "[["] {
        fs::write(index.path("pyproject.toml"), format!("{bending}{settings}\n")).unwrap();
        fs::write(index.path(".python-version"), "2.7").unwrap();
        fs::write(index.path("pip.conf"), "[install]\nuser = true\n").unwrap();
        for tool in tools().filter(|tool| *tool == Tool::Uv || settings.starts_with("no-index")) {
            let url = index.url();
            let variables = [("PIP_INDEX_URL", url.as_str()), ("UV_DEFAULT_INDEX", url.as_str())];
            let layout = index.install(tool, &variables).await.unwrap_or_else(|error| panic!("{settings}: {error}"));
            assert_eq!(Index::installed_dep(&layout), "1.0");
        }
    }
}

#[tokio::test]
async fn credentials_in_files_are_sent_to_a_private_index_and_not_stored() {
    let index = Index::new();
    let private = format!("http://127.0.0.1:{}/private/simple", index.port);
    let with_password = private.replace("//", "//reader:secret@");
    for tool in tools() {
        // In the settings file, and in the user's netrc.
        for (url, netrc) in [(&with_password, ""), (&private, "machine 127.0.0.1 login reader password secret\n")] {
            index.home(".config/pip/pip.conf", &format!("[global]\nindex-url = {url}\n"));
            index.home(".config/uv/uv.toml", &format!("[[index]]\nurl = '{url}'\ndefault = true\n"));
            index.home(".netrc", netrc);
            let layout = index.install(tool, &[]).await.unwrap_or_else(|error| panic!("{tool:?} {netrc}: {error}"));
            assert_eq!(Index::installed_dep(&layout), "1.0");
            for file in ["install.log", "manifest.json", "requirements.txt"] {
                let text = fs::read_to_string(layout.version_dir.join(file)).unwrap();
                assert!(!text.contains("secret"), "{tool:?}: {file}");
            }
        }
    }
}

/// The status or the doctor reports a missing package or file, and an installation without force repairs it.
#[tokio::test]
async fn damaged_environment_is_detected_and_repaired() {
    let index = Index::new();
    let url = index.url();
    let settings = [("PIP_INDEX_URL", url.as_str()), ("UV_DEFAULT_INDEX", url.as_str())];
    for tool in tools() {
        let layout = index.install(tool, &settings).await.unwrap();
        let (_, env) = index.fixture(tool);
        let env = settings.iter().fold(env, |env, (name, value)| env.with(name, *value));
        let request = InstallRequest { layout: layout.clone(), env, features: vec![Feature::Core], force: false };
        let again = || async { install(&RecordingHost::default(), &request).await.unwrap().status };
        let runtime = || async { doctor(&NativeExec, &layout, &request.env).await.remove(2) };
        assert_eq!((again().await, runtime().await.status), (InstallStatus::Ready, CheckStatus::Pass));
        let damages = [
            |site: &Path| fs::remove_dir_all(site.join("dep")).unwrap(),
            |site: &Path| fs::remove_file(site.join("dep/more.py")).unwrap(),
            |site: &Path| {
                // Not written in place, as uv may have linked the file to its cache.
                fs::remove_file(site.join("dep/__init__.py")).unwrap();
                fs::write(site.join("dep/__init__.py"), "").unwrap();
            },
            |site: &Path| {
                fs::remove_dir_all(site.join("dep")).unwrap();
                fs::remove_dir_all(site.join("dep-1.0.dist-info")).unwrap();
            },
        ];
        // Fewer cases for pip, which creates environments slowly.
        for damage in &damages[if tool == Tool::Pip { 1..2 } else { 0..4 }] {
            damage(&site_packages(&layout));
            let check = runtime().await;
            assert_eq!(check.status, CheckStatus::Fail, "{tool:?}");
            assert!(check.detail.contains("dep"), "{}", check.detail);
            assert_eq!(check.fix.as_deref(), Some("Run: ktx runtime install --yes"));
            assert_eq!(again().await, InstallStatus::Installed, "{tool:?}");
            assert_eq!(Index::installed_dep(&layout), "1.0");
            assert_eq!(runtime().await.status, CheckStatus::Pass, "{tool:?}");
        }
        fs::remove_dir_all(site_packages(&layout).join("dep")).unwrap();
        let status = ktx::runtime::read_status(&layout);
        assert_eq!(status.kind, StatusKind::Broken);
        assert!(status.detail.starts_with("Missing Python package: ") && status.detail.ends_with("/dep"));
    }
}

fn site_packages(layout: &Layout) -> PathBuf {
    let versions = fs::read_dir(layout.venv_dir.join("lib")).unwrap().flatten();
    versions.map(|entry| entry.path().join("site-packages")).find(|site| site.is_dir()).unwrap()
}

/// If the path of a root is not possible in a shebang line, the installation fails, and not the first start of a
/// daemon.
#[tokio::test]
async fn root_with_special_characters_works_or_fails_at_installation() {
    let index = Index::new();
    let url = index.url();
    let mut refused = 0;
    let roots = ["two\nlines", "a\"b", "a`b", "$(b)", "a b'c"];
    // Fewer cases for pip, which creates environments slowly.
    let roots_for = |tool| &roots[if tool == Tool::Pip { 0..2 } else { 0..5 }];
    for (tool, root) in tools().flat_map(|tool| roots_for(tool).iter().map(move |root| (tool, root))) {
        let (layout, env) = index.fixture(tool);
        let layout = Layout { asset_dir: index.path("asset"), ..layout.with_root(&index.path(root)) };
        let env = env.with("PIP_INDEX_URL", &url).with("UV_DEFAULT_INDEX", &url);
        let request = InstallRequest { layout: layout.clone(), env, features: vec![Feature::Core], force: false };
        match install(&RecordingHost::default(), &request).await {
            Ok(_) => assert_eq!(Index::installed_dep(&layout), "1.0", "{tool:?} {root}"),
            Err(error) => {
                refused += 1;
                assert!(error.to_string().starts_with("Python runtime install failed: "), "{tool:?} {root}: {error}");
                assert_eq!(ktx::runtime::read_status(&layout).kind, StatusKind::Missing, "{tool:?} {root}");
            }
        }
    }
    assert!(refused > 0, "there are such paths");
}

/// Regression: packages could not be added with pip to an environment that uv had created, which has no pip.
#[tokio::test]
async fn feature_is_added_with_pip_to_an_environment_of_uv() {
    if real_uv().is_none() {
        return;
    }
    let index = Index::new();
    let url = index.url();
    let layout = index.install(Tool::Uv, &[("UV_DEFAULT_INDEX", &url)]).await.unwrap();
    let env = index.fixture(Tool::Pip).1.with("PIP_INDEX_URL", &url);
    let request = InstallRequest { layout: layout.clone(), env, features: vec![Feature::DuckDb], force: false };
    let installed = install(&RecordingHost::default(), &request).await.unwrap();
    assert_eq!(installed.manifest.features, [Feature::Core, Feature::DuckDb]);
    assert_eq!(Index::installed_dep(&layout), "1.0");
    assert!(site_packages(&layout).join("pip").is_dir());
}
