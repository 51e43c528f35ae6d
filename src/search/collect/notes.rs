//! Pages of notes, split at their headings.

use crate::{
    error::Result,
    project::{Project, confined},
    search::document::{Document, Entity, Kind},
};
use std::path::Path;

/// Maximum bytes of a page that are read.
const MAX_BYTES: usize = 1 << 20;

/// Reads the sections of a page, without lines that name what a data policy denies.
pub(super) fn collect(project: &Project, path: &Path) -> Result<Vec<Entity>> {
    let Some(mut bytes) = confined::read(&project.dir, path)? else { return Ok(Vec::new()) };
    bytes.truncate(MAX_BYTES);
    let text = String::from_utf8_lossy(&bytes);
    let policies: Vec<_> = project.connections.keys().map(|id| project.policy(id)).collect::<Result<_>>()?;
    let is_shown = |line: &&str| !policies.iter().any(|policy| policy.denies() && policy.hides_text(line));
    let relative = path.strip_prefix(&project.dir).unwrap_or(path);
    let name = relative.components().map(|part| part.as_os_str().to_string_lossy()).collect::<Vec<_>>().join("/");
    let stem = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
    let mut documents = vec![Document::new(Kind::Page, &name, &stem, "")];
    for line in text.lines().filter(is_shown) {
        if line.starts_with('#') {
            documents.push(Document::new(Kind::Page, &name, &format!("{stem} {}", line.trim_start_matches('#')), ""));
        } else if let Some(section) = documents.last_mut() {
            section.text.push_str(line.trim());
            section.text.push('\n');
        }
    }
    Ok(vec![Entity { key: name, documents, joins: Vec::new() }])
}
