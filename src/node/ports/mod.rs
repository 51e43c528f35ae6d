//! How requests reach a daemon: routes, runners and transports.

mod looker;
mod routes;
mod routing;
mod runner;
mod transport;

pub(crate) use routing::{analysis_route, runner_on};
pub(crate) use runner::{Runner, read_limits};
pub(crate) use transport::{Transport, ensure_driver};
