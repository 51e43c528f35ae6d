//! The daemon's lifecycle: probe, launch, start, stop. `docs/daemon-lifecycle.md` lists its guarantees. It is generic over
//! a host, so that the MCP server of a project has the same one.

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
