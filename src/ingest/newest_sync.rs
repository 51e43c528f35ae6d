//! Finds the newest sync of a connection.

use super::{
    adapters::live_database::CONNECTION_FILE,
    layout::SourceLayout,
    report::RunStatus,
    stage,
    store::{RunFilter, list_runs},
};
use crate::{
    error::{Code, Result},
    project::{Adapter, Project, confined},
};
use serde::Deserialize;
use std::{
    collections::HashSet,
    path::{Path, PathBuf},
};

/// Returns the folder of the newest successful scan that exists on disk. Without recorded runs, as in a clone (the
/// store is local to a machine) or if the store is damaged, it is the newest complete folder. Scans of other environments
/// than the selected one are skipped.
pub(crate) fn find_newest_scan(project: &Project, connection_id: &str) -> Result<Option<PathBuf>> {
    find_newest_sync(&project.dir, connection_id, Adapter::LiveDatabase.name(), project.environment.as_deref())
}

/// Returns the folder that has one folder for each sync of a source.
pub(crate) fn syncs_folder(project_dir: &Path, connection_id: &str, source: &str) -> PathBuf {
    SourceLayout::new(project_dir, connection_id, source).syncs
}

/// Returns the folder of the newest sync of any source, like [`find_newest_scan`].
pub(crate) fn find_newest_sync(
    project_dir: &Path,
    connection_id: &str,
    source: &str,
    environment: Option<&str>,
) -> Result<Option<PathBuf>> {
    let layout = SourceLayout::new(project_dir, connection_id, source);
    let recorded = RecordedSyncs::list(&layout, connection_id, source, environment)?;
    for folder in recorded.own {
        if confined::resolve(project_dir, &folder)?.is_dir() {
            return Ok(Some(folder));
        }
    }
    Ok(list_folders(&layout, environment, &recorded.other)?.into_iter().next())
}

/// Returns the folders of all successful scans in an environment, newest first: those that are recorded, then others.
pub(super) fn list_scans(project_dir: &Path, connection_id: &str, environment: Option<&str>) -> Result<Vec<PathBuf>> {
    let source = Adapter::LiveDatabase.name();
    let layout = SourceLayout::new(project_dir, connection_id, source);
    let recorded = RecordedSyncs::list(&layout, connection_id, source, environment)?;
    let others = list_folders(&layout, environment, &recorded.other)?;
    // Runs without a difference share a folder.
    let mut known = HashSet::new();
    Ok(recorded.own.into_iter().chain(others).filter(|folder| known.insert(folder.clone())).collect())
}

/// Folders of the successful syncs that the store has, which may be missing on disk.
#[derive(Default)]
struct RecordedSyncs {
    /// Those of the environment, newest first.
    own: Vec<PathBuf>,
    /// Those of other environments.
    other: HashSet<PathBuf>,
}

impl RecordedSyncs {
    fn list(layout: &SourceLayout, connection_id: &str, source: &str, environment: Option<&str>) -> Result<Self> {
        let filter = RunFilter { connection_id: Some(connection_id.into()), source: Some(source.into()), limit: None };
        let runs = match list_runs(&layout.project, &filter) {
            // What was synced can be read without the runs; what needs them reports the error.
            Err(error) if error.code() == Code::StoreFailed => return Ok(Self::default()),
            runs => runs?,
        };
        let done = runs.iter().filter(|run| run.status == RunStatus::Done);
        let (own, other): (Vec<_>, Vec<_>) = done.partition(|run| run.environment.as_deref() == environment);
        let own = own.into_iter().filter(|run| !run.dry_run).map(|run| layout.sync(&run.sync_id)).collect();
        Ok(Self { own, other: other.into_iter().map(|run| layout.sync(&run.sync_id)).collect() })
    }
}

/// Returns the complete folders of an environment, newest first: names of syncs sort by time.
fn list_folders(layout: &SourceLayout, environment: Option<&str>, other: &HashSet<PathBuf>) -> Result<Vec<PathBuf>> {
    let folders = stage::list_complete(layout)?;
    let mut found = Vec::new();
    for folder in folders.into_iter().rev().filter(|folder| !other.contains(folder)) {
        confined::resolve(&layout.project, &folder)?;
        if is_in_environment(layout, &folder, environment)? {
            found.push(folder);
        }
    }
    Ok(found)
}

