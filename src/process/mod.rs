//! Processes: identity, signals, commands and detached children. All platform-specific code is below this module.

mod command;
mod detached;
mod holder;
mod identity;
mod inherited;
mod signal;
mod state_file;
#[cfg(unix)]
mod unix;
#[cfg(unix)]
pub mod user;
#[cfg(windows)]
mod windows;

#[cfg(unix)]
use unix as platform;
#[cfg(windows)]
use windows as platform;

pub use command::{CommandCall, CommandFailure, CommandOutput, run, run_with_deadline};
pub use detached::{Detached, EndOnDrop, Launch, Ready};
pub use holder::{Holder, acquire_and_record, acquire_reporting_holder};
pub use identity::{Identity, effective_user, namespace, owner_of, pid_is_alive};
pub use inherited::{hold_inherited, report_ready};
pub use platform::spawn_detached;
pub use signal::Signal;
pub use state_file::{MAX_STATE_BYTES, read_private_state, read_state};
