//! What the runtime is installed with: uv, or a Python with its own `venv` and `pip`.

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

/// Interpreters in the order in which they are tried. On Windows the launcher may be all that is on `PATH`.
const PYTHONS: &[&str] = if cfg!(windows) {
    &["python3", "python", "python3.14", "python3.13", "python3.12", "python3.11", "python3.10", "py"]
} else {
    &["python3", "python", "python3.14", "python3.13", "python3.12", "python3.11", "python3.10"]
};

/// The first version that the lock has no wheels for in every feature; taken only where there is no earlier one.
const UNTESTED_PYTHON: &str = "3.15";

/// The first uv that knows all that it is asked for.
pub(super) const OLDEST_UV: &str = "0.4.30";

/// Longest time for a program to say its version.
const PROBE_LIMIT: Duration = Duration::from_secs(10);

/// What an interpreter is asked: its version, and whether it can build environments (Debian splits that off).
const PROBE: &str = "import sys, venv, ensurepip; print('.'.join(map(str, sys.version_info[:3])))";

/// A chosen installer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Toolchain {
    /// uv, with the interpreter that the user names.
    Uv {
        /// Path or name.
        program: String,
        /// What `uv --version` said.
        version: String,
        /// `KTX_PYTHON`.
        python: Option<String>,
    },
    /// An interpreter with its own `venv` and `pip`.
    Python {
        /// Path.
        program: PathBuf,
        /// Its version.
        version: String,
    },
}

impl Toolchain {
    /// Chooses: `KTX_UV`, uv on `PATH`, `KTX_PYTHON`, a Python on `PATH` that the wheel accepts.
    pub(super) async fn find<E: Exec>(host: &E, env: &Environment, requires_python: &str) -> Result<Self, E::Error> {
        let search = Search { host, env, tools: &exec::tool_environment(env), requires: requires_python };
        let python = env.absolute_path(KTX_PYTHON)?.map(|path| path.to_string_lossy().into_owned());
        let mut refused = Vec::new();
        if let Some(found) = search.uv(python.as_deref(), &mut refused).await? {
            return Ok(found);
        }
        if host.is_injected() {
            return Err(Error::new(Code::RuntimeInstallerMissing, MISSING_INSTALLER_MESSAGE).into());
        }
        match python {
            Some(program) => Ok(search.named_python(Path::new(&program)).await?),
            None => Ok(search.python_on_path(refused).await?),
        }
    }

    /// What people call the installer.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Uv { .. } => "uv",
            Self::Python { .. } => "pip",
        }
    }
}

