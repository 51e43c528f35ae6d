//! The toolchain of installations: uv, or a Python interpreter with `venv` and `pip`.

use super::exec::{self, Exec};
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

impl Toolchain {
    /// Chooses the installer: `KTX_UV`, uv on `PATH`, `KTX_PYTHON`, or a Python on `PATH` that satisfies
    /// `requires_python`.
    ///
    /// Errors: [`Code::EnvInvalid`] for a variable that names an unusable program; [`Code::RuntimeInstallerMissing`].
    pub(super) async fn find<E: Exec>(host: &E, env: &Environment, requires_python: &str) -> Result<Self, E::Error> {
        let search = Search { host, env, tools: &exec::tool_environment(env), requires: requires_python };
        let python = env.absolute_path(KTX_PYTHON)?.map(|path| path.to_string_lossy().into_owned());
        let mut rejected = Vec::new();
        if let Some(found) = search.find_uv(python.as_deref(), &mut rejected).await? {
            return Ok(found);
        }
        if host.is_injected() {
            return Err(Error::new(Code::RuntimeInstallerMissing, MISSING_INSTALLER_MESSAGE).into());
        }
        match python {
            Some(program) => Ok(search.explicit_python(Path::new(&program)).await?),
            None => Ok(search.find_python(rejected).await?),
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

/// A search for an installer.
struct Search<'a, E: Exec> {
    host: &'a E,
    env: &'a Environment,
    tools: &'a Environment,
    requires: &'a str,
}

impl<E: Exec> Search<'_, E> {
    /// The first uv that works and is new enough. If `KTX_UV` is set, that one must be.
    async fn find_uv(&self, python: Option<&str>, rejected: &mut Vec<String>) -> Result<Option<Toolchain>> {
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
                Err(reason) => rejected.push(format!("{program} {reason}")),
            }
        }
        Ok(None)
    }

    /// The version line of `uv --version`; a wrapper may print other lines before.
    async fn uv_version(&self, program: &str) -> Result<String, String> {
        let call = exec::tool_call(program, &["--version"], None, self.tools);
        let printed =
            exec::exec_with_timeout(self.host, PROBE_TIMEOUT, call).await.map_err(|error| error.reason)?.stdout;
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
            Err(reason) => Err(invalid(format!("which cannot build environments: it {reason}"))),
            Ok(version) if satisfies(&version, requires) => {
                Ok(Toolchain::Python { program: program.to_owned(), version })
            }
            Ok(version) => Err(invalid(format!("which is Python {version}, but {requires} is required"))),
        }
    }

    async fn find_python(&self, mut rejected: Vec<String>) -> Result<Toolchain> {
        let (mut untested, mut hanging) = (None, Vec::new());
        for program in find_on_path(self.env, PYTHONS).await {
            // Programs in one folder are often links to the same shim.
            if hanging.contains(&program.parent().map(Path::to_owned)) {
                continue;
            }
            let shown = program.display().to_string();
            match self.python_version(&program).await {
                Ok(version) if satisfies(&version, &versions_for_uv(self.requires)) => {
                    return Ok(Toolchain::Python { program, version });
                }
                Ok(version) if satisfies(&version, self.requires) => {
                    untested.get_or_insert(Toolchain::Python { program, version });
                }
                Ok(version) => rejected.push(format!("{shown} is Python {version}")),
                Err(reason) => {
                    if reason.starts_with("did not answer") {
                        hanging.push(program.parent().map(Path::to_owned));
                    }
                    rejected.push(format!("{shown}: it {reason}"));
                }
            }
        }
        untested.ok_or_else(|| {
            let found =
                if rejected.is_empty() { String::new() } else { format!("Found only: {}. ", rejected.join("; ")) };
            Error::new(Code::RuntimeInstallerMissing, format!("{found}{MISSING_INSTALLER_MESSAGE}"))
        })
    }

    /// The version of an interpreter that can create environments; a wrapper may print other lines before.
    async fn python_version(&self, program: &Path) -> Result<String, String> {
        let call = exec::tool_call(&program.to_string_lossy(), &["-I", "-c", PROBE_SCRIPT], None, self.tools);
        match exec::exec_with_timeout(self.host, PROBE_TIMEOUT, call).await {
            Ok(output) => {
                let last = output.stdout.lines().map(str::trim).rfind(|line| !line.is_empty()).unwrap_or_default();
                let version = Version::from_str(last).map(|_| last.to_owned());
                version.map_err(|_| format!("printed {last:?} instead of its version"))
            }
            Err(error) => {
                let last = error.output.stderr.lines().last().map(str::trim).filter(|line| !line.is_empty());
                Err(last.map_or(error.reason.clone(), |line| format!("failed: {line}")))
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
