//! Imported models, which are the explores of Looker: their joins are evidence of relationships, and their descriptions
//! are those of tables and columns without a comment.

mod condition;
mod descriptions;
mod joins;
mod read;
mod views;

#[cfg(test)]
mod fixture;

pub use descriptions::{Description, describe};
pub use joins::{ModelJoin, joins_of};
pub use read::{ImportedModels, read_models};
