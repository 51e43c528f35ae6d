//! Semantic-layer compute: through the daemon that runs, else one process a call; the answers are the same.

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
        runtime::{RuntimePlace, ensure_runtime, environment},
    },
    ports::{JsonRunner, OneShot, SemanticMethod},
    runtime::Feature,
    semantic::map_refusal,
};
use napi::Env;
use napi_derive::napi;
use std::rc::Rc;

#[napi]
pub fn create_managed_python_semantic_layer_compute_port(env: Env, options: JsRef) -> napi::Result<JsRef> {
    asynchronous(&env, options, |options| async move { compute_port(&options).await })
}

/// The port at once. Its first call ensures the runtime; calls meanwhile wait for the same, and a failure is forgotten.
#[napi(catch_unwind)]
pub fn create_lazy_managed_python_semantic_layer_compute_port(env: Env, options: JsRef) -> napi::Result<JsRef> {
    sync(&env, || {
        let options = Rc::new(Options::of(options, "options")?);
        let made = Rc::new(tokio::sync::OnceCell::new());
        let mut methods = Vec::new();
        for name in SemanticMethod::ALL.map(SemanticMethod::name) {
            let (options, made) = (options.clone(), made.clone());
            let method = JsRef::function(&env, name, move |context| {
                let (options, made, payload) = (options.clone(), made.clone(), argument(context, 0)?);
                promise(context.env, async move {
                    let port: &JsRef = made.get_or_try_init(|| ready_port(&options)).await?;
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

/// Ensures the runtime, then makes what `createPythonCompute` makes, or the native port.
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

/// As the manifest names it, else where the layout has it.
fn daemon_executable(runtime: &JsRef) -> Outcome<JsRef> {
    let manifest = runtime.get("manifest")?;
    let python = if manifest.is_nullish() { manifest } else { manifest.get("python")? };
    let named = if python.is_nullish() { python } else { python.get("daemonExecutable")? };
    if named.is_nullish() { runtime.get("layout")?.get("daemonPath") } else { Ok(named) }
}

fn native_port(options: &Options, runtime: &JsRef, command: &JsRef) -> Outcome<JsRef> {
    let env = options.env();
    let once = OneShot { program: command.text()?.into(), env: environment(options)?, trace: log::trace(options)? };
    let runner = Compute { daemon: daemon_of(options, runtime)?, once };
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

/// The daemon of the runtime that was ensured. A host that ensured another one, somewhere else, has its own.
fn daemon_of(options: &Options, runtime: &JsRef) -> Outcome<Option<NativeDaemon>> {
    let layout = runtime.get("layout")?;
    let state = if layout.is_nullish() { layout } else { layout.get("daemonStatePath")? };
    let RuntimePlace { layout, env } =
        RuntimePlace::of_version(&options.env(), &options.required_string("cliVersion")?)?;
    let is_ours = state.text().is_ok_and(|path| layout.daemon_state_path.as_os_str() == path.as_str());
    Ok(is_ours.then_some(NativeDaemon { layout, env }))
}

/// The daemon, as long as it runs; it is neither started nor waited for.
#[derive(Clone)]
struct Compute {
    daemon: Option<NativeDaemon>,
    once: OneShot,
}

impl Compute {
    async fn base_url(&self) -> Option<String> {
        let daemon = self.daemon.as_ref()?;
        match probe(daemon, &daemon.layout, &[Feature::Core]).await {
            Ok(Probe::Usable(state)) => Some(state.base_url()),
            Ok(_) | Err(_) => None,
        }
    }
}

impl JsonRunner for Compute {
    type Error = Error;

    async fn request(&self, path: &str, payload: String) -> Result<String> {
        if let Some(base_url) = self.base_url().await {
            match Call::post(&base_url, path, payload.clone().into(), Limits::default())?.send().await {
                // It has ended since the look.
                Err(error) if matches!(error.code(), Code::HttpConnect | Code::HttpLost) => {}
                answer => return answer.map_err(map_refusal),
            }
        }
        self.once.request(path, payload).await.map_err(map_refusal)
    }
}