/// Whether a sync was made in an environment. Only scans record it in their files.
fn is_in_environment(layout: &SourceLayout, folder: &Path, environment: Option<&str>) -> Result<bool> {
    if confined::resolve(&layout.project, &folder.join(CONNECTION_FILE))?.exists() {
        return Ok(environment_of(layout, folder)?.as_deref() == environment);
    }
    Ok(true)
}

/// Returns the environment of a scan by its files.
pub(super) fn environment_of(layout: &SourceLayout, folder: &Path) -> Result<Option<String>> {
    #[derive(Deserialize)]
    struct ConnectionFile {
        environment: Option<String>,
    }
    let text = confined::read_text(&layout.project, &folder.join(CONNECTION_FILE))?;
    let file = text.and_then(|text| serde_json::from_str::<ConnectionFile>(&text).ok());
    Ok(file.and_then(|file| file.environment))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ingest::{report::RunReport, store::Store};
    use std::fs;

    const SOURCE: &str = Adapter::LiveDatabase.name();

    fn newest(dir: &Path, environment: Option<&str>) -> Option<PathBuf> {
        find_newest_sync(dir, "shop", SOURCE, environment).unwrap()
    }

    fn recorded(
        dir: &Path,
        connection: &str,
        environment: Option<&str>,
        dry_run: bool,
        error: Option<&str>,
    ) -> PathBuf {
        let mut store = Store::open(dir).unwrap();
        let mut report = RunReport::begin(connection, SOURCE, dry_run);
        report.environment = environment.map(str::to_owned);
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
        assert_eq!(newest(dir.path(), None), None);
        let good = recorded(dir.path(), "shop", None, false, None);
        recorded(dir.path(), "shop", None, false, Some("broke off"));
        recorded(dir.path(), "shop", None, true, None);
        recorded(dir.path(), "other", None, false, None);
        assert_eq!(newest(dir.path(), None), Some(good));
    }

    #[test]
    fn newest_folder_is_found_without_a_store() {
        let dir = tempfile::tempdir().unwrap();
        let syncs = dir.path().join("raw-sources/shop/live-database");
        for name in ["20260101T000000000Z-a", "20260102T000000000Z-b", ".partial-20260103T000000000Z-c"] {
            fs::create_dir_all(syncs.join(name)).unwrap();
        }
        assert_eq!(newest(dir.path(), None), Some(syncs.join("20260102T000000000Z-b")));
    }

    #[test]
    fn newest_folder_is_found_with_a_damaged_store() {
        let dir = tempfile::tempdir().unwrap();
        recorded(dir.path(), "shop", None, false, None);
        let newest_folder = recorded(dir.path(), "shop", None, false, None);
        fs::write(dir.path().join(".ktx/db.sqlite"), "no database, but long enough".repeat(100)).unwrap();
        assert!(list_runs(dir.path(), &RunFilter::default()).is_err());
        assert_eq!(newest(dir.path(), None), Some(newest_folder));
    }

    #[test]
    fn scans_of_other_environments_are_skipped() {
        let dir = tempfile::tempdir().unwrap();
        let base = recorded(dir.path(), "shop", None, false, None);
        let dev = recorded(dir.path(), "shop", Some("dev"), false, None);
        assert_eq!(newest(dir.path(), None), Some(base));
        assert_eq!(newest(dir.path(), Some("dev")), Some(dev.clone()));
        assert_eq!(newest(dir.path(), Some("prod")), None);
        // In a clone, the files have the environment.
        fs::remove_dir_all(dir.path().join(".ktx")).unwrap();
        fs::write(dev.join(CONNECTION_FILE), r#"{"environment":"dev"}"#).unwrap();
        assert_eq!(newest(dir.path(), Some("dev")), Some(dev));
        assert_ne!(newest(dir.path(), None), newest(dir.path(), Some("dev")));
    }
}
