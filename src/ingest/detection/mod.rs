//! Detection of relationships in a scan: what people have written and answered, the profiles, and counts of the
//! database.
//!
//! ```text
//! tables, profiles, usage.json, answers ─▶ input ─▶ propose ─▶ /database/profile ─▶ conclude ─▶ relationships.json
//! ```

mod input;
mod names;
mod run;

pub use input::read_input;
pub use run::{Detected, detect};

/// File with the detected keys and relationships in a sync.
pub const RELATIONSHIPS_FILE: &str = "relationships.json";
