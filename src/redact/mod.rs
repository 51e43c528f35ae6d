//! Redaction: credentials never reach a log, an error or a staged file.

/// What stands in place of a secret.
pub(crate) const MASK: &str = "***";

mod named;
mod redactor;
mod secret_text;
mod urls;

pub use named::{is_secret_name, json, text};
pub(crate) use redactor::{Redactor, SHORTEST, as_they_appear};
pub use secret_text::SecretText;
pub use urls::urls;
pub(crate) use urls::without_credentials;
