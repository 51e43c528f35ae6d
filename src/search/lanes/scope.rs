//! Which documents a lane may return.

use crate::search::document::Kind;

/// A filter of documents.
#[derive(Debug, Clone, Default)]
pub(in crate::search) struct Scope {
    /// Only documents of this connection, and pages.
    pub(in crate::search) connection: Option<String>,
    /// Only these kinds; all if it is empty.
    pub(in crate::search) kinds: Vec<Kind>,
}

impl Scope {
    /// Whether hits of a kind are wanted.
    pub(in crate::search) fn has(&self, kind: Kind) -> bool {
        self.kinds.is_empty() || self.kinds.contains(&kind)
    }

    /// The numbers of the kinds as a JSON array, for a statement; `None` for all.
    pub(super) fn kind_numbers(&self) -> Option<String> {
        let numbers: Vec<_> = self.kinds.iter().map(|kind| kind.number().to_string()).collect();
        (!numbers.is_empty()).then(|| format!("[{}]", numbers.join(",")))
    }
}
