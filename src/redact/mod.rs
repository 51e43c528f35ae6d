//! Redaction: credentials never reach a log, an error or a staged file.

mod named;
mod redactor;
mod secret_text;
mod urls;

pub use named::{is_secret_name, json, text};
pub(crate) use redactor::Redactor;
pub use secret_text::SecretText;
pub use urls::urls;
pub(crate) use urls::without_credentials;
