//! The seam to the embedding model.

use crate::error::{Error, ErrorResponse, Result};
use std::time::Duration;

/// Computes vectors of texts, on any thread.
pub trait Embedder: Sync {
    /// Name of the model; vectors of different models are never compared.
    fn model(&self) -> &str;

    /// Returns a vector of [`super::vector::DIMENSIONS`] numbers for each of 1 to 100 texts, in their order. Blocks, at
    /// most for `limit`.
    ///
    /// Errors: those of the call of the model.
    fn embed(&self, texts: &[String], limit: Duration) -> Result<Vec<Vec<f32>>>;
}

/// What the daemon says of a call that it refused, such as that the files of the model are missing, with the next step.
pub fn refusal_of(error: &Error) -> Option<String> {
    let ErrorResponse { detail, hint, .. } = error.response()?;
    Some(hint.as_ref().map_or_else(|| detail.clone(), |hint| format!("{detail}. {hint}")))
}
