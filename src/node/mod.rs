//! The binding to Node, the only module that uses napi. Each function converts its arguments, calls the core and
//! converts the result. One folder for each domain, and shared modules.

#![expect(unreachable_pub, reason = "exports are reached from JavaScript")]

mod abort;
mod agents;
mod arguments;
mod bundle;
mod daemon;
mod embedder;
mod export;
mod ingest;
mod initialize;
mod io;
mod js;
mod limits;
mod log;
mod options;
mod package;
mod ports;
mod project;
mod runtime;
mod search;
mod semantic;
mod server;
mod sql;

#[napi_derive::module_init]
fn use_own_runtime() {
    if let Ok(runtime) = limits::runtime() {
        napi::bindgen_prelude::create_custom_tokio_runtime(runtime);
    }
}
