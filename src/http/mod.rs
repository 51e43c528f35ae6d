//! The HTTP client of all requests: limits on time and size, no redirects, no proxies on loopback, tokens of daemons.

mod call;
mod client;
mod guard;
mod registry;
mod request;
mod runtime;

pub use call::{Call, call_name};
pub use registry::{capability_url, has_process_ended, is_down, is_lost, mark_down, mark_up, register};
pub use request::{Request, Response, authority};

use std::time::Duration;
use url::{Host, Url};

/// Limits of one call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Timeout of connecting.
    pub connect: Duration,
    /// Timeout of the whole call, including the response body.
    pub total: Duration,
    /// Maximum size of the response body in bytes.
    pub max_bytes: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self { connect: Duration::from_secs(5), total: Duration::from_secs(120), max_bytes: 64 << 20 }
    }
}

/// Parses a base URL with scheme http or https.
///
/// Errors: the reason, which quotes the URL without credentials.
pub fn parse_base_url(text: &str) -> Result<Url, String> {
    let shown = || crate::redact::urls(text);
    match Url::parse(text) {
        Ok(url) if matches!(url.scheme(), "http" | "https") && url.host().is_some() => Ok(url),
        Ok(_) => Err(format!("{:?} is not an http or https URL", shown())),
        Err(error) => Err(format!("{:?} is not a URL ({error})", shown())),
    }
}

/// Whether the host of a URL is a loopback address or `localhost`.
pub fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        Some(Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
        None => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn loopback_urls_are_recognised() {
        for (url, loopback) in [
            ("http://127.9.9.9", true),
            ("http://[::1]:8", true),
            ("http://localhost", true),
            ("http://example.com", false),
        ] {
            assert_eq!(is_loopback(&Url::parse(url).unwrap()), loopback, "{url}");
        }
    }
}
