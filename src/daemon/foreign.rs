//! Daemons of other containers or machines that share the runtime root. Their process ids are not valid here, so they
//! can be neither identified nor stopped; whether they run is read from the kernel's lock.

use super::{
    launch,
    state::{self, DaemonState, StateRead},
};
use crate::{
    error::{Code, Error, Result},
    files::FileLock,
    offload, process,
    runtime::Layout,
};

const HINT: &str = "Set KTX_RUNTIME_ROOT to a folder of its own";

/// Whether a recorded pid namespace differs from that of this process; `false` where either is unknown.
fn is_other_namespace(recorded: Option<&str>) -> bool {
    matches!((recorded, process::namespace()), (Some(recorded), Some(current)) if recorded != current)
}

/// Whether a state was written in another pid namespace.
pub(super) fn is_foreign(state: &DaemonState) -> bool {
    is_other_namespace(state.pid_namespace.as_deref())
}

/// The reason why the daemon of a version folder is not usable, for the detail of a status.
pub(super) fn detail(layout: &Layout) -> String {
    error(layout).with_hint_text()
}

/// Whether a daemon of another container or machine runs in a version folder. Blocks.
pub(super) fn is_running(layout: &Layout) -> bool {
    if !FileLock::is_held(&layout.life_lock()) {
        return false;
    }
    // The launch record is never older than the state.
    let recorded = launch::read_launch_record(layout).and_then(|record| record.namespace);
    match (recorded, state::read(layout)) {
        (Some(recorded), _) => is_other_namespace(Some(&recorded)),
        (None, StateRead::Found(state)) => is_foreign(&state),
        (None, StateRead::Missing | StateRead::Invalid(_)) => false,
    }
}

/// Fails with [`Code::DaemonElsewhere`] if the daemon belongs to another container or machine.
pub(super) async fn check(layout: &Layout) -> Result<()> {
    let probed = layout.clone();
    if offload::spawn_blocking(move || is_running(&probed)).await { Err(error(layout)) } else { Ok(()) }
}

/// The error of a start or stop that finds a foreign daemon.
pub(super) fn error(layout: &Layout) -> Error {
    let folder = layout.version_dir.display();
    Error::new(Code::DaemonElsewhere, format!("Daemon below {folder} belongs to another container or machine"))
        .with_hint(HINT)
}
