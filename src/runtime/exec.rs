//! Runs the tools of an installation, natively or by an injected function.

use crate::{
    env::{Environment, KTX_INSTALL_TIMEOUT},
    error::{Code, Error},
    process::{self, CommandCall, CommandOutput},
};
use std::{
    path::{Path, PathBuf},
    time::Duration,
};
use tokio::sync::mpsc;

/// Default timeout of a tool; local embeddings download some hundred megabytes.
const DEFAULT_TIMEOUT: Duration = Duration::from_secs(3600);

/// The timeout of a tool. An invalid `KTX_INSTALL_TIMEOUT` was reported at the beginning of the installation.
fn tool_timeout(env: &Environment) -> Duration {
    install_timeout(env).ok().flatten().unwrap_or(DEFAULT_TIMEOUT)
}

/// Reads `KTX_INSTALL_TIMEOUT`, if it is set.
///
/// Errors: [`Code::EnvInvalid`].
pub(super) fn install_timeout(env: &Environment) -> Result<Option<Duration>, Error> {
    let Some(value) = env.get(KTX_INSTALL_TIMEOUT) else { return Ok(None) };
    let seconds = value.parse::<f64>().ok().filter(|seconds| *seconds > 0.0);
    match seconds.and_then(|seconds| Duration::try_from_secs_f64(seconds).ok()) {
        Some(limit) => Ok(Some(limit)),
        None => Err(Error::new(
            Code::EnvInvalid,
            format!("{KTX_INSTALL_TIMEOUT} must be a number of seconds above 0, not {value:?}"),
        )
        .with_hint("Correct or unset it")),
    }
}

/// Runs commands to completion.
#[expect(async_fn_in_trait, reason = "orchestration stays on one thread, so futures need not be Send")]
pub trait Exec {
    /// Error type of the host.
    type Error: From<Error>;

    /// Runs a command; `on_line` is called with each line of its output, if the host reports them during the run.
    async fn exec(
        &self,
        call: CommandCall,
        on_line: &mut dyn FnMut(&str),
    ) -> Result<CommandOutput, ExecError<Self::Error>>;

    /// Whether commands are run by an injected function; then only uv is used, and environments are built in place.
    fn is_injected(&self) -> bool;
}

/// Failure of a command.
#[derive(Debug)]
pub struct ExecError<E> {
    /// Text for messages, such as `exited with code 2`.
    pub reason: String,
    /// Output until the failure.
    pub output: CommandOutput,
    /// The error of the host.
    pub cause: Option<E>,
}

/// Failure of a command that has a time limit.
#[derive(Debug)]
pub(super) enum LimitedExecError<E> {
    /// It was killed at its time limit.
    TimedOut(Duration),
    /// It could not be run, or exited with an error.
    Failed(ExecError<E>),
}

impl<E> LimitedExecError<E> {
    /// Text for messages, such as `did not answer within 10 s`.
    pub(super) fn reason(&self) -> String {
        match self {
            Self::TimedOut(limit) => format!("did not answer within {} s", limit.as_secs()),
            Self::Failed(error) => error.reason.clone(),
        }
    }

    /// Standard error until the failure; empty after a timeout.
    pub(super) fn stderr(&self) -> &str {
        match self {
            Self::TimedOut(_) => "",
            Self::Failed(error) => &error.output.stderr,
        }
    }
}

/// Runs commands as child processes.
#[derive(Debug, Clone, Copy)]
pub struct NativeExec;

impl Exec for NativeExec {
    type Error = Error;

    async fn exec(
        &self,
        mut call: CommandCall,
        on_line: &mut dyn FnMut(&str),
    ) -> Result<CommandOutput, ExecError<Self::Error>> {
        // The working folder of this process may be deleted, or be a project with settings for the tools.
        call.folder.get_or_insert_with(neutral_folder);
        let limit = tool_timeout(&call.env);
        let (sender, mut lines) = mpsc::unbounded_channel();
        let step = format!("Running {}", call.program);
        let running = async {
            process::run(call, sender).await.map_err(|failure| ExecError {
                reason: failure.reason,
                output: failure.output,
                cause: failure
                    .cause
                    .map(|cause| Error::new(Code::RuntimeInstallFailed, cause.to_string()).caused_by(cause)),
            })
        };
        let forwarding = async {
            while let Some(line) = lines.recv().await {
                on_line(&line);
            }
        };
        let completed = async { Ok(tokio::join!(running, forwarding).0) };
        crate::offload::with_timeout(limit, Code::RuntimeInstallFailed, &step, completed).await.unwrap_or_else(
            |error: Error| Err(ExecError { reason: error.to_string(), output: CommandOutput::default(), cause: None }),
        )
    }

    fn is_injected(&self) -> bool {
        false
    }
}

/// Runs a short command with a timeout, after which it is killed with its children. No timeout applies to an injected
/// function.
pub(super) async fn exec_with_timeout<E: Exec>(
    host: &E,
    limit: Duration,
    call: CommandCall,
) -> Result<CommandOutput, LimitedExecError<E::Error>> {
    let mut ignore = |_: &str| ();
    let running = host.exec(call, &mut ignore);
    if host.is_injected() {
        return running.await.map_err(LimitedExecError::Failed);
    }
    let _guard = crate::offload::keep_alive();
    match tokio::time::timeout(limit, running).await {
        Ok(outcome) => outcome.map_err(LimitedExecError::Failed),
        Err(_) => Err(LimitedExecError::TimedOut(limit)),
    }
}

