//! The layout: all paths of the runtime. Computing a layout does not access the disk.

use crate::{
    env::{Environment, KTX_RUNTIME_ROOT, is_absolute_on_any_platform},
    error::{Code, Error, Result},
    files::normalize,
};
use serde::Serialize;
use std::path::{Path, PathBuf};

/// Platforms with different paths.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Platform {
    /// Node's `darwin`.
    MacOs,
    /// Node's `win32`.
    Windows,
    /// Node's `linux`, and every other Unix.
    Unix,
}

impl Platform {
    /// The platform of this build.
    pub const CURRENT: Self = match () {
        () if cfg!(target_os = "macos") => Self::MacOs,
        () if cfg!(windows) => Self::Windows,
        () => Self::Unix,
    };

    /// The platform of a value of Node's `process.platform`.
    pub fn from_node(name: &str) -> Self {
        match name {
            "darwin" => Self::MacOs,
            "win32" => Self::Windows,
            _ => Self::Unix,
        }
    }
}

/// Parameters of a layout.
#[derive(Debug, Clone)]
pub struct LayoutOptions {
    /// Version of the command line; names the version folder.
    pub cli_version: String,
    /// Platform to compute for.
    pub platform: Platform,
    /// Environment variables.
    pub env: Environment,
    /// Home folder; `None` to find it by the environment.
    pub home_dir: Option<PathBuf>,
    /// Overrides `KTX_RUNTIME_ROOT`.
    pub runtime_root: Option<PathBuf>,
    /// Folder of the bundled wheel.
    pub asset_dir: PathBuf,
}

/// All paths of one version of the runtime.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
#[expect(missing_docs, reason = "each field is the path that its name says; runtime-files.md explains them")]
pub struct Layout {
    pub cli_version: String,
    pub runtime_root: PathBuf,
    pub version_dir: PathBuf,
    pub venv_dir: PathBuf,
    pub manifest_path: PathBuf,
    pub install_log_path: PathBuf,
    pub asset_dir: PathBuf,
    pub asset_manifest_path: PathBuf,
    pub python_path: PathBuf,
    pub daemon_path: PathBuf,
    pub daemon_state_path: PathBuf,
    pub daemon_stdout_path: PathBuf,
    pub daemon_stderr_path: PathBuf,
    /// The default root; `None` if the home folder is not found.
    #[serde(skip)]
    pub default_root: Option<PathBuf>,
}

impl Layout {
    /// Computes the layout; its paths are normalized.
    ///
    /// Errors: an invalid variable, option or version.
    pub fn new(options: LayoutOptions) -> Result<Self> {
        check_version(&options.cli_version)?;
        let root = normalize(&runtime_root(&options)?);
        let asset_dir = normalize(&options.asset_dir);
        let version_dir = root.join(&options.cli_version);
        let venv_dir = version_dir.join(".venv");
        Ok(Self {
            python_path: executable(&venv_dir, "python", options.platform),
            daemon_path: executable(&venv_dir, "ktx-daemon", options.platform),
            manifest_path: version_dir.join("manifest.json"),
            install_log_path: version_dir.join("install.log"),
            daemon_state_path: version_dir.join("daemon.json"),
            daemon_stdout_path: version_dir.join("daemon.stdout.log"),
            daemon_stderr_path: version_dir.join("daemon.stderr.log"),
            asset_manifest_path: asset_dir.join("manifest.json"),
            cli_version: options.cli_version.clone(),
            default_root: default_root(&options).ok().map(|root| normalize(&root)),
            runtime_root: root,
            asset_dir,
            version_dir,
            venv_dir,
        })
    }

    /// The layout of the same version below another root.
    #[must_use]
    pub fn with_root(&self, root: &Path) -> Self {
        let other = Self { runtime_root: root.to_owned(), ..self.clone() };
        other.with_version(&self.cli_version)
    }

    /// The layout of another version below the same root.
    #[must_use]
    pub fn with_version(&self, cli_version: &str) -> Self {
        let folder = self.runtime_root.join(cli_version);
        let rebase =
            |path: &Path| path.strip_prefix(&self.version_dir).map_or(path.to_owned(), |rest| folder.join(rest));
        Self {
            cli_version: cli_version.to_owned(),
            venv_dir: rebase(&self.venv_dir),
            manifest_path: rebase(&self.manifest_path),
            install_log_path: rebase(&self.install_log_path),
            python_path: rebase(&self.python_path),
            daemon_path: rebase(&self.daemon_path),
            daemon_state_path: rebase(&self.daemon_state_path),
            daemon_stdout_path: rebase(&self.daemon_stdout_path),
            daemon_stderr_path: rebase(&self.daemon_stderr_path),
            version_dir: folder.clone(),
            ..self.clone()
        }
    }

