//! The native core of `@kaelio/ktx`.

pub mod env;
pub mod error;
pub mod files;
pub mod hop;
pub mod process;
