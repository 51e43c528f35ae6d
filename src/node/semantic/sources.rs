//! Exports that list, read, write, generate and validate the semantic sources of a project.

use crate::{
    error::Result,
    node::{
        abort::until_aborted,
        export::asynchronous,
        js::{JsRef, Outcome},
        options::Options,
        project::load,
        semantic::transports::Transports,
    },
    offload,
    project::Project,
    semantic::{self, Source},
};
use napi::Env;
use napi_derive::napi;
use serde::Serialize;
use std::sync::Arc;

#[napi(js_name = "listKtxSemanticSources")]
pub fn list_ktx_semantic_sources(env: Env, options: JsRef) -> napi::Result<JsRef> {
    asynchronous(&env, options, move |options| async move {
        let (id, is_limited) = (options.string("connectionId")?, without_denied(&options)?);
        let list = if is_limited { semantic::list_allowed } else { semantic::list };
        run_on_project(&options, move |project| list(&project, id.as_deref())).await
    })
}

#[napi(js_name = "readKtxSemanticSource")]
pub fn read_ktx_semantic_source(env: Env, options: JsRef) -> napi::Result<JsRef> {
    asynchronous(&env, options, move |options| async move {
        let (id, name) = (options.required_string("connectionId")?, options.required_string("name")?);
        let read = if without_denied(&options)? { semantic::read_allowed } else { semantic::read };
        run_on_project(&options, move |project| read(&project, &id, &name)).await
    })
}

#[napi(js_name = "readKtxSemanticSources")]
pub fn read_ktx_semantic_sources(env: Env, options: JsRef) -> napi::Result<JsRef> {
    asynchronous(&env, options, move |options| async move {
        let id = options.required_string("connectionId")?;
        let read = if without_denied(&options)? { semantic::read_all_allowed } else { semantic::read_all };
        run_on_project(&options, move |project| read(&project, &id)).await
    })
}

#[napi(js_name = "readKtxSemanticModel")]
pub fn read_ktx_semantic_model(env: Env, options: JsRef) -> napi::Result<JsRef> {
    asynchronous(&env, options, |options| async move {
        let read = if without_denied(&options)? { semantic::read_allowed_model } else { semantic::read_model };
        run_on_project(&options, move |project| read(&project)).await
    })
}

/// Whether parts that name what the data policy denies are left out.
fn without_denied(options: &Options) -> Outcome<bool> {
    Ok(options.boolean("withoutDenied")?.unwrap_or(false))
}

#[napi(js_name = "writeKtxSemanticSource")]
pub fn write_ktx_semantic_source(env: Env, options: JsRef) -> napi::Result<JsRef> {
    asynchronous(&env, options, move |options| async move {
        let (id, source) = (options.required_string("connectionId")?, options.required_json("source")?);
        if !has_daemon_option(&options)? {
            return run_on_project(&options, move |project| {
                semantic::write(&project, &id, &Source::from_json(&source)?)
            })
            .await;
        }
        let (project, source) = (Arc::new(load(&options).await?), Source::from_json(&source)?);
        let transports = Transports::read(&options)?;
        let writing = semantic::write_validated(&project, &id, source, transports.compute());
        JsRef::encode(&env, &until_aborted(options.signal()?, writing).await?)
    })
}

#[napi(js_name = "generateKtxSemanticSources")]
pub fn generate_ktx_semantic_sources(env: Env, options: JsRef) -> napi::Result<JsRef> {
    asynchronous(&env, options, move |options| async move {
        let (project, id) = (Arc::new(load(&options).await?), options.required_string("connectionId")?);
        let transports = Transports::read(&options)?;
        let generating = semantic::generate(&project, &id, transports.compute());
        JsRef::encode(&env, &until_aborted(options.signal()?, generating).await?)
    })
}

#[napi(js_name = "validateKtxSemanticSources")]
pub fn validate_ktx_semantic_sources(env: Env, options: JsRef) -> napi::Result<JsRef> {
    asynchronous(&env, options, move |options| async move {
        let (project, id) = (Arc::new(load(&options).await?), options.required_string("connectionId")?);
        let (names, is_limited) = (options.strings("names")?.unwrap_or_default(), without_denied(&options)?);
        let transports = Transports::read(&options)?;
        let validating = semantic::validate(&project, &id, names, transports.compute());
        let found = until_aborted(options.signal()?, validating).await?;
        let found = if is_limited { found.without_denied(&project.policy(&id)?) } else { found };
        JsRef::encode(&env, &found)
    })
}

/// Whether an option determines the route to the daemon.
fn has_daemon_option(options: &Options) -> Outcome<bool> {
    let keys = ["semanticComputeUrl", "databaseIntrospectionUrl", "databaseIntrospection", "managedDaemon"];
    keys.iter().try_fold(false, |found, key| Ok(found || options.raw(key)?.is_some()))
}

pub(in crate::node) async fn run_on_project<T: Serialize + Send + 'static>(
    options: &Options,
    work: impl FnOnce(Project) -> Result<T> + Send + 'static,
) -> Outcome<JsRef> {
    let project = load(options).await?;
    JsRef::encode(&options.env(), &offload::spawn_blocking(move || work(project)).await?)
}
