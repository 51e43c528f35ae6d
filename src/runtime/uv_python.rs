//! The interpreter that uv creates environments with: one of the machine, or else one that uv downloads below the
//! runtime root.

use super::{
    exec::{self, Exec, ExecError},
    install_host::{InstallHost, InstallRequest, Phase, report},
    log::{InstallLog, LoggedExec},
    toolchain::versions_for_uv,
};
use crate::{
    env::Environment,
    error::{Code, Error, Result},
    files::{self, FileLock, LockWait},
    offload, redact,
};
use std::{path::Path, time::Duration};

/// Folder in which uv installs Pythons.
const INSTALL_DIR: &str = "UV_PYTHON_INSTALL_DIR";

/// Timeout of the search, for which uv runs each interpreter on `PATH` once.
const FIND_TIMEOUT: Duration = Duration::from_secs(60);

/// Longest wait for another process that downloads a Python.
const LOCK_WAIT: LockWait<'_> =
    LockWait { step: "Waiting for another process that downloads Python", limit: Duration::from_secs(3600) };

macro_rules! missing_python {
    ($how:literal) => {
        concat!(
            "KTX needs Python 3.10 or later to install its Python runtime. Install Python (",
            $how,
            "), then run: ktx runtime install --yes"
        )
    };
}

#[cfg(target_os = "macos")]
const MISSING_PYTHON_MESSAGE: &str = missing_python!("brew install python");
#[cfg(windows)]
const MISSING_PYTHON_MESSAGE: &str = missing_python!("winget install Python.Python.3.13");
#[cfg(not(any(target_os = "macos", windows)))]
const MISSING_PYTHON_MESSAGE: &str = missing_python!("with your package manager");

const MIRROR_HINT: &str =
    "Check the network and the proxy, or set UV_PYTHON_INSTALL_MIRROR to a mirror of python-build-standalone";

/// A uv and the request for which it needs an interpreter.
pub(super) struct UvPython<'a, H> {
    pub(super) host: &'a H,
    pub(super) log: &'a InstallLog,
    pub(super) request: &'a InstallRequest,
    /// Path of uv.
    pub(super) program: &'a str,
    /// The wheel's `Requires-Python`.
    pub(super) requires_python: &'a str,
}

