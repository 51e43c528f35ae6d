//! Clients are made once for each way to connect, and pool their connections.

use super::is_loopback;
use crate::error::{Code, Error, Result};
use reqwest::{Client, ClientBuilder, redirect::Policy};
use std::{
    collections::HashMap,
    sync::{LazyLock, Mutex, PoisonError},
    time::Duration,
};
use url::Url;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Way {
    /// Plain HTTP on this machine: no proxy, whatever the environment says.
    Loopback,
    /// Plain HTTP elsewhere.
    Plain,
    /// HTTPS with the certificates of the system.
    Tls,
    /// The same on this machine, without a proxy.
    LoopbackTls,
}

static CLIENTS: LazyLock<Mutex<HashMap<(Way, Duration), Client>>> = LazyLock::new(Mutex::default);

/// The client for a URL.
pub(super) fn of(url: &Url, connect: Duration) -> Result<Client> {
    let way = match (url.scheme(), is_loopback(url)) {
        ("https", true) => Way::LoopbackTls,
        ("https", false) => Way::Tls,
        (_, true) => Way::Loopback,
        (_, false) => Way::Plain,
    };
    let mut clients = CLIENTS.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(client) = clients.get(&(way, connect)) {
        return Ok(client.clone());
    }
    let client = build(way, connect)?;
    clients.insert((way, connect), client.clone());
    Ok(client)
}

fn build(way: Way, connect: Duration) -> Result<Client> {
    let builder = Client::builder().redirect(Policy::none()).connect_timeout(connect).tcp_nodelay(true);
    let builder = match way {
        Way::Loopback => without_tls(builder).no_proxy(),
        Way::Plain => without_tls(builder),
        Way::Tls => with_tls(builder),
        Way::LoopbackTls => with_tls(builder).no_proxy(),
    };
    builder.build().map_err(|error| Error::new(Code::Internal, "The HTTP client cannot be made").caused_by(error))
}

fn with_tls(builder: ClientBuilder) -> ClientBuilder {
    // Another copy of this code in the same process may have been first.
    let _ = rustls::crypto::ring::default_provider().install_default();
    builder
}

/// Reading the system's certificates takes tens of milliseconds, which plain HTTP need not wait for.
fn without_tls(builder: ClientBuilder) -> ClientBuilder {
    let provider = std::sync::Arc::new(rustls::crypto::ring::default_provider());
    match rustls::ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions() {
        Ok(config) => builder.tls_backend_preconfigured(
            config.with_root_certificates(rustls::RootCertStore::empty()).with_no_client_auth(),
        ),
        Err(_) => builder,
    }
}
