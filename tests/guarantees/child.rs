//! Processes of their own that start, stop and install: this very test program, run with one job.

use crate::support::{Place, Watching, located};
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
const PLACE: &str = "KTX_TEST_PLACE";
const VERSION: &str = "KTX_TEST_VERSION";

/// The longest that any condition is waited for; a failure, not a measure.
const TIME_LIMIT: Duration = Duration::from_secs(120);

/// What a process is to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Job {
    Start,
    Force,
    Stop,
    Install,
    Reinstall,
    Add,
    /// Starts the daemon, and stays until it is asked to stop it.
    Hold,
}

const JOBS: [Job; 7] = [Job::Start, Job::Force, Job::Stop, Job::Install, Job::Reinstall, Job::Add, Job::Hold];

/// A process that waits for its signal to begin.
pub(crate) struct Worker {
    child: Child,
    go: Option<ChildStdin>,
    said: BufReader<ChildStdout>,
}

impl Worker {
    pub(crate) fn new(place: &Place, job: Job) -> Self {
        Self::of_version(place, job, &place.layout.cli_version, |_| ())
    }

    pub(crate) fn of_version(place: &Place, job: Job, version: &str, prepare: impl FnOnce(&mut Command)) -> Self {
        Self::run(Command::new(std::env::current_exe().unwrap()), place, job, version, prepare)
    }

    /// A process in a namespace of process ids of its own, as in a container; `None` where that is not allowed.
    pub(crate) fn in_container(place: &Place, job: Job) -> Option<Self> {
        let mut unshare = Command::new("unshare");
        unshare.args(["--pid", "--fork", "--mount-proc", "--kill-child"]);
        let mut attempt = Command::new("unshare");
        attempt.args(["--pid", "--fork", "--mount-proc", "true"]);
        if !attempt.status().is_ok_and(|status| status.success()) {
            return None;
        }
        unshare.arg(std::env::current_exe().unwrap());
        Some(Self::run(unshare, place, job, &place.layout.cli_version, |_| ()))
    }

    fn run(mut command: Command, place: &Place, job: Job, version: &str, prepare: impl FnOnce(&mut Command)) -> Self {
        command.args(["--ignored", "--exact", "child::a_process_with_one_job", "--nocapture", "--test-threads=1"]);
        command.env(JOB, format!("{job:?}")).env(PLACE, place.folder.path()).env(VERSION, version);
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null()).process_group(0);
        prepare(&mut command);
        let mut child = command.spawn().unwrap();
        let (go, said) = (child.stdin.take(), BufReader::new(child.stdout.take().unwrap()));
        let mut worker = Self { child, go, said };
        worker.line("ready");
        worker
    }

    pub(crate) fn pid(&self) -> u32 {
        self.child.id()
    }

    pub(crate) fn go(&mut self) {
        let mut pipe = self.go.take().unwrap();
        pipe.write_all(b"go\n").unwrap();
        self.go = Some(pipe);
    }

    /// What came of it: `Ok(text)` or `Err(message)`.
    pub(crate) fn outcome(mut self) -> Result<String, String> {
        let line = self.line("outcome");
        self.child.wait().unwrap();
        match line.split_once(' ').unwrap() {
            ("ok", text) => Ok(text.to_owned()),
            (_, text) => Err(text.to_owned()),
        }
    }

    /// Whether it came to its end within this time; otherwise it and its process group are killed.
    pub(crate) fn killed_after(mut self, time: Duration) -> bool {
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

    /// Waits until it holds what it started.
    pub(crate) fn holds(&mut self) {
        self.line("holds");
    }

    fn line(&mut self, what: &str) -> String {
        let mark = format!("@{what} ");
        let mut line = String::new();
        while self.said.read_line(&mut line).unwrap() > 0 {
            if let Some(index) = line.find(&mark) {
                return line[index + mark.len()..].trim_end().to_owned();
            }
            line.clear();
        }
        panic!("the process ended before it said {what}")
    }
}

/// Many processes that begin at the same moment, and what came of them.
pub(crate) fn together(place: &Place, jobs: impl IntoIterator<Item = Job>) -> Vec<Result<String, String>> {
    let mut workers: Vec<_> = jobs.into_iter().map(|job| Worker::new(place, job)).collect();
    workers.iter_mut().for_each(Worker::go);
    workers.into_iter().map(Worker::outcome).collect()
}

/// Not a test of its own: the processes of the other tests.
#[test]
#[ignore = "runs as a child of other tests"]
fn a_process_with_one_job() {
    let variable = |name: &str| std::env::var_os(name).unwrap();
    let job = variable(JOB);
    let job = JOBS.into_iter().find(|known| job == format!("{known:?}").as_str()).unwrap();
    let place = PathBuf::from(variable(PLACE));
    let (layout, own) = located(&place, &variable(VERSION).to_string_lossy());
    let own = own.iter().map(|(name, value)| (name.to_owned(), value.to_owned()));
    let env = std::env::vars().chain(own.collect::<Vec<_>>()).collect();
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
        Job::Start => begin(&host, false).await.map(|started| summary(&started)),
        Job::Force => begin(&host, true).await.map(|started| summary(&started)),
        Job::Hold => {
            let started = begin(&host, false).await?;
            println!("@holds it");
            let _ = std::io::stdin().read_line(&mut String::new());
            stop(&host, &layout).await?;
            Ok(summary(&started))
        }
        Job::Stop => stop(&host, &layout).await.map(|stopped| format!("{:?}", stopped.status)),
        Job::Install | Job::Reinstall | Job::Add => {
            let feature = if job == Job::Add { Feature::LocalEmbeddings } else { Feature::Core };
            let request = InstallRequest { layout, env, features: vec![feature], force: job == Job::Reinstall };
            install(&Watching::default(), &request).await.map(|installed| format!("{:?}", installed.status))
        }
    }
}

/// Starts the daemon in this process.
pub(crate) async fn begin(host: &NativeDaemon, force: bool) -> Result<Started> {
    let request = StartRequest {
        layout: host.layout.clone(),
        env: host.env.clone(),
        features: vec![Feature::Core],
        force,
        timeout: Duration::from_secs(60),
    };
    start(host, &request).await
}

/// A place with a runtime whose daemon is the fake one, and this process as its host.
pub(crate) async fn ready(mode: &str) -> (Place, NativeDaemon) {
    let place = Place::new();
    std::fs::write(place.tools().join("daemon.py"), include_str!("../fakes/daemon.py")).unwrap();
    install(&Watching::default(), &place.request(&[Feature::Core], false)).await.unwrap();
    place.daemon_mode(mode);
    let host = NativeDaemon { layout: place.layout.clone(), env: place.env.clone() };
    (place, host)
}

/// Every process that was started for a place and still runs, by what its environment says; zombies are gone.
pub(crate) fn processes_of(folder: &Path) -> Vec<u32> {
    let mark = folder.to_string_lossy().into_owned().into_bytes();
    let pids = std::fs::read_dir("/proc").unwrap().flatten().filter_map(|e| e.file_name().to_str()?.parse().ok());
    pids.filter(|pid: &u32| {
        let environment = std::fs::read(format!("/proc/{pid}/environ")).unwrap_or_default();
        environment.windows(mark.len()).any(|window| window == mark)
    })
    .collect()
}

/// Gives a process an umask.
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
pub(crate) fn until(what: &str, mut holds: impl FnMut() -> bool) {
    let limit = Instant::now() + TIME_LIMIT;
    while !holds() {
        assert!(Instant::now() < limit, "waited in vain until {what}");
        std::thread::sleep(Duration::from_millis(5));
    }
}
