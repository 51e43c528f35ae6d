//! Detached children: they run in a session of their own, log to files, inherit a listening socket and the life lock,
//! and report once that they are ready.

use super::{identity::Identity, signal::Signal};
use crate::{
    env::Environment,
    files::{self, FileLock},
};
use serde::{Deserialize, Serialize};
use std::{
    fs::File,
    io,
    net::TcpListener,
    path::{Path, PathBuf},
    process::{Command, Stdio},
    thread,
};
use tokio::sync::oneshot;

/// Parameters for spawning a daemon.
#[derive(Debug)]
pub struct Launch {
    /// Path of the executable.
    pub program: PathBuf,
    /// Arguments.
    pub args: Vec<String>,
    /// Environment, without the variables that the launch itself adds.
    pub env: Environment,
    /// Working folder.
    pub folder: PathBuf,
    /// Log to which standard output is appended.
    pub stdout: PathBuf,
    /// Log to which standard error is appended.
    pub stderr: PathBuf,
    /// Bound and listening socket; inherited on Unix.
    pub listener: TcpListener,
    /// The life lock, which the daemon holds until it exits.
    pub life: FileLock,
}

/// The ready report of a daemon.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Serialize)]
pub struct Ready {
    /// Process id of the daemon; another one than the child's if a launcher script runs the daemon.
    pub pid: u32,
    /// Port that the daemon listens on.
    pub port: u16,
}

/// A running detached child.
#[derive(Debug)]
pub struct Detached {
    /// Process id of the child.
    pub pid: u32,
    /// Kills the child when it is dropped; defused when the child is taken over.
    pub end_on_drop: EndOnDrop,
    /// Receives the ready report, or the exit status if the child exited before (`Err`).
    pub outcome: oneshot::Receiver<Result<Ready, String>>,
}

/// Kills a process when it is dropped.
#[derive(Debug)]
pub struct EndOnDrop(Option<Identity>);

impl EndOnDrop {
    /// Creates a guard that kills `process` unless it is defused.
    pub fn new(process: Option<Identity>) -> Self {
        Self(process)
    }

    /// Disables the guard and returns its process.
    pub fn defuse(mut self) -> Option<Identity> {
        self.0.take()
    }
}

impl Drop for EndOnDrop {
    fn drop(&mut self) {
        if let Some(process) = &self.0 {
            process.send_signal(Signal::Kill);
        }
    }
}

impl Launch {
    /// The command, without inherited descriptors.
    pub(super) fn command(&self) -> io::Result<Command> {
        let mut command = Command::new(&self.program);
        command.args(&self.args).env_clear().envs(self.env.iter()).current_dir(&self.folder);
        command.stdin(Stdio::null()).stdout(log(&self.stdout)?).stderr(log(&self.stderr)?);
        Ok(command)
    }
}

/// Runs `wait` in a thread of its own, which reaps the child if it exits before this process does.
pub(super) fn watch(
    pid: u32,
    wait: impl FnOnce(oneshot::Sender<Result<Ready, String>>) + Send + 'static,
) -> io::Result<Detached> {
    let (sender, outcome) = oneshot::channel();
    thread::Builder::new().name("ktx-daemon".into()).stack_size(64 * 1024).spawn(move || wait(sender))?;
    Ok(Detached { pid, end_on_drop: EndOnDrop::new(Identity::of(pid)), outcome })
}

fn log(path: &Path) -> io::Result<File> {
    files::append_to_log(path).map_err(io::Error::other)
}

#[cfg(all(test, unix))]
#[allow(clippy::unwrap_used, reason = "an unwrap in a test is an assertion")]
mod tests {
    use super::*;
    use crate::process::spawn_detached;

    fn launch(folder: &Path, script: &str) -> Detached {
        let env = [("PATH".to_owned(), std::env::var("PATH").unwrap())].into_iter().collect();
        spawn_detached(Launch {
            program: which::which("python3").unwrap(),
            args: vec!["-c".into(), script.into()],
            env,
            folder: folder.to_owned(),
            stdout: folder.join("out.log"),
            stderr: folder.join("err.log"),
            listener: TcpListener::bind("127.0.0.1:0").unwrap(),
            life: FileLock::try_acquire(&folder.join("life.lock")).unwrap().unwrap(),
        })
        .unwrap()
    }

    #[tokio::test]
    async fn child_reports_readiness_and_releases_the_life_lock_on_exit() {
        let folder = tempfile::tempdir().unwrap();
        let script = r#"
import json, os, signal, stat
assert stat.S_ISSOCK(os.fstat(int(os.environ["KTX_DAEMON_LISTEN_FD"])).st_mode)
report = int(os.environ["KTX_DAEMON_READY_FD"])
os.write(report, json.dumps({"pid": os.getpid(), "port": 7}).encode())
os.close(report)
signal.pause()"#;
        let child = launch(folder.path(), script);
        let (pid, life) = (child.pid, folder.path().join("life.lock"));
        assert_eq!(child.outcome.await.unwrap().unwrap(), Ready { pid, port: 7 });
        assert!(FileLock::is_held(&life));
        assert_eq!(Identity::read_pid_record(&life), Identity::of(pid), "the child wrote its record before it began");
        // The child was not taken over.
        drop(child.end_on_drop);
        while FileLock::is_held(&life) {
            tokio::task::yield_now().await;
        }
    }

    #[tokio::test]
    async fn child_that_exits_early_has_its_exit_status_as_outcome() {
        let folder = tempfile::tempdir().unwrap();
        let child = launch(folder.path(), "import sys; sys.exit('why')");
        assert_eq!(child.outcome.await.unwrap().unwrap_err(), "exit status: 1");
        assert_eq!(std::fs::read_to_string(folder.path().join("err.log")).unwrap(), "why\n");
    }
}
