//! Progress events of a run.

use serde::Serialize;

/// Phase of a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Phase {
    /// The source is read.
    Fetch,
    /// Files are written.
    Stage,
    /// Entities are compared with the last sync.
    Diff,
    /// The outcome is recorded.
    Report,
    /// The run is complete, and vectors of texts are computed for searches.
    Embed,
}

/// A progress event (`KtxRunProgress`).
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct RunProgress {
    /// Phase of the run.
    pub phase: Phase,
    /// Text for the user.
    pub message: String,
    /// Number of items that are done.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub done: Option<usize>,
    /// Number of items.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub total: Option<usize>,
}

/// Sink of progress events, called on the thread that polls the run.
#[derive(Clone, Copy)]
pub struct Progress<'a>(&'a dyn Fn(RunProgress));

impl<'a> Progress<'a> {
    /// Sends events to a function.
    pub fn new(sink: &'a dyn Fn(RunProgress)) -> Self {
        Self(sink)
    }

    /// Discards events.
    pub fn silent() -> Self {
        Self(&|_| ())
    }

    /// Reports a step of a phase.
    pub fn report(&self, phase: Phase, message: impl Into<String>) {
        (self.0)(RunProgress { phase, message: message.into(), done: None, total: None });
    }

    /// Reports a step of a phase, with the number of items that are done.
    pub fn report_count(&self, phase: Phase, message: impl Into<String>, done: usize, total: usize) {
        (self.0)(RunProgress { phase, message: message.into(), done: Some(done), total: Some(total) });
    }
}
