//! 10. Environment.

use crate::{
    child::{Job, Worker, processes_of, set_umask, wait_until},
    support::Fixture,
};
use std::{
    fs, io,
    os::{fd::AsRawFd, unix::process::CommandExt},
    path::Path,
    process::Command,
};

/// Installs, starts, reuses and stops, each in a child process that `prepare` changes.
fn run_lifecycle(what: &str, prepare: impl Fn(&mut Command, &Fixture), before_start: impl Fn(&Fixture)) {
    let fixture = Fixture::new();
    fs::write(fixture.tools().join("daemon.py"), include_str!("../fakes/daemon.py")).unwrap();
    let run = |job| {
        let mut worker = Worker::with_version(&fixture, job, "1.2.3", |command| prepare(command, &fixture));
        before_start(&fixture);
        worker.release();
        worker.outcome().unwrap_or_else(|error| panic!("{what}: {job:?}: {error}"))
    };
    assert_eq!(run(Job::Install), "Installed");
    let started = run(Job::Start);
    assert!(started.starts_with("Started "), "{what}: {started}");
    assert_eq!(run(Job::Start), started.replace("Started", "Reused"), "{what}");
    assert_eq!(run(Job::Stop), "Stopped", "{what}");
    wait_until("nothing runs any more", || processes_of(fixture.folder.path()).is_empty());
}

/// Variables that would break Python programs, such as the fakes, or calls to 127.0.0.1.
const FOREIGN_VARIABLES: [(&str, &str); 22] = [
    ("HTTP_PROXY", "http://127.0.0.1:9"),
    ("http_proxy", "http://127.0.0.1:9"),
    ("HTTPS_PROXY", "http://127.0.0.1:9"),
    ("ALL_PROXY", "socks5://127.0.0.1:9"),
    ("all_proxy", "socks5://127.0.0.1:9"),
    ("NO_PROXY", ""),
    ("no_proxy", "example.com"),
    ("PYTHONPATH", "/nonexistent"),
    ("PYTHONHOME", "/nonexistent"),
    ("PYTHONSTARTUP", "/nonexistent"),
    ("VIRTUAL_ENV", "/nonexistent"),
    ("CONDA_PREFIX", "/nonexistent"),
    ("PIP_TARGET", "/nonexistent"),
    ("PIP_REQUIRE_VIRTUALENV", "1"),
    ("PIP_USER", "1"),
    ("UV_PROJECT_ENVIRONMENT", "/nonexistent"),
    ("KTX_DAEMON_TOKEN", "of another daemon"),
    ("KTX_DAEMON_LIFE_LOCK", "/nonexistent"),
    ("KTX_DAEMON_READY_FILE", "/nonexistent"),
    ("KTX_DAEMON_STATE_FILE", "/nonexistent"),
    ("KTX_DAEMON_URL", "http://127.0.0.1:9"),
    ("LC_ALL", "C"),
];

#[test]
fn guarantee_10_foreign_variables_have_no_effect() {
    let all = |command: &mut Command, _: &Fixture| {
        command.envs(FOREIGN_VARIABLES);
    };
    run_lifecycle("all of them", all, |_| ());
    let proxies = |command: &mut Command, _: &Fixture| {
        command.envs(FOREIGN_VARIABLES.into_iter().take(5));
    };
    run_lifecycle("proxies without exceptions", proxies, |_| ());
}

#[test]
fn guarantee_10_any_umask_works() {
    for umask in [0o000, 0o022, 0o077] {
        let prepare = |command: &mut Command, _: &Fixture| set_umask(command, umask);
        run_lifecycle(&format!("umask {umask:o}"), prepare, |_| ());
    }
}

#[test]
fn guarantee_10_home_is_not_needed_if_the_root_is_set() {
    let prepare = |command: &mut Command, _: &Fixture| {
        command.env_remove("HOME").env_remove("USER");
    };
    run_lifecycle("no HOME", prepare, |_| ());
}

