//! What goes into a bundle, and what is said of one.

use crate::{
    env::Environment,
    runtime::{Check, Layout},
};
use serde::Serialize;
use serde_json::Value;
use std::path::PathBuf;

/// What a bundle is made from.
#[derive(Debug)]
pub struct BundleRequest {
    /// The runtime to report on.
    pub layout: Layout,
    /// Variables of the process; the bundle has the names of those that matter.
    pub env: Environment,
    /// Folder of a project whose `ktx.yaml` is added without secrets and hosts.
    pub project_dir: Option<PathBuf>,
    /// The archive to write.
    pub file: PathBuf,
    /// Versions of the host, such as that of Node.
    pub host: Value,
    /// The doctor's report.
    pub checks: Vec<Check>,
}

/// An archive that was written.
#[derive(Debug, Serialize)]
pub struct Bundle {
    /// Where it is.
    pub file: PathBuf,
    /// Its files, in their order.
    pub entries: Vec<BundleEntry>,
}

/// A file of the archive.
#[derive(Debug, Serialize)]
pub struct BundleEntry {
    /// Its name; the same in every bundle.
    pub name: &'static str,
    /// What it is, for people.
    pub about: &'static str,
    /// Its size before compression.
    pub bytes: usize,
}

/// A file of the archive before it is written.
pub(super) struct Entry {
    pub(super) name: &'static str,
    pub(super) about: &'static str,
    pub(super) text: String,
}