    /// Path of the lock that is held while the runtime is changed.
    pub fn install_lock(&self) -> PathBuf {
        self.version_dir.join("install.lock")
    }

    /// Path of the lock that is held while the daemon is started or stopped.
    pub fn daemon_lock(&self) -> PathBuf {
        self.version_dir.join("daemon.lock")
    }

    /// Path of the lock that the daemon holds until it exits.
    pub fn life_lock(&self) -> PathBuf {
        self.version_dir.join("daemon.life.lock")
    }

    /// Path of the manifest of an environment that is about to be put into use.
    pub(super) fn next_manifest(&self) -> PathBuf {
        self.version_dir.join("manifest.next.json")
    }

    /// Path of the settings of uv during an installation.
    pub(super) fn uv_settings(&self) -> PathBuf {
        self.version_dir.join("uv.toml")
    }

    /// Folder of the provisioned tools, which all versions share.
    pub(super) fn tools_dir(&self) -> PathBuf {
        self.runtime_root.join("tools")
    }

    /// Folder of the Pythons that uv downloads.
    pub(super) fn python_dir(&self) -> PathBuf {
        self.tools_dir().join("python")
    }

    /// Path of the lock that is held while a Python is downloaded.
    pub(super) fn python_lock(&self) -> PathBuf {
        self.tools_dir().join("python.lock")
    }

    /// Folder of the environments; `.venv` points to the one in use.
    pub fn environments_dir(&self) -> PathBuf {
        self.version_dir.join("venvs")
    }
}

/// Path of an executable in a virtual environment.
pub(super) fn executable(venv: &Path, name: &str, platform: Platform) -> PathBuf {
    match platform {
        Platform::Windows => venv.join("Scripts").join(format!("{name}.exe")),
        Platform::MacOs | Platform::Unix => venv.join("bin").join(name),
    }
}

fn check_version(version: &str) -> Result<()> {
    let plain = version.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '+' | '_'));
    if plain && version.starts_with(|c: char| c.is_ascii_alphanumeric()) {
        return Ok(());
    }
    Err(Error::new(Code::ArgumentInvalid, format!("cliVersion must be a version such as 1.2.3, not {version:?}")))
}

/// The runtime root by environment variables.
///
/// Errors: [`Code::EnvInvalid`].
pub fn runtime_root_from_env(env: &Environment) -> Result<PathBuf> {
    let options = LayoutOptions {
        cli_version: String::new(),
        platform: Platform::CURRENT,
        env: env.clone(),
        home_dir: None,
        runtime_root: None,
        asset_dir: PathBuf::new(),
    };
    runtime_root(&options).map(|root| normalize(&root))
}

fn runtime_root(options: &LayoutOptions) -> Result<PathBuf> {
    if let Some(root) = &options.runtime_root {
        return if is_absolute_on_any_platform(&root.to_string_lossy()) {
            Ok(root.clone())
        } else {
            Err(Error::new(Code::ArgumentInvalid, format!("runtimeRoot must be an absolute path, not {root:?}")))
        };
    }
    if let Some(root) = options.env.absolute_path(KTX_RUNTIME_ROOT)? {
        return Ok(root);
    }
    default_root(options)
}

fn default_root(options: &LayoutOptions) -> Result<PathBuf> {
    Ok(match options.platform {
        Platform::MacOs => home_dir(options)?.join("Library/Application Support/kaelio/ktx/runtime"),
        Platform::Windows => match options.env.absolute_path("LOCALAPPDATA")? {
            Some(folder) => folder.join("Kaelio").join("KTX").join("runtime"),
            None => ["AppData", "Local", "Kaelio", "KTX", "runtime"]
                .iter()
                .fold(home_dir(options)?, |at, name| at.join(name)),
        },
        // In the XDG Base Directory Specification an empty variable counts as not set.
        Platform::Unix => match options.env.absolute_path_unless_empty("XDG_DATA_HOME")? {
            Some(folder) => folder.join("kaelio/ktx/runtime"),
            None => home_dir(options)?.join(".local/share/kaelio/ktx/runtime"),
        },
    })
}

/// The user's home folder by environment variables or the system.
pub(super) fn home_folder(env: &Environment) -> Option<PathBuf> {
    let variable = if cfg!(windows) { "USERPROFILE" } else { "HOME" };
    let home = env.absolute_path_unless_empty(variable).ok().flatten();
    home.or_else(system_home)
}

