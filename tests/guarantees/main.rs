//! The guarantees of `docs/daemon-lifecycle.md`, each with its number in the names of its tests. Real processes, a fake
//! daemon and a fake installer that can be slow, die, hang, lie and talk nonsense.
#![cfg(unix)]
#![allow(clippy::unwrap_used, clippy::panic, reason = "an unwrap in a test is an assertion")]
#![allow(clippy::print_stdout, clippy::print_stderr, reason = "processes of a test tell each other what they did")]

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
