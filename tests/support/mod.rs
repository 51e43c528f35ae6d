//! A runtime root in a temporary folder, with a fake uv and a fake daemon.
#![allow(dead_code, reason = "each test file uses a part of it")]

use ktx::{
    env::Environment,
    error::Error,
    process::{CommandCall, CommandOutput},
    runtime::{
        Exec, ExecError, Feature, InstallHost, InstallRequest, Layout, LayoutOptions, NativeExec, Platform, Progress,
    },
};
use std::{
    cell::RefCell,
    fs,
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
};

pub(crate) struct Fixture {
    pub(crate) folder: tempfile::TempDir,
    pub(crate) layout: Layout,
    pub(crate) env: Environment,
}

impl Fixture {
    /// Creates a fixture whose path has a space and non-ASCII letters.
    pub(crate) fn new() -> Self {
        let folder = tempfile::Builder::new().prefix("ktx ünï ").tempdir().unwrap();
        let tools = folder.path().join("tools");
        fs::create_dir(&tools).unwrap();
        executable(&tools.join("uv"), include_str!("../fakes/uv.py"));
        write_asset(&folder.path().join("assets"));
        let (layout, env) = layout_and_env(folder.path(), "1.2.3");
        let fixture = Self { folder, layout, env };
        fixture.uv_mode("ok");
        fixture
    }

    pub(crate) fn tools(&self) -> PathBuf {
        self.folder.path().join("tools")
    }

    pub(crate) fn uv_mode(&self, mode: &str) {
        fs::write(self.tools().join("mode"), mode).unwrap();
    }

    /// The calls of the fake uv that change something.
    pub(crate) fn uv_calls(&self) -> Vec<String> {
        let text = fs::read_to_string(self.tools().join("calls")).unwrap_or_default();
        let changes = |line: &&str| !line.starts_with("--version") && *line != "python find";
        text.lines().filter(changes).map(str::to_owned).collect()
    }

    pub(crate) fn request(&self, features: &[Feature], force: bool) -> InstallRequest {
        InstallRequest { layout: self.layout.clone(), env: self.env.clone(), features: features.to_vec(), force }
    }

    /// Adds a lock file with one line to the asset.
    pub(crate) fn lock_to(&self, line: &str) {
        use sha2::Digest;
        let folder = &self.layout.asset_dir;
        fs::write(folder.join("requirements.lock"), line).unwrap();
        let sha256: String = sha2::Sha256::digest(line).iter().map(|byte| format!("{byte:02x}")).collect();
        let bytes = line.len();
        let lock = format!(r#""lock":{{"file":"requirements.lock","sha256":"{sha256}","bytes":{bytes}}},"wheel""#);
        let manifest = fs::read_to_string(folder.join("manifest.json")).unwrap();
        fs::write(folder.join("manifest.json"), manifest.replace(r#""wheel""#, &lock)).unwrap();
    }

    /// Installs the fake daemon.
    pub(crate) fn with_daemon(self, mode: &str) -> Self {
        fs::create_dir_all(&self.layout.version_dir).unwrap();
        executable(&self.layout.daemon_path, include_str!("../fakes/daemon.py"));
        self.daemon_mode(mode);
        self
    }

    pub(crate) fn daemon_mode(&self, mode: &str) {
        fs::write(self.layout.version_dir.join("daemon-mode"), mode).unwrap();
    }

    /// Process ids of all fake daemons that became ready.
    pub(crate) fn spawns(&self) -> Vec<u32> {
        let text = fs::read_to_string(self.layout.version_dir.join("spawns")).unwrap_or_default();
        text.lines().map(|line| line.parse().unwrap()).collect()
    }
}

/// The layout and the environment of a fixture for a version. The home folder is inside the fixture.
pub(crate) fn layout_and_env(folder: &Path, cli_version: &str) -> (Layout, Environment) {
    let text = |name: &str| folder.join(name).to_string_lossy().into_owned();
    let env: Environment = [
        ("PATH".to_owned(), std::env::var("PATH").unwrap()),
        ("KTX_UV".to_owned(), text("tools/uv")),
        ("XDG_DATA_HOME".to_owned(), text("home")),
    ]
    .into_iter()
    .collect();
    let layout = Layout::new(LayoutOptions {
        cli_version: cli_version.into(),
        platform: Platform::Unix,
        env: env.clone(),
        home_dir: None,
        runtime_root: Some(folder.join("root")),
        asset_dir: folder.join("assets"),
    })
    .unwrap();
    (layout, env)
}

fn executable(path: &Path, text: &str) {
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, text).unwrap();
    fs::set_permissions(path, fs::Permissions::from_mode(0o755)).unwrap();
}

/// Writes an asset: a wheel of one byte, without a lock file.
fn write_asset(folder: &Path) {
    fs::create_dir(folder).unwrap();
    fs::write(folder.join("x-1-py3-none-any.whl"), "x").unwrap();
    let sha256 = "2d711642b726b04401627ca9fbac32f5c8530fb1903cc4db02258717921a4881";
    let manifest = format!(
        r#"{{"schemaVersion":1,"distributionName":"kaelio-ktx","normalizedName":"kaelio_ktx","version":"1",
            "wheel":{{"file":"x-1-py3-none-any.whl","sha256":"{sha256}","bytes":1}}}}"#
    );
    fs::write(folder.join("manifest.json"), manifest).unwrap();
}

/// Installs natively and records the progress.
#[derive(Default)]
pub(crate) struct RecordingHost {
    pub(crate) progress: RefCell<Vec<Progress>>,
}

impl Exec for RecordingHost {
    type Error = Error;

    async fn exec(&self, call: CommandCall, on_line: &mut dyn FnMut(&str)) -> Result<CommandOutput, ExecError<Error>> {
        NativeExec.exec(call, on_line).await
    }

    fn is_injected(&self) -> bool {
        false
    }
}

impl InstallHost for RecordingHost {
    fn progress(&self, progress: Progress) {
        self.progress.borrow_mut().push(progress);
    }

    fn with_cause(&self, error: Error, cause: Error) -> Error {
        error.caused_by(cause)
    }
}
