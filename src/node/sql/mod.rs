//! Exports for analysis and execution of SQL.

mod analysis;
mod execute;

pub(crate) use execute::limits;
