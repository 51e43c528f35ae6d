//! The archive for bug reports.

use super::{asynchronous, install::JsInstall, js::JsRef, layout::Place};
use crate::{
    bundle::{BundleRequest, write},
    hop,
    runtime::doctor,
};
use napi::Env;
use napi_derive::napi;
use serde_json::Value;

#[napi(js_name = "writeKtxDiagnosticBundle")]
pub fn write_ktx_diagnostic_bundle(env: Env, options: JsRef) -> napi::Result<JsRef> {
    asynchronous(&env, options, move |options| async move {
        let Place { layout, env: variables } = Place::read(&options)?;
        let host = JsInstall { env, exec: None, watcher: None };
        let checks = doctor(&host, &layout, &variables).await;
        let versions = options.raw("host")?.map(|host| host.decode::<Value>()).transpose()?;
        let request = BundleRequest {
            layout,
            env: variables,
            project_dir: options.path("projectDir")?,
            file: options.required_path("file")?,
            host: versions.transpose().map_err(|_| options.wrong("host", "an object"))?.unwrap_or_default(),
            checks,
        };
        JsRef::encode(&env, &hop::blocking(move || write(&request)).await?)
    })
}
