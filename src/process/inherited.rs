//! What a detached child has inherited: it keeps the life lock until it exits, and reports that it is ready.

use super::{Ready, platform};
use crate::{env::Environment, error::Result};
use std::{
    io,
    sync::{Mutex, PoisonError},
};

/// The reporter of this process, until it has reported.
static REPORTER: Mutex<Option<platform::Reporter>> = Mutex::new(None);

/// Takes over what a launch has passed to this process. Called once.
pub fn hold_inherited(env: &Environment) -> Result<()> {
    let reporter = platform::hold_inherited(env)?;
    *REPORTER.lock().unwrap_or_else(PoisonError::into_inner) = reporter;
    Ok(())
}

/// Sends the ready report of this process.
///
/// Errors: the starter has ended, or the report was sent before.
pub fn report_ready(ready: Ready) -> io::Result<()> {
    let reporter = REPORTER.lock().unwrap_or_else(PoisonError::into_inner).take();
    let reporter = reporter.ok_or_else(|| io::Error::other("the report was sent before"))?;
    reporter.send(&serde_json::to_vec(&ready)?)
}
