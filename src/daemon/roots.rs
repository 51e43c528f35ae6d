//! The record of non-default runtime roots of this user, `roots.json` above the default root. `stop_all` reads it.

use crate::{
    files::{self, Access, FileLock, LockWait},
    offload,
    runtime::Layout,
};
use serde::{Deserialize, Serialize};
use std::{
    path::{Path, PathBuf},
    time::Duration,
};

const SCHEMA: u64 = 1;

/// Short, because a start does not depend on the record.
const WAIT: LockWait<'_> =
    LockWait { step: "Waiting for another process to record its runtime root", limit: Duration::from_secs(2) };

#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Roots {
    schema_version: u64,
    roots: Vec<PathBuf>,
}

/// Records the root of a layout unless it is the default one. Failures are ignored, as they must not fail a start.
pub(super) async fn record(layout: &Layout) {
    let Some(path) = record_path(layout) else { return };
    let root = layout.runtime_root.clone();
    if layout.default_root.as_deref() == Some(&root) || is_recorded(&path, &root).await {
        return;
    }
    let folder = path.parent().map(Path::to_owned).unwrap_or_default();
    if offload::spawn_blocking(move || files::create_folder(&folder)).await.is_err() {
        return;
    }
    let Ok(_lock) = FileLock::acquire(&path.with_extension("lock"), WAIT, || ()).await else { return };
    offload::spawn_blocking(move || add(&path, root)).await;
}

async fn is_recorded(path: &Path, root: &Path) -> bool {
    let (path, root) = (path.to_owned(), root.to_owned());
    offload::spawn_blocking(move || read(&path).contains(&root)).await
}

/// All roots below which daemons of this user may run: this one, the default one and the recorded ones. Blocks.
pub(super) fn all(layout: &Layout) -> Vec<PathBuf> {
    let recorded = record_path(layout).map(|path| read(&path)).unwrap_or_default();
    let mut roots: Vec<PathBuf> = Vec::new();
    for root in [layout.runtime_root.clone()].into_iter().chain(layout.default_root.clone()).chain(recorded) {
        let real = std::fs::canonicalize(&root).unwrap_or_else(|_| root.clone());
        if !roots.iter().any(|listed| std::fs::canonicalize(listed).is_ok_and(|listed| listed == real)) {
            roots.push(root);
        }
    }
    roots
}

fn record_path(layout: &Layout) -> Option<PathBuf> {
    layout.default_root.as_ref()?.parent().map(|folder| folder.join("roots.json"))
}

/// Reads the record; one that cannot be read counts as empty and is replaced by the next write.
fn read(path: &Path) -> Vec<PathBuf> {
    let text = crate::process::read_private_state(path).ok().flatten().unwrap_or_default();
    let roots = serde_json::from_str::<Roots>(&text).map(|found| found.roots).unwrap_or_default();
    roots.into_iter().filter(|root| root.is_absolute()).collect()
}

/// Adds a root to the record and removes roots that no longer exist.
fn add(path: &Path, root: PathBuf) {
    let mut roots = read(path);
    roots.retain(|recorded| recorded.is_dir() && *recorded != root);
    roots.push(root);
    let json = crate::runtime::to_json(&Roots { schema_version: SCHEMA, roots });
    let _ = files::remove_dir_in_place_of_file(path).and_then(|()| files::write_atomically(path, &json, Access::Owner));
}
