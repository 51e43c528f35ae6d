//! Stops all daemons of this user: every version below every recorded root.

use super::{
    native::NativeDaemon,
    roots,
    stop::{StopStatus, stop_with_progress},
};
use crate::{
    env::Environment,
    error::{Error, Result},
    offload,
    runtime::Layout,
};
use serde::Serialize;
use std::path::{Path, PathBuf};

/// Outcome for one version folder.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct StoppedDaemon {
    /// Path of the version folder.
    pub version_dir: PathBuf,
    /// Whether a daemon was stopped.
    pub status: StopStatus,
    /// Process id of the daemon that was recorded or running.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pid: Option<u32>,
}

/// Stops all daemons of this user. If one cannot be stopped, the others still are, and the first error is returned.
pub async fn stop_all(layout: &Layout, env: &Environment) -> Result<Vec<StoppedDaemon>> {
    stop_all_with_progress(layout, env, |_| ()).await
}

/// Stops all daemons like [`stop_all`]; `report_wait` is called as soon as a stop has to wait, with what it waits for.
pub async fn stop_all_with_progress(
    layout: &Layout,
    env: &Environment,
    report_wait: impl Fn(&str),
) -> Result<Vec<StoppedDaemon>> {
    let probed = layout.clone();
    let mut all = Vec::new();
    let mut failure: Option<Error> = None;
    for layout in offload::spawn_blocking(move || all_version_folders(&probed)).await {
        let host = NativeDaemon { layout: layout.clone(), env: env.clone() };
        match stop_with_progress(&host, &layout, &report_wait).await {
            Ok(stopped) => all.push(StoppedDaemon {
                version_dir: layout.version_dir,
                status: stopped.status,
                pid: stopped.state.map(|state| state.pid),
            }),
            Err(error) => failure = failure.or(Some(error)),
        }
    }
    failure.map_or(Ok(all), Err)
}

/// All version folders below all roots in which a daemon has been started.
fn all_version_folders(layout: &Layout) -> Vec<Layout> {
    let roots = roots::all(layout);
    roots.iter().flat_map(|root| version_folders(layout, root)).collect()
}

fn version_folders(layout: &Layout, root: &Path) -> Vec<Layout> {
    let entries = std::fs::read_dir(root).into_iter().flatten().flatten();
    let names = entries.filter_map(|entry| entry.file_name().into_string().ok());
    let mut found: Vec<Layout> = names
        .map(|name| layout.with_root(root).with_version(&name))
        .filter(|layout| layout.life_lock().exists() || layout.daemon_state_path.exists())
        .collect();
    found.sort_by(|one, other| one.version_dir.cmp(&other.version_dir));
    found
}
