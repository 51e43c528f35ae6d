//! Exports that add and test connections of a project.

use crate::{
    ingest::{list_tables, test_connection},
    node::{
        abort::until_aborted,
        export::asynchronous,
        ingest::scan_request,
        js::JsRef,
        ports::{Transport, ensure_driver},
        project::{confirm_trust, load, load::encode_project, variables},
    },
    offload,
    project::{self, NewConnection},
};
use napi::Env;
use napi_derive::napi;
use std::sync::Arc;

#[napi(js_name = "addKtxProjectConnection")]
pub fn add_ktx_project_connection(env: Env, options: JsRef) -> napi::Result<JsRef> {
    asynchronous(&env, options, move |options| async move {
        let dir = options.required_path("projectDir")?;
        let id = options.required_string("connectionId")?;
        let new = options.object("connection")?.ok_or_else(|| options.type_error("connection", "an object"))?;
        let connection = NewConnection {
            driver: new.required_string("driver")?,
            url: new.string("url")?,
            path: new.string("path")?,
            readonly: new.boolean("readonly")?,
        };
        let variables = variables(&options)?;
        let adding = move || {
            project::check_dir_owner(dir.as_ref(), &variables)?;
            project::add_connection(dir.as_ref(), &id, &connection, &variables)
        };
        encode_project(&env, offload::spawn_blocking(adding).await)
    })
}

#[napi(js_name = "testKtxConnection")]
pub fn test_ktx_connection(env: Env, options: JsRef) -> napi::Result<JsRef> {
    asynchronous(&env, options, move |options| async move {
        let (project, request) = (Arc::new(load(&options).await?), scan_request(&options)?);
        let runner = Transport::for_introspection(&options)?;
        confirm_trust(&project, &request.connection_id, &options).await?;
        ensure_driver(&options, &project, &request.connection_id).await?;
        let testing = test_connection(&project, &request, &runner);
        JsRef::encode(&env, &until_aborted(options.signal()?, testing).await?)
    })
}

#[napi(js_name = "listKtxDatabaseTables")]
pub fn list_ktx_database_tables(env: Env, options: JsRef) -> napi::Result<JsRef> {
    asynchronous(&env, options, move |options| async move {
        let (project, request) = (Arc::new(load(&options).await?), scan_request(&options)?);
        let runner = Transport::for_introspection(&options)?;
        confirm_trust(&project, &request.connection_id, &options).await?;
        ensure_driver(&options, &project, &request.connection_id).await?;
        let listing = list_tables(&project, &request, &runner);
        JsRef::encode(&env, &until_aborted(options.signal()?, listing).await?)
    })
}
