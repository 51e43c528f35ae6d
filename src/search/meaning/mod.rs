//! Similarity of meaning: vectors of texts, by an embedding model.
//!
//! ```text
//! documents ─▶ texts ─▶ Embedder ─▶ store (.ktx/vectors.sqlite)
//!                                      │
//! query ─▶ Embedder ─▶ vector ─▶ loaded: cosine with all vectors
//! ```

pub(super) mod embedder;
pub(super) mod fill;
pub(super) mod loaded;
pub(super) mod store;
pub(super) mod texts;
pub(super) mod vector;

#[cfg(test)]
mod tests;
