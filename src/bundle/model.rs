//! The request for a bundle and the description of a written one.

use crate::{
    env::Environment,
    runtime::{Check, Layout},
};
use serde::Serialize;
use serde_json::Value;
use std::path::PathBuf;

/// Request for a bundle.
#[derive(Debug)]
pub struct BundleRequest {
    /// Paths of the runtime.
    pub layout: Layout,
    /// Variables of the process; the bundle contains the names of those that affect KTX.
    pub env: Environment,
    /// Folder of the project whose `ktx.yaml` is added without secrets and hosts.
    pub project_dir: Option<PathBuf>,
    /// Path of the archive to write.
    pub file: PathBuf,
    /// Versions of the host, such as that of Node.
    pub host: Value,
    /// The doctor's report.
    pub checks: Vec<Check>,
}

/// A written archive.
#[derive(Debug, Serialize)]
pub struct Bundle {
    /// Path of the archive.
    pub file: PathBuf,
    /// Files in the archive, in order.
    pub entries: Vec<BundleEntry>,
}

/// A file in the archive.
#[derive(Debug, Serialize)]
pub struct BundleEntry {
    /// File name; the same in every bundle.
    pub name: &'static str,
    /// Description for users.
    pub about: &'static str,
    /// Size before compression.
    pub bytes: usize,
}

/// A file with its contents before it is written.
pub(super) struct Entry {
    pub(super) name: &'static str,
    pub(super) about: &'static str,
    pub(super) text: String,
}
