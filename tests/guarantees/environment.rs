//! 10. Environment.

use crate::{
    child::{Job, Worker, processes_of, set_umask, until},
    support::Place,
};
use std::{
    fs, io,
    os::{fd::AsRawFd, unix::process::CommandExt},
    path::Path,
    process::Command,
};

/// Installs, starts, reuses and stops, each in a process that was prepared so.
fn whole_life(what: &str, prepare: impl Fn(&mut Command, &Place), at_once: impl Fn(&Place)) {
    let place = Place::new();
    fs::write(place.tools().join("daemon.py"), include_str!("../fakes/daemon.py")).unwrap();
    let run = |job| {
        let mut worker = Worker::of_version(&place, job, "1.2.3", |command| prepare(command, &place));
        at_once(&place);
        worker.go();
        worker.outcome().unwrap_or_else(|error| panic!("{what}: {job:?}: {error}"))
    };
    assert_eq!(run(Job::Install), "Installed");
    let started = run(Job::Start);
    assert!(started.starts_with("Started "), "{what}: {started}");
    assert_eq!(run(Job::Start), started.replace("Started", "Reused"), "{what}");
    assert_eq!(run(Job::Stop), "Stopped", "{what}");
    until("nothing runs any more", || processes_of(place.folder.path()).is_empty());
}

/// What would break the fakes, which are Python programs, or the calls to 127.0.0.1.
const BENDING: [(&str, &str); 22] = [
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
fn guarantee_10_variables_that_bend_python_proxies_or_daemons_have_no_effect() {
    let all = |command: &mut Command, _: &Place| {
        command.envs(BENDING);
    };
    whole_life("all of them", all, |_| ());
    let proxies = |command: &mut Command, _: &Place| {
        command.envs(BENDING.into_iter().take(5));
    };
    whole_life("proxies without exceptions", proxies, |_| ());
}

#[test]
fn guarantee_10_any_umask_will_do() {
    for umask in [0o000, 0o022, 0o077] {
        let prepare = |command: &mut Command, _: &Place| set_umask(command, umask);
        whole_life(&format!("umask {umask:o}"), prepare, |_| ());
    }
}

#[test]
fn guarantee_10_no_home_is_needed_where_the_root_is_given() {
    let prepare = |command: &mut Command, _: &Place| {
        command.env_remove("HOME").env_remove("USER");
    };
    whole_life("no HOME", prepare, |_| ());
}

#[test]
fn guarantee_10_the_working_folder_may_be_a_project_or_gone() {
    let folder = |place: &Place| place.folder.path().join("work");
    let project = |place: &Place| {
        fs::create_dir_all(folder(place)).unwrap();
        for name in ["pyproject.toml", "uv.toml", "python.py", "json.py", "http.py"] {
            fs::write(folder(place).join(name), "raise SystemExit('no')").unwrap();
        }
    };
    let enter = |command: &mut Command, place: &Place| {
        project(place);
        command.current_dir(folder(place));
    };
    whole_life("a project", enter, |_| ());
    whole_life("gone", enter, |place| fs::remove_dir_all(folder(place)).unwrap());
}

/// Who starts a daemon from a shell's `$(…)`, or under a tool that waits for a pipe, waited for the daemon's end.
#[test]
fn guarantee_10_no_descriptor_of_the_host_reaches_its_children() {
    let place = Place::new();
    fs::write(place.tools().join("daemon.py"), include_str!("../fakes/daemon.py")).unwrap();
    let (_end, pipe) = io::pipe().unwrap();
    let held = fs::read_link(format!("/proc/self/fd/{}", pipe.as_raw_fd())).unwrap();
    let prepare = |command: &mut Command, _: &Place| {
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
        let mut worker = Worker::of_version(&place, job, "1.2.3", |command| prepare(command, &place));
        worker.go();
        worker.outcome().unwrap();
    }
    let daemon = format!("/proc/{}/fd", place.spawns()[0]);
    let links: Vec<_> = fs::read_dir(daemon).unwrap().flatten().flat_map(|fd| fs::read_link(fd.path())).collect();
    let holds = |what: &Path| links.iter().any(|link| link == what);
    assert!(holds(&fs::canonicalize(place.layout.life_lock()).unwrap()) && !holds(&held), "{links:?}");
    let mut worker = Worker::new(&place, Job::Stop);
    worker.go();
    worker.outcome().unwrap();
}

#[test]
fn guarantee_10_with_1024_open_files_it_works() {
    let prepare = |command: &mut Command, _: &Place| {
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
    whole_life("1024 open files", prepare, |_| ());
}

#[test]
fn guarantee_10_temporary_folders_that_are_gone_or_none_make_no_difference() {
    let file = tempfile::NamedTempFile::new().unwrap();
    let file = file.path().to_string_lossy().into_owned();
    for folder in ["", "/no/such/folder", "relative", &file] {
        let prepare = |command: &mut Command, _: &Place| {
            command.env("TMPDIR", folder);
        };
        whole_life(&format!("TMPDIR={folder}"), prepare, |_| ());
    }
}
