//! Retry policies: which failures are retried, how often, and after which wait. All keep the deadline of the call.
//!
//! | failure | policy |
//! | --- | --- |
//! | a connection of the daemon broke before the answer (`http`) | [`retry_once`], in the time that the call has left |
//! | the daemon has ended (`ports`) | [`DaemonRetry`]: it is resolved again, and the call repeated once |
//! | a Looker instance is busy or unreachable (`ingest`) | [`Backoff`]: exponential, with jitter and `Retry-After` |
//! | a package index is overloaded (`runtime`) | [`retry_with_delays`] of fixed lengths |

mod backoff;
mod daemon;

pub use backoff::Backoff;
pub(crate) use backoff::parse_retry_after;
pub(crate) use daemon::{DaemonFailure, DaemonRetry};

use crate::offload;
use std::{
    future::Future,
    time::{Duration, Instant},
};

/// Makes an attempt, and a second one if the first failed with an error for which `is_transient` is true. Each attempt
/// gets the time spent before it, to be subtracted from its limit.
pub(crate) async fn retry_once<T, E, F: Future<Output = Result<T, E>>>(
    attempt: impl Fn(Duration) -> F,
    is_transient: impl Fn(&E) -> bool,
) -> Result<T, E> {
    let began = Instant::now();
    match attempt(Duration::ZERO).await {
        Err(error) if is_transient(&error) => attempt(began.elapsed()).await,
        other => other,
    }
}

/// Makes an attempt, and another one after each delay while `is_transient` is true for the outcome.
pub(crate) async fn retry_with_delays<T, F: Future<Output = T>>(
    delays: &[Duration],
    attempt: impl Fn() -> F,
    is_transient: impl Fn(&T) -> bool,
) -> T {
    for delay in delays {
        let outcome = attempt().await;
        if !is_transient(&outcome) {
            return outcome;
        }
        offload::sleep(*delay).await;
    }
    attempt().await
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::cell::Cell;

    #[tokio::test]
    async fn retry_once_retries_a_transient_failure_a_single_time() {
        for (transient, attempts) in [(true, 2), (false, 1)] {
            let made = Cell::new(0);
            let attempt = |_| {
                made.set(made.get() + 1);
                async { Err::<(), _>("lost") }
            };
            assert_eq!(retry_once(attempt, |_| transient).await, Err("lost"));
            assert_eq!(made.get(), attempts);
        }
    }

    #[tokio::test]
    async fn retries_end_with_the_first_outcome_that_is_not_transient() {
        let made = Cell::new(0);
        let attempt = || {
            made.set(made.get() + 1);
            std::future::ready(made.get())
        };
        let delays = [Duration::ZERO; 3];
        assert_eq!(retry_with_delays(&delays, attempt, |made| *made < 2).await, 2);
        assert_eq!(retry_with_delays(&delays, attempt, |_| true).await, 6);
    }
}
