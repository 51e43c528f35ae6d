//! Modes of a scan.

use serde::{Deserialize, Serialize};

/// What a scan reads of a database. Each mode includes the ones before it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ScanMode {
    /// Tables, columns and keys.
    #[default]
    Structural,
    /// Profiles of the tables.
    Enriched,
    /// Relationships that the database does not declare.
    Relationships,
}

impl ScanMode {
    /// Names of the modes.
    pub const NAMES: [&'static str; 3] = ["structural", "enriched", "relationships"];

    /// Returns the mode with a name.
    pub fn from_name(name: &str) -> Option<Self> {
        let modes = [Self::Structural, Self::Enriched, Self::Relationships];
        Self::NAMES.iter().position(|known| *known == name).map(|index| modes[index])
    }
}
