//! Detection of keys and foreign keys from the structure, the profiles and the joins that people wrote, without a
//! language model. Pure functions: the database counts, and the same input has the same result.
//!
//! ```text
//! tables, profiles, joins, decisions ─▶ propose ─▶ keys and links to count ─▶ conclude ─▶ keep ─▶ keys and relationships
//! ```
//!
//! Each signal is weighed in bits (`weights.rs`). A link is accepted only if the count finds a unique target and a
//! match for every row, and names, improbable values or people speak for it. Inclusion alone proves nothing: serial numbers
//! are contained in each other by accident.

mod checked;
mod conclude;
mod conclude_keys;
mod conclude_links;
mod copies;
mod declared;
mod detection;
mod facts;
#[cfg(test)]
mod fixture;
mod input;
mod kept;
mod keys;
mod labels;
mod links;
mod names;
mod profile;
mod propose;
mod samples;
mod surprise;
mod type_class;
mod verdict;
mod versions;
mod weights;

pub use detection::{Cardinality, Detection, Evidence, Key, Relationship, Side, Signal, Status};
pub use input::{
    Answer, Column, Decisions, ForeignKeyColumn, Input, JoinOrigin, KeyDecision, Kind, LinkColumns, LinkDecision,
    Table, TableColumns, WrittenJoin,
};
pub use kept::{Earlier, KeptCounts, Unmeasured};
pub use profile::{ColumnProfile, FrequentValue, KeyCount, LinkCount, Scalar, TableProfile};
pub use propose::{Proposal, propose};
pub use samples::hashes_of_column;
pub use type_class::may_be_equal;
pub use weights::Weights;

#[cfg(test)]
mod tests;
