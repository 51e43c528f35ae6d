//! The [`DaemonHost`] of JavaScript callers, who may inject functions for spawning, HTTP and time.

use crate::{
    daemon::{
        DaemonHost, DaemonState, Health, LaunchFailure, LaunchPlan, Launched, NativeDaemon, allocate_port, arguments,
        launch_on,
    },
    node::{
        js::{Fail, JsRef, Outcome, sleep},
        options::Options,
        package::NodeFile,
        runtime::{
            JsInstall, ProgressListener, RuntimeContext, explicit_layout_options, feature_names, variables_object,
        },
    },
    offload,
    process::Signal,
    runtime::{Feature, InstallRequest, Layout, Phase, Progress, install},
};
use napi::Env;
use std::{
    path::PathBuf,
    time::{Duration, Instant},
};

const POLL_INTERVAL_MS: f64 = 100.0;
/// Longest wait until the injected `processAlive` reports the end of a signalled process.
const INJECTED_END_TIMEOUT: Duration = Duration::from_secs(2);

/// Reports a wait to the progress callback. Errors that the callback throws are ignored.
pub(crate) fn report_wait(on_progress: Option<&JsRef>, message: &str) {
    if let Some(callback) = on_progress {
        let progress = Progress { phase: Phase::Waiting, message: message.to_owned() };
        let _ = JsRef::encode(&callback.env(), &progress).and_then(|progress| callback.call(&[progress]));
    }
}

pub(crate) fn milliseconds(count: f64) -> Duration {
    Duration::from_micros((count * 1000.0) as u64)
}

