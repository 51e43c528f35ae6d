//! The installer of an installation: one of the machine, or else the pinned uv, which is downloaded.

use super::{
    exec::Exec,
    install_host::{InstallHost, InstallRequest, Phase, report},
    layout::Layout,
    provision::{ManagedUv, NativeFetch, UvOptions, UvPin, UvStep, ensure_managed_uv},
    toolchain::{Found, MISSING_INSTALLER_MESSAGE, Toolchain},
};
use crate::{
    env::Environment,
    error::{Code, Error, Result},
};

/// The installer that an installation uses.
#[derive(Debug)]
pub(super) enum Installer {
    /// A program of this machine.
    Found(Toolchain),
    /// The pinned uv, as the machine has no installer.
    Managed {
        /// The pinned uv, which may not be downloaded yet.
        uv: ManagedUv,
        /// The reason for each unsuitable program on `PATH`.
        unsuitable: Vec<String>,
    },
}

impl Installer {
    /// Chooses the installer. Downloads nothing.
    ///
    /// Errors: [`Code::EnvInvalid`] for a variable that names an unusable program; [`Code::RuntimeInstallerMissing`] if
    /// there is none, and no uv is pinned for this platform or commands are run by an injected function.
    pub(super) async fn choose<E: Exec>(
        host: &E,
        layout: &Layout,
        env: &Environment,
        requires_python: &str,
    ) -> Result<Self> {
        let unsuitable = match Toolchain::find(host, env, requires_python).await? {
            Found::Usable(tools) => return Ok(Self::Found(tools)),
            Found::None { .. } if host.is_injected() => {
                return Err(missing_error(MISSING_INSTALLER_MESSAGE.to_owned()));
            }
            Found::None { unsuitable } => unsuitable,
        };
        let runtime_root = Some(layout.runtime_root.clone());
        let options = UvOptions { env: env.clone(), runtime_root, ..UvOptions::default() };
        match ManagedUv::new(&UvPin::bundled()?, options) {
            Ok(uv) => Ok(Self::Managed { uv, unsuitable }),
            Err(error) if error.code() == Code::RuntimeInstallerMissing => {
                Err(missing_error(format!("{}{MISSING_INSTALLER_MESSAGE}", found_only(&unsuitable))))
            }
            Err(error) => Err(error),
        }
    }

    /// The name of the installer, for messages.
    pub(super) fn name(&self) -> &'static str {
        match self {
            Self::Found(tools) => tools.name(),
            Self::Managed { .. } => "uv",
        }
    }

    /// Returns the toolchain; downloads uv if it is missing.
    ///
    /// Errors: [`Code::RuntimeInstallerMissing`] if it cannot be downloaded, and those of [`ensure_managed_uv`].
    pub(super) async fn provide<H: InstallHost>(self, host: &H, request: &InstallRequest) -> Result<Toolchain> {
        let (uv, unsuitable) = match self {
            Self::Found(tools) => return Ok(tools),
            Self::Managed { uv, unsuitable } => (uv, unsuitable),
        };
        let version = uv.version();
        let on_step = |step| match step {
            UvStep::Waiting => report(host, Phase::Waiting, "Waiting for another process that downloads uv"),
            UvStep::Downloading => report(host, Phase::Tools, format!("Downloading uv {version}")),
        };
        match ensure_managed_uv(&NativeFetch, &uv, &request.env, on_step).await {
            Ok(path) => {
                let program = path.to_string_lossy().into_owned();
                Ok(Toolchain::Uv { program, version: format!("uv {version}"), python: None })
            }
            Err(error) if error.code() == Code::RuntimeInstallFailed => {
                let message = format!("{}{error}. {MISSING_INSTALLER_MESSAGE}", found_only(&unsuitable));
                Err(missing_error(message).with_hint_from(&error).caused_by(error))
            }
            Err(error) => Err(error),
        }
    }
}

/// The sentence that lists unsuitable programs, with a space after it; empty if there are none.
fn found_only(unsuitable: &[String]) -> String {
    if unsuitable.is_empty() { String::new() } else { format!("Found only: {}. ", unsuitable.join("; ")) }
}

fn missing_error(message: String) -> Error {
    Error::new(Code::RuntimeInstallerMissing, message)
}
