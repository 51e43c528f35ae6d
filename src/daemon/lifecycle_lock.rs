//! The lifecycle lock (`daemon.lock`), which serialises starts and stops of one version.

use super::subject::Subject;
use crate::{
    error::Result,
    files::{self, FileLock, LockWait},
    offload,
    process::acquire_and_record,
    runtime::Layout,
};
use std::time::Duration;

/// Longest wait for another process that starts or stops the daemon, in addition to the timeout of its start: several
/// processes may go through all steps of a stop one after the other.
const LOCK_TIMEOUT: Duration = Duration::from_secs(180);

/// Acquires the lifecycle lock. If another process holds it, `report_wait` is called immediately with a message that
/// names the process and the limit; `start_timeout` is the timeout of a start by that process.
pub(super) async fn acquire_lifecycle_lock(
    subject: &Subject,
    layout: &Layout,
    start_timeout: Duration,
    report_wait: impl FnOnce(&str),
) -> Result<FileLock> {
    let folder = layout.version_dir.clone();
    offload::spawn_blocking(move || files::create_folder(&folder)).await?;
    let Subject { name, .. } = subject;
    let step = format!("Waiting for another start or stop of the {name}");
    let wait = LockWait { step: &step, limit: LOCK_TIMEOUT + start_timeout };
    let on_wait = |holder: &str| {
        let limit = wait.limit.as_secs();
        report_wait(&format!("Waiting for {holder} to start or stop the KTX {name}, for up to {limit} s"));
    };
    acquire_and_record(&layout.daemon_lock(), wait, on_wait).await
}
