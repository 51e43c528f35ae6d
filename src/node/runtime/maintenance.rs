//! Exports for layout, asset, status, doctor and prune.

use crate::{
    daemon::lock_version_folder,
    node::{
        export::{asynchronous, sync},
        js::{JsRef, Outcome},
        options::Options,
        runtime::{JsInstall, RuntimeContext},
    },
    offload,
    runtime::{doctor, prune, read_status, verify_asset},
};
use napi::Env;
use napi_derive::napi;

#[napi(catch_unwind)]
pub fn managed_python_runtime_layout(env: Env, options: JsRef) -> napi::Result<JsRef> {
    sync(&env, || JsRef::encode(&env, &RuntimeContext::read(&Options::new(options, "options")?)?.layout))
}

#[napi]
pub fn verify_runtime_asset(env: Env, options: JsRef) -> napi::Result<JsRef> {
    asynchronous(&env, options, move |options| async move {
        let folder = options.required_path("assetDir")?;
        let asset = offload::spawn_blocking(move || verify_asset(folder.as_ref())).await?;
        JsRef::encode(&env, &asset)
    })
}

#[napi]
pub fn read_managed_python_runtime_status(env: Env, options: JsRef) -> napi::Result<JsRef> {
    asynchronous(&env, options, move |options| async move { status(&env, RuntimeContext::read(&options)?).await })
}

/// Reads the status of the runtime as a JavaScript object.
pub(crate) async fn status(env: &Env, runtime: RuntimeContext) -> Outcome<JsRef> {
    let status = offload::spawn_blocking(move || read_status(&runtime.layout)).await;
    JsRef::encode(env, &status)
}

#[napi]
pub fn doctor_managed_python_runtime(env: Env, options: JsRef) -> napi::Result<JsRef> {
    asynchronous(&env, options, move |options| async move {
        let runtime = RuntimeContext::read(&options)?;
        let host = JsInstall { env, exec: options.function("exec")?, listener: None };
        JsRef::encode(&env, &doctor(&host, &runtime.layout, &runtime.env).await)
    })
}

#[napi]
pub fn prune_managed_python_runtimes(env: Env, options: JsRef) -> napi::Result<JsRef> {
    asynchronous(&env, options, move |options| async move {
        options.required_string("runtimeRoot")?;
        let runtime = RuntimeContext::read(&options)?;
        let dry_run = options.boolean("dryRun")?.unwrap_or(false);
        let pruned = offload::spawn_blocking(move || {
            let layout = runtime.layout;
            prune(&layout.runtime_root, &layout.cli_version, dry_run, |folder| {
                lock_version_folder(&layout, folder).ok()
            })
        });
        JsRef::encode(&env, &pruned.await?)
    })
}
