//! The install log, `install.log`: the commands of the last attempt with their output.

use super::exec::{Exec, ExecError};
use crate::{
    error::Result,
    files,
    process::{CommandCall, CommandOutput},
    redact,
};
use std::{
    fs::File,
    io::Write,
    path::{Path, PathBuf},
};

/// Maximum number of lines of a tool's output that an error message quotes.
const MAX_QUOTED_LINES: usize = 12;

pub(super) struct InstallLog {
    path: PathBuf,
    file: File,
}

impl InstallLog {
    /// Creates the log of a new attempt, in place of the previous one.
    pub(super) fn create(path: &Path) -> Result<Self> {
        Ok(Self { path: path.to_owned(), file: files::create_log(path)? })
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    fn command(&self, call: &CommandCall) {
        let args = call.args.join(" ");
        self.line(&format!("$ {} {args}", call.program));
    }

    /// Writes a redacted line. Write errors are ignored, so that they do not fail an installation.
    fn line(&self, line: &str) {
        let _ = writeln!(&self.file, "{}", redact::urls(line));
    }

    fn output(&self, output: &CommandOutput) {
        output.stdout.lines().chain(output.stderr.lines()).for_each(|line| self.line(line));
    }
}

/// Runs commands on a host and logs them.
pub(super) struct LoggedExec<'a, H> {
    pub(super) host: &'a H,
    pub(super) log: &'a InstallLog,
}

impl<H: Exec> Exec for LoggedExec<'_, H> {
    type Error = H::Error;

    async fn exec(
        &self,
        call: CommandCall,
        on_line: &mut dyn FnMut(&str),
    ) -> Result<CommandOutput, ExecError<Self::Error>> {
        self.log.command(&call);
        let mut log_line = |line: &str| {
            self.log.line(line);
            on_line(line);
        };
        let result = self.host.exec(call, &mut log_line).await;
        // An injected function reports the output only at the end.
        if self.host.is_injected() {
            let (Ok(output) | Err(ExecError { output, .. })) = &result;
            self.log.output(output);
        }
        result
    }

    fn is_injected(&self) -> bool {
        self.host.is_injected()
    }
}

/// The last lines of a tool's output, redacted, for an error message.
pub(super) fn last_lines(output: &CommandOutput) -> String {
    let text = if output.stderr.trim().is_empty() { &output.stdout } else { &output.stderr };
    let lines: Vec<_> = text.lines().filter(|line| !line.trim().is_empty()).collect();
    redact::urls(&lines[lines.len().saturating_sub(MAX_QUOTED_LINES)..].join("\n"))
}
