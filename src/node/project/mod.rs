//! Exports for projects: `ktx.yaml`, connections, trust.

mod connections;
mod load;
mod trust;

pub(crate) use load::load;
pub(crate) use trust::{confirm_trust, variables};
