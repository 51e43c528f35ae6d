//! Child processes that start, stop and install: this test program, run with a job.

use crate::support::{Fixture, RecordingHost, layout_and_env};
use ktx::{
    daemon::{NativeDaemon, StartRequest, Started, start, stop},
    error::Result,
    runtime::{Feature, InstallRequest, Layout, install},
};
use std::{
    io::{BufRead, BufReader, Write},
    os::unix::process::CommandExt,
    path::{Path, PathBuf},
    process::{Child, ChildStdin, ChildStdout, Command, Stdio},
    time::{Duration, Instant},
};

const JOB: &str = "KTX_TEST_JOB";
const FOLDER: &str = "KTX_TEST_FOLDER";
const VERSION: &str = "KTX_TEST_VERSION";

/// Timeout of waits for conditions.
const TIMEOUT: Duration = Duration::from_secs(120);

/// The job of a child process.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Job {
    Start,
    Force,
    Stop,
    Install,
    Reinstall,
    Add,
    /// Starts the daemon and stops it after the next signal.
    Hold,
}

const JOBS: [Job; 7] = [Job::Start, Job::Force, Job::Stop, Job::Install, Job::Reinstall, Job::Add, Job::Hold];

/// A child process that begins its job after a signal.
pub(crate) struct Worker {
    child: Child,
    stdin: Option<ChildStdin>,
    stdout: BufReader<ChildStdout>,
}

impl Worker {
    pub(crate) fn new(fixture: &Fixture, job: Job) -> Self {
        Self::with_version(fixture, job, &fixture.layout.cli_version, |_| ())
    }

    pub(crate) fn with_version(fixture: &Fixture, job: Job, version: &str, prepare: impl FnOnce(&mut Command)) -> Self {
        Self::run(Command::new(std::env::current_exe().unwrap()), fixture, job, version, prepare)
    }

    /// A process in a pid namespace of its own, like in a container; `None` if that is not permitted.
    pub(crate) fn in_container(fixture: &Fixture, job: Job) -> Option<Self> {
        let mut unshare = Command::new("unshare");
        unshare.args(["--pid", "--fork", "--mount-proc", "--kill-child"]);
        let mut attempt = Command::new("unshare");
        attempt.args(["--pid", "--fork", "--mount-proc", "true"]);
        if !attempt.status().is_ok_and(|status| status.success()) {
            return None;
        }
        unshare.arg(std::env::current_exe().unwrap());
        Some(Self::run(unshare, fixture, job, &fixture.layout.cli_version, |_| ()))
    }

    fn run(
        mut command: Command,
        fixture: &Fixture,
        job: Job,
        version: &str,
        prepare: impl FnOnce(&mut Command),
    ) -> Self {
        command.args(["--ignored", "--exact", "child::child_process_with_one_job", "--nocapture", "--test-threads=1"]);
        command.env(JOB, format!("{job:?}")).env(FOLDER, fixture.folder.path()).env(VERSION, version);
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null()).process_group(0);
        prepare(&mut command);
        let mut child = command.spawn().unwrap();
        let (stdin, stdout) = (child.stdin.take(), BufReader::new(child.stdout.take().unwrap()));
        let mut worker = Self { child, stdin, stdout };
        worker.wait_for_marker("ready");
        worker
    }

    pub(crate) fn pid(&self) -> u32 {
        self.child.id()
    }

    pub(crate) fn release(&mut self) {
        let mut pipe = self.stdin.take().unwrap();
        pipe.write_all(b"go\n").unwrap();
        self.stdin = Some(pipe);
    }

    /// Waits for the outcome of the job.
    pub(crate) fn outcome(mut self) -> Result<String, String> {
        let line = self.wait_for_marker("outcome");
        self.child.wait().unwrap();
        match line.split_once(' ').unwrap() {
            ("ok", text) => Ok(text.to_owned()),
            (_, text) => Err(text.to_owned()),
        }
    }

    /// Kills the process group after this time; returns `false` if the process exited before.
    pub(crate) fn kill_after(mut self, time: Duration) -> bool {
        let until = Instant::now() + time;
        while Instant::now() < until {
            if self.child.try_wait().unwrap().is_some() {
                return false;
            }
            std::thread::sleep(Duration::from_millis(1));
        }
        let group = i32::try_from(self.child.id()).unwrap();
        // SAFETY: a plain system call; the group is led by a child that has not been waited for.
        unsafe { libc::kill(-group, libc::SIGKILL) };
        self.child.wait().unwrap();
        true
    }

    /// Waits until a process with [`Job::Hold`] has started the daemon.
    pub(crate) fn wait_until_started(&mut self) {
        self.wait_for_marker("holds");
    }

    fn wait_for_marker(&mut self, marker: &str) -> String {
        let prefix = format!("@{marker} ");
        let mut line = String::new();
        while self.stdout.read_line(&mut line).unwrap() > 0 {
            if let Some(index) = line.find(&prefix) {
                return line[index + prefix.len()..].trim_end().to_owned();
            }
            line.clear();
        }
        panic!("the process ended before it printed {marker}")
    }
}