/// An existing folder without settings files. `TMPDIR` may name a missing one.
fn neutral_folder() -> PathBuf {
    let temporary = std::env::temp_dir();
    if temporary.is_absolute() && temporary.is_dir() { temporary } else { PathBuf::from(std::path::MAIN_SEPARATOR_STR) }
}

/// Builds the call of a tool; `env` comes from [`tool_environment`].
pub(super) fn tool_call(program: &str, args: &[&str], folder: Option<&Path>, env: &Environment) -> CommandCall {
    CommandCall {
        program: program.to_owned(),
        args: args.iter().map(|arg| (*arg).to_owned()).collect(),
        folder: folder.map(Path::to_owned),
        env: env.clone(),
        input: None,
    }
}

/// Filters the user's environment for the tools. Variables that would change the installation (interpreters, projects,
/// targets) are removed; indexes, proxies, certificates and caches are kept. Accesses the disk to check temporary
/// folders.
pub(super) fn tool_environment(env: &Environment) -> Environment {
    let is_missing = |name: &str| env.get(name).is_some_and(|folder| !Path::new(folder).is_dir());
    let env = env.clone().filtered(|name| {
        let name = name.to_ascii_uppercase();
        match name.split_once('_') {
            Some(("PIP", setting)) => PIP_SETTINGS.contains(&setting),
            Some(("UV", setting)) => UV_SETTING_PREFIXES.iter().any(|prefix| setting.starts_with(prefix)),
            Some(("CONDA", _)) => false,
            // Without the variable, the tools choose a temporary folder themselves.
            _ if matches!(name.as_str(), "TMPDIR" | "TEMP" | "TMP") => !is_missing(&name),
            _ => !name.starts_with("PYTHON") && name != "VIRTUAL_ENV",
        }
    });
    // The output is decoded as UTF-8 in every locale.
    env.with("PYTHONUTF8", "1")
        .with("PIP_NO_INPUT", "1")
        .with("PIP_DISABLE_PIP_VERSION_CHECK", "1")
        .with("PIP_PROGRESS_BAR", "off")
}

/// Settings of pip that are kept, without the prefix `PIP_`.
const PIP_SETTINGS: &[&str] = &[
    "CACHE_DIR",
    "CERT",
    "CLIENT_CERT",
    "CONFIG_FILE",
    "DEFAULT_TIMEOUT",
    "EXTRA_INDEX_URL",
    "FIND_LINKS",
    "INDEX_URL",
    "KEYRING_PROVIDER",
    "NO_CACHE_DIR",
    "NO_INDEX",
    "PROXY",
    "RETRIES",
    "TIMEOUT",
    "TRUSTED_HOST",
];

/// Prefixes of the settings of uv that are kept, without `UV_`; variables of indexes contain a name that the user
/// chose.
const UV_SETTING_PREFIXES: &[&str] = &[
    "CACHE_DIR",
    "CONCURRENT_",
    "CREDENTIALS_DIR",
    "DEFAULT_INDEX",
    "EXTRA_INDEX_URL",
    "FIND_LINKS",
    "HTTP_",
    "INDEX",
    "INSECURE_HOST",
    "KEYRING_PROVIDER",
    "LINK_MODE",
    "NATIVE_TLS",
    "NO_CACHE",
    "NO_INDEX",
    "OFFLINE",
    "PYTHON_DOWNLOADS",
    "PYTHON_INSTALL_",
    "PYPY_INSTALL_",
    "REQUEST_TIMEOUT",
    "SYSTEM_CERTS",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn variables_that_change_the_installation_are_removed() {
        let names = [
            "PATH",
            "HTTPS_PROXY",
            "SSL_CERT_FILE",
            "PIP_INDEX_URL",
            "PIP_TARGET",
            "PIP_REQUIRE_VIRTUALENV",
            "PYTHONHOME",
            "PYTHONPATH",
            "VIRTUAL_ENV",
            "UV_PROJECT",
            "UV_PROJECT_ENVIRONMENT",
            "UV_PYTHON",
            "UV_CONFIG_FILE",
            "UV_EXCLUDE_NEWER",
            "UV_NO_BINARY",
            "UV_INDEX_MINE_PASSWORD",
            "UV_DEFAULT_INDEX",
            "CONDA_PREFIX",
        ];
        let env: Environment = names.iter().map(|name| ((*name).to_owned(), "x".to_owned())).collect();
        let kept = tool_environment(&env);
        let kept: Vec<_> = kept.iter().filter(|(_, value)| *value == "x").map(|(name, _)| name).collect();
        assert_eq!(
            kept,
            ["HTTPS_PROXY", "PATH", "PIP_INDEX_URL", "SSL_CERT_FILE", "UV_DEFAULT_INDEX", "UV_INDEX_MINE_PASSWORD"]
        );
    }

    #[test]
    fn temporary_folder_that_does_not_exist_is_removed() {
        let file = tempfile::NamedTempFile::new().unwrap();
        let folder = tempfile::tempdir().unwrap();
        let value = |text: &str| {
            let env: Environment = [("TMPDIR".to_owned(), text.to_owned())].into_iter().collect();
            tool_environment(&env).get("TMPDIR").map(str::to_owned)
        };
        assert_eq!(value(""), None);
        assert_eq!(value("/no/such/folder"), None);
        assert_eq!(value(&file.path().to_string_lossy()), None);
        let good = folder.path().to_string_lossy().into_owned();
        assert_eq!(value(&good), Some(good.clone()));
    }
}
