//! Retry policy of calls whose daemon was lost. Calls can be repeated, as all endpoints are idempotent.

use std::time::{Duration, Instant};

/// How a call lost its daemon.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum DaemonFailure {
    /// The process had ended before the request was sent.
    Ended,
    /// The process runs, but the connection was lost before a response.
    Stuck,
    /// Another failure after which the daemon is resolved again.
    Lost,
}

/// Retry state of one call.
pub(crate) struct DaemonRetry {
    started_at: Instant,
    limit: Duration,
    failures: u32,
    last_base_url: Option<String>,
}

impl DaemonRetry {
    /// Starts the retry state of a call with a time limit.
    pub(crate) fn with_timeout(limit: Duration) -> Self {
        Self { started_at: Instant::now(), limit, failures: 0, last_base_url: None }
    }

    /// Whether to resolve the daemon again and repeat the call.
    pub(crate) fn should_retry(&mut self, base_url: &str, failure: DaemonFailure) -> bool {
        let is_same = self.last_base_url.replace(base_url.to_owned()).is_some_and(|last| last == base_url);
        // Nothing was sent, so this does not count as an attempt while each retry finds another daemon.
        if failure == DaemonFailure::Ended && !is_same {
            return self.started_at.elapsed() < self.limit;
        }
        self.failures += 1;
        // After two lost calls a probe rejects the daemon even if it is healthy, so a third attempt gets a new one.
        let is_stuck = is_same && failure == DaemonFailure::Stuck;
        self.failures <= 1 || (self.failures == 2 && is_stuck)
    }
}

#[cfg(test)]
mod tests {
    use super::{DaemonFailure::*, *};

    fn allowed(limit: Duration, failures: &[(&str, DaemonFailure)]) -> Vec<bool> {
        let mut retry = DaemonRetry::with_timeout(limit);
        failures.iter().map(|(base_url, failure)| retry.should_retry(base_url, *failure)).collect()
    }

    #[test]
    fn call_is_retried_once_and_twice_if_its_daemon_is_stuck() {
        let limit = Duration::from_secs(3600);
        assert_eq!(allowed(limit, &[("a", Lost), ("a", Lost)]), [true, false]);
        assert_eq!(allowed(limit, &[("a", Stuck), ("a", Stuck), ("a", Stuck)]), [true, true, false]);
        assert_eq!(allowed(limit, &[("a", Stuck), ("b", Stuck)]), [true, false]);
    }

    #[test]
    fn call_is_retried_until_the_deadline_while_daemons_end_before_it() {
        let ended = [("a", Ended), ("b", Ended), ("c", Ended), ("c", Ended), ("c", Ended)];
        assert_eq!(allowed(Duration::from_secs(3600), &ended), [true, true, true, true, false]);
        assert_eq!(allowed(Duration::ZERO, &[("a", Ended)]), [false]);
    }
}
