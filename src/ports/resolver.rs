//! Finding the managed daemon: ensure the runtime, start or reuse the daemon, remember where it is.

use crate::{error::Error, http};
use std::cell::RefCell;
use tokio::sync::Mutex;

/// A daemon that a host started.
#[derive(Debug, Clone)]
pub struct StartedDaemon {
    /// Whether it was started just now, and not reused.
    pub is_new: bool,
    /// Where it answers.
    pub base_url: String,
}

/// Who ensures the runtime and starts the daemon.
#[expect(async_fn_in_trait, reason = "orchestration stays on one thread, so futures need not be Send")]
pub trait ResolverHost {
    /// What the host fails with.
    type Error: From<Error>;

    /// Makes sure that the core runtime is there.
    async fn ensure_runtime(&self) -> Result<(), Self::Error>;
    /// Starts or reuses the daemon.
    async fn start_daemon(&self) -> Result<StartedDaemon, Self::Error>;
    /// Writes a line for the user.
    fn say(&self, line: &str) -> Result<(), Self::Error>;
}

/// Resolves the base URL of the managed daemon, once, until it is known to be dead.
pub struct Resolver<H> {
    host: H,
    /// Callers that come during a start wait for it here, in order.
    starting: Mutex<()>,
    base_url: RefCell<Option<String>>,
}

impl<H: ResolverHost> Resolver<H> {
    /// Nothing happens until the first call.
    pub fn new(host: H) -> Self {
        Self { host, starting: Mutex::new(()), base_url: RefCell::default() }
    }

    /// The base URL of a daemon that is not known to be dead. A failure is not remembered.
    pub async fn resolve(&self) -> Result<String, H::Error> {
        let _turn = self.starting.lock().await;
        if let Some(base_url) = self.base_url.borrow().clone().filter(|base_url| !http::is_down(base_url)) {
            return Ok(base_url);
        }
        self.host.ensure_runtime().await?;
        let daemon = self.host.start_daemon().await?;
        http::mark_up(&daemon.base_url);
        let verb = if daemon.is_new { "Started" } else { "Using existing" };
        self.host.say(&format!("{verb} KTX Python daemon: {}\n", daemon.base_url))?;
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

        fn say(&self, line: &str) -> Result<()> {
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
    async fn a_failure_is_not_remembered() {
        let resolver = Resolver::new(Fake { failures: RefCell::new(1), ..Fake::default() });
        assert!(resolver.resolve().await.is_err());
        assert!(resolver.resolve().await.is_ok());
    }

    #[tokio::test]
    async fn a_dead_daemon_is_not_handed_out() {
        let resolver = Resolver::new(Fake::default());
        let first = resolver.resolve().await.unwrap();
        http::mark_down(&first);
        assert_ne!(resolver.resolve().await.unwrap(), first);
    }
}
