//! A run of what was installed: only that shows that a disk lets programs run, that a script's first line leads to the
//! interpreter, and that the interpreter finds its own library.

use super::exec::{self, Exec};
use crate::{
    env::Environment,
    error::{Code, Error, Result},
};
use std::{path::Path, time::Duration};

/// Longest time for the run; half a second is usual on a slow machine.
const LIMIT: Duration = Duration::from_secs(60);

/// Runs the daemon's executable once. Only for executables that the native installer made.
///
/// Errors: [`Code::RuntimeInstallFailed`] says what became of the run.
pub(super) async fn run<E: Exec>(host: &E, executable: &Path, folder: &Path, env: &Environment) -> Result<()> {
    let failed = |message| Error::new(Code::RuntimeInstallFailed, message);
    let env = exec::tool_environment(env);
    let call = exec::call(&executable.to_string_lossy(), &["--version"], Some(folder), &env);
    let shown = executable.display();
    match exec::within(host, LIMIT, call).await {
        Ok(_) => Ok(()),
        Err(error) if error.cause.is_some() => Err(failed(format!("{shown} {}", error.reason))
            .with_hint("Set KTX_RUNTIME_ROOT to a folder with a plain path, on a disk where programs may be run")),
        Err(error) => {
            let said = error.output.stderr.lines().rfind(|line| !line.trim().is_empty()).unwrap_or_default();
            let said = if said.is_empty() { String::new() } else { format!(": {}", crate::redact::urls(said.trim())) };
            Err(failed(format!("{shown} does not run, it {}{said}", error.reason)))
        }
    }
}
