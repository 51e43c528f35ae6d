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

/// Time after which an idle connection is removed from the pool.
const POOL_IDLE_TIMEOUT: Duration = Duration::from_secs(90);

static CLIENTS: LazyLock<Mutex<HashMap<ClientKey, Client>>> = LazyLock::new(Mutex::default);

/// Settings by which clients are cached.
#[derive(Clone, PartialEq, Eq, Hash)]
struct ClientKey {
    route: Route,
    connect_timeout: Duration,
    /// The origin of the daemon whose process must be alive when a connection is made.
    guarded: Option<String>,
}

/// Network route of a request.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
enum Route {
    /// Loopback over plain HTTP: no proxy, no compression, no certificates.
    Loopback,
    /// Loopback over TLS: no proxy.
    LoopbackTls,
    /// Other machines: proxies of the environment, compression, TLS.
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

/// Returns the cached client for a URL, or builds one. With `guarded` it connects only while the daemon that is
/// registered for that URL is alive.
pub(super) async fn client(url: &Url, connect_timeout: Duration, guarded: bool) -> Result<Client, BoxError> {
    let guarded = guarded.then(|| origin(url).into_owned());
    let key = ClientKey { route: Route::of(url), connect_timeout, guarded };
    if let Some(client) = clients().get(&key) {
        return Ok(client.clone());
    }
    // Reading the system's certificates takes tens of milliseconds.
    let built = tokio::task::spawn_blocking(move || Ok::<_, BoxError>((build(&key)?, key)));
    let (client, key) = built.await??;
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
    builder.no_gzip().no_deflate()
}

/// TLS configuration with the system's trusted certificates. Blocks.
fn system_tls() -> Result<ClientConfig, rustls::Error> {
    Ok(tls_builder()?.with_platform_verifier()?.with_no_client_auth())
}

/// TLS configuration that trusts no certificate, for clients that are never used with `https`.
fn no_tls() -> Result<ClientConfig, rustls::Error> {
    Ok(tls_builder()?.with_root_certificates(RootCertStore::empty()).with_no_client_auth())
}

fn tls_builder() -> Result<rustls::ConfigBuilder<ClientConfig, rustls::WantsVerifier>, rustls::Error> {
    ClientConfig::builder_with_provider(Arc::new(ring::default_provider())).with_safe_default_protocol_versions()
}
