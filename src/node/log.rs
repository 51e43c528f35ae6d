//! Logging by calls of the addon and by the command line.

use crate::{
    error::Code,
    ingest::RunFailure,
    log::{Event, Level, Log},
    node::{
        export::sync,
        js::{Fail, JsRef, Outcome},
        options::Options,
        runtime::environment,
    },
    ports::Trace,
    request_id::RequestId,
    runtime::runtime_root_from_env,
};
use napi::Env;
use napi_derive::napi;
use serde_json::{Map, Value, json};

/// The trace of an options object: its request id and its log.
pub(super) fn trace(options: &Options) -> Outcome<Trace> {
    Ok(Trace::new(request_id(options)?, log_for(options)))
}

/// The request id of an options object.
pub(super) fn request_id(options: &Options) -> Outcome<Option<RequestId>> {
    let Some(text) = options.string("requestId")? else { return Ok(None) };
    let id = RequestId::parse(&text)
        .ok_or_else(|| options.type_error("requestId", "1 to 48 letters, digits, '.', '_' or '-'"));
    id.map(Some)
}

/// The log below the runtime root of an options object; a disabled one if the root cannot be determined.
fn log_for(options: &Options) -> Log {
    let log = || {
        let env = environment(options)?;
        let root = match options.path("runtimeRoot")? {
            Some(root) => root,
            None => runtime_root_from_env(&env)?,
        };
        Ok::<_, Fail>(Log::in_root(&root, &env))
    };
    log().unwrap_or_default()
}

/// Logs the outcome of a call that changes the runtime, the daemon or a project. A failure is logged by its code only,
/// as its message may quote values.
pub(super) fn log_outcome<T>(options: &Options, name: &str, result: &Outcome<T>, fields: impl FnOnce(&T) -> Value) {
    let id = request_id(options).ok().flatten();
    let (level, fields) = match result {
        Ok(done) => (Level::Info, fields(done)),
        Err(fail) => (Level::Error, json!({ "code": fail.code().map(Code::as_str) })),
    };
    let fields = if let Value::Object(fields) = fields { fields } else { Map::new() };
    log_for(options).write(Event { level, component: "addon", name, request_id: id.as_ref(), fields });
}

/// Writes an event of the command line.
#[napi(catch_unwind)]
pub fn write_ktx_log_event(env: Env, event: JsRef) -> napi::Result<JsRef> {
    sync(&env, || {
        let event = Options::new(event, "event")?;
        let level = event.required_string("level")?;
        let level =
            Level::parse(&level).ok_or_else(|| event.type_error("level", "'error', 'warn', 'info' or 'debug'"))?;
        let (name, id) = (event.required_string("event")?, request_id(&event)?);
        let fields = match event.raw("fields")? {
            Some(fields) => {
                fields.decode::<Map<String, Value>>()?.map_err(|_| event.type_error("fields", "an object"))?
            }
            None => Map::new(),
        };
        log_for(&event).write(Event { level, component: "cli", name: &name, request_id: id.as_ref(), fields });
        Ok(JsRef::undefined(&env))
    })
}
