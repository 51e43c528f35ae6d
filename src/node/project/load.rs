//! Exports that create, find and load a project.

use crate::{
    env::KTX_ENV,
    error::{Error, Result},
    node::{
        export::asynchronous,
        js::{Fail, JsRef, Outcome},
        options::Options,
        project::variables,
    },
    offload,
    project::{self, Project},
};
use napi::Env;
use napi_derive::napi;

#[napi(js_name = "initKtxProject")]
pub fn init_ktx_project(env: Env, options: JsRef) -> napi::Result<JsRef> {
    asynchronous(&env, options, move |options| async move {
        let dir = options.required_path("projectDir")?;
        let name = options.string("projectName")?;
        encode_project(&env, offload::spawn_blocking(move || project::init(dir.as_ref(), name.as_deref())).await)
    })
}

#[napi(js_name = "findKtxProjectDir")]
pub fn find_ktx_project_dir(env: Env, options: JsRef) -> napi::Result<JsRef> {
    asynchronous(&env, options, move |options| async move {
        let start = options.required_path("startDir")?;
        let dir = offload::spawn_blocking(move || project::find_dir(start.as_ref())).await?;
        Ok(JsRef::string(&env, &dir.to_string_lossy()))
    })
}

#[napi(js_name = "loadKtxProject")]
pub fn load_ktx_project(env: Env, options: JsRef) -> napi::Result<JsRef> {
    asynchronous(&env, options, move |options| async move { encode_project(&env, load(&options).await) })
}

pub(super) fn encode_project(env: &Env, project: Result<Project>) -> Outcome<JsRef> {
    JsRef::encode(env, &project?.view())
}

/// Loads the project of `projectDir`, or of a previously loaded `project`, from the present `ktx.yaml`, in the
/// environment that `environment` or `KTX_ENV` selects.
///
/// Errors: those of loading; the project belongs to another user; there is no such environment.
pub(crate) async fn load(options: &Options) -> Result<Project> {
    let variables = variables(options).map_err(into_core_error)?;
    let dir = match options.object("project").map_err(into_core_error)? {
        Some(project) => project.required_path("projectDir").map_err(into_core_error)?,
        None => options.required_path("projectDir").map_err(into_core_error)?,
    };
    let environment = options.string("environment").map_err(into_core_error)?;
    let loading = move || {
        let project = project::load(dir.as_ref())?;
        project.check_owner(&variables)?;
        let selected = environment.as_deref().or(variables.get(KTX_ENV)).filter(|name| !name.is_empty());
        project.in_environment(selected)
    };
    offload::spawn_blocking(loading).await
}

/// Converts the failure of reading an option, which is always an error of this package.
fn into_core_error(fail: Fail) -> Error {
    match fail {
        Fail::Core(error) | Fail::Caused(error, _) => error,
        other => Error::new(crate::error::Code::Internal, other.to_string()),
    }
}
