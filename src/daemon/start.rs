//! Starting: probe, lock, probe again, stop what conflicts, launch, wait until it serves, say so.

use super::{
    Health, foreign,
    host::{DaemonHost, LaunchFailure, LaunchPlan, Launched, StartReason},
    lifecycle_lock::lock,
    probe::{Probe, probe},
    roots,
    state::DaemonState,
    stop,
};
use crate::{
    env::{Environment, daemon},
    error::{Error, REBUILD, Result, StartFailure},
    offload,
    process::{self, Identity},
    runtime::{Feature, Layout},
};
use serde::Serialize;
use std::{
    fs::File,
    io::{Read, Seek, SeekFrom},
    path::{Path, PathBuf},
    time::{Duration, Instant},
};

/// Lines of the daemon's log that an error message quotes.
const QUOTED_LINES: usize = 8;

/// What is to be started.
#[derive(Debug, Clone)]
pub struct StartRequest {
    /// Where the runtime is.
    pub layout: Layout,
    /// Environment variables of the host.
    pub env: Environment,
    /// What the daemon shall be able to do.
    pub features: Vec<Feature>,
    /// Replace a daemon that would do.
    pub force: bool,
    /// When a start is given up.
    pub timeout: Duration,
}

/// What a start did.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum StartStatus {
    /// There is a new daemon.
    Started,
    /// A usable one was running.
    Reused,
}

/// Result of a start.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Started {
    /// What was done.
    pub status: StartStatus,
    /// Where.
    pub layout: Layout,
    /// The daemon, without its secrets.
    pub state: DaemonState,
    /// Where it answers.
    pub base_url: String,
}

impl Started {
    fn new(status: StartStatus, layout: &Layout, state: &DaemonState) -> Self {
        Self { status, layout: layout.clone(), state: state.without_secrets(), base_url: state.base_url() }
    }
}

/// Starts the daemon, or reuses the one that runs if it is usable.
pub async fn start<H: DaemonHost>(host: &H, request: &StartRequest) -> Result<Started, H::Error> {
    let request = &StartRequest { features: Feature::normalized(&request.features), ..request.clone() };
    let layout = &request.layout;
    if let Some(started) = reuse(host, request).await? {
        return Ok(started);
    }
    // Before the lock: a stop shall not have to wait for downloads.
    let executable = host.install_runtime(&request.features).await?;
    let _lock = lock(layout, request.timeout, |message| host.waiting(message)).await?;
    if let Some(started) = reuse(host, request).await? {
        return Ok(started);
    }
    stop::stop_conflicting_daemon(host, layout).await?;
    roots::record(layout).await;
    let state = Box::pin(Launch::new(host, request, executable).run()).await?;
    crate::http::register(&state.base_url(), state.token.clone(), state.identity());
    Ok(Started::new(StartStatus::Started, layout, &state))
}

async fn reuse<H: DaemonHost>(host: &H, request: &StartRequest) -> Result<Option<Started>, H::Error> {
    if request.force {
        return Ok(None);
    }
    let found = probe(host, &request.layout, &request.features).await?;
    Ok(match found {
        Probe::Usable(state) => Some(Started::new(StartStatus::Reused, &request.layout, &state)),
        Probe::Foreign(..) => return Err(foreign::error(&request.layout).into()),
        _ => None,
    })
}

struct Launch<'a, H: DaemonHost> {
    host: &'a H,
    request: &'a StartRequest,
    executable: Option<PathBuf>,
    instance: String,
    token: String,
    deadline: Instant,
}

impl<'a, H: DaemonHost> Launch<'a, H> {
    fn new(host: &'a H, request: &'a StartRequest, executable: Option<PathBuf>) -> Self {
        let deadline = Instant::now() + request.timeout;
        Self { host, request, executable, instance: random_text(), token: random_text() + &random_text(), deadline }
    }

    async fn run(self) -> Result<DaemonState, H::Error> {
        let layout = &self.request.layout;
        let (path, begin) = (layout.daemon_stderr_path.clone(), file_length(&layout.daemon_stderr_path));
        let launched = match self.host.launch(&self.plan()).await {
            Ok(launched) => launched,
            Err(LaunchFailure::Start(reason)) => return Err(start_error(&path, begin, reason).await.into()),
            Err(LaunchFailure::Host(error)) => return Err(error),
        };
        match self.serve(&launched).await {
            Ok(Ok(state)) => {
                launched.keep();
                Ok(state)
            }
            Ok(Err(reason)) => {
                launched.end().await;
                Err(start_error(&path, begin, reason.into()).await.into())
            }
            Err(error) => Err(error),
        }
    }

    fn plan(&self) -> LaunchPlan {
        let layout = &self.request.layout;
        let env = self.request.env.clone().filtered(|name| !daemon::is_foreign(name));
        let env = env
            .with(daemon::VERSION, &layout.cli_version)
            .with(daemon::STATE_FILE, layout.daemon_state_path.to_string_lossy())
            .with(daemon::INSTANCE, &self.instance)
            .with(daemon::TOKEN, &self.token)
            .with("PYTHONUTF8", "1");
        let daemon_path = self.executable.clone().unwrap_or_else(|| layout.daemon_path.clone());
        LaunchPlan {
            layout: Layout { daemon_path, ..layout.clone() },
            env,
            deadline: self.deadline,
            timeout: self.request.timeout,
        }
    }

