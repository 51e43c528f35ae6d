//! What a run tells while it goes on.

use serde::Serialize;

/// Part of a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Phase {
    /// The source is asked.
    Fetch,
    /// Files are written.
    Stage,
    /// What was pulled is compared.
    Diff,
    /// The outcome is recorded.
    Report,
}

/// One piece of news (`KtxRunProgress`).
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct RunProgress {
    /// Part of the run.
    pub phase: Phase,
    /// For people.
    pub message: String,
    /// How many of `total` are done.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub done: Option<usize>,
    /// How many there are.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub total: Option<usize>,
}

/// Takes the news, on the thread that polls the run.
#[derive(Clone, Copy)]
pub struct Progress<'a>(&'a dyn Fn(RunProgress));

impl<'a> Progress<'a> {
    /// News go to a function.
    pub fn new(sink: &'a dyn Fn(RunProgress)) -> Self {
        Self(sink)
    }

    /// Discards progress.
    pub fn silent() -> Self {
        Self(&|_| ())
    }

    /// Tells that a phase does something.
    pub fn tell(&self, phase: Phase, message: impl Into<String>) {
        (self.0)(RunProgress { phase, message: message.into(), done: None, total: None });
    }

    /// Tells how far a phase is.
    pub fn count(&self, phase: Phase, message: impl Into<String>, done: usize, total: usize) {
        (self.0)(RunProgress { phase, message: message.into(), done: Some(done), total: Some(total) });
    }
}
