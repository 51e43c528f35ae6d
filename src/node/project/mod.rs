//! Projects: `ktx.yaml`, connections, trust.

mod connections;
mod load;
mod trust;

pub(crate) use load::load;
pub(crate) use trust::{settle_trust, variables};
