//! The toolchain of installations: uv, or a Python interpreter with `venv` and `pip`.

use super::{
    contents,
    exec::{self, Exec, LimitedExecError},
};
use crate::{
    env::{Environment, KTX_PYTHON, KTX_UV},
    error::{Code, Error, Result},
    offload,
};
use pep440_rs::{Version, VersionSpecifiers};
use std::{
    path::{Path, PathBuf},
    str::FromStr,
    time::Duration,
};

macro_rules! missing_installer {
    ($how:literal) => {
        concat!(
            "KTX needs uv, or Python 3.10 or later with venv and pip, to install its Python runtime. Install uv (",
            $how,
            ") or Python, then run: ktx runtime install --yes"
        )
    };
}

/// Says that an installer is required, how to get one on this platform, and what to run then.
#[cfg(target_os = "macos")]
pub const MISSING_INSTALLER_MESSAGE: &str = missing_installer!("brew install uv");
/// Says that an installer is required, how to get one on this platform, and what to run then.
#[cfg(windows)]
pub const MISSING_INSTALLER_MESSAGE: &str = missing_installer!("winget install astral-sh.uv");
/// Says that an installer is required, how to get one on this platform, and what to run then.
#[cfg(not(any(target_os = "macos", windows)))]
pub const MISSING_INSTALLER_MESSAGE: &str = missing_installer!("pipx install uv, or your package manager");

/// Names of interpreters, in the order in which they are tried. On Windows, `PATH` may have the launcher only.
const PYTHONS: &[&str] = if cfg!(windows) {
    &["python3", "python", "python3.14", "python3.13", "python3.12", "python3.11", "python3.10", "py"]
} else {
    &["python3", "python", "python3.14", "python3.13", "python3.12", "python3.11", "python3.10"]
};

/// The first version of Python for which some feature has no wheels; used only if there is no earlier one.
const UNTESTED_PYTHON: &str = "3.15";

/// The first version of uv with all options that installations use.
pub(super) const MIN_UV_VERSION: &str = "0.4.30";

/// Timeout of a program that prints its version.
const PROBE_TIMEOUT: Duration = Duration::from_secs(10);

/// Prints the version of an interpreter; fails if it cannot create environments (Debian has separate packages for
/// that).
const PROBE_SCRIPT: &str = "import sys, venv, ensurepip; print('.'.join(map(str, sys.version_info[:3])))";

/// The installer that was chosen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Toolchain {
    /// uv, optionally with an interpreter.
    Uv {
        /// Path or name.
        program: String,
        /// Output of `uv --version`.
        version: String,
        /// `KTX_PYTHON`.
        python: Option<String>,
    },
    /// An interpreter with `venv` and `pip`.
    Python {
        /// Path.
        program: PathBuf,
        /// Version of Python.
        version: String,
    },
}

/// Result of the search for an installer on this machine.
#[derive(Debug)]
pub(super) enum Found {
    /// A usable one.
    Usable(Toolchain),
    /// None, with the reason for each unsuitable program on `PATH`.
    None { unsuitable: Vec<String> },
}

impl Toolchain {
    /// Searches the installer: `KTX_UV`, uv on `PATH`, `KTX_PYTHON`, or a Python on `PATH` that satisfies
    /// `requires_python`.
    ///
    /// Errors: [`Code::EnvInvalid`] for a variable that names an unusable program.
    pub(super) async fn find<E: Exec>(host: &E, env: &Environment, requires_python: &str) -> Result<Found> {
        let search = Search { host, env, tools: &exec::tool_environment(env), requires: requires_python };
        let python = env.absolute_path(KTX_PYTHON)?.map(|path| path.to_string_lossy().into_owned());
        let mut unsuitable = Vec::new();
        if let Some(found) = search.find_uv(python.as_deref(), &mut unsuitable).await? {
            return Ok(Found::Usable(found));
        }
        let found = match python {
            _ if host.is_injected() => None,
            Some(program) => Some(search.explicit_python(Path::new(&program)).await?),
            None => search.find_python(&mut unsuitable).await,
        };
        Ok(found.map_or(Found::None { unsuitable }, Found::Usable))
    }

