//! Where a run puts things below the project. Every path of local ingest is made here.

use crate::project::file_names;
use std::path::{Path, PathBuf};

/// Name of the folder that is the machine's own.
const OWN: &str = ".ktx";

/// The project's database.
pub(super) fn database(project_dir: &Path) -> PathBuf {
    project_dir.join(OWN).join("db.sqlite")
}

/// Paths of one connection and source.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct SourceLayout {
    /// Folder of the project; nothing below it is opened through a link that leads out of it.
    pub(super) project: PathBuf,
    /// Held while a run goes on; never deleted.
    pub(super) lock: PathBuf,
    /// Holds one folder a sync.
    pub(super) syncs: PathBuf,
    /// What the source remembers from run to run.
    pub(super) baseline: PathBuf,
}

impl SourceLayout {
    /// The paths of a connection and a source of a project.
    pub(super) fn new(project_dir: &Path, connection_id: &str, source: &str) -> Self {
        let (connection, source) = (file_names::encode(connection_id), file_names::encode(source));
        Self {
            project: project_dir.to_owned(),
            baseline: project_dir.join(OWN).join("cache").join(&source).join(format!("{connection}.json")),
            lock: project_dir.join(OWN).join("locks").join(&connection).join(format!("{source}.lock")),
            syncs: project_dir.join("raw-sources").join(connection).join(source),
        }
    }

    /// Folder of a complete sync. The id may come from a store of an untrusted project.
    pub(super) fn sync(&self, sync_id: &str) -> PathBuf {
        self.syncs.join(file_names::encode(sync_id))
    }

    /// Folder of a sync that is being written.
    pub(super) fn partial(&self, sync_id: &str) -> PathBuf {
        self.syncs.join(format!("{PARTIAL_PREFIX}{}", file_names::encode(sync_id)))
    }

    /// Whether a name in [`Self::syncs`] is that of a sync that is being written.
    pub(super) fn is_partial(name: &str) -> bool {
        name.starts_with(PARTIAL_PREFIX)
    }
}

const PARTIAL_PREFIX: &str = ".partial-";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_connection_cannot_lead_out_of_the_project() {
        let layout = SourceLayout::new(Path::new("/p"), "../../x", "live-database");
        assert_eq!(layout.syncs, Path::new("/p/raw-sources/%2E.%2F..%2Fx/live-database"));
        assert_eq!(layout.baseline, Path::new("/p/.ktx/cache/live-database/%2E.%2F..%2Fx.json"));
        assert_eq!(layout.lock, Path::new("/p/.ktx/locks/%2E.%2F..%2Fx/live-database.lock"));
    }

    #[test]
    fn the_id_of_a_sync_cannot_lead_elsewhere() {
        let layout = SourceLayout::new(Path::new("/p"), "c", "s");
        for id in ["../../../../etc", "/etc", "..", "a/b"] {
            assert_eq!(layout.sync(id).parent(), Some(layout.syncs.as_path()), "{id}");
            assert_eq!(layout.partial(id).parent(), Some(layout.syncs.as_path()), "{id}");
        }
        assert_eq!(layout.sync("20260101T000000000Z-a1").file_name().unwrap(), "20260101T000000000Z-a1");
    }

    #[test]
    fn a_partial_sync_is_hidden_beside_the_complete_one() {
        let layout = SourceLayout::new(Path::new("/p"), "c", "s");
        let partial = layout.partial("2026");
        assert_eq!(partial.parent(), layout.sync("2026").parent());
        assert!(SourceLayout::is_partial(partial.file_name().unwrap().to_str().unwrap()));
    }
}
