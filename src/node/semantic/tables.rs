//! Exports that list and describe what the newest syncs have: tables, their lineage, and statements of the query history.

use crate::{
    ingest::{HistoryFilter, list_history},
    node::{
        abort::until_aborted,
        export::asynchronous,
        js::JsRef,
        project::load,
        semantic::{sources::run_on_project, transports::Transports},
    },
    semantic,
};
use napi::Env;
use napi_derive::napi;
use std::sync::Arc;

#[napi(js_name = "listKtxTables")]
pub fn list_ktx_tables(env: Env, options: JsRef) -> napi::Result<JsRef> {
    asynchronous(&env, options, move |options| async move {
        let id = options.required_string("connectionId")?;
        run_on_project(&options, move |project| semantic::list_tables(&project, &id)).await
    })
}

#[napi(js_name = "readKtxLineage")]
pub fn read_ktx_lineage(env: Env, options: JsRef) -> napi::Result<JsRef> {
    asynchronous(&env, options, move |options| async move {
        let (id, name) = (options.required_string("connectionId")?, options.required_string("name")?);
        let (project, transports) = (Arc::new(load(&options).await?), Transports::read(&options)?);
        let finding = semantic::find_lineage(&project, &id, &name, transports.compute());
        JsRef::encode(&env, &until_aborted(options.signal()?, finding).await?)
    })
}

#[napi(js_name = "listKtxQueryHistory")]
pub fn list_ktx_query_history(env: Env, options: JsRef) -> napi::Result<JsRef> {
    asynchronous(&env, options, move |options| async move {
        let id = options.required_string("connectionId")?;
        let top = options.count("top")?.map(|top| top as usize);
        let filter = HistoryFilter { top, table: options.string("table")?, by: options.string("by")? };
        run_on_project(&options, move |project| list_history(&project, &id, &filter)).await
    })
}

#[napi(js_name = "readKtxTables")]
pub fn read_ktx_tables(env: Env, options: JsRef) -> napi::Result<JsRef> {
    asynchronous(&env, options, move |options| async move {
        let id = options.required_string("connectionId")?;
        run_on_project(&options, move |project| semantic::describe_tables(&project, &id)).await
    })
}

#[napi(js_name = "readKtxTable")]
pub fn read_ktx_table(env: Env, options: JsRef) -> napi::Result<JsRef> {
    asynchronous(&env, options, move |options| async move {
        let (id, name) = (options.required_string("connectionId")?, options.required_string("name")?);
        run_on_project(&options, move |project| semantic::describe_table(&project, &id, &name)).await
    })
}
