//! What the runtime is installed with: uv, or a Python with its own `venv` and `pip`.

use super::exec::{self, Exec};
use crate::{
    env::{Environment, KTX_PYTHON, KTX_UV},
    error::{Code, Error, Result},
    hop,
};
use pep440_rs::{Version, VersionSpecifiers};
use std::{
    path::{Path, PathBuf},
    str::FromStr,
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

/// Interpreters in the order in which they are tried.
const PYTHONS: &[&str] = &["python3", "python", "python3.14", "python3.13", "python3.12", "python3.11", "python3.10"];

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
        let python = env.absolute_path(KTX_PYTHON)?.map(|path| path.to_string_lossy().into_owned());
        if let Some(program) = uv_program(host, env).await? {
            let call = exec::call(&program, &["--version"], None, env);
            match host.exec(call, &mut |_| ()).await {
                Ok(output) => return Ok(Self::Uv { program, version: output.stdout.trim().to_owned(), python }),
                Err(error) if env.get(KTX_UV).is_some() => {
                    let message = format!("{KTX_UV} names an uv that does not work: {program} {}", error.reason);
                    return Err(Error::new(Code::EnvInvalid, message).into());
                }
                Err(_) => {}
            }
        }
        if host.is_injected() {
            return Err(Error::new(Code::RuntimeInstallerMissing, MISSING_INSTALLER_MESSAGE).into());
        }
        match python {
            Some(program) => Ok(named_python(host, env, Path::new(&program), requires_python).await?),
            None => Ok(python_on_path(host, env, requires_python).await?),
        }
    }
}

async fn uv_program<E: Exec>(host: &E, env: &Environment) -> Result<Option<String>> {
    if let Some(path) = env.absolute_path(KTX_UV)? {
        return Ok(Some(path.to_string_lossy().into_owned()));
    }
    if host.is_injected() {
        return Ok(Some("uv".into()));
    }
    Ok(on_path(env, &["uv"]).await.into_iter().next().map(|path| path.to_string_lossy().into_owned()))
}

/// Programs of these names on the `PATH` of the given environment, each name's first.
async fn on_path(env: &Environment, names: &'static [&'static str]) -> Vec<PathBuf> {
    let Some(path) = env.get("PATH").map(str::to_owned) else { return Vec::new() };
    hop::blocking(move || {
        let here = std::env::current_dir().unwrap_or_default();
        names.iter().filter_map(|name| which::which_in(name, Some(&path), &here).ok()).collect()
    })
    .await
}

async fn named_python<E: Exec>(host: &E, env: &Environment, program: &Path, requires: &str) -> Result<Toolchain> {
    let refuse = |why: String| Error::new(Code::EnvInvalid, format!("{KTX_PYTHON} names {}, {why}", program.display()));
    match probe(host, env, program).await {
        Err(reason) => Err(refuse(format!("which cannot build environments: {reason}"))),
        Ok(version) if satisfies(&version, requires) => Ok(Toolchain::Python { program: program.to_owned(), version }),
        Ok(version) => Err(refuse(format!("which is Python {version}, but {requires} is required"))),
    }
}

async fn python_on_path<E: Exec>(host: &E, env: &Environment, requires: &str) -> Result<Toolchain> {
    let mut refused = Vec::new();
    for program in on_path(env, PYTHONS).await {
        match probe(host, env, &program).await {
            Ok(version) if satisfies(&version, requires) => return Ok(Toolchain::Python { program, version }),
            Ok(version) => refused.push(format!("{} is Python {version}", program.display())),
            Err(reason) => refused.push(format!("{}: {reason}", program.display())),
        }
    }
    let found = if refused.is_empty() { String::new() } else { format!("Found only: {}. ", refused.join("; ")) };
    Err(Error::new(Code::RuntimeInstallerMissing, format!("{found}{MISSING_INSTALLER_MESSAGE}")))
}

async fn probe<E: Exec>(host: &E, env: &Environment, program: &Path) -> Result<String, String> {
    let call = exec::call(&program.to_string_lossy(), &["-I", "-c", PROBE], None, env);
    match host.exec(call, &mut |_| ()).await {
        Ok(output) => Ok(output.stdout.trim().to_owned()),
        Err(error) => {
            Err(error.output.stderr.lines().last().map_or(error.reason.clone(), |line| line.trim().to_owned()))
        }
    }
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
    fn the_message_ends_with_the_command() {
        assert!(MISSING_INSTALLER_MESSAGE.ends_with("ktx runtime install --yes"));
    }
}
