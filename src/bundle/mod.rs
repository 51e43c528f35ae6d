//! What a bug report needs, in one archive without secrets. Nothing is sent anywhere.

mod archive;
mod project;
mod scrub;
mod sources;

use crate::{
    env::Environment,
    error::Result,
    runtime::{Check, Layout},
};
use scrub::Scrubber;
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
struct Entry {
    name: &'static str,
    about: &'static str,
    text: String,
}

/// Writes a ZIP archive that only its owner can read. Errors: the file exists, or cannot be written.
pub fn write(request: &BundleRequest) -> Result<Bundle> {
    let config = request.project_dir.as_deref().map(project::read);
    let scrubber = Scrubber::new(request, config.as_ref());
    let mut entries = sources::entries(request, config.as_ref());
    for entry in &mut entries {
        entry.text = scrubber.text(&entry.text);
    }
    let listed = entries.iter().map(|Entry { name, about, text }| BundleEntry { name, about, bytes: text.len() });
    let bundle = Bundle { file: request.file.clone(), entries: listed.collect() };
    entries.insert(0, sources::read_me(&bundle));
    archive::write(&request.file, &entries)?;
    Ok(bundle)
}

#[cfg(test)]
mod tests;
