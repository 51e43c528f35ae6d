//! The registry of daemons in this process, by origin: token, process, up or down.

use crate::process::Identity;
use std::{
    borrow::Cow,
    collections::HashMap,
    sync::{
        LazyLock, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
};
use url::{Position, Url};

/// A daemon that was found or started by this process.
#[derive(Debug, Clone, Default)]
struct DaemonRecord {
    /// The bearer token that its requests must carry.
    token: Option<String>,
    /// Its process. After that has ended, another process may reuse its port, so no request may be sent there.
    process: Option<Identity>,
    /// Whether it must be probed before it is used again: a call failed to connect, timed out or was rejected.
    down: bool,
    /// Consecutive calls that it accepted and did not answer.
    lost_calls: u32,
}

/// Number of consecutive lost calls after which a daemon counts as broken even if its health check succeeds.
const MAX_LOST_CALLS: u32 = 2;

/// Whether any daemon has lost a call; spares the lock on the path of successful calls.
static ANY_LOST: AtomicBool = AtomicBool::new(false);

static DAEMONS: LazyLock<Mutex<HashMap<String, DaemonRecord>>> = LazyLock::new(Mutex::default);

fn daemons() -> MutexGuard<'static, HashMap<String, DaemonRecord>> {
    DAEMONS.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Scheme, host and port of a URL, the key of the registry.
pub(super) fn origin(url: &Url) -> Cow<'_, str> {
    if url.username().is_empty() && url.password().is_none() {
        Cow::Borrowed(&url[..Position::BeforePath])
    } else {
        Cow::Owned(url.origin().ascii_serialization())
    }
}

fn origin_of(base_url: &str) -> Option<String> {
    Url::parse(base_url).ok().map(|url| origin(&url).into_owned())
}

/// Registers a usable daemon with its token and its process.
pub fn register(base_url: &str, token: Option<String>, process: Option<Identity>) {
    let Some(origin) = origin_of(base_url) else { return };
    // An injected `spawnDaemon` may return pids of another machine.
    let process = process.filter(Identity::is_alive);
    let mut daemons = daemons();
    let same = daemons.get(&origin).filter(|daemon| daemon.process.is_some() && daemon.process == process);
    let lost_calls = same.map_or(0, |daemon| daemon.lost_calls);
    daemons.insert(origin, DaemonRecord { token, process, down: false, lost_calls });
}

/// Marks a registered daemon as usable again.
pub fn mark_up(base_url: &str) {
    if let Some(origin) = origin_of(base_url)
        && let Some(daemon) = daemons().get_mut(&origin)
    {
        daemon.down = false;
        daemon.process = daemon.process.take().filter(Identity::is_alive);
    }
}

/// Marks a daemon as down: it must be probed before it is used again.
pub fn mark_down(base_url: &str) {
    if let Some(origin) = origin_of(base_url) {
        daemons().entry(origin).or_default().down = true;
    }
}

/// Counts a call that the daemon accepted and did not answer, and marks it down.
pub(super) fn mark_lost(url: &Url) {
    let mut daemons = daemons();
    let daemon = daemons.entry(origin(url).into_owned()).or_default();
    daemon.down = true;
    daemon.lost_calls = daemon.lost_calls.saturating_add(1);
    ANY_LOST.store(true, Ordering::Relaxed);
}

/// Resets the count of lost calls after an answer.
pub(super) fn mark_answered(url: &Url) {
    if ANY_LOST.load(Ordering::Relaxed) {
        let mut daemons = daemons();
        daemons.get_mut(origin(url).as_ref()).into_iter().for_each(|daemon| daemon.lost_calls = 0);
        ANY_LOST.store(daemons.values().any(|daemon| daemon.lost_calls > 0), Ordering::Relaxed);
    }
}

/// Whether this process of the daemon lost [`MAX_LOST_CALLS`] consecutive calls.
pub fn is_lost(base_url: &str, process: Option<&Identity>) -> bool {
    let Some(origin) = origin_of(base_url) else { return false };
    let daemons = daemons();
    let same = daemons.get(&origin).filter(|daemon| process.is_some() && daemon.process.as_ref() == process);
    same.is_some_and(|daemon| daemon.lost_calls >= MAX_LOST_CALLS)
}

/// Whether the process that is registered as the daemon of a base URL has ended.
pub fn has_process_ended(base_url: &str) -> bool {
    origin_of(base_url).is_some_and(|origin| has_ended(&origin))
}

/// Whether a daemon is marked down.
pub fn is_down(base_url: &str) -> bool {
    origin_of(base_url).is_some_and(|origin| daemons().get(&origin).is_some_and(|daemon| daemon.down))
}

/// The base URL of a registered daemon with its token in the path, for clients that only take a base URL.
pub fn capability_url(base_url: &str) -> String {
    match Url::parse(base_url).ok().and_then(|url| token_of(&url)) {
        Some(token) => format!("{}/t/{token}", base_url.trim_end_matches('/')),
        None => base_url.to_owned(),
    }
}

/// Whether the process that is registered as the daemon of an origin has ended.
pub(super) fn has_ended(origin: &str) -> bool {
    process_at(origin).is_some_and(|process| !process.is_alive())
}

/// The process of the daemon that is registered for an origin.
pub(super) fn process_at(origin: &str) -> Option<Identity> {
    daemons().get(origin).and_then(|daemon| daemon.process.clone())
}

/// The token that is registered for a URL.
pub(super) fn token_of(url: &Url) -> Option<String> {
    daemons().get(origin(url).as_ref()).and_then(|daemon| daemon.token.clone())
}
