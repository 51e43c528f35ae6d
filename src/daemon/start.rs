//! Starts the daemon: probe, lock, probe again, stop a conflicting daemon, launch, wait until it is ready, write the
//! state.

use super::{
    Health, foreign,
    host::{DaemonHost, LaunchFailure, LaunchIdentity, LaunchPlan, Launched, StartFailureReason},
    lifecycle_lock::acquire_lifecycle_lock,
    probe::{Probe, probe},
    roots,
    state::DaemonState,
    stop,
    subject::Subject,
};
use crate::{
    env::Environment,
    error::{Error, REBUILD_HINT, Result, StartFailure},
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

/// Maximum number of lines of the daemon's log that an error message quotes.
const MAX_QUOTED_LINES: usize = 8;

/// Parameters of a start.
#[derive(Debug, Clone)]
pub struct StartRequest {
    /// Paths of the runtime.
    pub layout: Layout,
    /// Environment variables of the host.
    pub env: Environment,
    /// Features that the daemon must support.
    pub features: Vec<Feature>,
    /// Replace a daemon even if it is usable.
    pub force: bool,
    /// Time limit of the start, counted from the moment at which the lock is held.
    pub timeout: Duration,
}

/// Outcome of a start.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum StartStatus {
    /// A new daemon was started.
    Started,
    /// A usable daemon was running.
    Reused,
}

/// Result of a start.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Started {
    /// Whether the daemon was started or reused.
    pub status: StartStatus,
    /// Paths of the runtime.
    pub layout: Layout,
    /// The daemon, without its secrets.
    pub state: DaemonState,
    /// Base URL of the daemon.
    pub base_url: String,
}

impl Started {
    fn new(status: StartStatus, layout: &Layout, state: &DaemonState) -> Self {
        Self { status, layout: layout.clone(), state: state.without_secrets(), base_url: state.base_url() }
    }
}

/// Starts the daemon, or reuses a running one if it is usable.
pub async fn start<H: DaemonHost>(host: &H, request: &StartRequest) -> Result<Started, H::Error> {
    let request = &StartRequest { features: Feature::normalize(&request.features), ..request.clone() };
    let layout = &request.layout;
    if let Some(started) = reuse(host, request).await? {
        return Ok(started);
    }
    // Before the lock is taken, so that a stop does not wait for downloads.
    let executable = host.install_runtime(&request.features).await?;
    let _lock =
        acquire_lifecycle_lock(host.subject(), layout, request.timeout, |message| host.report_wait(message)).await?;
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
        Probe::Usable(_, state) if state.program == host.program() => {
            Some(Started::new(StartStatus::Reused, &request.layout, &state))
        }
        Probe::Foreign(..) => return Err(foreign::error(&request.layout).into()),
        _ => None,
    })
}

struct Launch<'a, H: DaemonHost> {
    host: &'a H,
    request: &'a StartRequest,
    executable: Option<PathBuf>,
    identity: LaunchIdentity,
    deadline: Instant,
}

impl<'a, H: DaemonHost> Launch<'a, H> {
    fn new(host: &'a H, request: &'a StartRequest, executable: Option<PathBuf>) -> Self {
        let deadline = Instant::now() + request.timeout;
        let identity = LaunchIdentity { instance: random_id(), token: random_id() + &random_id() };
        Self { host, request, executable, identity, deadline }
    }

    async fn run(self) -> Result<DaemonState, H::Error> {
        let (layout, subject) = (&self.request.layout, self.host.subject());
        let (path, offset) = (layout.daemon_stderr_path.clone(), file_length(&layout.daemon_stderr_path));
        let launched = match self.host.launch(&self.plan()).await {
            Ok(launched) => launched,
            Err(LaunchFailure::Start(reason)) => return Err(start_error(subject, &path, offset, reason).await.into()),
            Err(LaunchFailure::Host(error)) => return Err(error),
        };
        match self.wait_until_ready(&launched).await {
            Ok(Ok(state)) => {
                launched.defuse();
                Ok(state)
            }
            Ok(Err(reason)) => {
                launched.end().await;
                Err(start_error(subject, &path, offset, reason.into()).await.into())
            }
            Err(error) => Err(error),
        }
    }

    fn plan(&self) -> LaunchPlan {
        let layout = &self.request.layout;
        let env = self.host.launch_environment(&self.request.env, layout, &self.identity);
        let daemon_path = self.executable.clone().unwrap_or_else(|| layout.daemon_path.clone());
        LaunchPlan {
            layout: Layout { daemon_path, ..layout.clone() },
            env,
            token: self.identity.token.clone(),
            deadline: self.deadline,
            timeout: self.request.timeout,
        }
    }

    /// Waits until the daemon is healthy and writes its state; `Ok(Err(reason))` is a start that failed.
    async fn wait_until_ready(&self, launched: &Launched) -> Result<Result<DaemonState, String>, H::Error> {
        let base_url = format!("http://{}:{}", super::state::HOST, launched.port);
        let health = match self.wait_for_health(launched, &base_url).await? {
            Ok(health) => health,
            Err(reason) => return Ok(Err(reason)),
        };
        let state = self.build_state(launched, &health)?;
        let (layout, written) = (self.request.layout.clone(), state.clone());
        Ok(offload::spawn_blocking(move || written.write(&layout))
            .await
            .map(|()| state)
            .map_err(|error| error.to_string()))
    }