    /// Whether packages can be added to an environment; those that uv created have no pip. Blocks.
    pub(super) fn can_add_to(&self, environment: &Path) -> bool {
        match self {
            Self::Uv { .. } => true,
            Self::Python { .. } => contents::site_packages(environment).is_some_and(|site| site.join("pip").is_dir()),
        }
    }

    /// The name of the installer, for messages.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Uv { .. } => "uv",
            Self::Python { .. } => "pip",
        }
    }
}

/// The versions of Python that uv may choose from: those for which all features have wheels.
pub(super) fn versions_for_uv(requires_python: &str) -> String {
    format!("{requires_python},<{UNTESTED_PYTHON}")
}

/// Why an interpreter cannot create environments.
struct ProbeFailure {
    /// Text for messages, such as `failed: No module named 'venv'`.
    reason: String,
    /// Whether it was killed at the time limit.
    timed_out: bool,
}

/// A search for an installer.
struct Search<'a, E: Exec> {
    host: &'a E,
    env: &'a Environment,
    tools: &'a Environment,
    requires: &'a str,
}

impl<E: Exec> Search<'_, E> {
    /// The first uv that works and is new enough. If `KTX_UV` is set, that one must be.
    async fn find_uv(&self, python: Option<&str>, unsuitable: &mut Vec<String>) -> Result<Option<Toolchain>> {
        let explicit = self.env.absolute_path(KTX_UV)?.map(|path| path.to_string_lossy().into_owned());
        let candidates = match &explicit {
            Some(program) => vec![program.clone()],
            None if self.host.is_injected() => vec!["uv".into()],
            None => {
                find_on_path(self.env, &["uv"]).await.iter().map(|path| path.to_string_lossy().into_owned()).collect()
            }
        };
        for program in candidates {
            match self.uv_version(&program).await {
                Ok(version) => return Ok(Some(Toolchain::Uv { program, version, python: python.map(str::to_owned) })),
                Err(reason) if explicit.is_some() => {
                    let message = format!("{KTX_UV} does not work: {program} {reason}");
                    return Err(Error::new(Code::EnvInvalid, message));
                }
                Err(reason) => unsuitable.push(format!("{program} {reason}")),
            }
        }
        Ok(None)
    }

    /// The version line of `uv --version`; a wrapper may print other lines before.
    async fn uv_version(&self, program: &str) -> Result<String, String> {
        let call = exec::tool_call(program, &["--version"], None, self.tools);
        let printed =
            exec::exec_with_timeout(self.host, PROBE_TIMEOUT, call).await.map_err(|error| error.reason())?.stdout;
        let line = printed.lines().rfind(|line| line.starts_with("uv ")).unwrap_or(printed.trim());
        if self.host.is_injected() {
            return Ok(line.to_owned());
        }
        match line.split_whitespace().nth(1) {
            Some(version) if satisfies(version, &format!(">={MIN_UV_VERSION}")) => Ok(line.to_owned()),
            Some(version) if Version::from_str(version).is_ok() => {
                Err(format!("has version {version}, but {MIN_UV_VERSION} or later is needed"))
            }
            _ => Err(format!("printed {:?} instead of its version", line.lines().last().unwrap_or_default())),
        }
    }

    async fn explicit_python(&self, program: &Path) -> Result<Toolchain> {
        let requires = self.requires;
        let invalid =
            |why: String| Error::new(Code::EnvInvalid, format!("{KTX_PYTHON} names {}, {why}", program.display()));
        match self.python_version(program).await {
            Err(failure) => Err(invalid(format!("which cannot build environments: it {}", failure.reason))),
            Ok(version) if satisfies(&version, requires) => {
                Ok(Toolchain::Python { program: program.to_owned(), version })
            }
            Ok(version) => Err(invalid(format!("which is Python {version}, but {requires} is required"))),
        }
    }

    async fn find_python(&self, unsuitable: &mut Vec<String>) -> Option<Toolchain> {
        let (mut untested, mut hanging) = (None, Vec::new());
        for program in find_on_path(self.env, PYTHONS).await {
            // Programs in one folder are often links to the same shim.
            if hanging.contains(&program.parent().map(Path::to_owned)) {
                continue;
            }
            let shown = program.display().to_string();
            match self.python_version(&program).await {
                Ok(version) if satisfies(&version, &versions_for_uv(self.requires)) => {
                    return Some(Toolchain::Python { program, version });
                }
                Ok(version) if satisfies(&version, self.requires) => {
                    untested.get_or_insert(Toolchain::Python { program, version });
                }
                Ok(version) => unsuitable.push(format!("{shown} is Python {version}")),
                Err(failure) => {
                    if failure.timed_out {
                        hanging.push(program.parent().map(Path::to_owned));
                    }
                    unsuitable.push(format!("{shown}: it {}", failure.reason));
                }
            }
        }
        untested
    }

    /// The version of an interpreter that can create environments; a wrapper may print other lines before.
    async fn python_version(&self, program: &Path) -> Result<String, ProbeFailure> {
        let call = exec::tool_call(&program.to_string_lossy(), &["-I", "-c", PROBE_SCRIPT], None, self.tools);
        match exec::exec_with_timeout(self.host, PROBE_TIMEOUT, call).await {
            Ok(output) => {
                let last = output.stdout.lines().map(str::trim).rfind(|line| !line.is_empty()).unwrap_or_default();
                let version = Version::from_str(last).map(|_| last.to_owned());
                let reason = || format!("printed {last:?} instead of its version");
                version.map_err(|_| ProbeFailure { reason: reason(), timed_out: false })
            }
            Err(error) => {
                let last = error.stderr().lines().last().map(str::trim).filter(|line| !line.is_empty());
                let reason = last.map_or_else(|| error.reason(), |line| format!("failed: {line}"));
                Err(ProbeFailure { reason, timed_out: matches!(error, LimitedExecError::TimedOut(_)) })
            }
        }
    }
}

