//! Projects, connections, scans and recorded runs.

use super::{
    asynchronous,
    http::Runner,
    js::{Fail, JsRef, Outcome},
    layout::environment,
    options::Options,
    routing::{introspection_route, runner_on},
    until_aborted,
};
use crate::{
    error::{Error, Result},
    hop,
    ingest::{
        Progress, RunFailure, RunProgress, ScanRequest, ScanResult,
        adapters::live_database::Timeouts,
        routing::Route,
        scan,
        store::{RunFilter, list_runs, read_run},
        test_connection,
    },
    ports::{JsonRunner, OneShot},
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
        Ok(JsRef::string(&env, &dir.to_string_lossy())?)
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

pub(super) async fn load(options: &Options) -> Result<Project> {
    let dir = options.required_string("projectDir").map_err(own_error)?;
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
        let runner = Introspection::read(&options)?;
        let testing = test_connection(&project, &request, &runner);
        JsRef::encode(&env, &until_aborted(options.raw("signal")?, testing).await?)
    })
}

#[napi(js_name = "runLocalScan")]
pub fn run_local_scan(env: Env, options: JsRef) -> napi::Result<JsRef> {
    asynchronous(&env, options, move |options| async move {
        let (project, request) = (Arc::new(load(&options).await?), scan_request(&options)?);
        let runner = Introspection::read(&options)?;
        let on_progress = options.function("onProgress")?;
        // What a progress callback throws must not end a run.
        let tell = move |progress: RunProgress| {
            if let Some(callback) = &on_progress {
                let _ = JsRef::encode(&env, &progress).and_then(|progress| callback.call(&[progress]));
            }
        };
        let scanning = scan(&project, &request, &runner, Progress::new(&tell));
        let report = until_aborted(options.raw("signal")?, scanning).await?;
        JsRef::encode(&env, &ScanResult::from(report))
    })
}

fn scan_request(options: &Options) -> Outcome<ScanRequest> {
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

/// The way to the daemon that introspection, and everything else about a connection, goes.
pub(super) enum Introspection {
    Port(Runner),
    OneShot(OneShot),
}

impl Introspection {
    pub(super) fn read(options: &Options) -> Outcome<Self> {
        let route = introspection_route(options)?;
        if let Route::Injected = route
            && let Some(injected) = options.object("databaseIntrospection")?
        {
            return Ok(Self::Port(Runner::read(injected)?));
        }
        Ok(match runner_on(options, &route)? {
            Some(runner) => Self::Port(runner),
            None => Self::OneShot(OneShot { program: "ktx-daemon".into(), env: environment(options)? }),
        })
    }
}

impl JsonRunner for Introspection {
    type Error = Fail;

    async fn request(&self, path: &str, payload: String) -> Outcome<String> {
        match self {
            Self::Port(runner) => runner.request(path, payload).await,
            Self::OneShot(command) => Ok(command.request(path, payload).await?),
        }
    }
}

impl RunFailure for Fail {
    fn map_own(self, change: impl FnOnce(Error) -> Error) -> Self {
        match self {
            Self::Core(error) => Self::Core(change(error)),
            Self::Caused(error, cause) => Self::Caused(change(error), cause),
            other => other,
        }
    }
}
