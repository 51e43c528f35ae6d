//! The native core of `@kaelio/ktx`: installs a private Python runtime, manages its daemon, and scans, ingests and
//! queries the connections of a project through it.
//!
//! Modules import those further down in this table. `docs/architecture.md` lists the allowed dependencies.
//!
//! | module | purpose |
//! | --- | --- |
//! | `node` | the binding to JavaScript: convert, call, convert. The only module that names napi |
//! | [`agents`] | connects the clients of agents: their files, a manifest, undo |
//! | [`bundle`] | archives for bug reports, without secrets |
//! | [`search`] | the index of what a project knows, and the search over it |
//! | [`semantic`] | the semantic sources of a project: generate, validate, query |
//! | [`ingest`] | pulls a source into a project: fetch, stage, diff, report; one folder for each adapter |
//! | [`relationships`] | detection of keys and foreign keys from profiles |
//! | [`project`] | `ktx.yaml`, connections, secret references |
//! | [`ports`] | typed calls of the daemon, their routing and transports, the resolver |
//! | [`server`] | the MCP server of a project in the background, with the lifecycle of the daemon |
//! | [`daemon`] | the daemon's lifecycle: probe, start, stop |
//! | [`runtime`] | the runtime's lifecycle: layout, asset, toolchain, install, status, doctor, prune |
//! | [`http`] | the HTTP client: limits, tokens, the daemon registry |
//! | [`process`] | identity, spawning and signalling of processes; all platform-specific code |
//! | [`files`] | atomic writes, logs and file locks |
//!
//! Every module may use: [`error`] (error codes), [`env`] (environment variables), [`offload`] (work on other
//! threads), `parallel` (work on several cores), `abbreviation` (abbreviated words), `digest` (SHA-256), [`redact`]
//! (redaction of credentials), [`retry`] (retry policies), [`log`] (the event log), [`request_id`] and `shell`
//! (quoting).

mod abbreviation;
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
pub mod relationships;
pub mod request_id;
pub mod retry;
pub mod runtime;
#[cfg(test)]
mod schemas;
pub mod search;
pub mod semantic;
pub mod server;
mod shell;
