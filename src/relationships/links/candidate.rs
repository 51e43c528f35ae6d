//! A possible link and what speaks for it before anything is counted.

use super::{heads::Head, targets::TargetKind, written::Written};
use crate::relationships::{
    detection::{Evidence, Status},
    facts::ColumnId,
    names::NameSignal,
    samples::Overlap,
};

/// A possible link.
#[derive(Debug, Clone)]
pub(in crate::relationships) struct Candidate {
    /// The referencing columns.
    pub(in crate::relationships) from: Vec<ColumnId>,
    /// The referenced columns.
    pub(in crate::relationships) to: Vec<ColumnId>,
    /// What the referenced columns are in their table.
    pub(in crate::relationships) kind: TargetKind,
    /// Match of the names.
    pub(in crate::relationships) name: Option<NameSignal>,
    /// Comparison of the samples.
    pub(in crate::relationships) overlap: Overlap,
    /// Improbability of the inclusion in bits.
    pub(in crate::relationships) surprise: f64,
    /// The series with the same end.
    pub(in crate::relationships) head: Option<Head>,
    /// Joins that people wrote.
    pub(in crate::relationships) written: Written,
    /// Weighed signals.
    pub(in crate::relationships) evidence: Vec<Evidence>,
    /// The best possible outcome, with its reason among the evidence.
    pub(in crate::relationships) limit: Status,
}

impl Candidate {
    /// Creates a candidate without evidence.
    pub(in crate::relationships) fn new(from: Vec<ColumnId>, to: Vec<ColumnId>, kind: TargetKind) -> Self {
        Self {
            from,
            to,
            kind,
            name: None,
            overlap: Overlap::default(),
            surprise: 0.0,
            head: None,
            written: Written::default(),
            evidence: Vec::new(),
            limit: Status::Accepted,
        }
    }

    /// Adds a signal that limits the outcome.
    pub(in crate::relationships) fn limit_to(&mut self, status: Status, evidence: Evidence) {
        self.limit = self.limit.max(status);
        self.evidence.push(evidence);
    }
}
