//! The managed daemon as a host describes it: how its runtime is ensured, and how it is started.

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

/// The managed core daemon, as a host describes it.
pub(crate) struct ManagedDaemon {
    options: Options,
    cli_version: String,
    io: JsRef,
    ensure_runtime: Option<JsRef>,
    start_daemon: Option<JsRef>,
}

impl ManagedDaemon {
    pub(crate) fn read(options: Options) -> Outcome<Self> {
        policy(&options)?;
        Ok(Self {
            cli_version: options.required_string("cliVersion")?,
            io: options.raw("io")?.ok_or_else(|| options.wrong("io", "an object"))?,
            ensure_runtime: options.function("ensureRuntime")?,
            start_daemon: options.function("startDaemon")?,
            options,
        })
    }
}

impl ResolverHost for ManagedDaemon {
    type Error = Fail;

    async fn ensure_runtime(&self) -> Outcome<()> {
        let ensuring =
            ensure_with(&self.options, self.ensure_runtime.as_ref(), &self.cli_version, &self.io, Feature::Core);
        Box::pin(ensuring).await
    }

    async fn start_daemon(&self) -> Outcome<StartedDaemon> {
        Box::pin(start_with(self.start_daemon.as_ref(), &self.io, &self.cli_version, Feature::Core)).await
    }

    fn say(&self, line: &str) -> Outcome<()> {
        io::write(&self.io, "stderr", line)
    }
}

/// Ensures a feature by the host's callback or natively.
pub(crate) async fn ensure_with(
    options: &Options,
    callback: Option<&JsRef>,
    cli_version: &str,
    io: &JsRef,
    feature: Feature,
) -> Outcome<()> {
    let Some(callback) = callback else {
        return Box::pin(ensure_runtime(options, feature)).await.map(drop);
    };
    let env = options.env();
    let request = [
        ("cliVersion", JsRef::string(&env, cli_version)),
        ("installPolicy", JsRef::string(&env, policy(options)?.as_str())),
        ("io", io.clone()),
        ("feature", JsRef::string(&env, feature.as_str())),
    ];
    callback.call_async(&[JsRef::object(&env, &request)?]).await.map(drop)
}

/// An `onProgress` that writes what is waited for to the standard error of an `io`.
fn waiting_on(io: &JsRef) -> Outcome<JsRef> {
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

/// Starts the daemon with a feature by the host's callback or natively.
pub(crate) async fn start_with(
    callback: Option<&JsRef>,
    io: &JsRef,
    cli_version: &str,
    feature: Feature,
) -> Outcome<StartedDaemon> {
    let env = &io.env();
    let mut request = vec![
        ("cliVersion", JsRef::string(env, cli_version)),
        ("features", feature_names(env, &[feature])?),
        ("force", JsRef::boolean(env, false)),
    ];
    let started = match callback {
        Some(callback) => callback.call_async(&[JsRef::object(env, &request)?]).await?,
        None => {
            request.push(("onProgress", waiting_on(io)?));
            lifecycle::start_managed_python_daemon(*env, JsRef::object(env, &request)?)?.wait().await?
        }
    };
    let base_url = started.get("baseUrl")?;
    let is_new = started.get("status")?.text().is_ok_and(|status| status == "started");
    Ok(StartedDaemon { is_new, base_url: text_argument(&base_url, "The baseUrl of startDaemon's result")? })
}
