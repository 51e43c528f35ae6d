//! Signals that end a process.

/// A signal to another process.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Signal {
    /// `SIGTERM`: a request to drain and exit. Does nothing on Windows, which has no such signal.
    Terminate,
    /// `SIGKILL`, or `TerminateProcess` on Windows.
    Kill,
}
