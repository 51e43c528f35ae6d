//! The binding to Node, and the only module that names napi. Each function converts, calls and converts back. One folder a
//! domain; beside them what all of them use.

#![expect(unreachable_pub, reason = "exports are reached from JavaScript")]

mod abort;
mod agents;
mod arguments;
mod bundle;
mod daemon;
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
mod semantic;
mod sql;

#[napi_derive::module_init]
fn use_own_runtime() {
    if let Ok(runtime) = limits::runtime() {
        napi::bindgen_prelude::create_custom_tokio_runtime(runtime);
    }
}
