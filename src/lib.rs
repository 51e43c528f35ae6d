//! The native core of `@kaelio/ktx`.

pub mod daemon;
pub mod env;
pub mod error;
pub mod files;
pub mod hop;
pub mod http;
pub mod ingest;
#[cfg(feature = "node")]
#[cfg_attr(test, allow(dead_code, reason = "only an addon registers its exports"))]
mod node;
pub mod ports;
pub mod process;
pub mod project;
pub mod redact;
pub mod runtime;
