//! What this process knows of daemons by their addresses: the token that they want, and whether they are gone.

use crate::process::Identity;
use std::{
    borrow::Cow,
    collections::HashMap,
    sync::{LazyLock, Mutex, MutexGuard, PoisonError},
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
}

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
        known().insert(origin, KnownDaemon { token, process, dead: false });
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
    let process = known().get(origin(url).as_ref()).and_then(|daemon| daemon.process.clone());
    process.is_some_and(|process| !process.is_alive())
}

/// The token for a URL.
pub(super) fn token_of(url: &Url) -> Option<String> {
    known().get(origin(url).as_ref()).and_then(|daemon| daemon.token.clone())
}