/// The versions that uv is asked for where the user names none: those that every feature can be installed on.
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
    /// The first uv that answers and is new enough; a named one must be.
    async fn uv(&self, python: Option<&str>, refused: &mut Vec<String>) -> Result<Option<Toolchain>> {
        let named = self.env.absolute_path(KTX_UV)?.map(|path| path.to_string_lossy().into_owned());
        let candidates = match &named {
            Some(program) => vec![program.clone()],
            None if self.host.is_injected() => vec!["uv".into()],
            None => on_path(self.env, &["uv"]).await.iter().map(|path| path.to_string_lossy().into_owned()).collect(),
        };
        for program in candidates {
            match self.version_of_uv(&program).await {
                Ok(version) => return Ok(Some(Toolchain::Uv { program, version, python: python.map(str::to_owned) })),
                Err(reason) if named.is_some() => {
                    let message = format!("{KTX_UV} names an uv that does not work: {program} {reason}");
                    return Err(Error::new(Code::EnvInvalid, message));
                }
                Err(reason) => refused.push(format!("{program} {reason}")),
            }
        }
        Ok(None)
    }

    /// What `uv --version` says; a wrapper may say something before.
    async fn version_of_uv(&self, program: &str) -> Result<String, String> {
        let call = exec::call(program, &["--version"], None, self.tools);
        let printed = exec::within(self.host, PROBE_LIMIT, call).await.map_err(|error| error.reason)?.stdout;
        let line = printed.lines().rfind(|line| line.starts_with("uv ")).unwrap_or(printed.trim());
        if self.host.is_injected() {
            return Ok(line.to_owned());
        }
        match line.split_whitespace().nth(1) {
            Some(version) if satisfies(version, &format!(">={OLDEST_UV}")) => Ok(line.to_owned()),
            Some(version) if Version::from_str(version).is_ok() => {
                Err(format!("has version {version}, but {OLDEST_UV} or later is needed"))
            }
            _ => Err(format!("says {:?} in place of its version", line.lines().last().unwrap_or_default())),
        }
    }

    async fn named_python(&self, program: &Path) -> Result<Toolchain> {
        let requires = self.requires;
        let refuse =
            |why: String| Error::new(Code::EnvInvalid, format!("{KTX_PYTHON} names {}, {why}", program.display()));
        match self.probe(program).await {
            Err(reason) => Err(refuse(format!("which cannot build environments: it {reason}"))),
            Ok(version) if satisfies(&version, requires) => {
                Ok(Toolchain::Python { program: program.to_owned(), version })
            }
            Ok(version) => Err(refuse(format!("which is Python {version}, but {requires} is required"))),
        }
    }

    async fn python_on_path(&self, mut refused: Vec<String>) -> Result<Toolchain> {
        let (mut untested, mut hanging) = (None, Vec::new());
        for program in on_path(self.env, PYTHONS).await {
            // Programs of one folder are often one shim under many names.
            if hanging.contains(&program.parent().map(Path::to_owned)) {
                continue;
            }
            let shown = program.display().to_string();
            match self.probe(&program).await {
                Ok(version) if satisfies(&version, &versions_for_uv(self.requires)) => {
                    return Ok(Toolchain::Python { program, version });
                }
                Ok(version) if satisfies(&version, self.requires) => {
                    untested.get_or_insert(Toolchain::Python { program, version });
                }
                Ok(version) => refused.push(format!("{shown} is Python {version}")),
                Err(reason) => {
                    if reason.starts_with("did not answer") {
                        hanging.push(program.parent().map(Path::to_owned));
                    }
                    refused.push(format!("{shown}: it {reason}"));
                }
            }
        }
        untested.ok_or_else(|| {
            let found =
                if refused.is_empty() { String::new() } else { format!("Found only: {}. ", refused.join("; ")) };
            Error::new(Code::RuntimeInstallerMissing, format!("{found}{MISSING_INSTALLER_MESSAGE}"))
        })
    }

    /// The version of an interpreter that can build environments; a wrapper may say something before.
    async fn probe(&self, program: &Path) -> Result<String, String> {
        let call = exec::call(&program.to_string_lossy(), &["-I", "-c", PROBE], None, self.tools);
        match exec::within(self.host, PROBE_LIMIT, call).await {
            Ok(output) => {
                let said = output.stdout.lines().map(str::trim).rfind(|line| !line.is_empty()).unwrap_or_default();
                let version = Version::from_str(said).map(|_| said.to_owned());
                version.map_err(|_| format!("says {said:?} in place of its version"))
            }
            Err(error) => {
                let said = error.output.stderr.lines().last().map(str::trim).filter(|line| !line.is_empty());
                Err(said.map_or(error.reason.clone(), |line| format!("says: {line}")))
            }
        }
    }
}

/// Programs of these names on the `PATH` of the given environment.
async fn on_path(env: &Environment, names: &'static [&'static str]) -> Vec<PathBuf> {
    let Some(path) = env.get("PATH").map(str::to_owned) else { return Vec::new() };
    offload::spawn_blocking(move || {
        let here = std::env::current_dir().unwrap_or_default();
        let found = names.iter().filter_map(|name| which::which_in_all(name, Some(&path), &here).ok());
        // All of the first name, so that one that is not usable hides no other; then the first of each other name.
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
    fn versions_are_compared_as_versions() {
        assert!(satisfies("3.10.0", ">=3.10") && satisfies("3.14.1", ">=3.10,<4"));
        assert!(!satisfies("3.9.18", ">=3.10") && !satisfies("garbage", ">=3.10"));
    }

    #[test]
    fn uv_is_asked_for_versions_that_every_feature_has_wheels_for() {
        let versions = versions_for_uv(">=3.10");
        assert_eq!(versions, ">=3.10,<3.15");
        assert!(satisfies("3.14.9", &versions) && !satisfies("3.15.0", &versions));
    }

    #[test]
    fn the_message_ends_with_the_command() {
        assert!(MISSING_INSTALLER_MESSAGE.ends_with("ktx runtime install --yes"));
    }
}
