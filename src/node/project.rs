//! Projects, connections and recorded runs.

use super::{
    asynchronous,
    js::{Fail, JsRef, Outcome},
    layout::environment,
    options::Options,
    until_aborted,
    ways::{Way, ensure_driver},
};
use crate::{
    error::{Error, Result},
    hop,
    ingest::{
        ScanRequest,
        adapters::live_database::Timeouts,
        store::{RunFilter, list_runs, read_run},
        test_connection,
    },
    project::{self, NewConnection, Project},
};
use napi::Env;
use napi_derive::napi;
use std::sync::Arc;

#[napi(js_name = "initKtxProject")]
pub fn init_ktx_project(env: Env, options: JsRef) -> napi::Result<JsRef> {
    asynchronous(&env, options, move |options| async move {
        let dir = options.required_string("projectDir")?;
        let name = options.string("projectName")?;
        view(&env, hop::blocking(move || project::init(dir.as_ref(), name.as_deref())).await)
    })
}

#[napi(js_name = "findKtxProjectDir")]
pub fn find_ktx_project_dir(env: Env, options: JsRef) -> napi::Result<JsRef> {
    asynchronous(&env, options, move |options| async move {
        let start = options.required_string("startDir")?;
        let dir = hop::blocking(move || project::find_dir(start.as_ref())).await?;
        Ok(JsRef::string(&env, &dir.to_string_lossy()))
    })
}

#[napi(js_name = "loadKtxProject")]
pub fn load_ktx_project(env: Env, options: JsRef) -> napi::Result<JsRef> {
    asynchronous(&env, options, move |options| async move { view(&env, load(&options).await) })
}

#[napi(js_name = "addKtxProjectConnection")]
pub fn add_ktx_project_connection(env: Env, options: JsRef) -> napi::Result<JsRef> {
    asynchronous(&env, options, move |options| async move {
        let dir = options.required_string("projectDir")?;
        let id = options.required_string("connectionId")?;
        let given = options.object("connection")?.ok_or_else(|| options.wrong("connection", "an object"))?;
        let connection = NewConnection {
            driver: given.required_string("driver")?,
            url: given.string("url")?,
            path: given.string("path")?,
            readonly: given.boolean("readonly")?,
        };
        view(&env, hop::blocking(move || project::add_connection(dir.as_ref(), &id, &connection)).await)
    })
}

fn view(env: &Env, project: Result<Project>) -> Outcome<JsRef> {
    JsRef::encode(env, &project?.view())
}

/// The project of `projectDir`, or of a `project` that was loaded before. What stands in its `ktx.yaml` now counts.
pub(super) async fn load(options: &Options) -> Result<Project> {
    let dir = match options.object("project").map_err(own_error)? {
        Some(project) => project.required_string("projectDir").map_err(own_error)?,
        None => options.required_string("projectDir").map_err(own_error)?,
    };
    hop::blocking(move || project::load(dir.as_ref())).await
}

/// Reading an option fails with nothing but errors of ours.
fn own_error(fail: Fail) -> Error {
    match fail {
        Fail::Core(error) | Fail::Caused(error, _) => error,
        other => Error::new(crate::error::Code::Internal, other.to_string()),
    }
}

#[napi(js_name = "testKtxConnection")]
pub fn test_ktx_connection(env: Env, options: JsRef) -> napi::Result<JsRef> {
    asynchronous(&env, options, move |options| async move {
        let (project, request) = (Arc::new(load(&options).await?), scan_request(&options)?);
        let runner = Way::to_introspection(&options)?;
        ensure_driver(&options, &project, &request.connection_id).await?;
        let testing = test_connection(&project, &request, &runner);
        JsRef::encode(&env, &until_aborted(options.signal()?, testing).await?)
    })
}

pub(super) fn scan_request(options: &Options) -> Outcome<ScanRequest> {
    Ok(ScanRequest {
        connection_id: options.required_string("connectionId")?,
        dry_run: options.boolean("dryRun")?.unwrap_or(false),
        env: environment(options)?,
        timeouts: Timeouts::default(),
    })
}

#[napi(js_name = "listKtxRuns")]
pub fn list_ktx_runs(env: Env, options: JsRef) -> napi::Result<JsRef> {
    asynchronous(&env, options, move |options| async move {
        let dir = options.required_string("projectDir")?;
        let limit = options.count("limit")?.map(|limit| limit as u32);
        let filter = RunFilter { source: options.string("source")?, limit };
        let runs = hop::blocking(move || list_runs(dir.as_ref(), &filter)).await?;
        JsRef::encode(&env, &runs)
    })
}

#[napi(js_name = "readKtxRun")]
pub fn read_ktx_run(env: Env, options: JsRef) -> napi::Result<JsRef> {
    asynchronous(&env, options, move |options| async move {
        let (dir, id) = (options.required_string("projectDir")?, options.required_string("runId")?);
        JsRef::encode(&env, &hop::blocking(move || read_run(dir.as_ref(), &id)).await?)
    })
}
