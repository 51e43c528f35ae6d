//! Windows.

mod kernel;
mod spawn;

pub(super) use kernel::{effective_user, end, is_hidden, is_suspended, namespace, owner_of, start_time};
pub use spawn::spawn_detached;
pub(super) use spawn::{await_end, end_group, separate};
