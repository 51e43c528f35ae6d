//! The lock of starts and stops.

use crate::{
    error::Result,
    files::{self, FileLock, LockWait},
    offload,
    process::acquire_noted,
    runtime::Layout,
};
use std::time::Duration;

/// Longest wait for another process that starts or stops the daemon, besides its own time limit: some processes may
/// have to climb all steps of a stop one after the other.
const LOCK_WAIT: Duration = Duration::from_secs(180);

/// Held while the daemon of this version is started or stopped. `waiting` is called at once with what it waits for.
pub(super) async fn lock(layout: &Layout, others: Duration, waiting: impl FnOnce(&str)) -> Result<FileLock> {
    let folder = layout.version_dir.clone();
    offload::spawn_blocking(move || files::create_folder(&folder)).await?;
    let wait = LockWait { step: "Waiting for another start or stop of the daemon", limit: LOCK_WAIT + others };
    let on_wait = |holder: &str| {
        let limit = wait.limit.as_secs();
        waiting(&format!("Waiting for {holder} to start or stop the KTX daemon, for up to {limit} s"));
    };
    acquire_noted(&layout.daemon_lock(), wait, on_wait).await
}
