//! Detection of relationships in a scan: what people have written and answered, the profiles, and counts of the
//! database.
//!
//! ```text
//! tables, profiles, usage.json, answers ─▶ input ─▶ propose ─▶ /database/profile ─▶ conclude ─▶ earlier ─▶ relationships.json
//! ```

mod earlier;
mod find;
mod input;
mod model_joins;
mod names;
mod outcome;
mod run;
mod view_joins;

pub use earlier::keep_earlier;
pub use find::{FoundDetection, RELATIONSHIPS_FILE, find_detection};
pub use input::{parse_tables, read_input};
pub use model_joins::model_joins;
pub use names::{TableNames, columns_of};
pub use outcome::is_same_outcome;
pub use run::{Detected, detect};
pub use view_joins::{read_definitions, read_view_joins};
