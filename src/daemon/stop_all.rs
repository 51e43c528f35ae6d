//! Stopping every daemon of this user: of every version, below every root that is known.

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

/// What became of one version folder.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct StoppedOne {
    /// The folder.
    pub version_dir: PathBuf,
    /// What was done.
    pub status: StopStatus,
    /// The daemon that was there.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pid: Option<u32>,
}

/// Stops every daemon of this user. One that cannot be stopped does not keep the others; its error comes at the end.
pub async fn stop_all(layout: &Layout, env: &Environment) -> Result<Vec<StoppedOne>> {
    stop_all_with_progress(layout, env, |_| ()).await
}

/// The same, where `waiting` is called at once with what it waits for.
pub async fn stop_all_with_progress(
    layout: &Layout,
    env: &Environment,
    waiting: impl Fn(&str),
) -> Result<Vec<StoppedOne>> {
    let probed = layout.clone();
    let mut all = Vec::new();
    let mut failure: Option<Error> = None;
    for layout in offload::spawn_blocking(move || daemons(&probed)).await {
        let host = NativeDaemon { layout: layout.clone(), env: env.clone() };
        match stop_with_progress(&host, &layout, &waiting).await {
            Ok(stopped) => all.push(StoppedOne {
                version_dir: layout.version_dir,
                status: stopped.status,
                pid: stopped.state.map(|state| state.pid),
            }),
            Err(error) => failure = failure.or(Some(error)),
        }
    }
    failure.map_or(Ok(all), Err)
}

/// Every version folder in which there ever was a daemon.
fn daemons(layout: &Layout) -> Vec<Layout> {
    let roots = roots::all(layout);
    roots.iter().flat_map(|root| below(layout, root)).collect()
}

fn below(layout: &Layout, root: &Path) -> Vec<Layout> {
    let entries = std::fs::read_dir(root).into_iter().flatten().flatten();
    let names = entries.filter_map(|entry| entry.file_name().into_string().ok());
    let mut found: Vec<Layout> = names
        .map(|name| layout.below(root).of_version(&name))
        .filter(|layout| layout.life_lock().exists() || layout.daemon_state_path.exists())
        .collect();
    found.sort_by(|one, other| one.version_dir.cmp(&other.version_dir));
    found
}
