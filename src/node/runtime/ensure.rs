//! Ensures the runtime of a command; the host may inject functions for status, confirmation and installation.

use crate::{
    node::{
        abort::until_aborted,
        export::asynchronous,
        io,
        js::{Fail, JsRef, Outcome},
        options::Options,
        runtime::{
            JsInstall, ProgressListener, RuntimeContext, feature, feature_names, install::log_installed, policy,
        },
    },
    runtime::{
        EnsureHost, EnsureRequest, Ensured, Feature, InstallRequest, NativeExec, StatusKind, ensure, install,
        installer_name, read_status, refuse_unsafe,
    },
};
use napi::Env;
use napi_derive::napi;

#[napi]
pub fn ensure_managed_python_command_runtime(env: Env, options: JsRef) -> napi::Result<JsRef> {
    asynchronous(&env, options, |options| async move {
        let feature = match options.string("feature")? {
            Some(name) => feature(&options, "feature", &name)?,
            None => Feature::Core,
        };
        until_aborted(options.signal()?, ensure_runtime(&options, feature)).await
    })
}

/// Ensures a feature by an options object; returns `{ layout, manifest }`.
pub(crate) async fn ensure_runtime(options: &Options, feature: Feature) -> Outcome<JsRef> {
    let host = JsEnsure {
        env: options.env(),
        options: options.clone(),
        cli_version: options.required_string("cliVersion")?,
        io: options.raw("io")?.ok_or_else(|| options.type_error("io", "an object"))?,
        read_status: options.function("readStatus")?,
        install_runtime: options.function("installRuntime")?,
        confirm_install: options.function("confirmInstall")?,
        on_progress: options.function("onProgress")?,
    };
    ensure(&host, EnsureRequest { feature, policy: policy(options)? }).await
}

struct JsEnsure {
    env: Env,
    options: Options,
    cli_version: String,
    io: JsRef,
    read_status: Option<JsRef>,
    install_runtime: Option<JsRef>,
    confirm_install: Option<JsRef>,
    on_progress: Option<JsRef>,
}

impl JsEnsure {
    fn version(&self) -> Outcome<(&'static str, JsRef)> {
        Ok(("cliVersion", JsRef::string(&self.env, &self.cli_version)))
    }

    /// Creates `{ layout, manifest }` with the same objects.
    fn to_runtime_object(&self, found: &JsRef) -> Outcome<JsRef> {
        JsRef::object(&self.env, &[("layout", found.get("layout")?), ("manifest", found.get("manifest")?)])
    }

    async fn install_natively(&self, feature: Feature) -> Outcome<JsRef> {
        let runtime = RuntimeContext::from_version(&self.env, &self.cli_version)?;
        // Without `force`, so that installed features are kept.
        let request =
            InstallRequest { layout: runtime.layout, env: runtime.env, features: vec![feature], force: false };
        let listener = match &self.on_progress {
            Some(callback) => ProgressListener::Callback(callback.clone()),
            None => ProgressListener::Stderr(self.io.clone()),
        };
        let host = JsInstall { env: self.env, exec: None, listener: Some(listener) };
        let installed = install(&host, &request).await;
        log_installed(&self.options, &installed);
        JsRef::encode(&self.env, &installed?)
    }
}

impl EnsureHost for JsEnsure {
    type Error = Fail;
    type Runtime = JsRef;

    async fn find_ready(&self, feature: Feature) -> Outcome<Option<JsRef>> {
        let Some(read_status) = &self.read_status else {
            let runtime = RuntimeContext::from_version(&self.env, &self.cli_version)?;
            let status = crate::offload::spawn_blocking(move || read_status(&runtime.layout)).await;
            return match status.ready_with(&[feature]) {
                Some(_) => Ok(Some(self.to_runtime_object(&JsRef::encode(&self.env, &status)?)?)),
                None if status.kind == StatusKind::Broken => {
                    // A runtime that others can write to is refused under every policy.
                    crate::offload::spawn_blocking(move || refuse_unsafe(&status.layout)).await?;
                    Ok(None)
                }
                None => Ok(None),
            };
        };
        let status = read_status.call_async(&[JsRef::object(&self.env, &[self.version()?])?]).await?;
        let is_ready = status.get("kind")?.text().is_ok_and(|kind| kind == "ready");
        if !is_ready {
            return Ok(None);
        }
        let manifest = status.get("manifest")?;
        let features =
            if manifest.is_nullish() { None } else { manifest.get("features")?.decode::<Vec<String>>()?.ok() };
        let has = features.unwrap_or_default().iter().any(|name| name == feature.as_str());
        if has { Ok(Some(self.to_runtime_object(&status)?)) } else { Ok(None) }
    }

    fn can_confirm(&self) -> bool {
        self.confirm_install.is_some()
    }

    /// The name of the installer for messages: uv for a host that injects functions, as the contract fixes its texts.
    async fn installer_name(&self) -> &'static str {
        let injected = self.install_runtime.is_some() || self.read_status.is_some();
        match RuntimeContext::from_version(&self.env, &self.cli_version) {
            Ok(runtime) if !injected => Box::pin(installer_name(&NativeExec, &runtime.layout, &runtime.env)).await,
            _ => "uv",
        }
    }

    async fn confirm(&self, question: &str) -> Outcome<bool> {
        match &self.confirm_install {
            Some(confirm) => Ok(confirm.call_async(&[JsRef::string(&self.env, question)]).await?.is_truthy()),
            None => Ok(false),
        }
    }

    async fn install(&self, feature: Feature) -> Outcome<Ensured<JsRef>> {
        let installed = match &self.install_runtime {
            Some(install) => {
                let features = feature_names(&self.env, &[feature])?;
                let force = JsRef::boolean(&self.env, false);
                let request = [self.version()?, ("features", features), ("force", force)];
                install.call_async(&[JsRef::object(&self.env, &request)?]).await?
            }
            None => self.install_natively(feature).await?,
        };
        let layout = installed.get("layout")?;
        let version_dir = if layout.is_nullish() { None } else { layout.get("versionDir")?.text().ok() };
        Ok(Ensured { runtime: self.to_runtime_object(&installed)?, version_dir })
    }

    fn print(&self, line: &str) -> Outcome<()> {
        io::write(&self.io, "stderr", line)
    }
}
