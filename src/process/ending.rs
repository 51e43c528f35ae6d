//! How a process is ended.

/// How firmly a process is asked to end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ending {
    /// `SIGTERM`: it may finish what it does. Windows has no such thing, so nothing is done there.
    Ask,
    /// `SIGKILL`, `TerminateProcess`.
    Kill,
}
