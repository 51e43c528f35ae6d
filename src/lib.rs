//! The native core of `@kaelio/ktx`.

pub mod daemon;
pub mod env;
pub mod error;
pub mod files;
pub mod hop;
pub mod http;
#[cfg(feature = "node")]
mod node;
pub mod ports;
pub mod process;
pub mod redact;
pub mod runtime;
