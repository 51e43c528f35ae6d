//! Possible links between columns and keys, and the signals that speak for and against them.

mod by_name;
mod candidate;
mod composite;
mod family;
mod generate;
mod heads;
mod periods;
mod polymorphic;
mod rivals;
mod signals;
mod targets;
mod written;

pub(super) use candidate::Candidate;
pub(super) use composite::composite_links;
pub(super) use generate::single_links;
pub(super) use targets::{TargetKind, targets};
pub(super) use written::WrittenJoins;

#[cfg(test)]
mod tests;
