//! Exports for the compute port of the semantic layer, which uses a running daemon, or a process for each call.

use crate::{
    daemon::{NativeDaemon, Probe, probe},
    error::{Code, Error, Result},
    http::{Call, Limits},
    node::{
        arguments::payload_text,
        export::{asynchronous, sync},
        js::{JsRef, Outcome, argument, promise},
        log,
        options::Options,
        runtime::{RuntimeContext, ensure_runtime, environment},
    },
    ports::{JsonRunner, OneShot, SemanticMethod},
    runtime::Feature,
    semantic::map_rejection,
};
use napi::Env;
use napi_derive::napi;
use std::{rc::Rc, time::Instant};

#[napi]
pub fn create_managed_python_semantic_layer_compute_port(env: Env, options: JsRef) -> napi::Result<JsRef> {
    asynchronous(&env, options, |options| async move { compute_port(&options).await })
}

/// Returns a port immediately. Its first call ensures the runtime; concurrent calls share that. Failures are not
/// cached.
#[napi(catch_unwind)]
pub fn create_lazy_managed_python_semantic_layer_compute_port(env: Env, options: JsRef) -> napi::Result<JsRef> {
    sync(&env, || {
        let options = Rc::new(Options::new(options, "options")?);
        let port_cell = Rc::new(tokio::sync::OnceCell::new());
        let mut methods = Vec::new();
        for name in SemanticMethod::ALL.map(SemanticMethod::name) {
            let (options, port_cell) = (options.clone(), port_cell.clone());
            let method = JsRef::function(&env, name, move |context| {
                let (options, port_cell, payload) = (options.clone(), port_cell.clone(), argument(context, 0)?);
                promise(context.env, async move {
                    let port: &JsRef = port_cell.get_or_try_init(|| ready_port(&options)).await?;
                    port.method(name, &[payload])?.wait().await
                })
            })?;
            methods.push((name, method));
        }
        JsRef::object(&env, &methods)
    })
}

async fn ready_port(options: &Options) -> Outcome<JsRef> {
    Box::pin(compute_port(options)).await?.wait().await
}

/// Ensures the runtime, then creates the port by the injected `createPythonCompute` or natively.
async fn compute_port(options: &Options) -> Outcome<JsRef> {
    let env = options.env();
    let runtime = ensure_runtime(options, Feature::Core).await?;
    let command = daemon_executable(&runtime)?;
    match options.function("createPythonCompute")? {
        Some(create) => {
            let compute = [("command", command), ("args", JsRef::encode(&env, &[""; 0])?)];
            create.call(&[JsRef::object(&env, &compute)?])
        }
        None => native_port(options, &runtime, &command),
    }
}

/// The daemon's executable: that of the manifest, or the default of the layout.
fn daemon_executable(runtime: &JsRef) -> Outcome<JsRef> {
    let manifest = runtime.get("manifest")?;
    let python = if manifest.is_nullish() { manifest } else { manifest.get("python")? };
    let executable = if python.is_nullish() { python } else { python.get("daemonExecutable")? };
    if executable.is_nullish() { runtime.get("layout")?.get("daemonPath") } else { Ok(executable) }
}

fn native_port(options: &Options, runtime: &JsRef, command: &JsRef) -> Outcome<JsRef> {
    let env = options.env();
    let one_shot = OneShot { program: command.text()?.into(), env: environment(options)?, trace: log::trace(options)? };
    let runner = ComputeTransport { daemon: managed_daemon(options, runtime)?, one_shot };
    let mut methods = Vec::new();
    for semantic in SemanticMethod::ALL {
        let runner = runner.clone();
        let method = JsRef::function(&env, semantic.name(), move |context| {
            let (runner, env, payload) = (runner.clone(), *context.env, argument(context, 0)?);
            promise(&env, async move {
                let payload = payload_text(&payload)?;
                JsRef::from_json(&env, &semantic.call(&runner, &payload).await?)
            })
        })?;
        methods.push((semantic.name(), method));
    }
    JsRef::object(&env, &methods)
}

/// The daemon of the ensured runtime; `None` if the host ensured one in another location.
fn managed_daemon(options: &Options, runtime: &JsRef) -> Outcome<Option<NativeDaemon>> {
    let layout = runtime.get("layout")?;
    let state = if layout.is_nullish() { layout } else { layout.get("daemonStatePath")? };
    let RuntimeContext { layout, env } =
        RuntimeContext::from_version(&options.env(), &options.required_string("cliVersion")?)?;
    let is_default = state.text().is_ok_and(|path| layout.daemon_state_path.as_os_str() == path.as_str());
    Ok(is_default.then_some(NativeDaemon { layout, env }))
}

/// Uses the daemon if it is running, without starting or waiting for it; otherwise a one-shot command.
#[derive(Clone)]
struct ComputeTransport {
    daemon: Option<NativeDaemon>,
    one_shot: OneShot,
}

impl ComputeTransport {
    async fn base_url(&self) -> Option<String> {
        let daemon = self.daemon.as_ref()?;
        match probe(daemon, &daemon.layout, &[Feature::Core]).await {
            Ok(Probe::Usable(_, state)) => Some(state.base_url()),
            Ok(_) | Err(_) => None,
        }
    }
}

impl JsonRunner for ComputeTransport {
    type Error = Error;

    async fn request(&self, path: &str, payload: String) -> Result<String> {
        if let Some(base_url) = self.base_url().await {
            let (trace, began) = (&self.one_shot.trace, Instant::now());
            let id = trace.next_id();
            let call = Call::post(&base_url, path, payload.clone().into(), Limits::default())?.with_id(&id);
            let result = call.send().await;
            trace.log_call(&id, path, began, result.as_ref().err());
            match result {
                // The daemon has ended since the probe.
                Err(error) if matches!(error.code(), Code::HttpConnect | Code::HttpLost) => {}
                result => return result.map_err(map_rejection),
            }
        }
        self.one_shot.request(path, payload).await.map_err(map_rejection)
    }
}
