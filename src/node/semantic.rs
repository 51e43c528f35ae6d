//! Semantic-layer compute.

use super::{
    asynchronous,
    ensure::ensure_runtime,
    js::{JsRef, Outcome, argument, promise},
    layout::environment,
    options::Options,
};
use crate::{
    ports::{JsonRunner, OneShot},
    runtime::Feature,
};
use napi::Env;
use napi_derive::napi;

const METHODS: [(&str, &str); 3] = [
    ("query", "/semantic-layer/query"),
    ("validateSources", "/semantic-layer/validate"),
    ("generateSources", "/semantic-layer/generate-sources"),
];

#[napi]
pub fn create_managed_python_semantic_layer_compute_port(env: Env, options: JsRef) -> napi::Result<JsRef> {
    asynchronous(&env, options, move |options| async move {
        let runtime = ensure_runtime(&options, Feature::Core).await?;
        let command = daemon_executable(&runtime)?;
        match options.function("createPythonCompute")? {
            Some(create) => {
                let compute = [("command", command), ("args", JsRef::encode(&env, &[""; 0])?)];
                create.call(&[JsRef::object(&env, &compute)?])
            }
            None => native_port(&options, &command),
        }
    })
}

/// As the manifest names it, else where the layout has it.
fn daemon_executable(runtime: &JsRef) -> Outcome<JsRef> {
    let manifest = runtime.get("manifest")?;
    let python = if manifest.is_nullish() { manifest } else { manifest.get("python")? };
    let named = if python.is_nullish() { python } else { python.get("daemonExecutable")? };
    if named.is_nullish() { runtime.get("layout")?.get("daemonPath") } else { Ok(named) }
}

fn native_port(options: &Options, command: &JsRef) -> Outcome<JsRef> {
    let env = options.env();
    let runner = OneShot { program: command.to::<String>()?.into(), env: environment(options)? };
    let mut methods = Vec::new();
    for (name, path) in METHODS {
        let runner = runner.clone();
        let method = JsRef::function(&env, name, move |context| {
            let (runner, env, payload) = (runner.clone(), *context.env, argument(context, 0)?);
            promise(&env, async move {
                let payload = payload.to_json()?.unwrap_or_default();
                JsRef::from_json(&env, &runner.request(path, payload).await?)
            })
        })?;
        methods.push((name, method));
    }
    JsRef::object(&env, &methods)
}
