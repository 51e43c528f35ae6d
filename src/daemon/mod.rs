//! The daemon's lifecycle: probe, launch, start, stop. Generic over a host, so that the MCP server has the same one. `docs/daemon-lifecycle.md` lists its guarantees.

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
mod subject;

pub use health::Health;
pub use host::{DaemonHost, LaunchFailure, LaunchIdentity, LaunchPlan, Launched, StartFailureReason};
pub use launch::{arguments, launch as launch_on, launch_with};
pub use native::{InUse, NativeDaemon, allocate_port, lock_version_folder};
pub use probe::{DaemonStatus, DaemonStatusKind, Probe, probe, read_status};
pub use start::{StartRequest, StartStatus, Started, start};
pub use state::{DaemonState, ProgramRecord};
pub use stop::{StopStatus, Stopped, stop};
pub use stop_all::{StoppedDaemon, stop_all, stop_all_with_progress};
pub use subject::Subject;