    async fn wait_for_health(&self, launched: &Launched, base_url: &str) -> Result<Result<Health, String>, H::Error> {
        let version = &self.request.layout.cli_version;
        let mut unusable_reason = "/health did not answer".to_owned();
        // Counted as well, because no real time passes under the fake clock of a test.
        let mut paused = Duration::ZERO;
        loop {
            match self.check_health(base_url).await {
                Some(Ok(health)) => match health.unusable_reason(version, Some(&self.identity.instance)) {
                    None => return Ok(Ok(health)),
                    // Version and instance of a healthy daemon do not change, so there is no point in waiting.
                    Some(reason) if health.status == "healthy" => return Ok(Err(reason)),
                    Some(reason) => unusable_reason = reason,
                },
                Some(Err(reason)) => unusable_reason = reason,
                // The deadline has passed: the reason of the previous check is reported.
                None => {}
            }
            if self.host.has_ended(launched)? {
                return Ok(Err(format!("process {} ended during the start", launched.pid)));
            }
            if Instant::now() >= self.deadline || paused >= self.request.timeout {
                let waited = self.request.timeout.as_millis();
                return Ok(Err(format!("no healthy answer within {waited} ms: {unusable_reason}")));
            }
            paused += self.host.pause().await?;
        }
    }

    /// Makes a health check; `None` if it does not complete before the deadline of the start.
    async fn check_health(&self, base_url: &str) -> Option<Result<Health, String>> {
        let _alive = offload::keep_alive();
        tokio::time::timeout_at(self.deadline.into(), self.host.health(base_url, None)).await.ok()
    }

    fn build_state(&self, launched: &Launched, health: &Health) -> Result<DaemonState, H::Error> {
        let mut features: Vec<String> = self.request.features.iter().map(|f| f.as_str().to_owned()).collect();
        features.extend(
            health
                .features
                .iter()
                .filter(|feature| !self.request.features.iter().any(|f| f.as_str() == *feature))
                .cloned(),
        );
        let mut state = DaemonState::new(&self.request.layout, launched.pid, launched.port, features, self.host.now()?);
        state.instance = Some(self.identity.instance.clone());
        state.process_start_time = Identity::of(launched.pid).map(|identity| identity.start_time);
        state.pid_namespace = process::namespace().filter(|_| state.process_start_time.is_some()).map(str::to_owned);
        state.token = Some(self.identity.token.clone());
        state.program = self.host.program();
        Ok(state)
    }
}

/// 122 random bits.
fn random_id() -> String {
    uuid::Uuid::new_v4().simple().to_string()
}

fn file_length(path: &Path) -> u64 {
    path.metadata().map_or(0, |data| data.len())
}

async fn start_error(subject: &Subject, log: &Path, offset: u64, reason: StartFailureReason) -> Error {
    let path = log.to_owned();
    let tail = offload::spawn_blocking(move || read_log_tail(&path, offset)).await;
    let StartFailureReason { text, hint } = reason;
    let hint = if is_import_failure(&tail) { Some(REBUILD_HINT) } else { hint };
    let reason = if hint == Some(REBUILD_HINT) { format!("its environment is damaged ({text})") } else { text };
    let quoted = if tail.is_empty() { String::new() } else { format!(": {tail}") };
    let failure = StartFailure { detail: format!("{reason}{quoted}"), stderr_log: log.to_owned() };
    let error = Error::start(subject.start_failed, subject.title, failure);
    match hint {
        Some(hint) => error.with_hint(hint),
        None => error,
    }
}

/// Whether a log has the last line of a Python traceback about a failed import.
fn is_import_failure(log: &str) -> bool {
    log.lines().any(|line| line.starts_with("ModuleNotFoundError: ") || line.starts_with("ImportError: "))
}

/// Reads the last lines that were written to a log after `offset` bytes, redacted.
fn read_log_tail(path: &Path, offset: u64) -> String {
    const WINDOW: u64 = 16 * 1024;
    let read = || {
        let mut file = File::open(path)?;
        let end = file.metadata()?.len();
        // A log that is shorter than before has been rotated.
        let offset = if end < offset { 0 } else { offset };
        file.seek(SeekFrom::Start(offset.max(end.saturating_sub(WINDOW))))?;
        let mut bytes = Vec::new();
        file.take(WINDOW).read_to_end(&mut bytes).map(|_| bytes)
    };
    let bytes = read().unwrap_or_default();
    let text = String::from_utf8_lossy(&bytes);
    let lines: Vec<_> = text.lines().map(str::trim_end).filter(|line| !line.is_empty()).collect();
    crate::redact::urls(&lines[lines.len().saturating_sub(MAX_QUOTED_LINES)..].join("\n"))
}
