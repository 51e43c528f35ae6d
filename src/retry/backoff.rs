//! Exponential backoff with jitter, and what a source asks for in `Retry-After`.

use jiff::{Timestamp, fmt::rfc2822::DateTimeParser};
use std::time::Duration;

/// The retries of requests to a source that is busy.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Backoff {
    /// How often a request is made at the most.
    pub attempts: u32,
    /// Longest wait before the second attempt; it doubles with each further one.
    pub first: Duration,
    /// Longest wait of all; a source that asks for more than this is given up.
    pub longest: Duration,
    /// Until an answer must be complete.
    pub answer: Duration,
}

impl Default for Backoff {
    fn default() -> Self {
        Self {
            attempts: 6,
            first: Duration::from_millis(500),
            longest: Duration::from_secs(120),
            answer: Duration::from_secs(120),
        }
    }
}

impl Backoff {
    /// The wait after the attempt of that number (from 1); `None` to give up. What the source asks for counts, with a
    /// little more, so that clients do not all come back at once.
    pub(crate) fn wait(&self, attempt: u32, asked: Option<Duration>) -> Option<Duration> {
        if attempt >= self.attempts {
            return None;
        }
        let doubled = self.first.saturating_mul(2_u32.saturating_pow(attempt.saturating_sub(1))).min(self.longest);
        match asked {
            Some(asked) if asked > self.longest => None,
            Some(asked) => Some(asked + self.first.mul_f64(fastrand::f64())),
            None => Some(doubled.mul_f64(0.5 + fastrand::f64() / 2.0)),
        }
    }
}

/// Reads a `Retry-After`: seconds, or a date of HTTP.
pub(crate) fn retry_after(header: &str, now: Timestamp) -> Option<Duration> {
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
    fn seconds_and_dates_are_understood() {
        let now: Timestamp = "1994-11-06T08:49:30Z".parse().unwrap();
        assert_eq!(retry_after(" 7 ", now), Some(Duration::from_secs(7)));
        assert_eq!(retry_after("Sun, 06 Nov 1994 08:49:37 GMT", now), Some(Duration::from_secs(7)));
        assert_eq!(retry_after("Sun, 06 Nov 1994 08:49:07 GMT", now), Some(Duration::ZERO));
        assert_eq!(retry_after("soon", now), None);
    }

    #[test]
    fn waits_grow_vary_and_end() {
        let (first, longest) = (Duration::from_millis(100), Duration::from_millis(250));
        let backoff = Backoff { attempts: 4, first, longest, ..Backoff::default() };
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
    fn what_the_source_asks_for_is_never_undercut() {
        let backoff = Backoff { first: Duration::from_millis(100), ..Backoff::default() };
        let wait = backoff.wait(1, Some(Duration::from_secs(3))).unwrap();
        assert!(wait >= Duration::from_secs(3) && wait <= Duration::from_millis(3100));
        assert_eq!(backoff.wait(1, Some(Duration::from_secs(3600))), None);
    }
}
