//! Containers and machines that share a runtime root. A process id of one means nothing in another, so a daemon of
//! another one can be neither judged nor ended; the kernel's lock still says that it lives.

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

/// Whether process ids that were noted with this namespace mean other processes here.
fn is_other(noted: Option<&str>) -> bool {
    matches!((noted, process::namespace()), (Some(noted), Some(own)) if noted != own)
}

/// Whether a state was written where process ids mean other processes.
pub(super) fn is_foreign(state: &DaemonState) -> bool {
    is_other(state.pid_namespace.as_deref())
}

/// Why the daemon of a version folder cannot be used, for the detail of a status.
pub(super) fn detail(layout: &Layout) -> String {
    error(layout).with_hint_text()
}

/// Whether a daemon of another container or machine lives in a version folder. Blocks.
pub(super) fn is_running(layout: &Layout) -> bool {
    if !FileLock::is_held(&layout.life_lock()) {
        return false;
    }
    // What was noted at the launch is never older than the state.
    let noted = launch::read_life(layout).and_then(|life| life.namespace);
    match (noted, state::read(layout)) {
        (Some(noted), _) => is_other(Some(&noted)),
        (None, StateRead::Found(state)) => is_foreign(&state),
        (None, StateRead::Missing | StateRead::Invalid(_)) => false,
    }
}

/// Refuses to touch what belongs to another container or machine.
pub(super) async fn check(layout: &Layout) -> Result<()> {
    let probed = layout.clone();
    if offload::spawn_blocking(move || is_running(&probed)).await { Err(error(layout)) } else { Ok(()) }
}

/// The error of a start or stop.
pub(super) fn error(layout: &Layout) -> Error {
    let place = layout.version_dir.display();
    Error::new(Code::DaemonElsewhere, format!("Daemon below {place} belongs to another container or machine"))
        .with_hint(HINT)
}
