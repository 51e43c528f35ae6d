//! Export of the bundle for bug reports.

use crate::{
    bundle::{BundleRequest, write},
    node::{
        export::asynchronous,
        js::JsRef,
        runtime::{JsInstall, RuntimeContext},
    },
    offload,
    runtime::doctor,
};
use napi::Env;
use napi_derive::napi;
use serde_json::Value;

#[napi(js_name = "writeKtxDiagnosticBundle")]
pub fn write_ktx_diagnostic_bundle(env: Env, options: JsRef) -> napi::Result<JsRef> {
    asynchronous(&env, options, move |options| async move {
        let RuntimeContext { layout, env: variables } = RuntimeContext::read(&options)?;
        let host = JsInstall { env, exec: None, listener: None };
        let checks = doctor(&host, &layout, &variables).await;
        let versions = options.raw("host")?.map(|host| host.decode::<Value>()).transpose()?;
        let request = BundleRequest {
            layout,
            env: variables,
            project_dir: options.path("projectDir")?,
            file: options.required_path("file")?,
            host: versions.transpose().map_err(|_| options.type_error("host", "an object"))?.unwrap_or_default(),
            checks,
        };
        JsRef::encode(&env, &offload::spawn_blocking(move || write(&request)).await?)
    })
}
