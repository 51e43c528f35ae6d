//! Runs commands to completion: output line by line, cancellable, without a `SIGCHLD` handler, which libuv owns.

use super::platform;
use crate::env::Environment;
use std::{
    io::{self, BufRead, BufReader, Read},
    path::PathBuf,
    process::{Child, Command, ExitStatus, Stdio},
    sync::{
        Arc, PoisonError,
        atomic::{AtomicBool, Ordering},
        mpsc::RecvTimeoutError,
    },
    thread,
    time::Duration,
};
use tokio::sync::mpsc;

/// A command to run.
#[derive(Debug, Clone)]
pub struct CommandCall {
    /// A path, or a name that is looked up on `PATH`.
    pub program: String,
    /// Its arguments.
    pub args: Vec<String>,
    /// Working folder.
    pub folder: Option<PathBuf>,
    /// Complete environment; nothing is inherited.
    pub env: Environment,
    /// Text for standard input, which is closed afterwards.
    pub input: Option<String>,
}

/// Output of a command.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CommandOutput {
    /// Standard output.
    pub stdout: String,
    /// Standard error.
    pub stderr: String,
}

/// Failure of a command: it could not be started or did not exit with 0.
#[derive(Debug, thiserror::Error)]
#[error("{reason}")]
pub struct CommandFailure {
    /// Text for messages, such as `exited with code 2`.
    pub reason: String,
    /// Output until the failure.
    pub output: CommandOutput,
    /// The error of the spawn, if the command could not be started.
    #[source]
    pub cause: Option<io::Error>,
}

/// Runs a command to completion; each line of its output is sent to `lines`. Dropping the future kills the command and
/// its children.
pub async fn run(call: CommandCall, lines: mpsc::UnboundedSender<String>) -> Result<CommandOutput, CommandFailure> {
    let guard = CancelOnDrop::default();
    let cancel = guard.0.clone();
    crate::offload::spawn_blocking(move || run_blocking(&call, &lines, &cancel)).await
}

/// Runs a command to completion within a time limit, after which it is killed with its children. Blocks.
pub fn run_with_deadline(call: &CommandCall, limit: Duration) -> Result<CommandOutput, CommandFailure> {
    let cancel = Cancel::default();
    let (lines, _) = mpsc::unbounded_channel();
    thread::scope(|scope| {
        let (completed, waiting) = std::sync::mpsc::channel::<()>();
        scope.spawn(|| {
            let waiting = waiting;
            if waiting.recv_timeout(limit) == Err(RecvTimeoutError::Timeout) {
                cancel.request();
            }
        });
        let result = run_blocking(call, &lines, &cancel);
        drop(completed);
        result.map_err(|failure| match cancel.requested.load(Ordering::SeqCst) {
            true => CommandFailure { reason: format!("took longer than {} s", limit.as_secs_f32()), ..failure },
            false => failure,
        })
    })
}

#[derive(Default)]
struct CancelOnDrop(Arc<Cancel>);

#[derive(Default)]
struct Cancel {
    requested: AtomicBool,
    group: std::sync::Mutex<Option<u32>>,
}

impl Drop for CancelOnDrop {
    fn drop(&mut self) {
        self.0.request();
    }
}

impl Cancel {
    /// Kills the command and its children, now or as soon as it has started.
    fn request(&self) {
        self.requested.store(true, Ordering::SeqCst);
        if let Ok(group) = self.group.lock()
            && let Some(pid) = *group
        {
            platform::kill_group(pid);
        }
    }

    /// Registers the child, and kills it if the command was already cancelled. The lock orders the two.
    fn register(&self, child: &Child) {
        if let Ok(mut group) = self.group.lock() {
            *group = Some(child.id());
            if self.requested.load(Ordering::SeqCst) {
                platform::kill_group(child.id());
            }
        }
    }

    /// Waits for the child. It is reaped under the lock, as its pid may be reused afterwards.
    fn reap(&self, child: &mut Child) -> io::Result<ExitStatus> {
        platform::wait_without_reaping(child);
        let mut group = self.group.lock().unwrap_or_else(PoisonError::into_inner);
        *group = None;
        child.wait()
    }
}

