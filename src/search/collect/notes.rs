//! Pages of notes, split at their headings.

use crate::{
    error::Result,
    project::{Project, confined},
    search::{
        document::{Document, Entity, Kind},
        pages,
        read_pages::{MAX_BYTES, PagePolicy},
    },
};
use std::path::Path;

/// Reads the sections of a page, without lines that name what a data policy denies. Of a larger page, the beginning.
pub(super) fn collect(project: &Project, path: &Path) -> Result<Vec<Entity>> {
    let Some(mut bytes) = confined::read(&project.dir, path)? else { return Ok(Vec::new()) };
    bytes.truncate(MAX_BYTES);
    let text = String::from_utf8_lossy(&bytes);
    let name = pages::name(&project.dir, path);
    let stem = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
    let mut documents = vec![Document::new(Kind::Page, &name, &stem, "")];
    for line in PagePolicy::new(project)?.shown_lines(&text) {
        if line.starts_with('#') {
            documents.push(Document::new(Kind::Page, &name, &format!("{stem} {}", line.trim_start_matches('#')), ""));
        } else if let Some(section) = documents.last_mut() {
            section.text.push_str(line.trim());
            section.text.push('\n');
        }
    }
    Ok(vec![Entity { key: name, documents, joins: Vec::new() }])
}
