//! Routes, runners and transports to a daemon, by options.

mod looker;
mod routes;
mod routing;
mod runner;
mod transport;

pub(crate) use routing::{analysis_route, runner_for_route};
pub(crate) use runner::{Runner, read_limits};
pub(crate) use transport::{Transport, ensure_driver, own_daemon};
