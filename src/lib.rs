//! The native core of `@kaelio/ktx`.

pub mod env;
pub mod error;
pub mod files;
pub mod hop;
pub mod ingest;
pub mod ports;
pub mod process;
pub mod project;
