//! The tokio runtime of HTTP connections.

use crate::error::{Code, Error, Result};
use std::sync::OnceLock;
use tokio::runtime::{Builder, Handle, Runtime};

/// Returns the runtime that drives connections, which the first request starts.
///
/// It is separate from the caller's runtime, whose timers enforce the time limits: a server that sends interim
/// responses (RFC 9110, section 15.2) without a pause makes each poll of its connection take seconds, in which no timer
/// of that runtime fires. One thread is enough, as it only does I/O.
pub(super) fn runtime() -> Result<&'static Handle> {
    static RUNTIME: OnceLock<Runtime> = OnceLock::new();
    if let Some(runtime) = RUNTIME.get() {
        return Ok(runtime.handle());
    }
    let built = Builder::new_multi_thread().worker_threads(1).thread_name("ktx-http").enable_all().build();
    let built = built.map_err(|error| {
        Error::new(Code::LimitReached, format!("Cannot start the thread for HTTP: {error}")).caused_by(error)
    })?;
    if let Err(duplicate) = RUNTIME.set(built) {
        duplicate.shutdown_background();
    }
    Ok(RUNTIME.get_or_init(|| unreachable!("it was set")).handle())
}
