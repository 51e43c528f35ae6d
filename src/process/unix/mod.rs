//! Platform code of Linux and macOS.

mod kernel;
mod spawn;

pub(super) use kernel::{effective_user, is_hidden, is_suspended, namespace, owner_of, send_signal, start_time};
pub use spawn::spawn_detached;
pub(super) use spawn::{Reporter, hold_inherited, isolate, kill_group, wait_without_reaping};