    /// Waits until the daemon serves and writes its state; `Ok(Err(reason))` is a start that failed.
    async fn serve(&self, launched: &Launched) -> Result<Result<DaemonState, String>, H::Error> {
        let base_url = format!("http://{}:{}", super::state::HOST, launched.port);
        let health = match self.healthy(launched, &base_url).await? {
            Ok(health) => health,
            Err(reason) => return Ok(Err(reason)),
        };
        let state = self.state(launched, &health)?;
        let (layout, written) = (self.request.layout.clone(), state.clone());
        Ok(offload::spawn_blocking(move || written.write(&layout))
            .await
            .map(|()| state)
            .map_err(|error| error.to_string()))
    }

    async fn healthy(&self, launched: &Launched, base_url: &str) -> Result<Result<Health, String>, H::Error> {
        let version = &self.request.layout.cli_version;
        let mut refusal = "/health did not answer".to_owned();
        // Under a test's fake clock no real time passes, so what the host says that it waited counts too.
        let mut paused = Duration::ZERO;
        loop {
            match self.asked(base_url).await {
                Some(Ok(health)) => match health.refusal(version, Some(&self.instance)) {
                    None => return Ok(Ok(health)),
                    // It speaks, and what it says will not change.
                    Some(reason) if health.status == "healthy" => return Ok(Err(reason)),
                    Some(reason) => refusal = reason,
                },
                Some(Err(reason)) => refusal = reason,
                // The time is up, and what it said before is worth more.
                None => {}
            }
            if self.host.has_ended(launched)? {
                return Ok(Err(format!("process {} ended during the start", launched.pid)));
            }
            if Instant::now() >= self.deadline || paused >= self.request.timeout {
                let waited = self.request.timeout.as_millis();
                return Ok(Err(format!("no healthy answer within {waited} ms: {refusal}")));
            }
            paused += self.host.pause().await?;
        }
    }

    /// What `/health` says before the start is given up.
    async fn asked(&self, base_url: &str) -> Option<Result<Health, String>> {
        let _alive = offload::keep_alive();
        tokio::time::timeout_at(self.deadline.into(), self.host.health(base_url, None)).await.ok()
    }

    fn state(&self, launched: &Launched, health: &Health) -> Result<DaemonState, H::Error> {
        let mut features: Vec<String> = self.request.features.iter().map(|f| f.as_str().to_owned()).collect();
        features.extend(
            health
                .features
                .iter()
                .filter(|feature| !self.request.features.iter().any(|f| f.as_str() == *feature))
                .cloned(),
        );
        let mut state = DaemonState::new(&self.request.layout, launched.pid, launched.port, features, self.host.now()?);
        state.instance = Some(self.instance.clone());
        state.process_start_time = Identity::of(launched.pid).map(|identity| identity.start_time);
        state.pid_namespace = process::namespace().filter(|_| state.process_start_time.is_some()).map(str::to_owned);
        state.token = Some(self.token.clone());
        Ok(state)
    }
}

/// 122 random bits.
fn random_text() -> String {
    uuid::Uuid::new_v4().simple().to_string()
}

fn file_length(path: &Path) -> u64 {
    path.metadata().map_or(0, |data| data.len())
}

async fn start_error(log: &Path, begin: u64, reason: StartReason) -> Error {
    let path = log.to_owned();
    let tail = offload::spawn_blocking(move || log_tail(&path, begin)).await;
    let StartReason { text, hint } = reason;
    let hint = if is_import_failure(&tail) { Some(REBUILD) } else { hint };
    let reason = if hint == Some(REBUILD) { format!("its environment is damaged ({text})") } else { text };
    let said = if tail.is_empty() { String::new() } else { format!(": {tail}") };
    let error = Error::daemon_start(StartFailure { detail: format!("{reason}{said}"), stderr_log: log.to_owned() });
    match hint {
        Some(hint) => error.with_hint(hint),
        None => error,
    }
}

/// Whether a daemon could not import what it needs, as Python's own traceback says.
fn is_import_failure(log: &str) -> bool {
    log.lines().any(|line| line.starts_with("ModuleNotFoundError: ") || line.starts_with("ImportError: "))
}

/// The last lines that were written to a log since it had the length `begin`.
fn log_tail(path: &Path, begin: u64) -> String {
    const WINDOW: u64 = 16 * 1024;
    let read = || {
        let mut file = File::open(path)?;
        let end = file.metadata()?.len();
        // A log that is shorter now has been rotated.
        let begin = if end < begin { 0 } else { begin };
        file.seek(SeekFrom::Start(begin.max(end.saturating_sub(WINDOW))))?;
        let mut bytes = Vec::new();
        file.take(WINDOW).read_to_end(&mut bytes).map(|_| bytes)
    };
    let bytes = read().unwrap_or_default();
    let text = String::from_utf8_lossy(&bytes);
    let lines: Vec<_> = text.lines().map(str::trim_end).filter(|line| !line.is_empty()).collect();
    crate::redact::urls(&lines[lines.len().saturating_sub(QUOTED_LINES)..].join("\n"))
}