/// The home folder: by option, by environment variables, or by the system.
fn home_dir(options: &LayoutOptions) -> Result<PathBuf> {
    if let Some(home) = &options.home_dir {
        return Ok(home.clone());
    }
    let variable = if options.platform == Platform::Windows { "USERPROFILE" } else { "HOME" };
    match options.env.absolute_path_unless_empty(variable)? {
        Some(home) => Ok(home),
        None => system_home().ok_or_else(|| {
            Error::new(Code::EnvInvalid, "No home folder was found")
                .with_hint(format!("Set {variable} or {KTX_RUNTIME_ROOT}"))
        }),
    }
}

/// The home folder that does not depend on the given environment.
#[cfg(unix)]
fn system_home() -> Option<PathBuf> {
    std::env::home_dir().filter(|home| home.is_absolute()).or_else(crate::process::user::home_folder)
}

/// The home folder that does not depend on the given environment.
#[cfg(not(unix))]
fn system_home() -> Option<PathBuf> {
    std::env::home_dir().filter(|home| home.is_absolute())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn layout(platform: Platform, env: &[(&str, &str)]) -> Result<Layout> {
        let env = env.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        let home_dir = Some("/home/ada".into());
        let asset_dir = "/package/assets/python".into();
        Layout::new(LayoutOptions {
            cli_version: "1.2.3".into(),
            platform,
            env,
            home_dir,
            runtime_root: None,
            asset_dir,
        })
    }

    #[test]
    fn root_depends_on_the_platform() {
        let root = |platform, env| layout(platform, env).unwrap().runtime_root.to_string_lossy().replace('\\', "/");
        assert_eq!(root(Platform::Unix, &[]), "/home/ada/.local/share/kaelio/ktx/runtime");
        assert_eq!(root(Platform::Unix, &[("XDG_DATA_HOME", "/data")]), "/data/kaelio/ktx/runtime");
        assert_eq!(root(Platform::MacOs, &[]), "/home/ada/Library/Application Support/kaelio/ktx/runtime");
        assert_eq!(root(Platform::Windows, &[("LOCALAPPDATA", r"C:\L")]), "C:/L/Kaelio/KTX/runtime");
        assert_eq!(root(Platform::Windows, &[]), "/home/ada/AppData/Local/Kaelio/KTX/runtime");
        assert_eq!(root(Platform::MacOs, &[("KTX_RUNTIME_ROOT", "/r")]), "/r");
    }

    #[test]
    fn paths_are_normalized() {
        let layout = layout(Platform::Unix, &[("KTX_RUNTIME_ROOT", "/o/../q//r/")]).unwrap();
        assert_eq!(layout.runtime_root, Path::new("/q/r"));
        assert_eq!(layout.manifest_path, Path::new("/q/r/1.2.3/manifest.json"));
    }

    #[test]
    fn executables_depend_on_the_platform() {
        let windows = layout(Platform::Windows, &[]).unwrap();
        assert!(windows.daemon_path.ends_with("1.2.3/.venv/Scripts/ktx-daemon.exe"));
        let unix = layout(Platform::Unix, &[]).unwrap();
        assert!(unix.python_path.ends_with("1.2.3/.venv/bin/python"));
        assert!(unix.with_version("2.0.0").python_path.ends_with("runtime/2.0.0/.venv/bin/python"));
    }

    #[test]
    fn invalid_variables_are_named() {
        for (name, value) in
            [("KTX_RUNTIME_ROOT", "relative"), ("KTX_RUNTIME_ROOT", ""), ("XDG_DATA_HOME", "x"), ("XDG_DATA_HOME", " ")]
        {
            let error = layout(Platform::Unix, &[(name, value)]).unwrap_err();
            assert_eq!(error.code(), Code::EnvInvalid);
            assert!(error.to_string().contains(name), "{error}");
        }
    }

    #[test]
    fn empty_xdg_variable_counts_as_not_set() {
        let root = |env| layout(Platform::Unix, env).unwrap().runtime_root;
        assert_eq!(root(&[("XDG_DATA_HOME", "")]), root(&[]));
        let env = [("XDG_DATA_HOME", ""), ("HOME", "")].map(|(name, value)| (name.to_owned(), value.to_owned()));
        let options = LayoutOptions {
            cli_version: "1.2.3".into(),
            platform: Platform::Unix,
            env: env.into_iter().collect(),
            home_dir: None,
            runtime_root: None,
            asset_dir: "/package".into(),
        };
        let expected = system_home().unwrap().join(".local/share/kaelio/ktx/runtime");
        assert_eq!(Layout::new(options).unwrap().runtime_root, expected);
    }

    #[test]
    fn version_must_be_a_plain_folder_name() {
        for version in ["", "..", "../x", "a/b", r"a\b", ".hidden"] {
            assert!(check_version(version).is_err(), "{version}");
        }
        assert!(check_version("0.1.0-rc.0+build").is_ok());
    }
}
