//! Exponential backoff with jitter, and the parsing of `Retry-After`.

use jiff::{Timestamp, fmt::rfc2822::DateTimeParser};
use std::time::Duration;

/// Retry policy of requests to a source that is busy.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Backoff {
    /// Maximum number of attempts.
    pub attempts: u32,
    /// Maximum wait before the second attempt; it doubles with each further one.
    pub initial_wait: Duration,
    /// Maximum wait; a request whose `Retry-After` is longer is not retried.
    pub max_wait: Duration,
    /// Time limit of one attempt, until its response is complete.
    pub response_timeout: Duration,
}

impl Default for Backoff {
    fn default() -> Self {
        Self {
            attempts: 6,
            initial_wait: Duration::from_millis(500),
            max_wait: Duration::from_secs(120),
            response_timeout: Duration::from_secs(120),
        }
    }
}

impl Backoff {
    /// The wait after an attempt (numbered from 1); `None` to give up. The wait of a `Retry-After` is extended by a
    /// random part, so that clients do not all retry at the same moment.
    pub(crate) fn wait(&self, attempt: u32, retry_after: Option<Duration>) -> Option<Duration> {
        if attempt >= self.attempts {
            return None;
        }
        let doubled =
            self.initial_wait.saturating_mul(2_u32.saturating_pow(attempt.saturating_sub(1))).min(self.max_wait);
        match retry_after {
            Some(retry_after) if retry_after > self.max_wait => None,
            Some(retry_after) => Some(retry_after + self.initial_wait.mul_f64(fastrand::f64())),
            None => Some(doubled.mul_f64(0.5 + fastrand::f64() / 2.0)),
        }
    }
}

/// Parses a `Retry-After`: seconds, or an HTTP date.
pub(crate) fn parse_retry_after(header: &str, now: Timestamp) -> Option<Duration> {
    if let Ok(seconds) = header.trim().parse::<u64>() {
        return Some(Duration::from_secs(seconds));
    }
    let at = DateTimeParser::new().parse_timestamp(header.trim()).ok()?;
    Some(at.duration_since(now).try_into().unwrap_or(Duration::ZERO))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn retry_after_is_parsed_as_seconds_or_as_a_date() {
        let now: Timestamp = "1994-11-06T08:49:30Z".parse().unwrap();
        assert_eq!(parse_retry_after(" 7 ", now), Some(Duration::from_secs(7)));
        assert_eq!(parse_retry_after("Sun, 06 Nov 1994 08:49:37 GMT", now), Some(Duration::from_secs(7)));
        assert_eq!(parse_retry_after("Sun, 06 Nov 1994 08:49:07 GMT", now), Some(Duration::ZERO));
        assert_eq!(parse_retry_after("soon", now), None);
    }

    #[test]
    fn waits_double_with_jitter_until_the_last_attempt() {
        let (initial_wait, max_wait) = (Duration::from_millis(100), Duration::from_millis(250));
        let backoff = Backoff { attempts: 4, initial_wait, max_wait, ..Backoff::default() };
        let range = |attempt, low, high| {
            for _ in 0..100 {
                let wait = backoff.wait(attempt, None).unwrap().as_millis();
                assert!((low..=high).contains(&wait), "{attempt}: {wait}");
            }
        };
        range(1, 50, 100);
        range(2, 100, 200);
        range(3, 125, 250);
        assert_eq!(backoff.wait(4, None), None);
        assert_eq!(backoff.wait(4, Some(Duration::ZERO)), None);
    }

    #[test]
    fn wait_is_at_least_the_retry_after() {
        let backoff = Backoff { initial_wait: Duration::from_millis(100), ..Backoff::default() };
        let wait = backoff.wait(1, Some(Duration::from_secs(3))).unwrap();
        assert!(wait >= Duration::from_secs(3) && wait <= Duration::from_millis(3100));
        assert_eq!(backoff.wait(1, Some(Duration::from_secs(3600))), None);
    }
}
