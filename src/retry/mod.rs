//! The retry policies: what is retried, how often, and after which wait. No policy outlasts the deadline of its call.
//!
//! | failure | policy |
//! | --- | --- |
//! | a connection of the daemon broke before the answer (`http`) | [`once`], in the time that the call has left |
//! | the daemon has ended (`ports`) | [`DaemonRetry`]: it is resolved again, and the call repeated once |
//! | a Looker instance is busy or unreachable (`ingest`) | [`Backoff`]: exponential, with jitter and `Retry-After` |
//! | a package index is overloaded (`runtime`) | [`after_pauses`] of fixed lengths |

mod backoff;
mod daemon;

pub use backoff::Backoff;
pub(crate) use backoff::retry_after;
pub(crate) use daemon::{DaemonFailure, DaemonRetry};

use crate::offload;
use std::{
    future::Future,
    time::{Duration, Instant},
};

/// Makes an attempt, and a second one where the first failed in a way that `is_transient` names. Attempts are given the
/// time that was spent before them, which counts towards the same limit.
pub(crate) async fn once<T, E, F: Future<Output = Result<T, E>>>(
    attempt: impl Fn(Duration) -> F,
    is_transient: impl Fn(&E) -> bool,
) -> Result<T, E> {
    let began = Instant::now();
    match attempt(Duration::ZERO).await {
        Err(error) if is_transient(&error) => attempt(began.elapsed()).await,
        other => other,
    }
}

/// Makes an attempt, and one more after each pause for as long as the outcome is one that `is_transient` names.
pub(crate) async fn after_pauses<T, F: Future<Output = T>>(
    pauses: &[Duration],
    attempt: impl Fn() -> F,
    is_transient: impl Fn(&T) -> bool,
) -> T {
    for pause in pauses {
        let outcome = attempt().await;
        if !is_transient(&outcome) {
            return outcome;
        }
        offload::sleep(*pause).await;
    }
    attempt().await
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::cell::Cell;

    #[tokio::test]
    async fn once_retries_a_transient_failure_a_single_time() {
        for (transient, attempts) in [(true, 2), (false, 1)] {
            let made = Cell::new(0);
            let attempt = |_| {
                made.set(made.get() + 1);
                async { Err::<(), _>("lost") }
            };
            assert_eq!(once(attempt, |_| transient).await, Err("lost"));
            assert_eq!(made.get(), attempts);
        }
    }

    #[tokio::test]
    async fn pauses_end_with_the_first_outcome_that_is_not_transient() {
        let made = Cell::new(0);
        let attempt = || {
            made.set(made.get() + 1);
            std::future::ready(made.get())
        };
        let pauses = [Duration::ZERO; 3];
        assert_eq!(after_pauses(&pauses, attempt, |made| *made < 2).await, 2);
        assert_eq!(after_pauses(&pauses, attempt, |_| true).await, 6);
    }
}
