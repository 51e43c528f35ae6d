//! The lineage of a table: what it is made of, and what is made of it, as far as the definitions of views, semantic sources,
//! explores of Looker and the query history say. What they do not say is said, too.

mod explores;
mod find;
mod graph;
mod names;
mod statements;
#[cfg(test)]
mod tests;

pub use find::{Lineage, find_lineage};
pub use graph::Step;