fn run_blocking(
    call: &CommandCall,
    lines: &mpsc::UnboundedSender<String>,
    cancel: &Cancel,
) -> Result<CommandOutput, CommandFailure> {
    let mut child = start(call).map_err(|error| CommandFailure {
        reason: format!("could not be started: {error}"),
        output: CommandOutput::default(),
        cause: Some(error),
    })?;
    cancel.register(&child);
    let input = child.stdin.take().zip(call.input.clone());
    let (stdout, stderr) = (child.stdout.take(), child.stderr.take());
    let output = thread::scope(|scope| {
        let feed = scope.spawn(|| input.map(|(mut pipe, text)| io::Write::write_all(&mut pipe, text.as_bytes())));
        let errors = scope.spawn(|| collect(stderr, lines));
        let stdout = collect(stdout, lines);
        let _ = feed.join();
        CommandOutput { stdout, stderr: errors.join().unwrap_or_default() }
    });
    // Both pipes are closed, so the command has exited or is about to.
    let reason = match cancel.reap(&mut child) {
        Ok(status) if status.success() => return Ok(output),
        Ok(status) => status.code().map_or_else(|| status.to_string(), |code| format!("exited with code {code}")),
        Err(error) => error.to_string(),
    };
    Err(CommandFailure { reason, output, cause: None })
}

fn start(call: &CommandCall) -> io::Result<Child> {
    let mut command = Command::new(&call.program);
    command.args(&call.args).env_clear().envs(call.env.iter());
    command.stdin(if call.input.is_some() { Stdio::piped() } else { Stdio::null() });
    command.stdout(Stdio::piped()).stderr(Stdio::piped());
    if let Some(folder) = &call.folder {
        command.current_dir(folder);
    }
    platform::isolate(&mut command);
    command.spawn()
}

fn collect(pipe: Option<impl Read>, lines: &mpsc::UnboundedSender<String>) -> String {
    let mut text = String::new();
    let Some(pipe) = pipe else { return text };
    let mut reader = BufReader::new(pipe);
    let mut line = Vec::new();
    while matches!(reader.read_until(b'\n', &mut line), Ok(count) if count > 0) {
        let printed = String::from_utf8_lossy(&line);
        let _ = lines.send(printed.trim_end().to_owned());
        text.push_str(&printed);
        line.clear();
    }
    text
}

#[cfg(all(test, unix))]
#[allow(clippy::unwrap_used, reason = "an unwrap in a test is an assertion")]
mod tests {
    use super::*;

    fn shell(script: &str) -> CommandCall {
        let env = [("PATH".to_owned(), std::env::var("PATH").unwrap())].into_iter().collect();
        CommandCall { program: "sh".into(), args: vec!["-c".into(), script.into()], folder: None, env, input: None }
    }

    #[tokio::test]
    async fn output_is_sent_by_line_and_returned_completely() {
        let (sender, mut lines) = mpsc::unbounded_channel();
        let output = run(shell("echo one; echo two >&2"), sender).await.unwrap();
        assert_eq!(output, CommandOutput { stdout: "one\n".into(), stderr: "two\n".into() });
        let mut seen = vec![lines.recv().await.unwrap(), lines.recv().await.unwrap()];
        seen.sort();
        assert_eq!(seen, ["one", "two"]);
    }

    #[tokio::test]
    async fn input_is_written_and_a_failure_has_the_output() {
        let (sender, _lines) = mpsc::unbounded_channel();
        let call = CommandCall { input: Some("hello".into()), ..shell("cat; echo no >&2; exit 3") };
        let failure = run(call, sender).await.unwrap_err();
        assert_eq!(failure.reason, "exited with code 3");
        assert_eq!(failure.output, CommandOutput { stdout: "hello".into(), stderr: "no\n".into() });
    }

    #[test]
    fn command_is_killed_at_its_deadline_with_its_children() {
        let failure = run_with_deadline(&shell("sleep 600 & echo $!; wait"), Duration::from_millis(500)).unwrap_err();
        assert_eq!(failure.reason, "took longer than 0.5 s");
        let pid: u32 = failure.output.stdout.trim().parse().unwrap();
        while super::super::pid_is_alive(pid) {
            thread::yield_now();
        }
        let output = run_with_deadline(&shell("echo done"), Duration::from_secs(600)).unwrap();
        assert_eq!(output.stdout, "done\n");
    }

    #[tokio::test]
    async fn dropping_the_future_kills_the_command_and_its_children() {
        let (sender, mut lines) = mpsc::unbounded_channel();
        let task = run(shell("sleep 600 & echo $!; wait"), sender);
        let pid: u32 = tokio::select! {
            _ = task => unreachable!("it sleeps"),
            line = lines.recv() => line.unwrap().parse().unwrap(),
        };
        while super::super::pid_is_alive(pid) {
            tokio::task::yield_now().await;
        }
    }

    #[tokio::test]
    async fn missing_program_has_the_cause_not_found() {
        let (sender, _lines) = mpsc::unbounded_channel();
        let call = CommandCall { program: "/no/such".into(), ..shell("") };
        assert_eq!(run(call, sender).await.unwrap_err().cause.unwrap().kind(), io::ErrorKind::NotFound);
    }
}
