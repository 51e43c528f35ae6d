//! Refuses connections to the port of a daemon that has ended: another process may have reused the port, and a request
//! may contain the password of a database.

use super::registry::has_ended;
use std::{
    error::Error as StdError,
    fmt,
    future::Future,
    mem,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
};
use tower_layer::Layer;
use tower_service::Service;

/// Error of building a client or of connecting.
pub(super) type BoxError = Box<dyn StdError + Send + Sync>;

/// A layer around reqwest's connector that checks the process of one daemon.
#[derive(Clone)]
pub(super) struct DaemonGuard {
    origin: Arc<str>,
}

impl DaemonGuard {
    /// Creates the guard of the daemon that is registered for an origin.
    pub(super) fn new(origin: &str) -> Self {
        Self { origin: origin.into() }
    }

    fn check(&self) -> Result<(), BoxError> {
        if has_ended(&self.origin) { Err(Box::new(DaemonEnded)) } else { Ok(()) }
    }
}

impl<S> Layer<S> for DaemonGuard {
    type Service = GuardedConnector<S>;

    fn layer(&self, connector: S) -> Self::Service {
        GuardedConnector { guard: self.clone(), connector }
    }
}

/// A connector behind a [`DaemonGuard`].
#[derive(Clone)]
pub(super) struct GuardedConnector<S> {
    guard: DaemonGuard,
    connector: S,
}

impl<S, Request> Service<Request> for GuardedConnector<S>
where
    S: Service<Request, Error = BoxError> + Clone + Send + 'static,
    S::Future: Send,
    Request: Send + 'static,
{
    type Response = S::Response;
    type Error = BoxError;
    type Future = Pin<Box<dyn Future<Output = Result<S::Response, BoxError>> + Send>>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), BoxError>> {
        self.connector.poll_ready(context)
    }

    fn call(&mut self, request: Request) -> Self::Future {
        let guard = self.guard.clone();
        // The instance that was polled ready is the one to call.
        let next = self.connector.clone();
        let mut connector = mem::replace(&mut self.connector, next);
        Box::pin(async move {
            guard.check()?;
            let connection = connector.call(request).await?;
            // The daemon may have ended, and its port been reused, before the connection was made.
            guard.check()?;
            Ok(connection)
        })
    }
}

/// The error of a guarded connector whose daemon has ended.
#[derive(Debug)]
struct DaemonEnded;

impl fmt::Display for DaemonEnded {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("the daemon has ended")
    }
}

impl std::error::Error for DaemonEnded {}
