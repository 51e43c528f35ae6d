//! The daemon's life, with whatever parts the host replaces.

use super::{
    asynchronous,
    facade::NodeFile,
    install::{JsInstall, Watcher, given_layout_options, variables},
    js::{Fail, JsRef, Outcome, promise, sleep},
    layout::{self, Place},
    log,
    options::Options,
    until_aborted,
};
use crate::{
    daemon::{
        DaemonHost, DaemonState, Health, LaunchFailure, LaunchPlan, Launched, NativeDaemon, StartRequest,
        allocate_port, arguments, launch_on, read_status, start, stop, stop_all_telling,
    },
    hop,
    process::Ending,
    runtime::{Feature, InstallRequest, Layout, Phase, Progress, install},
};
use napi::Env;
use napi_derive::napi;
use serde_json::json;
use std::{
    path::PathBuf,
    time::{Duration, Instant},
};

const STARTUP_TIMEOUT_MS: f64 = 60_000.0;
const POLL_INTERVAL_MS: f64 = 100.0;
/// Time for a process that the host ends to be gone, as the host sees it.
const INJECTED_END: Duration = Duration::from_secs(2);

#[napi]
pub fn start_managed_python_daemon(env: Env, options: JsRef) -> napi::Result<JsRef> {
    asynchronous(&env, options, move |options| async move {
        let host = JsDaemon::read(&options)?;
        let request = StartRequest {
            layout: host.native.layout.clone(),
            env: host.native.env.clone(),
            features: layout::features(&options, "features")?,
            force: options.boolean("force")?.unwrap_or(false),
            timeout: milliseconds(options.count("startupTimeoutMs")?.unwrap_or(STARTUP_TIMEOUT_MS)),
        };
        let started = until_aborted(options.signal()?, start(&host, &request)).await;
        log::finished(
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
        log::finished(
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
        let Place { layout, env: variables } = Place::read(&options)?;
        let on_progress = options.function("onProgress")?;
        let waiting = |message: &str| tell_waiting(on_progress.as_ref(), message);
        JsRef::encode(&env, &stop_all_telling(&layout, &variables, waiting).await?)
    })
}

#[napi]
pub fn allocate_daemon_port(env: Env) -> napi::Result<JsRef> {
    promise(&env, async move {
        let port = hop::blocking(allocate_port).await?;
        Ok(JsRef::number(&env, f64::from(port)))
    })
}

/// What a progress callback throws must not end a start or stop.
fn tell_waiting(on_progress: Option<&JsRef>, message: &str) {
    if let Some(callback) = on_progress {
        let progress = Progress { phase: Phase::Waiting, message: message.to_owned() };
        let _ = JsRef::encode(&callback.env(), &progress).and_then(|progress| callback.call(&[progress]));
    }
}

fn milliseconds(count: f64) -> Duration {
    Duration::from_micros((count * 1000.0) as u64)
}

/// The daemon as a host sees it: what is not injected is native.
struct JsDaemon {
    env: Env,
    native: NativeDaemon,
    given_layout: Vec<(&'static str, JsRef)>,
    install_runtime: Option<JsRef>,
    spawn_daemon: Option<JsRef>,
    fetch: Option<JsRef>,
    allocate_port: Option<JsRef>,
    process_alive: Option<JsRef>,
    kill_process: Option<JsRef>,
    now: Option<JsRef>,
    poll_interval_ms: f64,
    on_progress: Option<JsRef>,
}

impl JsDaemon {
    fn read(options: &Options) -> Outcome<Self> {
        let Place { layout, env } = Place::read(options)?;
        Ok(Self {
            env: options.env(),
            native: NativeDaemon { layout, env },
            given_layout: given_layout_options(options)?,
            install_runtime: options.function("installRuntime")?,
            spawn_daemon: options.function("spawnDaemon")?,
            fetch: options.function("fetch")?,
            allocate_port: options.function("allocatePort")?,
            process_alive: options.function("processAlive")?,
            kill_process: options.function("killProcess")?,
            now: options.function("now")?,
            poll_interval_ms: options.count("pollIntervalMs")?.unwrap_or(POLL_INTERVAL_MS),
            on_progress: options.function("onProgress")?,
        })
    }

    fn pid(&self, pid: u32) -> Outcome<JsRef> {
        Ok(JsRef::number(&self.env, f64::from(pid)))
    }

    async fn injected_port(&self) -> Outcome<Option<u16>> {
        let Some(allocate) = &self.allocate_port else { return Ok(None) };
        let port = allocate.call_async(&[]).await?.to::<f64>()?;
        if port.fract() == 0.0 && (1.0..=65535.0).contains(&port) {
            return Ok(Some(port as u16));
        }
        Err(Fail::argument("options.allocatePort must return a port number"))
    }

    async fn spawn(&self, spawn_daemon: &JsRef, plan: &LaunchPlan) -> Outcome<Result<Launched, String>> {
        let (env, layout) = (&self.env, &plan.layout);
        let port = match self.injected_port().await? {
            Some(port) => port,
            None => hop::blocking(allocate_port).await?,
        };
        let stdout = NodeFile::append(env, &layout.daemon_stdout_path)?;
        let stderr = NodeFile::append(env, &layout.daemon_stderr_path)?;
        let stdio = JsRef::encode(env, &["ignore"])?;
        stdio.method("push", &[stdout.descriptor.clone(), stderr.descriptor.clone()])?;
        let settings = [("detached", JsRef::boolean(env, true)), ("stdio", stdio), ("env", variables(env, &plan.env)?)];
        let command = JsRef::string(env, &layout.daemon_path.to_string_lossy());
        let args = JsRef::encode(env, &arguments(port))?;
        let child = spawn_daemon.call(&[command, args, JsRef::object(env, &settings)?])?;
        let pid = child.get("pid")?;
        child.method("unref", &[])?;
        if pid.is_nullish() {
            return Ok(Err("the process could not be spawned".to_owned()));
        }
        let pid = pid.to::<u32>()?;
        let undo = self.undo(pid)?;
        Ok(Ok(Launched { pid, port, undo: Some(undo), is_trusted: self.kill_process.is_some() }))
    }

    fn undo(&self, pid: u32) -> Outcome<Box<dyn FnOnce()>> {
        if let Some(kill) = self.kill_process.clone() {
            let pid = self.pid(pid)?;
            return Ok(Box::new(move || drop(kill.call(&[pid]))));
        }
        let identity = crate::process::Identity::of(pid);
        Ok(Box::new(move || {
            if let Some(identity) = identity {
                identity.end(Ending::Kill);
            }
        }))
    }

    async fn injected_health(&self, fetch: &JsRef, base_url: &str) -> Outcome<Result<Health, String>> {
        let answer = fetch.call_async(&[JsRef::string(&self.env, &format!("{base_url}/health"))]).await?;
        if !answer.get("ok")?.is_truthy() {
            let status =
                answer.get("status")?.to::<f64>().map_or_else(|_| String::new(), |status| format!(" with {status}"));
            let said = self.text_of(&answer).await.map_or_else(String::new, |text| format!(": {text}"));
            return Ok(Err(format!("/health failed{status}{said}")));
        }
        let body = answer.method("json", &[])?.wait().await?.to_json()?.unwrap_or_default();
        Ok(Health::parse(&body).map_err(|reason| format!("{reason}: {}", quoted(&body))))
    }

    /// The beginning of an answer's text, where there is any.
    async fn text_of(&self, answer: &JsRef) -> Option<String> {
        let text = answer.method("text", &[]).ok()?.wait().await.ok()?.text().ok()?;
        Some(quoted(text.trim())).filter(|text| !text.is_empty())
    }
}

/// The daemon's executable as the manifest of an installation by the host says, where it does.
fn daemon_executable(installed: JsRef) -> Outcome<Option<PathBuf>> {
    let mut found = installed;
    for key in ["manifest", "python", "daemonExecutable"] {
        if found.is_nullish() {
            return Ok(None);
        }
        found = found.get(key)?;
    }
    Ok(found.text().ok().filter(|path| !path.is_empty()).map(PathBuf::from))
}

/// As much of an answer as an error message quotes.
fn quoted(text: &str) -> String {
    const QUOTED: usize = 1000;
    crate::redact::urls(&text.chars().take(QUOTED).collect::<String>())
}

impl DaemonHost for JsDaemon {
    type Error = Fail;

    async fn install_runtime(&self, features: &[Feature]) -> Outcome<Option<PathBuf>> {
        let Some(injected) = &self.install_runtime else {
            // As the exported installation does it, whose code is large.
            let NativeDaemon { layout, env } = self.native.clone();
            let request = InstallRequest { layout, env, features: features.to_vec(), force: false };
            let watcher = self.on_progress.clone().map(Watcher::Callback);
            let host = JsInstall { env: self.env, exec: None, watcher };
            return install(&host, &request).await.map(|_| None);
        };
        let mut request = vec![("cliVersion", JsRef::string(&self.env, &self.native.layout.cli_version))];
        request.extend(self.given_layout.iter().cloned());
        request.push(("features", layout::feature_names(&self.env, features)?));
        request.push(("force", JsRef::boolean(&self.env, false)));
        daemon_executable(injected.call_async(&[JsRef::object(&self.env, &request)?]).await?)
    }

    async fn launch(&self, plan: &LaunchPlan) -> Result<Launched, LaunchFailure<Fail>> {
        match &self.spawn_daemon {
            Some(spawn_daemon) => match self.spawn(spawn_daemon, plan).await {
                Ok(Ok(launched)) => Ok(launched),
                Ok(Err(reason)) => Err(LaunchFailure::Start(reason)),
                Err(fail) => Err(LaunchFailure::Host(fail)),
            },
            None => {
                let port = self.injected_port().await.map_err(LaunchFailure::Host)?.unwrap_or(0);
                launch_on(plan, port).await.map_err(|failure| match failure {
                    LaunchFailure::Start(reason) => LaunchFailure::Start(reason),
                    LaunchFailure::Host(error) => LaunchFailure::Host(error.into()),
                })
            }
        }
    }

    fn waiting(&self, message: &str) {
        tell_waiting(self.on_progress.as_ref(), message);
    }

    async fn health(&self, base_url: &str, token: Option<&str>) -> Result<Health, String> {
        match &self.fetch {
            Some(fetch) => match self.injected_health(fetch, base_url).await {
                Ok(health) => health,
                Err(fail) => Err(fail.message()),
            },
            None => self.native.health(base_url, token).await,
        }
    }

    async fn is_alive(&self, layout: &Layout, state: &DaemonState) -> Outcome<bool> {
        match &self.process_alive {
            Some(alive) => Ok(alive.call(&[self.pid(state.pid)?])?.is_truthy()),
            None => Ok(self.native.is_alive(layout, state).await?),
        }
    }

    fn owns(&self, state: &DaemonState) -> bool {
        self.kill_process.is_some() || self.native.owns(state)
    }

    /// Whether a process that the host spawned has ended only the host can say.
    fn has_ended(&self, launched: &Launched) -> Outcome<bool> {
        match (&self.process_alive, &self.spawn_daemon) {
            (Some(alive), _) => Ok(!alive.call(&[self.pid(launched.pid)?])?.is_truthy()),
            (None, Some(_)) => Ok(false),
            (None, None) => Ok(self.native.has_ended(launched)?),
        }
    }

    async fn ask_to_end(&self, state: &DaemonState) -> bool {
        let injected = self.kill_process.is_some() || self.process_alive.is_some();
        !injected && self.native.ask_to_end(state).await
    }

    fn end(&self, state: &DaemonState, ending: Ending) -> Outcome<()> {
        match &self.kill_process {
            Some(kill) => kill.call(&[self.pid(state.pid)?]).map(drop),
            None => Ok(self.native.end(state, ending)?),
        }
    }

    async fn wait_until_gone(&self, layout: &Layout, state: &DaemonState, limit: Duration) -> Outcome<bool> {
        // Whoever ends processes by itself says when they are gone.
        if self.kill_process.is_some() {
            return Ok(true);
        }
        if self.process_alive.is_none() {
            return Ok(self.native.wait_until_gone(layout, state, limit).await?);
        }
        let deadline = Instant::now() + limit.min(INJECTED_END);
        while self.is_alive(layout, state).await? {
            if Instant::now() >= deadline {
                return Ok(false);
            }
            self.pause().await?;
        }
        Ok(true)
    }

    async fn unrecorded(&self, layout: &Layout) -> Option<DaemonState> {
        self.native.unrecorded(layout).await
    }

    async fn pause(&self) -> Outcome<Duration> {
        sleep(&self.env, self.poll_interval_ms).await?;
        Ok(milliseconds(self.poll_interval_ms))
    }

    fn now(&self) -> Outcome<String> {
        match &self.now {
            Some(now) => Ok(now.call(&[])?.method("toISOString", &[])?.text()?),
            None => Ok(self.native.now()?),
        }
    }
}
