//! Exports for the daemon: lifecycle, HTTP requests, local embeddings.

mod embeddings;
mod host;
mod http;
mod lifecycle;
mod managed;

pub(crate) use host::{milliseconds, report_wait};
pub(crate) use managed::{ManagedDaemon, ensure_with};
