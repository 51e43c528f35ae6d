//! The kinds of process with this lifecycle, and their names in messages.

use crate::error::Code;

/// A kind of process.
#[derive(Debug)]
pub struct Subject {
    /// Name at the beginning of a sentence.
    pub capitalized: &'static str,
    /// Name within a sentence.
    pub name: &'static str,
    /// Full name.
    pub title: &'static str,
    /// Code of a failed start.
    pub start_failed: Code,
    /// Code of a failed stop.
    pub stop_failed: Code,
}

/// The daemon of the runtime.
pub(super) const DAEMON: Subject = Subject {
    capitalized: "Daemon",
    name: "daemon",
    title: "KTX Python daemon",
    start_failed: Code::DaemonStartFailed,
    stop_failed: Code::DaemonStopFailed,
};
