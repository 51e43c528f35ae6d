//! The guarantees of `docs/daemon-lifecycle.md`; the names of tests have their numbers. With real processes, and with a
//! fake daemon and a fake installer that can be slow, exit, hang and return invalid data.
#![cfg(unix)]
#![allow(clippy::unwrap_used, clippy::panic, reason = "an unwrap in a test is an assertion")]
#![allow(clippy::print_stdout, clippy::print_stderr, reason = "child processes report over standard output")]

mod calls;
mod child;
mod damage;
mod damaged_environment;
mod disk;
mod environment;
mod install;
mod limits;
mod one_daemon;
mod parsing;
mod shared;
#[path = "../support/mod.rs"]
mod support;
mod users;
