//! The one-shot transport: a process of the daemon's executable for each call, with JSON on stdin and stdout.

use super::{JsonRunner, Trace};
use crate::{
    env::{Environment, KTX_REQUEST_ID, daemon},
    error::{Code, Error, ErrorResponse, Result},
    offload,
    process::{self, CommandCall, CommandFailure},
    redact,
    request_id::RequestId,
};
use std::{
    path::{Path, PathBuf},
    time::{Duration, Instant},
};
use tokio::sync::mpsc;

/// Timeout of a call.
const CALL_TIMEOUT: Duration = Duration::from_secs(600);

/// Runs `ktx-daemon <command>` for each request.
#[derive(Debug, Clone)]
pub struct OneShot {
    /// The daemon's executable.
    pub program: PathBuf,
    /// Environment variables of the host.
    pub env: Environment,
    /// Request id and log of its calls.
    pub trace: Trace,
}

/// The one-shot command of an endpoint.
fn command_for(path: &str) -> Option<&'static str> {
    Some(match path {
        "/sql/parse-table-identifier" => "parse-table-identifier",
        "/api/sql/analyze-for-fingerprint" => "analyze-for-fingerprint",
        "/sql/analyze-batch" => "analyze-batch",
        "/sql/validate-read-only" => "validate-read-only",
        "/sql/execute" => "sql-execute",
        "/database/introspect" => "database-introspect",
        "/database/profile" => "database-profile",
        "/database/query-history" => "database-query-history",
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
        self.request_within(path, payload, CALL_TIMEOUT).await
    }

    async fn request_within(&self, path: &str, payload: String, limit: Duration) -> Result<String> {
        let command = command_for(path)
            .ok_or_else(|| Error::new(Code::ArgumentInvalid, format!("The daemon has no command for {path}")))?;
        let (id, began) = (self.trace.next_id(), Instant::now());
        let call = CommandCall {
            program: self.program.to_string_lossy().into_owned(),
            args: vec![command.to_owned()],
            folder: None,
            env: self.command_env(&id),
            input: Some(payload),
        };
        let (lines, _) = mpsc::unbounded_channel();
        let step = format!("ktx-daemon {command}");
        let running = async {
            process::run(call, lines).await.map_err(|failure| command_error(&self.program, command, &failure))
        };
        let output = offload::with_timeout(CALL_TIMEOUT.max(limit), Code::HttpTimeout, &step, running).await;
        self.trace.log_call(&id, path, began, output.as_ref().err());
        Ok(output?.stdout)
    }
}

impl OneShot {
    fn command_env(&self, id: &RequestId) -> Environment {
        let env = self.env.clone().filtered(|name| !daemon::is_excluded(name));
        env.with("PYTHONUTF8", "1").with(daemon::ERROR_FORMAT, "json").with(KTX_REQUEST_ID, id.as_str())
    }
}

/// The error of a program that could not be started. A bare name was looked up on `PATH`, as the host did not configure
/// a managed runtime.
fn start_error(program: &Path, reason: &str) -> Error {
    let shown = program.display();
    let error = Error::new(Code::RuntimeRequired, format!("{shown} {reason}"));
    if program.is_absolute() {
        return error.with_hint("Repair the runtime with: ktx runtime install --yes --force");
    }
    error.with_hint(format!(
        "Pass managedDaemon: {{ cliVersion, installPolicy, io }} to use the runtime of KTX, or put {shown} on PATH"
    ))
}

fn command_error(program: &Path, command: &str, failure: &CommandFailure) -> Error {
    if failure.cause.is_some() {
        return start_error(program, &failure.reason);
    }
    let last_line = failure.output.stderr.lines().rfind(|line| !line.trim().is_empty());
    let reason = redact::urls(last_line.unwrap_or(&failure.reason));
    // The format of errors of one-shot commands: see `ktx_daemon.cli`.
    let body = reason.strip_prefix("ktx-daemon: ");
    let response =
        body.map(|body| ErrorResponse::parse(body.as_bytes()).unwrap_or_else(|| ErrorResponse::from_detail(body)));
    let hint = response.as_ref().and_then(|response| response.hint.clone());
    let reason = response.as_ref().map_or(reason.as_str(), |response| &response.detail);
    let error = Error::new(Code::HttpStatus, format!("ktx-daemon {command} failed: {reason}"));
    let error = match hint {
        Some(hint) => error.with_hint(hint),
        None => error,
    };
    error.with_response(None, response)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::process::CommandOutput;

    #[test]
    fn error_response_of_a_command_is_parsed() {
        let error_for = |stderr: &str| {
            let output = CommandOutput { stdout: String::new(), stderr: stderr.to_owned() };
            let failure = CommandFailure { reason: "exited with code 1".into(), output, cause: None };
            command_error(Path::new("/x"), "a", &failure)
        };
        let error = error_for("a warning\nktx-daemon: It is {down}.\n");
        assert_eq!(error.to_string(), "ktx-daemon a failed: It is {down}");
        assert_eq!(error.response().unwrap().detail, "It is {down}");
        let error = error_for(r#"ktx-daemon: {"detail": "It is down", "code": "x", "hint": "Start it"}"#);
        assert_eq!((error.to_string().as_str(), error.hint()), ("ktx-daemon a failed: It is down", Some("Start it")));
        assert_eq!(error.response().unwrap().code.as_deref(), Some("x"));
        assert_eq!(error_for("Killed").response(), None);
    }

    // Regression: with the runtime installed, a host without `managedDaemon` got the hint to install the runtime.
    #[tokio::test]
    async fn missing_program_is_named_with_a_hint() {
        let request = |program: &str| {
            let one_shot = OneShot {
                program: program.into(),
                env: Environment::default().with("PATH", "/nonexistent"),
                trace: Trace::default(),
            };
            async move { one_shot.request("/sql/validate-read-only", "{}".into()).await.unwrap_err() }
        };
        let error = request("ktx-daemon-nowhere").await;
        assert_eq!(error.code(), Code::RuntimeRequired);
        let message = error.to_string();
        assert!(message.starts_with("ktx-daemon-nowhere could not be started: "), "{message}");
        let hint = error.hint().unwrap();
        assert!(hint.starts_with("Pass managedDaemon: { cliVersion, installPolicy, io }"), "{hint}");
        let error = request("/nonexistent/bin/ktx-daemon").await;
        assert!(error.to_string().starts_with("/nonexistent/bin/ktx-daemon could not be started: "), "{error}");
        assert_eq!(error.hint(), Some("Repair the runtime with: ktx runtime install --yes --force"));
    }
}
