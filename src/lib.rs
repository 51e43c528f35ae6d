//! The native core of `@kaelio/ktx`.

pub mod error;
pub mod hop;