#[test]
fn guarantee_10_working_folder_may_be_a_project_or_deleted() {
    let folder = |fixture: &Fixture| fixture.folder.path().join("work");
    let project = |fixture: &Fixture| {
        fs::create_dir_all(folder(fixture)).unwrap();
        for name in ["pyproject.toml", "uv.toml", "python.py", "json.py", "http.py"] {
            fs::write(folder(fixture).join(name), "raise SystemExit('no')").unwrap();
        }
    };
    let enter = |command: &mut Command, fixture: &Fixture| {
        project(fixture);
        command.current_dir(folder(fixture));
    };
    run_lifecycle("a project", enter, |_| ());
    run_lifecycle("gone", enter, |fixture| fs::remove_dir_all(folder(fixture)).unwrap());
}

/// Regression: a shell's `$(…)`, or a tool that reads a pipe, waited for the end of a daemon that was started there.
#[test]
fn guarantee_10_descriptors_of_the_host_are_not_inherited() {
    let fixture = Fixture::new();
    fs::write(fixture.tools().join("daemon.py"), include_str!("../fakes/daemon.py")).unwrap();
    let (_end, pipe) = io::pipe().unwrap();
    let held = fs::read_link(format!("/proc/self/fd/{}", pipe.as_raw_fd())).unwrap();
    let prepare = |command: &mut Command, _: &Fixture| {
        let pipe = pipe.as_raw_fd();
        let open = move || {
            // SAFETY: a plain system call that is async-signal-safe, on numbers that nothing else has.
            let copied = [300, 900].iter().all(|fd| unsafe { libc::dup2(pipe, *fd) } >= 0);
            if copied { Ok(()) } else { Err(io::Error::last_os_error()) }
        };
        // SAFETY: see above.
        unsafe { command.pre_exec(open) };
    };
    for job in [Job::Install, Job::Start] {
        let mut worker = Worker::with_version(&fixture, job, "1.2.3", |command| prepare(command, &fixture));
        worker.release();
        worker.outcome().unwrap();
    }
    let daemon = format!("/proc/{}/fd", fixture.spawns()[0]);
    let links: Vec<_> = fs::read_dir(daemon).unwrap().flatten().flat_map(|fd| fs::read_link(fd.path())).collect();
    let holds = |what: &Path| links.iter().any(|link| link == what);
    assert!(holds(&fs::canonicalize(fixture.layout.life_lock()).unwrap()) && !holds(&held), "{links:?}");
    let mut worker = Worker::new(&fixture, Job::Stop);
    worker.release();
    worker.outcome().unwrap();
}

#[test]
fn guarantee_10_host_may_have_1024_open_files() {
    let prepare = |command: &mut Command, _: &Fixture| {
        let open = || {
            let mut limit = libc::rlimit { rlim_cur: 0, rlim_max: 0 };
            // SAFETY: plain system calls that are async-signal-safe, on a struct that is ours.
            unsafe {
                libc::getrlimit(libc::RLIMIT_NOFILE, &raw mut limit);
                limit.rlim_cur = limit.rlim_max.min(4096);
                libc::setrlimit(libc::RLIMIT_NOFILE, &raw const limit);
                while (0..1100).contains(&libc::dup(0)) {}
            }
            Ok(())
        };
        // SAFETY: see above.
        unsafe { command.pre_exec(open) };
    };
    run_lifecycle("1024 open files", prepare, |_| ());
}

#[test]
fn guarantee_10_invalid_temporary_folders_have_no_effect() {
    let file = tempfile::NamedTempFile::new().unwrap();
    let file = file.path().to_string_lossy().into_owned();
    for folder in ["", "/no/such/folder", "relative", &file] {
        let prepare = |command: &mut Command, _: &Fixture| {
            command.env("TMPDIR", folder);
        };
        run_lifecycle(&format!("TMPDIR={folder}"), prepare, |_| ());
    }
}
