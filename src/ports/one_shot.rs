//! The daemon's functions without a daemon: one process a call, JSON in and out.

use super::JsonRunner;
use crate::{
    env::{Environment, daemon},
    error::{Code, Error, Result},
    hop,
    process::{self, CommandCall, CommandFailure},
    redact,
};
use std::{path::PathBuf, time::Duration};
use tokio::sync::mpsc;

/// Longest time for one call.
const LIMIT: Duration = Duration::from_secs(600);

/// Runs `ktx-daemon <command>` for each request.
#[derive(Debug, Clone)]
pub struct OneShot {
    /// The daemon's executable.
    pub program: PathBuf,
    /// Environment variables of the host.
    pub env: Environment,
}

/// The command that does the same as an endpoint.
fn command_of(path: &str) -> Option<&'static str> {
    Some(match path {
        "/sql/parse-table-identifier" => "parse-table-identifier",
        "/api/sql/analyze-for-fingerprint" => "analyze-for-fingerprint",
        "/sql/analyze-batch" => "analyze-batch",
        "/sql/validate-read-only" => "validate-read-only",
        "/sql/execute" => "sql-execute",
        "/database/introspect" => "database-introspect",
        "/semantic-layer/query" => "semantic-query",
        "/semantic-layer/validate" => "semantic-validate",
        "/semantic-layer/generate-sources" => "semantic-generate-sources",
        "/embeddings/compute" => "embedding-compute",
        "/embeddings/compute-bulk" => "embedding-compute-bulk",
        _ => return None,
    })
}

impl JsonRunner for OneShot {
    type Error = Error;

    async fn request(&self, path: &str, payload: String) -> Result<String> {
        let command = command_of(path)
            .ok_or_else(|| Error::new(Code::ArgumentInvalid, format!("The daemon has no command for {path}")))?;
        let call = CommandCall {
            program: self.program.to_string_lossy().into_owned(),
            args: vec![command.to_owned()],
            folder: None,
            env: self.env.clone().filtered(|name| !daemon::is_foreign(name)).with("PYTHONUTF8", "1"),
            input: Some(payload),
        };
        let (lines, _) = mpsc::unbounded_channel();
        let step = format!("ktx-daemon {command}");
        let running = async { process::run(call, lines).await.map_err(|failure| failed(command, &failure)) };
        let output = hop::within(LIMIT, Code::HttpTimeout, &step, running).await?;
        Ok(output.stdout)
    }
}

fn failed(command: &str, failure: &CommandFailure) -> Error {
    if failure.cause.is_some() {
        let message = format!("ktx-daemon {}. Install the runtime with: ktx runtime install --yes", failure.reason);
        return Error::new(Code::RuntimeRequired, message);
    }
    let said = failure.output.stderr.lines().rfind(|line| !line.trim().is_empty());
    let reason = redact::urls(said.unwrap_or(&failure.reason));
    Error::new(Code::HttpStatus, format!("ktx-daemon {command} failed: {reason}"))
}
