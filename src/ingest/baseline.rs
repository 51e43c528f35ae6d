//! The baseline of a source, which one run records for the next: a file on this machine that no sync depends on.

use super::layout::SourceLayout;
use crate::{error::Result, files::Access, project::confined};
use std::path::Path;

/// What the last recorded run of a connection and source left; `None` where there was none. Blocks.
pub(super) fn read(project_dir: &Path, connection_id: &str, source: &str) -> Result<Option<String>> {
    confined::read_text(project_dir, &SourceLayout::new(project_dir, connection_id, source).baseline)
}

/// Replaces it. The caller holds the lock of the source. Blocks.
pub(super) fn write(layout: &SourceLayout, text: &str) -> Result<()> {
    confined::write(&layout.project, &layout.baseline, text, Access::Owner)
}
