//! Exports for start, stop and status of the daemon.

use crate::{
    daemon::{StartRequest, allocate_port, read_status, start, stop, stop_all_with_progress},
    node::{
        abort::until_aborted,
        daemon::host::{JsDaemon, milliseconds, report_wait},
        export::asynchronous,
        js::{JsRef, promise},
        log,
        runtime::{RuntimeContext, features},
    },
    offload,
};
use napi::Env;
use napi_derive::napi;
use serde_json::json;

const STARTUP_TIMEOUT_MS: f64 = 60_000.0;

#[napi]
pub fn start_managed_python_daemon(env: Env, options: JsRef) -> napi::Result<JsRef> {
    asynchronous(&env, options, move |options| async move {
        let host = JsDaemon::read(&options)?;
        let request = StartRequest {
            layout: host.native.layout.clone(),
            env: host.native.env.clone(),
            features: features(&options, "features")?,
            force: options.boolean("force")?.unwrap_or(false),
            timeout: milliseconds(options.count("startupTimeoutMs")?.unwrap_or(STARTUP_TIMEOUT_MS)),
        };
        let started = until_aborted(options.signal()?, start(&host, &request)).await;
        log::log_outcome(
            &options,
            "daemon.started",
            &started,
            |started| json!({ "status": started.status, "daemon_pid": started.state.pid, "port": started.state.port }),
        );
        JsRef::encode(&env, &started?)
    })
}

#[napi]
pub fn read_managed_python_daemon_status(env: Env, options: JsRef) -> napi::Result<JsRef> {
    asynchronous(&env, options, move |options| async move {
        let host = JsDaemon::read(&options)?;
        JsRef::encode(&env, &read_status(&host, &host.native.layout).await?)
    })
}

#[napi]
pub fn stop_managed_python_daemon(env: Env, options: JsRef) -> napi::Result<JsRef> {
    asynchronous(&env, options, move |options| async move {
        let host = JsDaemon::read(&options)?;
        let stopped = stop(&host, &host.native.layout).await;
        log::log_outcome(
            &options,
            "daemon.stopped",
            &stopped,
            |stopped| json!({ "status": stopped.status, "daemon_pid": stopped.state.as_ref().map(|state| state.pid) }),
        );
        JsRef::encode(&env, &stopped?)
    })
}

#[napi]
pub fn stop_all_managed_python_daemons(env: Env, options: JsRef) -> napi::Result<JsRef> {
    asynchronous(&env, options, move |options| async move {
        let RuntimeContext { layout, env: variables } = RuntimeContext::read(&options)?;
        let on_progress = options.function("onProgress")?;
        let on_wait = |message: &str| report_wait(on_progress.as_ref(), message);
        let stopped = stop_all_with_progress(&layout, &variables, on_wait).await.map_err(Into::into);
        log::log_outcome(
            &options,
            "daemon.stopped",
            &stopped,
            |all| json!({ "status": "all", "daemon_pids": all.iter().filter_map(|one| one.pid).collect::<Vec<_>>() }),
        );
        JsRef::encode(&env, &stopped?)
    })
}

#[napi]
pub fn allocate_daemon_port(env: Env) -> napi::Result<JsRef> {
    promise(&env, async move {
        let port = offload::spawn_blocking(allocate_port).await?;
        Ok(JsRef::number(&env, f64::from(port)))
    })
}