impl<H: InstallHost> UvPython<'_, H> {
    /// Returns the path of an interpreter, which is downloaded if there is none. `env` is the environment of uv.
    ///
    /// Errors: [`Code::RuntimeInstallerMissing`] if it cannot be downloaded.
    pub(super) async fn ensure(&self, env: &Environment) -> Result<String, H::Error> {
        if let Some(python) = self.find(env).await {
            return Ok(python);
        }
        let env = &self.provisioning_environment(env);
        let folder = self.request.layout.python_dir();
        offload::spawn_blocking(move || files::create_folder(&folder)).await?;
        let on_wait = || report(self.host, Phase::Waiting, LOCK_WAIT.step);
        let _lock = FileLock::acquire(&self.request.layout.python_lock(), LOCK_WAIT, on_wait).await?;
        if let Some(python) = self.find(env).await {
            return Ok(python);
        }
        self.download(env).await?;
        match self.find(env).await {
            Some(python) => Ok(python),
            None => Err(self.missing_error("it does not find the Python that it has downloaded").into()),
        }
    }

    /// The environment in which uv installs Pythons below the runtime root, unless the user has set another folder, and
    /// nothing elsewhere.
    fn provisioning_environment(&self, env: &Environment) -> Environment {
        let folder = self.request.layout.python_dir().to_string_lossy().into_owned();
        let folder = env.get(INSTALL_DIR).map_or(folder, str::to_owned);
        let env = env.clone().with(INSTALL_DIR, folder);
        env.with("UV_PYTHON_INSTALL_BIN", "0").with("UV_PYTHON_INSTALL_REGISTRY", "0")
    }

    /// Finds an interpreter that can be run. Without the cache of uv, in which a damaged one may still be listed.
    async fn find(&self, env: &Environment) -> Option<String> {
        let versions = versions_for_uv(self.requires_python);
        let args = ["python", "find", "--system", "--no-project", "--no-cache", "--no-python-downloads", &versions];
        let logged = LoggedExec { host: self.host, log: self.log };
        let found = exec::exec_with_timeout(&logged, FIND_TIMEOUT, self.call(&args, env)).await.ok()?;
        let python = found.stdout.lines().last()?.trim().to_owned();
        let path = self.request.layout.version_dir.join(&python);
        offload::spawn_blocking(move || path.is_file()).await.then_some(python)
    }

    /// Downloads an interpreter. Called under the lock only.
    async fn download(&self, env: &Environment) -> Result<(), H::Error> {
        report(self.host, Phase::Tools, "Downloading Python");
        let leftovers = self.request.layout.python_dir().join(".temp");
        offload::spawn_blocking(move || files::remove_folder(&leftovers)).await?;
        let versions = versions_for_uv(self.requires_python);
        // An interpreter that is installed and was not found is damaged.
        let args = ["python", "install", "--reinstall", "--color", "never", &versions];
        let logged = LoggedExec { host: self.host, log: self.log };
        let mut on_line = |line: &str| report(self.host, Phase::Tools, redact::urls(line));
        match logged.exec(self.call(&args, env), &mut on_line).await {
            Ok(_) => Ok(()),
            Err(error) => Err(self.download_error(error)),
        }
    }

    fn call(&self, args: &[&str], env: &Environment) -> crate::process::CommandCall {
        exec::tool_call(self.program, args, Some(&self.request.layout.version_dir), env)
    }

    fn download_error(&self, error: ExecError<H::Error>) -> H::Error {
        let quoted = quoted_causes(&error.output.stderr);
        let failure = self.missing_error(quoted.as_deref().unwrap_or(&error.reason));
        match error.cause {
            Some(cause) => self.host.with_cause(failure, cause),
            None => failure.into(),
        }
    }

    fn missing_error(&self, reason: &str) -> Error {
        let (reason, log) = (redact::urls(reason), Path::display(self.log.path()));
        let message = format!("uv cannot download Python: {reason}. {MISSING_PYTHON_MESSAGE}\nInstall log: {log}");
        Error::new(Code::RuntimeInstallerMissing, message).with_hint(MIRROR_HINT)
    }
}

/// The error and its innermost cause in the output of uv, in one line; the last line if it has another format.
fn quoted_causes(stderr: &str) -> Option<String> {
    let mut lines = stderr.lines().map(str::trim).filter(|line| !line.is_empty());
    let causes: Vec<_> = lines
        .clone()
        .filter_map(|line| ["error: ", "cause: ", "Caused by: "].iter().find_map(|prefix| line.strip_prefix(prefix)))
        .collect();
    match causes[..] {
        [] => lines.next_back().map(str::to_owned),
        [only] => Some(only.to_owned()),
        [first, .., last] => Some(format!("{first}: {last}")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn error_and_innermost_cause_are_quoted() {
        let chain =
            "Downloading cpython\nerror: Failed to install cpython\n  cause: Request failed\n  cause: refused\n";
        assert_eq!(quoted_causes(chain).as_deref(), Some("Failed to install cpython: refused"));
        let mismatch = "error: Failed\n  Caused by: Hash mismatch for `x`\n\n  Expected:\n  00\n";
        assert_eq!(quoted_causes(mismatch).as_deref(), Some("Failed: Hash mismatch for `x`"));
        assert_eq!(quoted_causes("error: alone").as_deref(), Some("alone"));
        assert_eq!(quoted_causes("Downloads are not allowed\n\n").as_deref(), Some("Downloads are not allowed"));
        assert_eq!(quoted_causes(""), None);
    }
}
