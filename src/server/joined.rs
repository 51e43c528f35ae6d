//! The part of the started process: it reads what its starter has passed, holds the life lock, and reports that it is
//! ready.

use super::variables::is_of_launch;
use crate::{
    env::{Environment, daemon, server},
    error::{Code, Error, Result},
    process,
};
use serde::Serialize;

/// What the starter of this process has passed to it.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Joined {
    /// Id that `/health` reports.
    pub instance: String,
    /// Bearer token of `/shutdown`.
    pub token: String,
    /// Path of the state file that names this process after its start.
    pub state_file: String,
    /// Path of the log that standard output and standard error are appended to.
    pub log_file: String,
    /// Descriptor of the inherited socket; `None` where sockets are not inherited.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub listen_fd: Option<i32>,
    /// Names of the variables that were passed.
    pub variables: Vec<String>,
}

/// Joins a launch; `None` if this process was not started in the background. Blocks.
///
/// Errors: a variable of the launch is missing, or the life lock is held.
pub fn join(env: &Environment) -> Result<Option<Joined>> {
    let Some(instance) = env.get(server::INSTANCE) else { return Ok(None) };
    process::hold_inherited(env)?;
    let required = |name: &str| {
        let missing = || Error::new(Code::EnvInvalid, format!("{name} is missing"));
        env.get(name).map(str::to_owned).ok_or_else(missing)
    };
    let listen_fd = env.get(daemon::LISTEN_FD).and_then(|text| text.parse().ok());
    let variables = env.iter().map(|(name, _)| name).filter(|name| is_of_launch(name));
    Ok(Some(Joined {
        instance: instance.to_owned(),
        token: required(server::TOKEN)?,
        state_file: required(server::STATE_FILE)?,
        log_file: required(server::LOG_FILE)?,
        listen_fd,
        variables: variables.map(str::to_owned).collect(),
    }))
}

/// Reports to the starter that this process accepts requests on a port. Blocks.
///
/// Errors: the starter has ended, so the process has to exit.
pub fn report_ready(port: u16) -> Result<()> {
    process::report_ready(process::Ready { pid: std::process::id(), port })
        .map_err(|error| Error::new(Code::ServerStartFailed, format!("Its starter has ended: {error}")))
}
