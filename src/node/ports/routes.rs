//! The exported routes of local ingest.

use crate::node::{
    export::sync,
    js::JsRef,
    options::Options,
    ports::routing::{analysis_route, introspection_route, looker_route},
};
use napi::Env;
use napi_derive::napi;

#[napi(catch_unwind)]
pub fn looker_table_identifier_route(env: Env, options: JsRef) -> napi::Result<JsRef> {
    sync(&env, || JsRef::encode(&env, &looker_route(&Options::new(options, "options")?)?))
}

#[napi(catch_unwind)]
pub fn sql_analysis_route(env: Env, options: JsRef) -> napi::Result<JsRef> {
    sync(&env, || JsRef::encode(&env, &analysis_route(&Options::new(options, "options")?)?))
}

#[napi(catch_unwind)]
pub fn database_introspection_route(env: Env, options: JsRef) -> napi::Result<JsRef> {
    sync(&env, || JsRef::encode(&env, &introspection_route(&Options::new(options, "options")?)?))
}
