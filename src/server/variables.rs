//! The variables of a launch.

use crate::env::{daemon, server};

const DESCRIPTORS: [&str; 5] =
    [daemon::LISTEN_FD, daemon::LIFE_FD, daemon::LIFE_LOCK, daemon::READY_FD, daemon::READY_FILE];

/// Whether a variable is passed by a starter to the process that it starts, and to no other.
pub(super) fn is_of_launch(name: &str) -> bool {
    let name = name.to_ascii_uppercase();
    name.starts_with(server::PREFIX) || DESCRIPTORS.contains(&name.as_str())
}
