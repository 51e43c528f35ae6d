//! The daemon's life, requests to it, and the daemon of local embeddings.

mod embeddings;
mod host;
mod http;
mod lifecycle;
mod managed;

pub(crate) use managed::{ManagedDaemon, ensure_with};
