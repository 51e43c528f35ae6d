//! Exports that parse and run a query of the semantic layer.

use crate::{
    node::{
        abort::until_aborted,
        export::asynchronous,
        js::JsRef,
        ports::ensure_driver,
        project::{confirm_trust, load, variables},
        semantic::transports::Transports,
        sql::limits,
    },
    semantic::{self, ExecuteRequest, QueryRequest},
};
use napi::Env;
use napi_derive::napi;
use std::sync::Arc;

#[napi(js_name = "parseKtxSemanticQuery")]
pub fn parse_ktx_semantic_query(env: Env, options: JsRef) -> napi::Result<JsRef> {
    asynchronous(&env, options, move |options| async move {
        let (file, text) = (options.required_string("file")?, options.required_string("text")?);
        JsRef::encode(&env, &semantic::parse_query(&file, &text)?)
    })
}

#[napi(js_name = "runKtxSemanticQuery")]
pub fn run_ktx_semantic_query(env: Env, options: JsRef) -> napi::Result<JsRef> {
    asynchronous(&env, options, move |options| async move {
        let project = Arc::new(load(&options).await?);
        let execution = ExecuteRequest {
            limits: limits(&options)?,
            count: options.boolean("count")?.unwrap_or(false),
            env: variables(&options)?,
        };
        let request = QueryRequest {
            connection_id: options.required_string("connectionId")?,
            query: options.required_json("query")?,
            execute: options.boolean("execute")?.unwrap_or(false).then_some(execution),
        };
        let transports = Transports::read(&options)?;
        if request.execute.is_some() {
            confirm_trust(&project, &request.connection_id, &options).await?;
            ensure_driver(&options, &project, &request.connection_id).await?;
        }
        let asking = semantic::query(&project, &request, transports.compute(), &transports.database);
        JsRef::encode(&env, &until_aborted(options.signal()?, asking).await?)
    })
}