/// Uses the injected functions of the host, and the native implementation for all others.
pub(super) struct JsDaemon {
    env: Env,
    pub(super) native: NativeDaemon,
    explicit_layout: Vec<(&'static str, JsRef)>,
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
    pub(super) fn read(options: &Options) -> Outcome<Self> {
        let RuntimeContext { layout, env } = RuntimeContext::read(options)?;
        Ok(Self {
            env: options.env(),
            native: NativeDaemon { layout, env },
            explicit_layout: explicit_layout_options(options)?,
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
            None => offload::spawn_blocking(allocate_port).await?,
        };
        let stdout = NodeFile::append(env, &layout.daemon_stdout_path)?;
        let stderr = NodeFile::append(env, &layout.daemon_stderr_path)?;
        let stdio = JsRef::encode(env, &["ignore"])?;
        stdio.method("push", &[stdout.descriptor.clone(), stderr.descriptor.clone()])?;
        let settings =
            [("detached", JsRef::boolean(env, true)), ("stdio", stdio), ("env", variables_object(env, &plan.env)?)];
        let command = JsRef::string(env, &layout.daemon_path.to_string_lossy());
        let args = JsRef::encode(env, &arguments(port))?;
        let child = spawn_daemon.call(&[command, args, JsRef::object(env, &settings)?])?;
        let pid = child.get("pid")?;
        child.method("unref", &[])?;
        if pid.is_nullish() {
            return Ok(Err("the process could not be spawned".to_owned()));
        }
        let pid = pid.to::<u32>()?;
        let terminate = self.kill_callback(pid)?;
        Ok(Ok(Launched { pid, port, terminate: Some(terminate), is_host_managed: self.kill_process.is_some() }))
    }

    fn kill_callback(&self, pid: u32) -> Outcome<Box<dyn FnOnce()>> {
        if let Some(kill) = self.kill_process.clone() {
            let pid = self.pid(pid)?;
            return Ok(Box::new(move || drop(kill.call(&[pid]))));
        }
        let identity = crate::process::Identity::of(pid);
        Ok(Box::new(move || {
            if let Some(identity) = identity {
                identity.send_signal(Signal::Kill);
            }
        }))
    }

    async fn injected_health(&self, fetch: &JsRef, base_url: &str) -> Outcome<Result<Health, String>> {
        let answer = fetch.call_async(&[JsRef::string(&self.env, &format!("{base_url}/health"))]).await?;
        if !answer.get("ok")?.is_truthy() {
            let status =
                answer.get("status")?.to::<f64>().map_or_else(|_| String::new(), |status| format!(" with {status}"));
            let body = self.response_text(&answer).await.map_or_else(String::new, |text| format!(": {text}"));
            return Ok(Err(format!("/health failed{status}{body}")));
        }
        let body = answer.method("json", &[])?.wait().await?.to_json()?.unwrap_or_default();
        Ok(Health::parse(&body).map_err(|reason| format!("{reason}: {}", truncate_for_message(&body))))
    }

    /// The beginning of the text of a response; `None` if it is empty or cannot be read.
    async fn response_text(&self, answer: &JsRef) -> Option<String> {
        let text = answer.method("text", &[]).ok()?.wait().await.ok()?.text().ok()?;
        Some(truncate_for_message(text.trim())).filter(|text| !text.is_empty())
    }
}

/// The daemon's executable in the manifest that the injected `installRuntime` returned, if any.
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

/// Truncates and redacts a text that an error message quotes.
fn truncate_for_message(text: &str) -> String {
    const MAX_CHARACTERS: usize = 1000;
    crate::redact::urls(&text.chars().take(MAX_CHARACTERS).collect::<String>())
}

impl DaemonHost for JsDaemon {
    type Error = Fail;

    async fn install_runtime(&self, features: &[Feature]) -> Outcome<Option<PathBuf>> {
        let Some(injected) = &self.install_runtime else {
            // With the same host type as the exported installation, so that its code is compiled once.
            let NativeDaemon { layout, env } = self.native.clone();
            let request = InstallRequest { layout, env, features: features.to_vec(), force: false };
            let listener = self.on_progress.clone().map(ProgressListener::Callback);
            let host = JsInstall { env: self.env, exec: None, listener };
            return install(&host, &request).await.map(|_| None);
        };
        let mut request = vec![("cliVersion", JsRef::string(&self.env, &self.native.layout.cli_version))];
        request.extend(self.explicit_layout.iter().cloned());
        request.push(("features", feature_names(&self.env, features)?));
        request.push(("force", JsRef::boolean(&self.env, false)));
        daemon_executable(injected.call_async(&[JsRef::object(&self.env, &request)?]).await?)
    }

    async fn launch(&self, plan: &LaunchPlan) -> Result<Launched, LaunchFailure<Fail>> {
        match &self.spawn_daemon {
            Some(spawn_daemon) => match self.spawn(spawn_daemon, plan).await {
                Ok(Ok(launched)) => Ok(launched),
                Ok(Err(reason)) => Err(LaunchFailure::Start(reason.into())),
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

    fn report_wait(&self, message: &str) {
        report_wait(self.on_progress.as_ref(), message);
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

    /// For a process that the host spawned, only an injected `processAlive` is reliable.
    fn has_ended(&self, launched: &Launched) -> Outcome<bool> {
        match (&self.process_alive, &self.spawn_daemon) {
            (Some(alive), _) => Ok(!alive.call(&[self.pid(launched.pid)?])?.is_truthy()),
            (None, Some(_)) => Ok(false),
            (None, None) => Ok(self.native.has_ended(launched)?),
        }
    }

    async fn request_shutdown(&self, state: &DaemonState) -> bool {
        let injected = self.kill_process.is_some() || self.process_alive.is_some();
        !injected && self.native.request_shutdown(state).await
    }

    fn send_signal(&self, state: &DaemonState, signal: Signal) -> Outcome<()> {
        match &self.kill_process {
            Some(kill) => kill.call(&[self.pid(state.pid)?]).map(drop),
            None => Ok(self.native.send_signal(state, signal)?),
        }
    }

    async fn wait_for_exit(&self, layout: &Layout, state: &DaemonState, limit: Duration) -> Outcome<bool> {
        // An injected `killProcess` returns when the process has exited.
        if self.kill_process.is_some() {
            return Ok(true);
        }
        if self.process_alive.is_none() {
            return Ok(self.native.wait_for_exit(layout, state, limit).await?);
        }
        let deadline = Instant::now() + limit.min(INJECTED_END_TIMEOUT);
        while self.is_alive(layout, state).await? {
            if Instant::now() >= deadline {
                return Ok(false);
            }
            self.pause().await?;
        }
        Ok(true)
    }

    async fn find_unrecorded(&self, layout: &Layout) -> Option<DaemonState> {
        self.native.find_unrecorded(layout).await
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
