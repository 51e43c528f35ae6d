//! Redaction: credentials never reach a log, an error or a staged file.

mod redactor;
mod secret_text;
mod urls;

pub(crate) use redactor::Redactor;
pub use secret_text::SecretText;
pub use urls::urls;
pub(crate) use urls::without_credentials;
