//! Exports for the MCP server of a project in the background.

use crate::{
    daemon::{DaemonState, NativeDaemon, StartRequest, read_status, start, stop},
    node::{
        abort::until_aborted,
        daemon::{milliseconds, report_wait},
        export::asynchronous,
        js::{JsRef, Outcome},
        log,
        options::Options,
        runtime::{RuntimeContext, environment},
    },
    offload,
    runtime::Layout,
    server::{self, Program, ServerHost},
};
use napi::Env;
use napi_derive::napi;
use serde_json::{Value, json};

const STARTUP_TIMEOUT_MS: f64 = 60_000.0;

#[napi]
pub fn start_ktx_mcp_server(env: Env, options: JsRef) -> napi::Result<JsRef> {
    asynchronous(&env, options, move |options| async move {
        let native = native(&options).await?;
        let program = Program {
            executable: options.required_path("executable")?,
            args: options.strings("args")?.ok_or_else(|| options.type_error("args", "an array of strings"))?,
            port: port(&options)?.unwrap_or(0),
            token_file: options.path("tokenFile")?,
            configuration: options.string("configuration")?.unwrap_or_default(),
        };
        let request = StartRequest {
            layout: native.layout.clone(),
            env: native.env.clone(),
            features: Vec::new(),
            force: options.boolean("force")?.unwrap_or(false),
            timeout: milliseconds(options.count("startupTimeoutMs")?.unwrap_or(STARTUP_TIMEOUT_MS)),
        };
        let on_progress = options.function("onProgress")?;
        let on_wait = |message: &str| report_wait(on_progress.as_ref(), message);
        let host = ServerHost { native, program: Some(program), on_wait: &on_wait };
        let starting = async { Ok(start(&host, &request).await?) };
        let started = until_aborted(options.signal()?, starting).await;
        log::log_outcome(
            &options,
            "server.started",
            &started,
            |started| json!({ "status": started.status, "server_pid": started.state.pid, "port": started.state.port }),
        );
        let started = started?;
        JsRef::encode(&env, &describe(json!({ "status": started.status }), &request.layout, Some(&started.state)))
    })
}

#[napi]
pub fn stop_ktx_mcp_server(env: Env, options: JsRef) -> napi::Result<JsRef> {
    asynchronous(&env, options, move |options| async move {
        let on_progress = options.function("onProgress")?;
        let on_wait = |message: &str| report_wait(on_progress.as_ref(), message);
        let host = ServerHost { native: native(&options).await?, program: None, on_wait: &on_wait };
        let stopped = stop(&host, &host.native.layout).await.map_err(Into::into);
        log::log_outcome(
            &options,
            "server.stopped",
            &stopped,
            |stopped| json!({ "status": stopped.status, "server_pid": stopped.state.as_ref().map(|state| state.pid) }),
        );
        let stopped = stopped?;
        JsRef::encode(&env, &describe(json!({ "status": stopped.status }), &host.native.layout, stopped.state.as_ref()))
    })
}

#[napi]
pub fn read_ktx_mcp_server_status(env: Env, options: JsRef) -> napi::Result<JsRef> {
    asynchronous(&env, options, move |options| async move {
        let host = ServerHost { native: native(&options).await?, program: None, on_wait: &|_| () };
        let status = read_status(&host, &host.native.layout).await?;
        let head = json!({ "kind": status.kind, "detail": status.detail });
        JsRef::encode(&env, &describe(head, &host.native.layout, status.state.as_ref()))
    })
}

#[napi]
pub fn ensure_ktx_mcp_server_token(env: Env, options: JsRef) -> napi::Result<JsRef> {
    asynchronous(&env, options, move |options| async move {
        let layout = native(&options).await?.layout;
        let token = offload::spawn_blocking(move || server::ensure_token(&layout)).await?;
        JsRef::encode(&env, &token)
    })
}

/// Returns null if no usable server is running.
#[napi]
pub fn create_ktx_page_url(env: Env, options: JsRef) -> napi::Result<JsRef> {
    asynchronous(&env, options, move |options| async move {
        let host = ServerHost { native: native(&options).await?, program: None, on_wait: &|_| () };
        let url = server::page_url(&host, options.string("environment")?.as_deref()).await?;
        JsRef::encode(&env, &url)
    })
}

/// Returns null if this process was not started in the background.
#[napi]
pub fn join_ktx_mcp_server_launch(env: Env, options: JsRef) -> napi::Result<JsRef> {
    asynchronous(&env, options, move |options| async move {
        let variables = environment(&options)?;
        let joined = offload::spawn_blocking(move || server::join(&variables)).await?;
        JsRef::encode(&env, &joined)
    })
}

#[napi]
pub fn report_ktx_mcp_server_ready(env: Env, options: JsRef) -> napi::Result<JsRef> {
    asynchronous(&env, options, move |options| async move {
        let port = port(&options)?.ok_or_else(|| options.type_error("port", "a port number"))?;
        offload::spawn_blocking(move || server::report_ready(port)).await?;
        Ok(JsRef::undefined(&env))
    })
}

/// The layout of the server of `options.projectDir`, and the variables of the host.
async fn native(options: &Options) -> Outcome<NativeDaemon> {
    let RuntimeContext { layout, env } = RuntimeContext::read(options)?;
    let project_dir = options.required_path("projectDir")?;
    let layout = offload::spawn_blocking(move || server::layout_of(&layout, &project_dir)).await?;
    Ok(NativeDaemon { layout, env })
}

fn port(options: &Options) -> Outcome<Option<u16>> {
    let Some(port) = options.count("port")? else { return Ok(None) };
    if port.fract() == 0.0 && port <= f64::from(u16::MAX) {
        return Ok(Some(port as u16));
    }
    Err(options.type_error("port", "a port number"))
}

/// Adds the log and the server, without its secrets, to a result.
fn describe(mut result: Value, layout: &Layout, state: Option<&DaemonState>) -> Value {
    result["logFile"] = json!(layout.daemon_stderr_path);
    if let Some(state) = state {
        let token_file = state.program.as_ref().and_then(|program| program.token_file.as_ref());
        result["server"] = json!({
            "pid": state.pid,
            "url": format!("{}/mcp", state.base_url()),
            "version": state.version,
            "startedAt": state.started_at,
        });
        if let Some(token_file) = token_file {
            result["server"]["tokenFile"] = json!(token_file);
        }
    }
    result
}
