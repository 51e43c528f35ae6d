//! New connections: through a proxy where the environment names one, encrypted for `https`.

use super::is_loopback;
use hyper::{
    Uri,
    header::HeaderValue,
    rt::{Read, Write},
};
use hyper_util::{
    client::{
        legacy::connect::{HttpConnector, proxy::Tunnel},
        proxy::matcher::{Intercept, Matcher},
    },
    rt::TokioIo,
};
use rustls::{ClientConfig, crypto::ring, pki_types::ServerName};
use rustls_platform_verifier::BuilderVerifierExt;
use std::{
    error::Error as StdError,
    future::Future,
    pin::Pin,
    sync::{Arc, LazyLock, OnceLock},
    task::{Context, Poll},
};
use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::TcpStream,
};
use tokio_rustls::TlsConnector;
use tower_service::Service;
use url::Url;

/// What bytes of HTTP go through. One type for all of them, so that the protocol is compiled once.
pub type Socket = Box<dyn Duplex>;

/// Both directions of a connection.
pub trait Duplex: Read + Write + Unpin + Send {}

impl<T: Read + Write + Unpin + Send> Duplex for T {}

/// Why there is no connection.
pub(super) type Refusal = Box<dyn StdError + Send + Sync>;

/// A new connection, and how requests on it have to look.
pub(super) struct Dialed {
    pub(super) socket: Socket,
    /// A proxy that reads requests wants the whole URL in them, and maybe its own credentials.
    pub(super) proxy: Option<Proxy>,
}

/// A proxy that reads the requests that it passes on.
#[derive(Debug, Clone)]
pub(super) struct Proxy {
    pub(super) authorization: Option<HeaderValue>,
}

/// Connects to the server of a URL.
pub(super) async fn dial(url: &Url) -> Result<Dialed, Refusal> {
    let target = origin(url)?;
    let secure = url.scheme() == "https";
    match proxy_for(url, &target) {
        Some(proxy) if secure => {
            let mut tunnel = Tunnel::new(proxy.uri().clone(), Dialer);
            if let Some(authorization) = proxy.basic_auth() {
                tunnel = tunnel.with_auth(authorization.clone());
            }
            let stream = tunnel.call(target.clone()).await?.into_inner();
            Ok(Dialed { socket: Box::new(TokioIo::new(encrypted(stream, &target).await?)), proxy: None })
        }
        Some(proxy) => {
            let socket = Box::new(Dialer.call(proxy.uri().clone()).await?);
            Ok(Dialed { socket, proxy: Some(Proxy { authorization: proxy.basic_auth().cloned() }) })
        }
        None if secure => Ok(Dialed { socket: Box::new(Dialer.call(target).await?), proxy: None }),
        None => Ok(Dialed { socket: Box::new(TokioIo::new(tcp(&target).await?)), proxy: None }),
    }
}

/// Connects to a server of this machine, without encryption.
pub(super) async fn dial_tcp(url: &Url) -> Result<TcpStream, Refusal> {
    tcp(&origin(url)?).await
}

/// A URL without path and credentials.
fn origin(url: &Url) -> Result<Uri, Refusal> {
    Ok(url.origin().ascii_serialization().parse()?)
}

/// None on this machine, whatever the environment says.
fn proxy_for(url: &Url, target: &Uri) -> Option<Intercept> {
    static PROXIES: LazyLock<Matcher> = LazyLock::new(Matcher::from_env);
    if is_loopback(url) { None } else { PROXIES.intercept(target) }
}

async fn tcp(target: &Uri) -> Result<TcpStream, Refusal> {
    let mut connector = HttpConnector::new();
    connector.set_nodelay(true);
    connector.enforce_http(false);
    Ok(connector.call(target.clone()).await?.into_inner())
}

trait Stream: AsyncRead + AsyncWrite + Unpin + Send {}

impl<T: AsyncRead + AsyncWrite + Unpin + Send> Stream for T {}

type AnyStream = Box<dyn Stream>;

async fn encrypted(stream: AnyStream, target: &Uri) -> Result<AnyStream, Refusal> {
    let host = target.host().unwrap_or_default().trim_start_matches('[').trim_end_matches(']');
    let name = ServerName::try_from(host.to_owned())?;
    let config = tokio::task::spawn_blocking(system_tls).await??;
    Ok(Box::new(TlsConnector::from(config).connect(name, stream).await?))
}

/// TLS that trusts whom the system trusts. Reading its certificates takes tens of milliseconds, so that it is done once.
/// Blocks.
fn system_tls() -> Result<Arc<ClientConfig>, rustls::Error> {
    static TLS: OnceLock<Arc<ClientConfig>> = OnceLock::new();
    if let Some(made) = TLS.get() {
        return Ok(made.clone());
    }
    let config = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()?
        .with_platform_verifier()?
        .with_no_client_auth();
    Ok(TLS.get_or_init(|| Arc::new(config)).clone())
}

/// Connects to a server or a proxy, encrypted where its scheme says so.
#[derive(Clone)]
struct Dialer;

impl Service<Uri> for Dialer {
    type Response = TokioIo<AnyStream>;
    type Error = Refusal;
    type Future = Pin<Box<dyn Future<Output = Result<Self::Response, Refusal>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Refusal>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, target: Uri) -> Self::Future {
        Box::pin(async move {
            let stream: AnyStream = Box::new(tcp(&target).await?);
            Ok(TokioIo::new(match target.scheme_str() {
                Some("http") => stream,
                Some("https") => encrypted(stream, &target).await?,
                _ => return Err("the proxy that the environment names is neither http nor https".into()),
            }))
        })
    }
}
