//! Running the tools of an installation, by us or by the host.

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

/// Longest time for one tool: a slow line has to bring some hundred megabytes for local embeddings.
const LIMIT: Duration = Duration::from_secs(3600);

/// `KTX_INSTALL_TIMEOUT`, checked when the installation began.
fn time_limit(env: &Environment) -> Duration {
    install_timeout(env).ok().flatten().unwrap_or(LIMIT)
}

/// `KTX_INSTALL_TIMEOUT`, if it is set.
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

/// Runs one command to its end.
#[expect(async_fn_in_trait, reason = "orchestration stays on one thread, so futures need not be Send")]
pub trait Exec {
    /// What the host fails with.
    type Error: From<Error>;

    /// Runs the command, telling each line that it prints as far as that is known before the end.
    async fn exec(
        &self,
        call: CommandCall,
        on_line: &mut dyn FnMut(&str),
    ) -> Result<CommandOutput, ExecError<Self::Error>>;

    /// Whether the host runs the tools itself; it then knows uv alone, and environments are built in place.
    fn is_injected(&self) -> bool;
}

/// A command that failed.
#[derive(Debug)]
pub struct ExecError<E> {
    /// `exited with code 2`, or what the host said.
    pub reason: String,
    /// What it printed.
    pub output: CommandOutput,
    /// What the host failed with.
    pub cause: Option<E>,
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
        // The working folder of this process may be gone, or be a project with settings of its own.
        call.folder.get_or_insert_with(neutral_folder);
        let limit = time_limit(&call.env);
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
        let telling = async {
            while let Some(line) = lines.recv().await {
                on_line(&line);
            }
        };
        let both = async { Ok(tokio::join!(running, telling).0) };
        crate::offload::with_timeout(limit, Code::RuntimeInstallFailed, &step, both).await.unwrap_or_else(
            |error: Error| Err(ExecError { reason: error.to_string(), output: CommandOutput::default(), cause: None }),
        )
    }

    fn is_injected(&self) -> bool {
        false
    }
}

/// Runs a command that has nothing to do but to answer; one that does not is ended with all that it started. A host's
/// own calls are left to the host.
pub(super) async fn within<E: Exec>(
    host: &E,
    limit: Duration,
    call: CommandCall,
) -> Result<CommandOutput, ExecError<E::Error>> {
    let mut ignore = |_: &str| ();
    let running = host.exec(call, &mut ignore);
    if host.is_injected() {
        return running.await;
    }
    let _guard = crate::offload::keep_alive();
    tokio::time::timeout(limit, running).await.unwrap_or_else(|_| {
        let reason = format!("did not answer within {} s", limit.as_secs());
        Err(ExecError { reason, output: CommandOutput::default(), cause: None })
    })
}

/// An existing folder without settings files; `TMPDIR` may name a missing one.
fn neutral_folder() -> PathBuf {
    let temporary = std::env::temp_dir();
    if temporary.is_absolute() && temporary.is_dir() { temporary } else { PathBuf::from(std::path::MAIN_SEPARATOR_STR) }
}

/// A call of a tool, in an environment that [`tool_environment`] has made.
pub(super) fn call(program: &str, args: &[&str], folder: Option<&Path>, env: &Environment) -> CommandCall {
    CommandCall {
        program: program.to_owned(),
        args: args.iter().map(|arg| (*arg).to_owned()).collect(),
        folder: folder.map(Path::to_owned),
        env: env.clone(),
        input: None,
    }
}

/// The user's environment without what would bend an installation: foreign interpreters and projects go, while the
/// user's indexes, proxies, certificates and caches stay. Looks whether temporary folders are there.
pub(super) fn tool_environment(env: &Environment) -> Environment {
    let gone = |name: &str| env.get(name).is_some_and(|folder| !Path::new(folder).is_dir());
    let env = env.clone().filtered(|name| {
        let name = name.to_ascii_uppercase();
        match name.split_once('_') {
            Some(("PIP", setting)) => PIP_SETTINGS.contains(&setting),
            Some(("UV", setting)) => UV_SETTINGS.iter().any(|known| setting.starts_with(known)),
            Some(("CONDA", _)) => false,
            // The tools then choose one themselves.
            _ if matches!(name.as_str(), "TMPDIR" | "TEMP" | "TMP") => !gone(&name),
            _ => !name.starts_with("PYTHON") && name != "VIRTUAL_ENV",
        }
    });
    // Output is read as UTF-8 in every locale.
    env.with("PYTHONUTF8", "1")
        .with("PIP_NO_INPUT", "1")
        .with("PIP_DISABLE_PIP_VERSION_CHECK", "1")
        .with("PIP_PROGRESS_BAR", "off")
}

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

/// Beginnings of names: indexes come with a name of the user's own.
const UV_SETTINGS: &[&str] = &[
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
    fn what_bends_goes_and_what_the_user_chose_stays() {
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
    fn a_temporary_folder_that_is_none_is_not_handed_on() {
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
