//! Detached children: a session of their own, logs in files, a listening socket and a life lock that are theirs for
//! life, and readiness that they report once.

use super::{ending::Ending, identity::Identity};
use crate::{
    env::Environment,
    files::{self, FileLock},
};
use serde::Deserialize;
use std::{
    fs::File,
    io,
    net::TcpListener,
    path::{Path, PathBuf},
    process::{Command, Stdio},
    thread,
};
use tokio::sync::oneshot;

/// How a daemon is launched.
#[derive(Debug)]
pub struct Launch {
    /// Its executable.
    pub program: PathBuf,
    /// Its arguments.
    pub args: Vec<String>,
    /// Its environment, without what the launch itself adds.
    pub env: Environment,
    /// Its working folder.
    pub folder: PathBuf,
    /// Where its output is appended.
    pub stdout: PathBuf,
    /// Where its errors are appended.
    pub stderr: PathBuf,
    /// Bound and listening; inherited where descriptors can be.
    pub listener: TcpListener,
    /// Held by the daemon for its life.
    pub life: FileLock,
}

/// What a daemon says once it serves.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
pub struct Ready {
    /// Its own process id, which a launcher between us and it may make another than the child's.
    pub pid: u32,
    /// Where it listens.
    pub port: u16,
}

/// A running detached child.
#[derive(Debug)]
pub struct Detached {
    /// Process id of the child.
    pub pid: u32,
    /// Ends the child when it is dropped; defused when the child is taken over.
    pub undo: EndOnDrop,
    /// Sent once: readiness, or that it ended before that (`Err` says how).
    pub outcome: oneshot::Receiver<Result<Ready, String>>,
}

/// Ends a process when it is dropped.
#[derive(Debug)]
pub struct EndOnDrop(Option<Identity>);

impl EndOnDrop {
    /// Ends this process, unless it is defused before.
    pub fn new(process: Option<Identity>) -> Self {
        Self(process)
    }

    /// Ends nothing any more; returns what it would have ended.
    pub fn defuse(mut self) -> Option<Identity> {
        self.0.take()
    }
}

impl Drop for EndOnDrop {
    fn drop(&mut self) {
        if let Some(process) = &self.0 {
            process.end(Ending::Kill);
        }
    }
}

impl Launch {
    /// The command without what is inherited.
    pub(super) fn command(&self) -> io::Result<Command> {
        let mut command = Command::new(&self.program);
        command.args(&self.args).env_clear().envs(self.env.iter()).current_dir(&self.folder);
        command.stdin(Stdio::null()).stdout(log(&self.stdout)?).stderr(log(&self.stderr)?);
        Ok(command)
    }
}

/// Waits for the child in a thread of its own, so that it is reaped when it ends before this process does.
pub(super) fn watch(
    pid: u32,
    waiting: impl FnOnce(oneshot::Sender<Result<Ready, String>>) + Send + 'static,
) -> io::Result<Detached> {
    let (sender, outcome) = oneshot::channel();
    thread::Builder::new().name("ktx-daemon".into()).stack_size(64 * 1024).spawn(move || waiting(sender))?;
    Ok(Detached { pid, undo: EndOnDrop::new(Identity::of(pid)), outcome })
}

fn log(path: &Path) -> io::Result<File> {
    files::append_to_log(path).map_err(io::Error::other)
}

#[cfg(all(test, unix))]
#[allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]
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
    async fn readiness_is_reported_and_the_life_lock_ends_with_the_child() {
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
        assert_eq!(Identity::noted_in(&life), Identity::of(pid), "the child wrote its record before it began");
        // The child was not taken over.
        drop(child.undo);
        while FileLock::is_held(&life) {
            tokio::task::yield_now().await;
        }
    }

    #[tokio::test]
    async fn a_child_that_ends_says_how() {
        let folder = tempfile::tempdir().unwrap();
        let child = launch(folder.path(), "import sys; sys.exit('why')");
        assert_eq!(child.outcome.await.unwrap().unwrap_err(), "exit status: 1");
        assert_eq!(std::fs::read_to_string(folder.path().join("err.log")).unwrap(), "why\n");
    }
}
