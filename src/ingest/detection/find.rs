//! Finds the newest detection among the syncs of a connection.

use crate::{
    error::Result,
    ingest::newest_sync::list_scans,
    project::{Project, confined},
};
use std::path::Path;

/// File with the detected keys and relationships in a sync.
pub const RELATIONSHIPS_FILE: &str = "relationships.json";

/// A detection and the sync that has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FoundDetection {
    /// Name of the folder in `raw-sources`.
    pub sync_id: String,
    /// Text of its file.
    pub text: String,
}

/// Returns the newest detection, which may be of an earlier sync than the newest one. Blocks. Errors: those of the store
/// and of the file.
pub fn find_detection(project: &Project, connection_id: &str) -> Result<Option<FoundDetection>> {
    find_in(&project.dir, connection_id, project.environment.as_deref())
}

/// Returns the newest detection in an environment, like [`find_detection`].
pub(super) fn find_in(
    project_dir: &Path,
    connection_id: &str,
    environment: Option<&str>,
) -> Result<Option<FoundDetection>> {
    for folder in list_scans(project_dir, connection_id, environment)? {
        if let Some(text) = confined::read_text(project_dir, &folder.join(RELATIONSHIPS_FILE))? {
            let sync_id = folder.file_name().and_then(|name| Path::new(name).to_str()).unwrap_or_default().to_owned();
            return Ok(Some(FoundDetection { sync_id, text }));
        }
    }
    Ok(None)
}