/// Runs jobs in processes that begin at the same moment; returns their outcomes.
pub(crate) fn run_concurrently(fixture: &Fixture, jobs: impl IntoIterator<Item = Job>) -> Vec<Result<String, String>> {
    let mut workers: Vec<_> = jobs.into_iter().map(|job| Worker::new(fixture, job)).collect();
    workers.iter_mut().for_each(Worker::release);
    workers.into_iter().map(Worker::outcome).collect()
}

/// Not a test: the child processes of other tests.
#[test]
#[ignore = "runs as a child of other tests"]
fn child_process_with_one_job() {
    let variable = |name: &str| std::env::var_os(name).unwrap();
    let job = variable(JOB);
    let job = JOBS.into_iter().find(|candidate| job == format!("{candidate:?}").as_str()).unwrap();
    let folder = PathBuf::from(variable(FOLDER));
    let (layout, fixture_env) = layout_and_env(&folder, &variable(VERSION).to_string_lossy());
    let fixture_env = fixture_env.iter().map(|(name, value)| (name.to_owned(), value.to_owned()));
    let env = std::env::vars().chain(fixture_env.collect::<Vec<_>>()).collect();
    println!("@ready now");
    std::io::stdin().read_line(&mut String::new()).unwrap();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    match runtime.block_on(work(job, layout, env)) {
        Ok(text) => println!("@outcome ok {text}"),
        Err(error) => println!("@outcome err {}", error.to_string().replace('\n', " ")),
    }
}

async fn work(job: Job, layout: Layout, env: ktx::env::Environment) -> Result<String> {
    let host = NativeDaemon { layout: layout.clone(), env: env.clone() };
    let summary = |started: &Started| format!("{:?} {}", started.status, started.state.pid);
    match job {
        Job::Start => start_daemon(&host, false).await.map(|started| summary(&started)),
        Job::Force => start_daemon(&host, true).await.map(|started| summary(&started)),
        Job::Hold => {
            let started = start_daemon(&host, false).await?;
            println!("@holds it");
            let _ = std::io::stdin().read_line(&mut String::new());
            stop(&host, &layout).await?;
            Ok(summary(&started))
        }
        Job::Stop => stop(&host, &layout).await.map(|stopped| format!("{:?}", stopped.status)),
        Job::Install | Job::Reinstall | Job::Add => {
            let feature = if job == Job::Add { Feature::LocalEmbeddings } else { Feature::Core };
            let request = InstallRequest { layout, env, features: vec![feature], force: job == Job::Reinstall };
            install(&RecordingHost::default(), &request).await.map(|installed| format!("{:?}", installed.status))
        }
    }
}

/// Starts the daemon in this process.
pub(crate) async fn start_daemon(host: &NativeDaemon, force: bool) -> Result<Started> {
    let request = StartRequest {
        layout: host.layout.clone(),
        env: host.env.clone(),
        features: vec![Feature::Core],
        force,
        timeout: Duration::from_secs(60),
    };
    start(host, &request).await
}

/// Creates a fixture with an installed runtime and the fake daemon, and a native host.
pub(crate) async fn set_up(mode: &str) -> (Fixture, NativeDaemon) {
    let fixture = Fixture::new();
    std::fs::write(fixture.tools().join("daemon.py"), include_str!("../fakes/daemon.py")).unwrap();
    install(&RecordingHost::default(), &fixture.request(&[Feature::Core], false)).await.unwrap();
    fixture.daemon_mode(mode);
    let host = NativeDaemon { layout: fixture.layout.clone(), env: fixture.env.clone() };
    (fixture, host)
}

/// All running processes whose environment names a fixture, without zombies.
pub(crate) fn processes_of(folder: &Path) -> Vec<u32> {
    let mark = folder.to_string_lossy().into_owned().into_bytes();
    let pids = std::fs::read_dir("/proc").unwrap().flatten().filter_map(|e| e.file_name().to_str()?.parse().ok());
    pids.filter(|pid: &u32| {
        let environment = std::fs::read(format!("/proc/{pid}/environ")).unwrap_or_default();
        environment.windows(mark.len()).any(|window| window == mark)
    })
    .collect()
}

/// Sets the umask of a child process.
pub(crate) fn set_umask(command: &mut Command, umask: libc::mode_t) {
    let set = move || {
        // SAFETY: a plain system call that is async-signal-safe.
        unsafe { libc::umask(umask) };
        Ok(())
    };
    // SAFETY: see above.
    unsafe { command.pre_exec(set) };
}

/// Waits until a condition holds.
pub(crate) fn wait_until(condition: &str, mut holds: impl FnMut() -> bool) {
    let limit = Instant::now() + TIMEOUT;
    while !holds() {
        assert!(Instant::now() < limit, "timed out waiting until {condition}");
        std::thread::sleep(Duration::from_millis(5));
    }
}
