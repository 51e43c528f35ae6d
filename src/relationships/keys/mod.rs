//! Keys of tables: declared ones, the unique column that identifies the rows, and composite keys.

mod composite;
mod doubt;
mod single;

pub(super) use composite::{CompositeKey, composite_keys};
pub(super) use doubt::{doubt, equals, is_snapshot};
pub(super) use single::{SingleKey, single_keys};

#[cfg(test)]
mod tests;
