//! The `managedDaemon` options: ensuring the runtime and starting the daemon, natively or by injected functions.

use crate::{
    node::{
        arguments::text_argument,
        daemon::lifecycle,
        export::sync,
        io,
        js::{Fail, JsRef, Outcome, argument},
        options::Options,
        runtime::{ensure_runtime, feature_names, policy},
    },
    ports::{ResolverHost, StartedDaemon},
    runtime::Feature,
};

/// The `managedDaemon` options of a host.
pub(crate) struct ManagedDaemon {
    options: Options,
    cli_version: String,
    io: JsRef,
    announces_daemon: bool,
}

impl ManagedDaemon {
    /// Reads and checks the options, so that invalid ones fail when a port is created, not at its first request.
    pub(crate) fn read(options: Options) -> Outcome<Self> {
        policy(&options)?;
        let cli_version = options.required_string("cliVersion")?;
        let io = options.raw("io")?.ok_or_else(|| options.type_error("io", "an object"))?;
        for key in ["ensureRuntime", "startDaemon", "confirmInstall", "onProgress"] {
            options.function(key)?;
        }
        let announces_daemon = options.boolean("announceDaemon")?.unwrap_or(true);
        Ok(Self { options, cli_version, io, announces_daemon })
    }

    pub(super) fn options(&self) -> &Options {
        &self.options
    }

    pub(super) fn io(&self) -> &JsRef {
        &self.io
    }
}

impl ResolverHost for ManagedDaemon {
    type Error = Fail;

    async fn ensure_runtime(&self) -> Outcome<()> {
        Box::pin(ensure_with(&self.options, Feature::Core)).await
    }

    async fn start_daemon(&self) -> Outcome<StartedDaemon> {
        Box::pin(start_with(self, Feature::Core)).await
    }

    fn print(&self, line: &str) -> Outcome<()> {
        if self.announces_daemon { io::write(&self.io, "stderr", line) } else { Ok(()) }
    }
}

/// Ensures a feature by the injected `ensureRuntime` or natively.
pub(crate) async fn ensure_with(options: &Options, feature: Feature) -> Outcome<()> {
    let Some(ensure_callback) = options.function("ensureRuntime")? else {
        return Box::pin(ensure_runtime(options, feature)).await.map(drop);
    };
    let env = options.env();
    let request = [
        ("cliVersion", JsRef::string(&env, &options.required_string("cliVersion")?)),
        ("installPolicy", JsRef::string(&env, policy(options)?.as_str())),
        ("io", options.raw("io")?.ok_or_else(|| options.type_error("io", "an object"))?),
        ("feature", JsRef::string(&env, feature.as_str())),
    ];
    ensure_callback.call_async(&[JsRef::object(&env, &request)?]).await.map(drop)
}

/// Creates an `onProgress` that prints waits to the standard error of an `io`.
fn wait_reporter(io: &JsRef) -> Outcome<JsRef> {
    let (env, io) = (io.env(), io.clone());
    Ok(JsRef::function(&env, "onProgress", move |context| {
        let (io, env, progress) = (io.clone(), *context.env, argument(context, 0)?);
        sync(&env, || {
            if progress.get("phase")?.text().is_ok_and(|phase| phase == "waiting") {
                io::write(&io, "stderr", &format!("{}\n", progress.get("message")?.text()?))?;
            }
            Ok(JsRef::undefined(&env))
        })
    })?)
}

/// Starts the daemon with a feature by the injected `startDaemon` or natively.
pub(super) async fn start_with(host: &ManagedDaemon, feature: Feature) -> Outcome<StartedDaemon> {
    let ManagedDaemon { options, cli_version, io, .. } = host;
    let env = &io.env();
    let mut request = vec![
        ("cliVersion", JsRef::string(env, cli_version)),
        ("features", feature_names(env, &[feature])?),
        ("force", JsRef::boolean(env, false)),
    ];
    let started = match options.function("startDaemon")? {
        Some(start) => start.call_async(&[JsRef::object(env, &request)?]).await?,
        None => {
            let on_progress = options.function("onProgress")?;
            request.push(("onProgress", on_progress.map_or_else(|| wait_reporter(io), Ok)?));
            lifecycle::start_managed_python_daemon(*env, JsRef::object(env, &request)?)?.wait().await?
        }
    };
    let base_url = started.get("baseUrl")?;
    let is_new = started.get("status")?.text().is_ok_and(|status| status == "started");
    Ok(StartedDaemon { is_new, base_url: text_argument(&base_url, "The baseUrl of startDaemon's result")? })
}
