//! Detected relationships and keys of a connection, and the answers of the user about them. All functions block.

mod answer;
mod detected;
mod list;
mod overlay;
mod scanned;

pub use answer::{AnsweredRelationship, answer_relationship};
pub(super) use detected::{ListedKey, ListedRelationship};
pub(super) use list::read_all;
pub use list::{RelationshipFilter, RelationshipList, list_relationships};
pub(super) use scanned::ScannedColumns;

#[cfg(test)]
mod tests;