/// Finds programs by name on the `PATH` of an environment.
async fn find_on_path(env: &Environment, names: &'static [&'static str]) -> Vec<PathBuf> {
    let Some(path) = env.get("PATH").map(str::to_owned) else { return Vec::new() };
    offload::spawn_blocking(move || {
        let here = std::env::current_dir().unwrap_or_default();
        let found = names.iter().filter_map(|name| which::which_in_all(name, Some(&path), &here).ok());
        // All programs with the first name, as the first of them may not be usable; then the first of each other name.
        let mut programs: Vec<PathBuf> = Vec::new();
        for (index, all) in found.enumerate() {
            programs.extend(all.take(if index == 0 { usize::MAX } else { 1 }));
        }
        programs
    })
    .await
}

fn satisfies(version: &str, requires: &str) -> bool {
    match (Version::from_str(version), VersionSpecifiers::from_str(requires)) {
        (Ok(version), Ok(requires)) => requires.contains(&version),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_compared_by_pep_440() {
        assert!(satisfies("3.10.0", ">=3.10") && satisfies("3.14.1", ">=3.10,<4"));
        assert!(!satisfies("3.9.18", ">=3.10") && !satisfies("garbage", ">=3.10"));
    }

    #[test]
    fn uv_chooses_from_versions_for_which_all_features_have_wheels() {
        let versions = versions_for_uv(">=3.10");
        assert_eq!(versions, ">=3.10,<3.15");
        assert!(satisfies("3.14.9", &versions) && !satisfies("3.15.0", &versions));
    }

    #[test]
    fn missing_installer_message_ends_with_the_command() {
        assert!(MISSING_INSTALLER_MESSAGE.ends_with("ktx runtime install --yes"));
    }
}
