//! `install.log`: each command of the newest attempt with its output under it.

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

/// Lines of a tool's standard error that an error message quotes.
const QUOTED_LINES: usize = 12;

pub(super) struct InstallLog {
    path: PathBuf,
    file: File,
}

impl InstallLog {
    /// Begins the log of a new attempt.
    pub(super) fn begin(path: &Path) -> Result<Self> {
        Ok(Self { path: path.to_owned(), file: files::create_log(path)? })
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    fn command(&self, call: &CommandCall) {
        let args = call.args.join(" ");
        self.line(&format!("$ {} {args}", call.program));
    }

    /// A log that cannot be written must not end an installation that works.
    fn line(&self, line: &str) {
        let _ = writeln!(&self.file, "{}", redact::urls(line));
    }

    fn output(&self, output: &CommandOutput) {
        output.stdout.lines().chain(output.stderr.lines()).for_each(|line| self.line(line));
    }
}

/// Runs commands on a host and notes them.
pub(super) struct Logged<'a, H> {
    pub(super) host: &'a H,
    pub(super) log: &'a InstallLog,
}

impl<H: Exec> Exec for Logged<'_, H> {
    type Error = H::Error;

    async fn exec(
        &self,
        call: CommandCall,
        on_line: &mut dyn FnMut(&str),
    ) -> Result<CommandOutput, ExecError<Self::Error>> {
        self.log.command(&call);
        let mut note = |line: &str| {
            self.log.line(line);
            on_line(line);
        };
        let result = self.host.exec(call, &mut note).await;
        // A host tells what was printed when all is over.
        if self.host.is_injected() {
            let (Ok(printed) | Err(ExecError { output: printed, .. })) = &result;
            self.log.output(printed);
        }
        result
    }

    fn is_injected(&self) -> bool {
        self.host.is_injected()
    }
}

/// The last lines of what a tool said, for an error message.
pub(super) fn tail(output: &CommandOutput) -> String {
    let text = if output.stderr.trim().is_empty() { &output.stdout } else { &output.stderr };
    let lines: Vec<_> = text.lines().filter(|line| !line.trim().is_empty()).collect();
    redact::urls(&lines[lines.len().saturating_sub(QUOTED_LINES)..].join("\n"))
}
