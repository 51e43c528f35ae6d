//! Whether a call is repeated on a daemon that was lost: every endpoint only reads or computes.

use std::time::{Duration, Instant};

/// How a call has lost its daemon.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum DaemonFailure {
    /// The process had ended before anything was sent.
    Ended,
    /// The process runs, and the connection broke before an answer.
    Stuck,
    /// Any other failure after which the daemon is resolved again.
    Lost,
}

/// The retries of one call.
pub(crate) struct DaemonRetry {
    began: Instant,
    limit: Duration,
    failed: u32,
    last: Option<String>,
}

impl DaemonRetry {
    /// For a call with that time limit, from now on.
    pub(crate) fn within(limit: Duration) -> Self {
        Self { began: Instant::now(), limit, failed: 0, last: None }
    }

    /// Whether to resolve the daemon again and repeat the call.
    pub(crate) fn allows(&mut self, base_url: &str, failure: DaemonFailure) -> bool {
        let is_same = self.last.replace(base_url.to_owned()).is_some_and(|last| last == base_url);
        // To resolve it again costs nothing where nothing was sent, as long as each is another daemon.
        if failure == DaemonFailure::Ended && !is_same {
            return self.began.elapsed() < self.limit;
        }
        self.failed += 1;
        // After two calls that were lost the probe replaces a daemon that runs and says that it is healthy.
        let is_stuck = is_same && failure == DaemonFailure::Stuck;
        self.failed <= 1 || (self.failed == 2 && is_stuck)
    }
}

#[cfg(test)]
mod tests {
    use super::{DaemonFailure::*, *};

    fn allowed(limit: Duration, failures: &[(&str, DaemonFailure)]) -> Vec<bool> {
        let mut retry = DaemonRetry::within(limit);
        failures.iter().map(|(base_url, failure)| retry.allows(base_url, *failure)).collect()
    }

    #[test]
    fn a_call_is_repeated_once_and_twice_on_a_daemon_that_is_stuck() {
        let limit = Duration::from_secs(3600);
        assert_eq!(allowed(limit, &[("a", Lost), ("a", Lost)]), [true, false]);
        assert_eq!(allowed(limit, &[("a", Stuck), ("a", Stuck), ("a", Stuck)]), [true, true, false]);
        assert_eq!(allowed(limit, &[("a", Stuck), ("b", Stuck)]), [true, false]);
    }

    #[test]
    fn daemons_that_ended_are_replaced_until_the_deadline() {
        let ended = [("a", Ended), ("b", Ended), ("c", Ended), ("c", Ended), ("c", Ended)];
        assert_eq!(allowed(Duration::from_secs(3600), &ended), [true, true, true, true, false]);
        assert_eq!(allowed(Duration::ZERO, &[("a", Ended)]), [false]);
    }
}
