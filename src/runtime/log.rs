//! `install.log`: each command of the newest attempt with its output under it.

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
        Ok(Self { path: path.to_owned(), file: files::begin_log(path)? })
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    pub(super) fn command(&mut self, call: &CommandCall) {
        let args = call.args.join(" ");
        self.line(&format!("$ {} {args}", call.program));
    }

    /// A log that cannot be written must not end an installation that works.
    pub(super) fn line(&mut self, line: &str) {
        let _ = writeln!(self.file, "{}", redact::urls(line));
    }

    pub(super) fn output(&mut self, output: &CommandOutput) {
        for line in output.stdout.lines().chain(output.stderr.lines()) {
            self.line(line);
        }
    }
}

/// The last lines of what a tool said, for an error message.
pub(super) fn tail(output: &CommandOutput) -> String {
    let text = if output.stderr.trim().is_empty() { &output.stdout } else { &output.stderr };
    let lines: Vec<_> = text.lines().filter(|line| !line.trim().is_empty()).collect();
    redact::urls(&lines[lines.len().saturating_sub(QUOTED_LINES)..].join("\n"))
}
