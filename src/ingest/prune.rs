//! Removes the files of old scans.

use super::{
    active::{busy_error, try_lock},
    adapters::live_database::SOURCE,
    detection::RELATIONSHIPS_FILE,
    layout::SourceLayout,
    newest_sync::environment_of,
    profile::PROFILES_DIR,
    report::{RunReport, RunStatus},
    stage,
    store::{RunFilter, Store, list_runs},
};
use crate::{
    error::Result,
    project::{Project, confined},
};
use serde::Serialize;
use std::{
    collections::{BTreeMap, BTreeSet, HashMap, HashSet},
    fs,
    path::{Path, PathBuf},
};

/// Which scans are removed.
#[derive(Debug, Clone)]
pub struct PruneRequest {
    /// Only scans of this connection; default: of all connections of the project.
    pub connection_id: Option<String>,
    /// Number of scans that each environment of a connection keeps, at least 1.
    pub keep: usize,
    /// Remove nothing.
    pub dry_run: bool,
}

/// A scan whose files were removed, or would be in a dry run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct PrunedScan {
    /// Id of the connection.
    pub connection_id: String,
    /// Name of its folder.
    pub sync_id: String,
    /// Size of its files.
    pub bytes: u64,
}

/// Result of [`prune_scans`] (`KtxPrunedScans`).
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct PrunedScans {
    /// The removed scans, oldest first for each connection.
    pub removed: Vec<PrunedScan>,
    /// Size of the files of all of them.
    pub bytes: u64,
    /// Number of scans that were kept.
    pub kept: usize,
}

/// Removes the files of old scans. Each environment keeps the newest ones, the one that the next scan is compared with,
/// the newest one with profiles, and the newest one with relationships. Reports of runs are kept. Blocks.
///
/// Errors: [`crate::error::Code::ConnectionUnknown`]; [`crate::error::Code::RunBusy`] if a scan is in progress;
/// [`crate::error::Code::StoreFailed`], [`crate::error::Code::FileIo`]. Scans that were removed before stay removed.
pub fn prune_scans(project: &Project, request: &PruneRequest) -> Result<PrunedScans> {
    let ids: BTreeSet<String> = match &request.connection_id {
        Some(id) => {
            project.connection(id)?;
            [id.clone()].into()
        }
        None => project.connections.keys().cloned().collect(),
    };
    let mut pruned = PrunedScans::default();
    for id in ids {
        let layout = SourceLayout::new(&project.dir, &id, SOURCE);
        if confined::resolve(&project.dir, &layout.syncs)?.is_dir() {
            prune_connection(&layout, &id, request, &mut pruned)?;
        }
    }
    pruned.bytes = pruned.removed.iter().map(|scan| scan.bytes).sum();
    Ok(pruned)
}

fn prune_connection(layout: &SourceLayout, id: &str, request: &PruneRequest, pruned: &mut PrunedScans) -> Result<()> {
    let Some(_lock) = try_lock(layout)? else {
        return Err(busy_error(&layout.project, &RunReport::begin(id, SOURCE, true)));
    };
    let filter = RunFilter { connection_id: Some(id.to_owned()), source: Some(SOURCE.to_owned()), limit: None };
    let runs = list_runs(&layout.project, &filter)?;
    let scans = list_by_environment(layout, &runs)?;
    let kept: HashSet<_> = scans
        .iter()
        .flat_map(|(environment, folders)| kept(layout, folders, &runs, environment.as_deref(), request.keep))
        .collect();
    let mut folders: Vec<_> = scans.into_values().flatten().collect();
    folders.sort();
    for folder in folders {
        if kept.contains(&folder) {
            pruned.kept += 1;
            continue;
        }
        let sync_id = folder.file_name().unwrap_or_default().to_string_lossy().into_owned();
        pruned.removed.push(PrunedScan { connection_id: id.to_owned(), sync_id, bytes: size_of(&folder) });
        if !request.dry_run {
            stage::remove_sync(layout, &folder)?;
        }
    }
    match Store::open_existing(&layout.project)? {
        Some(store) if !request.dry_run => store.remove_old_entities(id, SOURCE),
        _ => Ok(()),
    }
}

/// Returns the complete scans of each environment, newest first.
fn list_by_environment(layout: &SourceLayout, runs: &[RunReport]) -> Result<BTreeMap<Option<String>, Vec<PathBuf>>> {
    let recorded: HashMap<_, _> =
        runs.iter().rev().map(|run| (layout.sync(&run.sync_id), run.environment.clone())).collect();
    let mut scans: BTreeMap<_, Vec<_>> = BTreeMap::new();
    for folder in stage::list_complete(layout)?.into_iter().rev() {
        let environment = match recorded.get(&folder) {
            Some(environment) => environment.clone(),
            None => environment_of(layout, &folder)?,
        };
        scans.entry(environment).or_default().push(folder);
    }
    Ok(scans)
}

/// Returns the scans of an environment that are kept; `folders` are newest first.
fn kept<'a>(
    layout: &'a SourceLayout,
    folders: &'a [PathBuf],
    runs: &'a [RunReport],
    environment: Option<&str>,
    count: usize,
) -> impl Iterator<Item = PathBuf> + use<'a> {
    let is_base =
        |run: &&RunReport| run.status == RunStatus::Done && !run.dry_run && run.environment.as_deref() == environment;
    let base = runs.iter().find(is_base).map(|run| layout.sync(&run.sync_id));
    let profiled = folders.iter().find(|folder| folder.join(PROFILES_DIR).is_dir()).cloned();
    let detected = folders.iter().find(|folder| folder.join(RELATIONSHIPS_FILE).is_file()).cloned();
    folders.iter().take(count).cloned().chain(base).chain(profiled).chain(detected)
}

/// Returns the size of all files in a folder. Links are not followed, and what cannot be read has no size.
fn size_of(path: &Path) -> u64 {
    let Ok(metadata) = fs::symlink_metadata(path) else { return 0 };
    if !metadata.is_dir() {
        return metadata.len();
    }
    let entries = fs::read_dir(path).into_iter().flatten().flatten();
    entries.map(|entry| size_of(&entry.path())).sum()
}

#[cfg(test)]
mod tests;
