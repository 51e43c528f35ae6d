//! Paths of local ingest in a project.

use crate::project::file_names;
use std::path::{Path, PathBuf};

/// Folder of files that are local to a machine.
const LOCAL_DIR: &str = ".ktx";

/// Returns the path of the project's database.
pub(super) fn database_path(project_dir: &Path) -> PathBuf {
    project_dir.join(LOCAL_DIR).join("db.sqlite")
}

/// Paths of one connection and source.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct SourceLayout {
    /// Folder of the project, to which file access is confined.
    pub(super) project: PathBuf,
    /// Lock file that a run holds; never deleted.
    pub(super) lock: PathBuf,
    /// Folder with one folder for each sync.
    pub(super) syncs: PathBuf,
    /// File of the baseline.
    pub(super) baseline: PathBuf,
}

impl SourceLayout {
    /// Returns the paths of a connection and source.
    pub(super) fn new(project_dir: &Path, connection_id: &str, source: &str) -> Self {
        let (connection, source) = (file_names::encode(connection_id), file_names::encode(source));
        Self {
            project: project_dir.to_owned(),
            baseline: project_dir.join(LOCAL_DIR).join("cache").join(&source).join(format!("{connection}.json")),
            lock: project_dir.join(LOCAL_DIR).join("locks").join(&connection).join(format!("{source}.lock")),
            syncs: project_dir.join("raw-sources").join(connection).join(source),
        }
    }

    /// The same paths with the baseline of an environment.
    pub(super) fn in_environment(mut self, environment: Option<&str>) -> Self {
        if let (Some(name), Some(file)) = (environment, self.baseline.file_name()) {
            self.baseline = self.baseline.with_file_name(file_names::encode(name)).join(file);
        }
        self
    }

    /// Returns the folder of a complete sync. The id may come from the store of an untrusted project.
    pub(super) fn sync(&self, sync_id: &str) -> PathBuf {
        self.syncs.join(file_names::encode(sync_id))
    }

    /// Returns the folder of a sync that is being written.
    pub(super) fn partial(&self, sync_id: &str) -> PathBuf {
        self.syncs.join(Self::partial_name(&file_names::encode(sync_id)))
    }

    /// Returns the name of the folder of an incomplete sync whose complete one has a name.
    pub(super) fn partial_name(name: &str) -> String {
        format!("{PARTIAL_PREFIX}{name}")
    }

    /// Whether a name in [`Self::syncs`] is that of an incomplete sync.
    pub(super) fn is_partial(name: &str) -> bool {
        name.starts_with(PARTIAL_PREFIX)
    }
}

const PARTIAL_PREFIX: &str = ".partial-";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn connection_id_cannot_lead_out_of_the_project() {
        let layout = SourceLayout::new(Path::new("/p"), "../../x", "live-database");
        assert_eq!(layout.syncs, Path::new("/p/raw-sources/%2E.%2F..%2Fx/live-database"));
        assert_eq!(layout.baseline, Path::new("/p/.ktx/cache/live-database/%2E.%2F..%2Fx.json"));
        assert_eq!(layout.lock, Path::new("/p/.ktx/locks/%2E.%2F..%2Fx/live-database.lock"));
    }

    #[test]
    fn sync_id_cannot_lead_out_of_the_folder() {
        let layout = SourceLayout::new(Path::new("/p"), "c", "s");
        for id in ["../../../../etc", "/etc", "..", "a/b"] {
            assert_eq!(layout.sync(id).parent(), Some(layout.syncs.as_path()), "{id}");
            assert_eq!(layout.partial(id).parent(), Some(layout.syncs.as_path()), "{id}");
        }
        assert_eq!(layout.sync("20260101T000000000Z-a1").file_name().unwrap(), "20260101T000000000Z-a1");
    }

    #[test]
    fn partial_sync_has_the_same_parent_as_the_complete_one() {
        let layout = SourceLayout::new(Path::new("/p"), "c", "s");
        let partial = layout.partial("2026");
        assert_eq!(partial.parent(), layout.sync("2026").parent());
        assert!(SourceLayout::is_partial(partial.file_name().unwrap().to_str().unwrap()));
    }
}
