//! Resolves the managed daemon: ensures the runtime, starts or reuses the daemon and caches its base URL.

use crate::{error::Error, http};
use std::cell::RefCell;
use tokio::sync::Mutex;

/// A daemon that a host started.
#[derive(Debug, Clone)]
pub struct StartedDaemon {
    /// Whether it was started by this call; `false` if it was reused.
    pub is_new: bool,
    /// Base URL of the daemon.
    pub base_url: String,
}

/// Ensures the runtime and starts the daemon for a [`Resolver`].
#[expect(async_fn_in_trait, reason = "orchestration stays on one thread, so futures need not be Send")]
pub trait ResolverHost {
    /// Error type of the host.
    type Error: From<Error>;

    /// Installs the core runtime if it is missing.
    async fn ensure_runtime(&self) -> Result<(), Self::Error>;
    /// Starts or reuses the daemon.
    async fn start_daemon(&self) -> Result<StartedDaemon, Self::Error>;
    /// Prints a line for the user.
    fn print(&self, line: &str) -> Result<(), Self::Error>;
}

/// Resolves the base URL of the managed daemon and caches it until the daemon is marked down.
pub struct Resolver<H> {
    host: H,
    /// Held during a start; concurrent callers wait for it in order.
    starting: Mutex<()>,
    base_url: RefCell<Option<String>>,
}

impl<H: ResolverHost> Resolver<H> {
    /// Creates a resolver without resolving anything.
    pub fn new(host: H) -> Self {
        Self { host, starting: Mutex::new(()), base_url: RefCell::default() }
    }

    /// Returns the base URL of a daemon that is not marked down. Failures are not cached.
    pub async fn resolve(&self) -> Result<String, H::Error> {
        let _guard = self.starting.lock().await;
        if let Some(base_url) = self.base_url.borrow().clone().filter(|base_url| !http::is_down(base_url)) {
            return Ok(base_url);
        }
        self.host.ensure_runtime().await?;
        let daemon = self.host.start_daemon().await?;
        http::mark_up(&daemon.base_url);
        let verb = if daemon.is_new { "Started" } else { "Using existing" };
        self.host.print(&format!("{verb} KTX Python daemon: {}\n", daemon.base_url))?;
        *self.base_url.borrow_mut() = Some(daemon.base_url.clone());
        Ok(daemon.base_url)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::{Code, Result};

    #[derive(Default)]
    struct Fake {
        log: RefCell<Vec<String>>,
        failures: RefCell<u32>,
    }

    impl ResolverHost for Fake {
        type Error = Error;

        async fn ensure_runtime(&self) -> Result<()> {
            self.log.borrow_mut().push("ensure".into());
            tokio::task::yield_now().await;
            Ok(())
        }

        async fn start_daemon(&self) -> Result<StartedDaemon> {
            if *self.failures.borrow() > 0 {
                *self.failures.borrow_mut() -= 1;
                return Err(Error::new(Code::DaemonStartFailed, "no"));
            }
            let port = 40_000 + self.log.borrow().len();
            Ok(StartedDaemon { is_new: true, base_url: format!("http://127.0.0.1:{port}") })
        }

        fn print(&self, line: &str) -> Result<()> {
            self.log.borrow_mut().push(line.trim().into());
            Ok(())
        }
    }

    #[tokio::test]
    async fn callers_share_one_start() {
        let resolver = Resolver::new(Fake::default());
        let (first, second) = tokio::join!(resolver.resolve(), resolver.resolve());
        assert_eq!(first.unwrap(), second.unwrap());
        assert_eq!(resolver.host.log.borrow().len(), 2);
    }

    #[tokio::test]
    async fn failure_is_not_cached() {
        let resolver = Resolver::new(Fake { failures: RefCell::new(1), ..Fake::default() });
        assert!(resolver.resolve().await.is_err());
        assert!(resolver.resolve().await.is_ok());
    }

    #[tokio::test]
    async fn base_url_of_a_daemon_that_is_down_is_not_reused() {
        let resolver = Resolver::new(Fake::default());
        let first = resolver.resolve().await.unwrap();
        http::mark_down(&first);
        assert_ne!(resolver.resolve().await.unwrap(), first);
    }
}
