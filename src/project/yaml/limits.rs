//! Size limits of a document. The parser expands aliases, so that a small file can produce any amount of data;
//! expanded values and bytes are counted before they are stored.

use serde_saphyr::{
    Error,
    budget::{Budget, BudgetBreach},
};

/// Maximum nesting of sequences and mappings.
const MAX_DEPTH: usize = 64;
/// Maximum number of scalars, sequences and mappings, with aliases expanded.
const MAX_VALUES: usize = 250_000;
/// Maximum bytes of a file, and of its scalars with aliases expanded.
const MAX_BYTES: usize = 16 << 20;

/// The message for a document of more than [`MAX_BYTES`].
const TOO_MANY_BYTES: &str = "the document is too large: more than 16 MiB of text, with every alias expanded";

/// The limits that the parser enforces.
pub(super) fn budget() -> Option<Budget> {
    serde_saphyr::budget! {
        max_depth: MAX_DEPTH,
        // Above the scanner's lookahead of 1,024 characters, so that `max_depth` reports the error.
        flow_nesting_limit: 2_048,
        max_nodes: MAX_VALUES,
        max_events: 4 * MAX_VALUES,
        max_aliases: MAX_VALUES,
        max_anchors: MAX_VALUES,
        max_recorded_anchor_events: 2 * MAX_VALUES,
        max_recorded_anchor_bytes: MAX_BYTES,
        max_total_scalar_bytes: MAX_BYTES,
        // Many aliases of one anchor are harmless, since expanded values are counted.
        enforce_alias_anchor_ratio: false,
    }
}

/// Checks the size of a text before it is parsed. Errors: the message.
pub(super) fn check_size(text: &str) -> Result<(), &'static str> {
    if text.len() > MAX_BYTES { Err(TOO_MANY_BYTES) } else { Ok(()) }
}

/// The message for a document that exceeds the budget; `None` for another error.
pub(super) fn message(error: &Error) -> Option<&'static str> {
    match error {
        Error::Budget { breach: BudgetBreach::Depth { .. }, .. } | Error::AliasReplayStackDepthExceeded { .. } => {
            Some("the document is nested too deeply: more than 64 levels")
        }
        Error::Budget {
            breach: BudgetBreach::ScalarBytes { .. } | BudgetBreach::RecordedAnchorBytes { .. }, ..
        } => Some(TOO_MANY_BYTES),
        Error::Budget { .. } | Error::AliasReplayLimitExceeded { .. } => {
            Some("the document is too large: more than 250,000 values, with every alias expanded")
        }
        _ => None,
    }
}
