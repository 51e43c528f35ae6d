//! The native core of `@kaelio/ktx`: a private Python runtime, one daemon in it, and what a project asks that daemon.
//!
//! A call goes down this list and its answer comes back up. `docs/architecture.md` says who may use whom.
//!
//! | room | what it does |
//! | --- | --- |
//! | `node` | the binding to JavaScript: convert, call, convert. The only room that names napi |
//! | [`bundle`] | what a bug report needs, in one archive without secrets |
//! | [`semantic`] | the semantic sources of a project: generate, validate, query |
//! | [`ingest`] | pulls a source into a project: fetch, stage, diff, report; routes; one folder an adapter |
//! | [`project`] | `ktx.yaml`, connections, references to secrets |
//! | [`ports`] | typed questions to a daemon, and how to find or revive it |
//! | [`daemon`] | the daemon's life: look, start, stop |
//! | [`runtime`] | the runtime's life: layout, asset, toolchain, install, status, doctor, prune |
//! | [`http`] | the one HTTP client: limits, tokens, retry |
//! | [`process`] | identity, spawning and ending of processes; platform code stands here |
//! | [`files`] | atomic writes and locks of the operating system |
//!
//! Beside them: [`error`] has every error code, [`env`] every variable, [`hop`] leaves the calling thread, `parallel`
//! spreads work over the cores, `digest` has SHA-256, [`redact`] keeps credentials out of texts, and [`log`] writes events
//! with the [`request_id`] that they belong to.

pub mod bundle;
pub mod daemon;
mod digest;
pub mod env;
pub mod error;
pub mod files;
pub mod hop;
pub mod http;
pub mod ingest;
pub mod log;
#[cfg(feature = "node")]
#[cfg_attr(test, allow(dead_code, reason = "only an addon registers its exports"))]
mod node;
mod parallel;
pub mod ports;
pub mod process;
pub mod project;
pub mod redact;
pub mod request_id;
pub mod runtime;
pub mod semantic;
