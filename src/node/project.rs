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
    env::{Environment, KTX_TRUST},
    error::{Error, Result},
    hop,
    ingest::{
        ScanRequest,
        adapters::live_database::Timeouts,
        store::{RunFilter, list_runs, read_run},
        test_connection,
    },
    project::{self, NewConnection, OutsideReferences, Project},
};
use napi::{Env, ValueType};
use napi_derive::napi;
use serde::Serialize;
use std::{path::PathBuf, sync::Arc};

#[napi(js_name = "initKtxProject")]
pub fn init_ktx_project(env: Env, options: JsRef) -> napi::Result<JsRef> {
    asynchronous(&env, options, move |options| async move {
        let dir = options.required_path("projectDir")?;
        let name = options.string("projectName")?;
        view(&env, hop::blocking(move || project::init(dir.as_ref(), name.as_deref())).await)
    })
}

#[napi(js_name = "findKtxProjectDir")]
pub fn find_ktx_project_dir(env: Env, options: JsRef) -> napi::Result<JsRef> {
    asynchronous(&env, options, move |options| async move {
        let start = options.required_path("startDir")?;
        let dir = hop::blocking(move || project::find_dir(start.as_ref())).await?;
        Ok(JsRef::string(&env, &dir.to_string_lossy()))
    })
}

#[napi(js_name = "loadKtxProject")]
pub fn load_ktx_project(env: Env, options: JsRef) -> napi::Result<JsRef> {
    asynchronous(&env, options, move |options| async move { view(&env, load(&options).await) })
}

#[napi(js_name = "trustKtxProject")]
pub fn trust_ktx_project(env: Env, options: JsRef) -> napi::Result<JsRef> {
    asynchronous(&env, options, move |options| async move {
        let (dir, variables) = (options.required_path("projectDir")?, variables(&options)?);
        let trusting = move || {
            let project = project::load(dir.as_ref())?;
            Ok::<_, Error>(Trusted { references: project.trust(&variables)?, project_dir: project.dir })
        };
        JsRef::encode(&env, &hop::blocking(trusting).await?)
    })
}

/// What `trustKtxProject` answers.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Trusted {
    project_dir: PathBuf,
    references: Vec<OutsideReferences>,
}

/// The variables of a call, which also say whether projects are trusted: the option `trust` stands in for `KTX_TRUST`.
pub(super) fn variables(options: &Options) -> Outcome<Environment> {
    let variables = environment(options)?;
    Ok(match options.string("trust")?.as_deref() {
        None => variables,
        // A machine that trusts every project has answered the question already.
        Some("ask") => variables,
        Some("always") => variables.with(KTX_TRUST, "1"),
        Some("never") => variables.with(KTX_TRUST, "never"),
        Some(_) => return Err(options.wrong("trust", "'ask', 'always' or 'never'")),
    })
}

/// Asks the host's `confirmTrust` about a connection of a project that is not trusted; without one, the call fails when
/// it comes to the secret.
pub(super) async fn settle_trust(project: &Arc<Project>, id: &str, options: &Options) -> Outcome<()> {
    let (Some(confirm), variables) = (options.function("confirmTrust")?, variables(options)?) else { return Ok(()) };
    let (asked, id, env) = (project.clone(), id.to_owned(), variables.clone());
    let Some(question) = hop::blocking(move || asked.trust_question(&id, &env)).await? else { return Ok(()) };
    let answer = confirm.call(&[JsRef::string(&options.env(), &question.text)])?.wait().await?;
    if answer.kind() == ValueType::Boolean && answer.to::<bool>()? {
        let trusted = project.clone();
        hop::blocking(move || trusted.trust(&variables)).await?;
    }
    Ok(())
}

#[napi(js_name = "addKtxProjectConnection")]
pub fn add_ktx_project_connection(env: Env, options: JsRef) -> napi::Result<JsRef> {
    asynchronous(&env, options, move |options| async move {
        let dir = options.required_path("projectDir")?;
        let id = options.required_string("connectionId")?;
        let given = options.object("connection")?.ok_or_else(|| options.wrong("connection", "an object"))?;
        let connection = NewConnection {
            driver: given.required_string("driver")?,
            url: given.string("url")?,
            path: given.string("path")?,
            readonly: given.boolean("readonly")?,
        };
        let variables = variables(&options)?;
        let adding = move || {
            project::admit_dir(dir.as_ref(), &variables)?;
            project::add_connection(dir.as_ref(), &id, &connection, &variables)
        };
        view(&env, hop::blocking(adding).await)
    })
}

fn view(env: &Env, project: Result<Project>) -> Outcome<JsRef> {
    JsRef::encode(env, &project?.view())
}

/// The project of `projectDir`, or of a `project` that was loaded before. What stands in its `ktx.yaml` now counts.
/// One that belongs to another user is refused.
pub(super) async fn load(options: &Options) -> Result<Project> {
    let variables = variables(options).map_err(own_error)?;
    let dir = match options.object("project").map_err(own_error)? {
        Some(project) => project.required_path("projectDir").map_err(own_error)?,
        None => options.required_path("projectDir").map_err(own_error)?,
    };
    let loading = move || {
        let project = project::load(dir.as_ref())?;
        project.admit(&variables)?;
        Ok(project)
    };
    hop::blocking(loading).await
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
        settle_trust(&project, &request.connection_id, &options).await?;
        ensure_driver(&options, &project, &request.connection_id).await?;
        let testing = test_connection(&project, &request, &runner);
        JsRef::encode(&env, &until_aborted(options.signal()?, testing).await?)
    })
}

pub(super) fn scan_request(options: &Options) -> Outcome<ScanRequest> {
    Ok(ScanRequest {
        connection_id: options.required_string("connectionId")?,
        dry_run: options.boolean("dryRun")?.unwrap_or(false),
        env: variables(options)?,
        timeouts: Timeouts::default(),
    })
}

#[napi(js_name = "listKtxRuns")]
pub fn list_ktx_runs(env: Env, options: JsRef) -> napi::Result<JsRef> {
    asynchronous(&env, options, move |options| async move {
        let dir = options.required_path("projectDir")?;
        let limit = options.count("limit")?.map(|limit| limit as u32);
        let filter = RunFilter { source: options.string("source")?, limit };
        let variables = variables(&options)?;
        let listing = move || {
            project::admit_dir(dir.as_ref(), &variables)?;
            list_runs(dir.as_ref(), &filter)
        };
        let runs = hop::blocking(listing).await?;
        JsRef::encode(&env, &runs)
    })
}

#[napi(js_name = "readKtxRun")]
pub fn read_ktx_run(env: Env, options: JsRef) -> napi::Result<JsRef> {
    asynchronous(&env, options, move |options| async move {
        let (dir, id) = (options.required_path("projectDir")?, options.required_string("runId")?);
        let variables = variables(&options)?;
        let reading = move || {
            project::admit_dir(dir.as_ref(), &variables)?;
            read_run(dir.as_ref(), &id)
        };
        JsRef::encode(&env, &hop::blocking(reading).await?)
    })
}
