//! Limits of the operating system that are too low for the addon: what could not be had is an error that says what to
//! raise, and no panic.

use crate::error::{Code, Error};
use std::{
    any::Any,
    panic::{self, PanicHookInfo, catch_unwind},
    sync::OnceLock,
};
use tokio::runtime::{Builder, Runtime};

/// How tokio panics where the system gives it no thread.
const NO_THREAD: &str = "OS can't spawn worker thread";

/// How the system says that no file can be opened.
const NO_FILE: &str = "Too many open files";

static FAILURE: OnceLock<String> = OnceLock::new();

/// One thread carries timers and short tasks; connections and blocking work have threads of their own. Where the system
/// refuses the thread, each call reports that, and Node gets a runtime without threads.
pub(super) fn runtime() -> std::io::Result<Runtime> {
    let before = panic::take_hook();
    panic::set_hook(Box::new(|_| ()));
    let build = || Builder::new_multi_thread().worker_threads(1).thread_name("ktx").enable_all().build();
    let built = catch_unwind(build).unwrap_or_else(|panic| Err(std::io::Error::other(text_of(panic.as_ref()))));
    panic::set_hook(Box::new(move |info: &PanicHookInfo<'_>| {
        // That becomes an error, which says it better.
        if !info.payload_as_str().is_some_and(|text| text.starts_with(NO_THREAD)) {
            before(info);
        }
    }));
    built.or_else(|error| {
        let _ = FAILURE.set(error.to_string());
        Builder::new_current_thread().build()
    })
}

fn text_of(panic: &(dyn Any + Send)) -> String {
    let text = panic.downcast_ref::<&str>().map(|text| (*text).to_owned());
    text.or_else(|| panic.downcast_ref::<String>().cloned()).unwrap_or_default()
}

/// Why no call can be made in this process.
pub(super) fn failure() -> Option<Error> {
    FAILURE.get().map(|reason| too_low(reason))
}

/// The error of a panic, if a limit was the reason.
pub(super) fn of_panic(text: &str) -> Option<Error> {
    text.starts_with(NO_THREAD).then(|| too_low(text))
}

fn too_low(reason: &str) -> Error {
    // As a panic quotes it, in the middle of other things.
    let reason = if reason.contains(NO_FILE) { NO_FILE } else { reason };
    let hint = if reason.starts_with(NO_THREAD) {
        "Let this user run more processes and threads: ulimit -u 256"
    } else {
        "Let this process open more files: ulimit -n 1024"
    };
    let message = format!("The operating system gives this process too little: {reason}");
    Error::new(Code::LimitReached, message).with_hint(hint)
}
