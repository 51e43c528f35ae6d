//! The native core of `@kaelio/ktx`: a private Python runtime, one daemon in it, and what a project asks that daemon.
//!
//! A call goes down this list and its answer comes back up. `docs/architecture.md` says who may use whom.
//!
//! | module | what it does |
//! | --- | --- |
//! | `node` | the binding to JavaScript: convert, call, convert. The only module that names napi |
//! | [`agents`] | connects the clients of agents: their files, a manifest, undo |
//! | [`bundle`] | what a bug report needs, in one archive without secrets |
//! | [`semantic`] | the semantic sources of a project: generate, validate, query |
//! | [`ingest`] | pulls a source into a project: fetch, stage, diff, report; one folder an adapter |
//! | [`project`] | `ktx.yaml`, connections, references to secrets |
//! | [`ports`] | typed calls of a daemon, the routes to one, and how it is resolved |
//! | [`daemon`] | the daemon's life: probe, start, stop |
//! | [`runtime`] | the runtime's life: layout, asset, toolchain, install, status, doctor, prune |
//! | [`http`] | the one HTTP client: limits, tokens |
//! | [`process`] | identity, spawning and ending of processes; platform code stands here |
//! | [`files`] | atomic writes and locks of the operating system |
//!
//! Beside them: [`error`] has every error code, [`env`] every variable, [`offload`] leaves the calling thread, `parallel`
//! spreads work over the cores, `digest` has SHA-256, [`redact`] keeps credentials out of texts, [`retry`] has every retry
//! policy, and [`log`] writes events with the [`request_id`] that they belong to.

pub mod agents;
pub mod bundle;
pub mod daemon;
mod digest;
pub mod env;
pub mod error;
pub mod files;
pub mod http;
pub mod ingest;
pub mod log;
#[cfg(feature = "node")]
#[cfg_attr(test, allow(dead_code, reason = "only an addon registers its exports"))]
mod node;
pub mod offload;
mod parallel;
pub mod ports;
pub mod process;
pub mod project;
pub mod redact;
pub mod request_id;
pub mod retry;
pub mod runtime;
#[cfg(test)]
mod schemas;
pub mod semantic;
