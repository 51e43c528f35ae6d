//! The daemon's life: found, started, reused, stopped. `docs/daemon-lifecycle.md` says what holds.

mod foreign;
mod health;
mod host;
mod launch;
mod lifecycle_lock;
mod native;
mod probe;
mod roots;
mod start;
mod state;
mod stop;
mod stop_all;

pub use health::Health;
pub use host::{DaemonHost, LaunchFailure, LaunchPlan, Launched, StartReason};
pub use launch::{arguments, launch as launch_on};
pub use native::{InUse, NativeDaemon, allocate_port, hold_folder};
pub use probe::{DaemonStatus, DaemonStatusKind, Probe, probe, read_status};
pub use start::{StartRequest, StartStatus, Started, start};
pub use state::DaemonState;
pub use stop::{StopStatus, Stopped, stop};
pub use stop_all::{StoppedOne, stop_all, stop_all_with_progress};
