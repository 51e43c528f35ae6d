//! Errors for limits of the operating system that are too low for the addon. Their hints name the limit to raise.

use crate::error::{Code, Error};
use std::{
    any::Any,
    panic::{self, PanicHookInfo, catch_unwind},
    sync::OnceLock,
};
use tokio::runtime::{Builder, Runtime};

/// Beginning of the panic message of tokio when it cannot spawn a thread.
const THREAD_PANIC_PREFIX: &str = "OS can't spawn worker thread";

/// Message of the operating system when no file can be opened.
const OPEN_FILES_TEXT: &str = "Too many open files";

/// Bytes of the stack of a thread. The deepest YAML that is allowed needs up to 3 MB in a build without optimisation;
/// pages that are not used take no memory.
const STACK_SIZE: usize = 8 << 20;

static FAILURE: OnceLock<String> = OnceLock::new();

/// Builds the tokio runtime. One thread runs timers and short tasks; connections and blocking work have threads of
/// their own. If the thread cannot be spawned, napi gets a runtime without threads, and each call fails with the
/// reason.
pub(super) fn runtime() -> std::io::Result<Runtime> {
    let before = panic::take_hook();
    panic::set_hook(Box::new(|_| ()));
    let build = || {
        let mut builder = Builder::new_multi_thread();
        builder.worker_threads(1).thread_name("ktx").thread_stack_size(STACK_SIZE).enable_all().build()
    };
    let built = catch_unwind(build).unwrap_or_else(|panic| Err(std::io::Error::other(panic_message(panic.as_ref()))));
    panic::set_hook(Box::new(move |info: &PanicHookInfo<'_>| {
        // Such a panic is reported as an error.
        if !info.payload_as_str().is_some_and(|text| text.starts_with(THREAD_PANIC_PREFIX)) {
            before(info);
        }
    }));
    built.or_else(|error| {
        let _ = FAILURE.set(error.to_string());
        Builder::new_current_thread().build()
    })
}

fn panic_message(panic: &(dyn Any + Send)) -> String {
    let text = panic.downcast_ref::<&str>().map(|text| (*text).to_owned());
    text.or_else(|| panic.downcast_ref::<String>().cloned()).unwrap_or_default()
}

/// The error of every call, if the runtime could not be built.
pub(super) fn failure() -> Option<Error> {
    FAILURE.get().map(|reason| limit_error(reason))
}

/// The error of a panic that was caused by a limit.
pub(super) fn from_panic(text: &str) -> Option<Error> {
    text.starts_with(THREAD_PANIC_PREFIX).then(|| limit_error(text))
}

fn limit_error(reason: &str) -> Error {
    // The panic message contains the error of the operating system.
    let reason = if reason.contains(OPEN_FILES_TEXT) { OPEN_FILES_TEXT } else { reason };
    let hint = if reason.starts_with(THREAD_PANIC_PREFIX) {
        "Let this user run more processes and threads: ulimit -u 256"
    } else {
        "Let this process open more files: ulimit -n 1024"
    };
    let message = format!("A limit of the operating system is too low: {reason}");
    Error::new(Code::LimitReached, message).with_hint(hint)
}
