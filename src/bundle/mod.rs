//! Archives for bug reports, without secrets. Nothing is sent anywhere.

mod archive;
mod model;
mod project;
mod redactor;
mod sources;

pub use model::{Bundle, BundleEntry, BundleRequest};

use crate::error::Result;
use model::Entry;
use redactor::BundleRedactor;

/// Writes the ZIP archive of a bug report, which only its owner can read.
///
/// Errors: the file exists or cannot be written.
pub fn write(request: &BundleRequest) -> Result<Bundle> {
    let config = request.project_dir.as_deref().map(project::read);
    let redactor = BundleRedactor::new(request, config.as_ref());
    let mut entries = sources::collect_entries(request, config.as_ref());
    for entry in &mut entries {
        entry.text = redactor.text(&entry.text);
    }
    let listed = entries.iter().map(|Entry { name, about, text }| BundleEntry { name, about, bytes: text.len() });
    let bundle = Bundle { file: request.file.clone(), entries: listed.collect() };
    entries.insert(0, sources::readme(&bundle));
    archive::write(&request.file, &entries)?;
    Ok(bundle)
}

#[cfg(test)]
mod tests;
