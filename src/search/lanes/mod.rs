//! The lanes of a search: each ranks documents by one kind of evidence.

pub(super) mod abbreviated;
pub(super) mod neighbours;
pub(super) mod parts;
pub(super) mod scope;
pub(super) mod values;
pub(super) mod words;
