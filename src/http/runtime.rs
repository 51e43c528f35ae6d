//! The thread of all connections.

use crate::error::{Code, Error, Result};
use std::sync::OnceLock;
use tokio::runtime::{Builder, Handle, Runtime};

/// The runtime that drives connections, made at the first request.
///
/// It is apart from the caller's, whose timers keep the time limits: a server that sends interim responses (RFC 9110,
/// section 15.2) without a pause makes each poll of its connection take seconds, and no timer of that runtime fires
/// meanwhile. One thread is enough: it never computes.
pub(super) fn runtime() -> Result<&'static Handle> {
    static RUNTIME: OnceLock<Runtime> = OnceLock::new();
    if let Some(runtime) = RUNTIME.get() {
        return Ok(runtime.handle());
    }
    let made = Builder::new_multi_thread().worker_threads(1).thread_name("ktx-http").enable_all().build();
    let made = made.map_err(|error| {
        Error::new(Code::LimitReached, format!("Cannot start the thread for HTTP: {error}")).caused_by(error)
    })?;
    if let Err(surplus) = RUNTIME.set(made) {
        surplus.shutdown_background();
    }
    Ok(RUNTIME.get_or_init(|| unreachable!("it was set")).handle())
}
