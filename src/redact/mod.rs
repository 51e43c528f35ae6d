//! Redaction of credentials in logs, errors and staged files.

/// Replaces a secret.
pub(crate) const MASK: &str = "***";

mod known;
mod named;
mod redactor;
mod secret_text;
mod urls;

pub use known::known;
pub use named::{is_secret_name, json, text};
pub(crate) use redactor::{MIN_SECRET_LENGTH, Redactor, with_json_escapes};
pub use secret_text::SecretText;
pub use urls::urls;
pub(crate) use urls::without_credentials;
