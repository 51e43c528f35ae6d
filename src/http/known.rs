//! What this process knows of daemons by their addresses: the token that they want, and whether they are gone.

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

/// A daemon that this process found or started.
#[derive(Debug, Clone, Default)]
pub struct KnownDaemon {
    /// What its requests must carry.
    pub token: Option<String>,
    /// Its process. Once that has ended, whoever listens there is somebody else, who must not be told anything.
    pub process: Option<Identity>,
    /// It has to be looked for again before it is used: nobody listens there, or somebody who does not answer, or not
    /// as this daemon.
    pub dead: bool,
    /// Calls in a row that it took and did not answer.
    lost: u32,
}

/// So many lost calls in a row are no accident: it is taken for broken though it says that it is healthy.
const TOO_MANY_LOST: u32 = 2;

/// Whether any daemon has lost a call, so that answers of others need not be counted.
static ANY_LOST: AtomicBool = AtomicBool::new(false);

static KNOWN: LazyLock<Mutex<HashMap<String, KnownDaemon>>> = LazyLock::new(Mutex::default);

fn known() -> MutexGuard<'static, HashMap<String, KnownDaemon>> {
    KNOWN.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Scheme, host and port.
fn origin(url: &Url) -> Cow<'_, str> {
    if url.username().is_empty() && url.password().is_none() {
        Cow::Borrowed(&url[..Position::BeforePath])
    } else {
        Cow::Owned(url.origin().ascii_serialization())
    }
}

fn origin_of(base_url: &str) -> Option<String> {
    Url::parse(base_url).ok().map(|url| origin(&url).into_owned())
}

/// Remembers a daemon that answers now, with its token and its process.
pub fn register(base_url: &str, token: Option<String>, process: Option<Identity>) {
    if let Some(origin) = origin_of(base_url) {
        // A host that spawns by itself may give pids that this machine does not know.
        let process = process.filter(Identity::is_alive);
        let mut known = known();
        let same = known.get(&origin).filter(|known| known.process.is_some() && known.process == process);
        let lost = same.map_or(0, |known| known.lost);
        known.insert(origin, KnownDaemon { token, process, dead: false, lost });
    }
}

/// Remembers that a daemon answers again, whatever its token.
pub fn revive(base_url: &str) {
    if let Some(origin) = origin_of(base_url)
        && let Some(daemon) = known().get_mut(&origin)
    {
        daemon.dead = false;
        daemon.process = daemon.process.take().filter(Identity::is_alive);
    }
}

/// Remembers that a daemon has to be looked for again.
pub fn mark_dead(base_url: &str) {
    if let Some(origin) = origin_of(base_url) {
        known().entry(origin).or_default().dead = true;
    }
}

/// Remembers that a daemon took a call and did not answer it.
pub(super) fn mark_lost(url: &Url) {
    let mut known = known();
    let daemon = known.entry(origin(url).into_owned()).or_default();
    daemon.dead = true;
    daemon.lost = daemon.lost.saturating_add(1);
    ANY_LOST.store(true, Ordering::Relaxed);
}

/// Remembers that a daemon answers what it is asked.
pub(super) fn mark_answered(url: &Url) {
    if ANY_LOST.load(Ordering::Relaxed) {
        let mut known = known();
        known.get_mut(origin(url).as_ref()).into_iter().for_each(|daemon| daemon.lost = 0);
        ANY_LOST.store(known.values().any(|daemon| daemon.lost > 0), Ordering::Relaxed);
    }
}

/// Whether this very process took several calls in a row and did not answer them.
pub fn is_lost(base_url: &str, process: Option<&Identity>) -> bool {
    let Some(origin) = origin_of(base_url) else { return false };
    let known = known();
    let same = known.get(&origin).filter(|known| process.is_some() && known.process.as_ref() == process);
    same.is_some_and(|known| known.lost >= TOO_MANY_LOST)
}

/// Whether the process is gone that this process knows as the daemon of a base URL.
pub fn is_gone(base_url: &str) -> bool {
    Url::parse(base_url).is_ok_and(|url| has_ended(&url))
}

/// Whether a daemon has to be looked for again.
pub fn is_dead(base_url: &str) -> bool {
    origin_of(base_url).is_some_and(|origin| known().get(&origin).is_some_and(|daemon| daemon.dead))
}

/// A URL of a known daemon that carries the right to use it in itself, for clients that only know a base URL.
pub fn capability_url(base_url: &str) -> String {
    match Url::parse(base_url).ok().and_then(|url| token_of(&url)) {
        Some(token) => format!("{}/t/{token}", base_url.trim_end_matches('/')),
        None => base_url.to_owned(),
    }
}

/// Whether the process is gone that this process knows as the daemon of a URL.
pub(super) fn has_ended(url: &Url) -> bool {
    process_of(url).is_some_and(|process| !process.is_alive())
}

/// The process of the daemon of a URL.
pub(super) fn process_of(url: &Url) -> Option<Identity> {
    known().get(origin(url).as_ref()).and_then(|daemon| daemon.process.clone())
}

/// The token for a URL.
pub(super) fn token_of(url: &Url) -> Option<String> {
    known().get(origin(url).as_ref()).and_then(|daemon| daemon.token.clone())
}
