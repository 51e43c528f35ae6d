//! Installation of the runtime; the host may inject a function that runs commands, and get progress.

use crate::{
    env::Environment,
    error::Error,
    node::{
        abort::until_aborted,
        export::asynchronous,
        io,
        js::{Fail, JsRef, Outcome},
        log,
        options::Options,
        runtime::{RuntimeContext, features, layout},
    },
    process::{CommandCall, CommandOutput},
    runtime::{Exec, ExecError, InstallHost, InstallRequest, Installed, NativeExec, Phase, Progress, install},
};
use napi::Env;
use napi_derive::napi;
use serde_json::json;

#[napi]
pub fn install_managed_python_runtime(env: Env, options: JsRef) -> napi::Result<JsRef> {
    asynchronous(&env, options, move |options| async move {
        let RuntimeContext { layout, env: variables } = RuntimeContext::read(&options)?;
        let request = InstallRequest {
            layout,
            env: variables,
            features: features(&options, "features")?,
            force: options.boolean("force")?.unwrap_or(false),
        };
        let on_progress = options.function("onProgress")?;
        let host =
            JsInstall { env, exec: options.function("exec")?, listener: on_progress.map(ProgressListener::Callback) };
        let installed = until_aborted(options.signal()?, install(&host, &request)).await;
        log_installed(&options, &installed);
        JsRef::encode(&env, &installed?)
    })
}

/// Logs the outcome of an installation.
pub(crate) fn log_installed(options: &Options, installed: &Outcome<Installed>) {
    log::log_outcome(
        options,
        "runtime.installed",
        installed,
        |installed| json!({ "status": installed.status, "features": installed.manifest.features }),
    );
}

/// Receiver of progress.
pub(crate) enum ProgressListener {
    /// The `onProgress` of the host.
    Callback(JsRef),
    /// The standard error of an `io`, which gets only waits for another process.
    Stderr(JsRef),
}

/// The install host of JavaScript callers.
pub(crate) struct JsInstall {
    pub(crate) env: Env,
    pub(crate) exec: Option<JsRef>,
    pub(crate) listener: Option<ProgressListener>,
}

impl Exec for JsInstall {
    type Error = Fail;

    async fn exec(&self, call: CommandCall, on_line: &mut dyn FnMut(&str)) -> Result<CommandOutput, ExecError<Fail>> {
        match &self.exec {
            None => NativeExec.exec(call, on_line).await.map_err(|error| ExecError {
                reason: error.reason,
                output: error.output,
                cause: error.cause.map(Fail::Core),
            }),
            Some(exec) => self.exec_injected(exec, &call).await.map_err(|fail| ExecError {
                reason: format!("failed: {}", fail.message()),
                output: output_of_failure(&fail),
                cause: Some(fail),
            }),
        }
    }

    fn is_injected(&self) -> bool {
        self.exec.is_some()
    }
}

impl JsInstall {
    async fn exec_injected(&self, exec: &JsRef, call: &CommandCall) -> Outcome<CommandOutput> {
        let env = &self.env;
        let mut settings = Vec::new();
        if let Some(folder) = &call.folder {
            settings.push(("cwd", JsRef::string(env, &folder.to_string_lossy())));
        }
        settings.push(("env", variables_object(env, &call.env)?));
        let args = [JsRef::string(env, &call.program), JsRef::encode(env, &call.args)?, JsRef::object(env, &settings)?];
        Ok(read_output(&exec.call_async(&args).await?))
    }
}

impl InstallHost for JsInstall {
    /// Reports progress. Errors that the callback throws are ignored.
    fn progress(&self, progress: Progress) {
        let _ = match &self.listener {
            None => Ok(()),
            Some(ProgressListener::Callback(callback)) => {
                JsRef::encode(&self.env, &progress).and_then(|progress| callback.call(&[progress])).map(drop)
            }
            Some(ProgressListener::Stderr(io)) if progress.phase == Phase::Waiting => {
                io::write(io, "stderr", &format!("{}\n", progress.message))
            }
            Some(ProgressListener::Stderr(_)) => Ok(()),
        };
    }

    fn with_cause(&self, error: Error, cause: Fail) -> Fail {
        cause.into_cause_of(error)
    }
}

fn read_output(value: &JsRef) -> CommandOutput {
    let text = |key| value.get(key).and_then(|text| Ok(text.text()?)).unwrap_or_default();
    match value.kind() {
        napi::ValueType::Object => CommandOutput { stdout: text("stdout"), stderr: text("stderr") },
        _ => CommandOutput::default(),
    }
}

fn output_of_failure(fail: &Fail) -> CommandOutput {
    match fail {
        Fail::Js(value) => read_output(value),
        Fail::Core(_) | Fail::Caused(..) | Fail::Napi(_) => CommandOutput::default(),
    }
}

/// Creates a JavaScript object of environment variables.
pub(crate) fn variables_object(env: &Env, variables: &Environment) -> Outcome<JsRef> {
    let entries = variables.iter().map(|(name, value)| Ok((name, JsRef::string(env, value))));
    JsRef::object(env, &entries.collect::<Outcome<Vec<_>>>()?)
}

/// The layout options that are set, unchanged.
pub(crate) fn explicit_layout_options(options: &Options) -> Outcome<Vec<(&'static str, JsRef)>> {
    let mut entries = Vec::new();
    for key in layout::KEYS {
        if let Some(value) = options.raw(key)? {
            entries.push((key, value));
        }
    }
    Ok(entries)
}
