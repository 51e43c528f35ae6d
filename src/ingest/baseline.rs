//! The baseline of a source: state that one run records for the next, local to this machine. It is optional.

use super::layout::SourceLayout;
use crate::{error::Result, files::Access, project::confined};
use std::path::Path;

/// Reads the baseline of a connection and source in an environment; `None` if there is none. Blocks.
pub(super) fn read(
    project_dir: &Path,
    connection_id: &str,
    source: &str,
    environment: Option<&str>,
) -> Result<Option<String>> {
    let layout = SourceLayout::new(project_dir, connection_id, source).in_environment(environment);
    confined::read_text(project_dir, &layout.baseline)
}

/// Replaces the baseline. The caller holds the lock of the source. Blocks.
pub(super) fn write(layout: &SourceLayout, text: &str) -> Result<()> {
    confined::write(&layout.project, &layout.baseline, text, Access::Owner)
}
