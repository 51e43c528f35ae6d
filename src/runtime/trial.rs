//! The trial run of an installation. It shows that programs on the disk can be run, that the shebang line of scripts is
//! valid, and that the interpreter finds its library.

use super::exec::{self, Exec, LimitedExecError};
use crate::{
    env::Environment,
    error::{Code, Error, Result},
};
use std::{path::Path, time::Duration};

/// Timeout of the run, which usually takes less than a second.
const TIMEOUT: Duration = Duration::from_secs(60);

/// Runs the daemon's executable once. Only for executables that the native installer created.
///
/// Errors: [`Code::RuntimeInstallFailed`].
pub(super) async fn run<E: Exec>(host: &E, executable: &Path, folder: &Path, env: &Environment) -> Result<()> {
    let failed = |message| Error::new(Code::RuntimeInstallFailed, message);
    let env = exec::tool_environment(env);
    let call = exec::tool_call(&executable.to_string_lossy(), &["--version"], Some(folder), &env);
    let shown = executable.display();
    match exec::exec_with_timeout(host, TIMEOUT, call).await {
        Ok(_) => Ok(()),
        Err(LimitedExecError::Failed(error)) if error.cause.is_some() => {
            Err(failed(format!("{shown} {}", error.reason))
                .with_hint("Set KTX_RUNTIME_ROOT to a folder with a plain path, on a disk where programs may be run"))
        }
        Err(error) => {
            let last = error.stderr().lines().rfind(|line| !line.trim().is_empty()).unwrap_or_default();
            let last = if last.is_empty() { String::new() } else { format!(": {}", crate::redact::urls(last.trim())) };
            Err(failed(format!("{shown} failed its trial run: it {}{last}", error.reason())))
        }
    }
}
