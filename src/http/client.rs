//! The reqwest clients of this process, one for each combination of route, connect timeout and guard.

use super::{
    guard::{BoxError, DaemonGuard},
    is_loopback,
    registry::{has_ended, origin},
};
use reqwest::{Client, ClientBuilder, redirect::Policy};
use rustls::{ClientConfig, RootCertStore, crypto::ring};
use rustls_platform_verifier::BuilderVerifierExt;
use std::{
    collections::HashMap,
    sync::{Arc, LazyLock, Mutex, PoisonError},
    time::Duration,
};
use url::Url;

/// Longest time that a connection waits in the pool for its next request.
const POOL_IDLE_TIMEOUT: Duration = Duration::from_secs(90);

static CLIENTS: LazyLock<Mutex<HashMap<ClientKey, Client>>> = LazyLock::new(Mutex::default);

/// What tells one client from another.
#[derive(Clone, PartialEq, Eq, Hash)]
struct ClientKey {
    route: Route,
    connect_timeout: Duration,
    /// The origin of the daemon whose process must be alive when a connection is made.
    guarded: Option<String>,
}

/// How requests leave this process.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
enum Route {
    /// To this machine without encryption: no proxy, no compression, no certificates to read.
    Loopback,
    /// To this machine with TLS: no proxy.
    LoopbackTls,
    /// To other machines: proxies of the environment, compression, TLS.
    Remote,
}

impl Route {
    fn of(url: &Url) -> Self {
        match (is_loopback(url), url.scheme()) {
            (true, "http") => Self::Loopback,
            (true, _) => Self::LoopbackTls,
            (false, _) => Self::Remote,
        }
    }
}

/// The client for a URL. With `guarded` it connects only while the daemon registered for that URL is alive.
pub(super) async fn client(url: &Url, connect_timeout: Duration, guarded: bool) -> Result<Client, BoxError> {
    let guarded = guarded.then(|| origin(url).into_owned());
    let key = ClientKey { route: Route::of(url), connect_timeout, guarded };
    if let Some(client) = clients().get(&key) {
        return Ok(client.clone());
    }
    // Reading the system's certificates takes tens of milliseconds.
    let made = tokio::task::spawn_blocking(move || Ok::<_, BoxError>((build(&key)?, key)));
    let (client, key) = made.await??;
    let mut clients = clients();
    clients.retain(|key, _| !key.guarded.as_ref().is_some_and(|origin| has_ended(origin)));
    Ok(clients.entry(key).or_insert(client).clone())
}

fn clients() -> std::sync::MutexGuard<'static, HashMap<ClientKey, Client>> {
    CLIENTS.lock().unwrap_or_else(PoisonError::into_inner)
}

fn build(key: &ClientKey) -> Result<Client, BoxError> {
    let builder = Client::builder()
        .redirect(Policy::none())
        .referer(false)
        .connect_timeout(key.connect_timeout)
        .pool_idle_timeout(POOL_IDLE_TIMEOUT);
    let builder = match key.route {
        Route::Loopback => without_compression(builder).no_proxy().tls_backend_preconfigured(no_tls()?),
        Route::LoopbackTls => builder.no_proxy().tls_backend_preconfigured(system_tls()?),
        Route::Remote => builder.tls_backend_preconfigured(system_tls()?),
    };
    let builder = match &key.guarded {
        Some(origin) => builder.connector_layer(DaemonGuard::new(origin)),
        None => builder,
    };
    Ok(builder.build()?)
}

fn without_compression(builder: ClientBuilder) -> ClientBuilder {
    builder.no_gzip().no_brotli().no_deflate()
}

/// TLS that trusts the certificates that the system trusts. Blocks.
fn system_tls() -> Result<ClientConfig, rustls::Error> {
    Ok(tls_builder()?.with_platform_verifier()?.with_no_client_auth())
}

/// TLS that trusts no certificate, for a client that is never used with `https`.
fn no_tls() -> Result<ClientConfig, rustls::Error> {
    Ok(tls_builder()?.with_root_certificates(RootCertStore::empty()).with_no_client_auth())
}

fn tls_builder() -> Result<rustls::ConfigBuilder<ClientConfig, rustls::WantsVerifier>, rustls::Error> {
    ClientConfig::builder_with_provider(Arc::new(ring::default_provider())).with_safe_default_protocol_versions()
}
