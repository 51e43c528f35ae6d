//! Processes: their identity, how they end, how detached ones begin. Platform code lives below this module only.

mod command;
mod detached;
mod ending;
mod holder;
mod identity;
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

pub use command::{CommandCall, CommandFailure, CommandOutput, run};
pub use detached::{Detached, EndOnDrop, Launch, Ready};
pub use ending::Ending;
pub use holder::{Holder, acquire_named, acquire_noted};
pub use identity::{Identity, effective_user, namespace, owner_of, pid_is_alive};
pub use platform::spawn_detached;
pub use state_file::{STATE_BYTES, read_private_state, read_state};
