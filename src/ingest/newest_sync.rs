//! Finds the newest sync of a connection.

use super::{
    layout::SourceLayout,
    report::RunStatus,
    store::{RunFilter, list_runs},
};
use crate::{
    error::Result,
    project::{Adapter, confined},
};
use std::{
    ffi::OsStr,
    path::{Path, PathBuf},
};

/// Returns the folder of the newest successful scan that exists on disk. Without recorded runs, as in a clone (the
/// store is local to a machine), it is the newest complete folder.
pub(crate) fn find_newest_scan(project_dir: &Path, connection_id: &str) -> Result<Option<PathBuf>> {
    find_newest_sync(project_dir, connection_id, Adapter::LiveDatabase.name())
}

/// Returns the folder of the newest sync of any source, like [`find_newest_scan`].
pub(crate) fn find_newest_sync(project_dir: &Path, connection_id: &str, source: &str) -> Result<Option<PathBuf>> {
    let layout = SourceLayout::new(project_dir, connection_id, source);
    let filter = RunFilter { connection_id: Some(connection_id.into()), source: Some(source.into()), limit: None };
    let runs = list_runs(project_dir, &filter)?;
    for run in runs.iter().filter(|run| run.status == RunStatus::Done && !run.dry_run) {
        let folder = layout.sync(&run.sync_id);
        if confined::resolve(project_dir, &folder)?.is_dir() {
            return Ok(Some(folder));
        }
    }
    find_newest_folder(&layout)
}

/// Returns the newest complete folder: names of syncs sort by time.
fn find_newest_folder(layout: &SourceLayout) -> Result<Option<PathBuf>> {
    let mut folders = confined::list(&layout.project, &layout.syncs)?;
    folders.retain(|folder| {
        let name = folder.file_name().and_then(OsStr::to_str);
        name.is_some_and(|name| !SourceLayout::is_partial(name)) && folder.is_dir()
    });
    let Some(newest) = folders.into_iter().max() else { return Ok(None) };
    confined::resolve(&layout.project, &newest)?;
    Ok(Some(newest))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ingest::{report::RunReport, store::Store};
    use std::fs;

    const SOURCE: &str = Adapter::LiveDatabase.name();

    fn recorded(dir: &Path, connection: &str, dry_run: bool, error: Option<&str>) -> PathBuf {
        let mut store = Store::open(dir).unwrap();
        let mut report = RunReport::begin(connection, SOURCE, dry_run);
        store.insert(&report).unwrap();
        report.end(error.map(str::to_owned));
        store.finish(&report, &[]).unwrap();
        let folder = SourceLayout::new(dir, connection, SOURCE).sync(&report.sync_id);
        fs::create_dir_all(&folder).unwrap();
        folder
    }

    #[test]
    fn failed_scans_and_dry_runs_are_skipped() {
        let dir = tempfile::tempdir().unwrap();
        assert_eq!(find_newest_scan(dir.path(), "shop").unwrap(), None);
        let good = recorded(dir.path(), "shop", false, None);
        recorded(dir.path(), "shop", false, Some("broke off"));
        recorded(dir.path(), "shop", true, None);
        recorded(dir.path(), "other", false, None);
        assert_eq!(find_newest_scan(dir.path(), "shop").unwrap(), Some(good));
    }

    #[test]
    fn newest_folder_is_found_without_a_store() {
        let dir = tempfile::tempdir().unwrap();
        let syncs = dir.path().join("raw-sources/shop/live-database");
        for name in ["20260101T000000000Z-a", "20260102T000000000Z-b", ".partial-20260103T000000000Z-c"] {
            fs::create_dir_all(syncs.join(name)).unwrap();
        }
        assert_eq!(find_newest_scan(dir.path(), "shop").unwrap(), Some(syncs.join("20260102T000000000Z-b")));
    }
}
