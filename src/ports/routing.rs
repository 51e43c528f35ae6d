//! Routing of local ingest's calls to a daemon. Explicit options and variables take precedence over the managed daemon.

use crate::{
    env::{Environment, KTX_DAEMON_TOKEN, KTX_DAEMON_URL, KTX_SQL_ANALYSIS_URL},
    error::{Code, Error, Result},
    http::is_loopback,
    redact::SecretText,
};
use serde::Serialize;
use url::Url;

/// Default address of a daemon that was started by hand.
pub const DEFAULT_DAEMON_URL: &str = "http://127.0.0.1:8765";
/// `decidedBy` of the default address.
const DEFAULT: &str = "default";

/// Route to a daemon (`KtxDaemonRoute`).
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum Route {
    /// The implementation that the host injects.
    Injected,
    /// An external daemon.
    #[serde(rename_all = "camelCase")]
    Url {
        /// Value of the option or variable.
        base_url: String,
        /// Name of the option or variable, or `default`.
        decided_by: String,
    },
    /// The daemon that this package installs and starts.
    Managed,
    /// A process for each request.
    OneShot,
}

/// Options that determine the routes.
#[derive(Debug, Clone, Copy)]
pub struct RoutingOptions<'a> {
    /// Whether the host injects a Looker parser.
    pub looker_parser: bool,
    /// `looker.daemonBaseUrl`.
    pub looker_daemon_base_url: Option<&'a str>,
    /// `sqlAnalysisUrl`.
    pub sql_analysis_url: Option<&'a str>,
    /// `databaseIntrospectionUrl`.
    pub database_introspection_url: Option<&'a str>,
    /// Whether `databaseIntrospection.requestJson` is set.
    pub introspection_request_json: bool,
    /// Whether `managedDaemon` is set.
    pub managed_daemon: bool,
    /// Environment variables.
    pub env: &'a Environment,
}

/// Route of Looker table identifiers: parser, `looker.daemonBaseUrl`, `KTX_DAEMON_URL`, managed, default URL.
///
/// Errors, here and below: [`Code::HttpUrlInvalid`] names the option or variable.
pub fn looker_table_identifier_route(options: &RoutingOptions<'_>) -> Result<Route> {
    if options.looker_parser {
        return Ok(Route::Injected);
    }
    let explicit = url_route("looker.daemonBaseUrl", options.looker_daemon_base_url)?;
    explicit.map_or_else(|| default_daemon_route(options), Ok)
}

/// Route of SQL analysis: `sqlAnalysisUrl`, `KTX_SQL_ANALYSIS_URL`, `KTX_DAEMON_URL`, managed, default URL.
pub fn sql_analysis_route(options: &RoutingOptions<'_>) -> Result<Route> {
    let explicit = match url_route("sqlAnalysisUrl", options.sql_analysis_url)? {
        None => url_route_from_env(KTX_SQL_ANALYSIS_URL, options.env)?,
        route => route,
    };
    explicit.map_or_else(|| default_daemon_route(options), Ok)
}

/// Route of introspection: `databaseIntrospectionUrl`, an injected `requestJson`, managed, one-shot.
pub fn database_introspection_route(options: &RoutingOptions<'_>) -> Result<Route> {
    let explicit = url_route("databaseIntrospectionUrl", options.database_introspection_url)?;
    Ok(match explicit {
        Some(route) => route,
        None if options.introspection_request_json => Route::Injected,
        None if options.managed_daemon => Route::Managed,
        None => Route::OneShot,
    })
}

/// The token in `KTX_DAEMON_TOKEN` for an explicitly configured external daemon. It is `None` for the managed daemon,
/// which has a token of its own, and for the default address.
///
/// Errors: [`Code::EnvInvalid`] if it is empty or would be sent to another machine without encryption.
pub fn configured_token(route: &Route, env: &Environment) -> Result<Option<SecretText>> {
    let Route::Url { base_url, decided_by } = route else { return Ok(None) };
    let token = env.get(KTX_DAEMON_TOKEN).map(str::trim);
    let (Some(token), false) = (token, decided_by == DEFAULT) else { return Ok(None) };
    if token.is_empty() {
        let error = Error::new(Code::EnvInvalid, format!("{KTX_DAEMON_TOKEN} is empty"));
        return Err(error.with_hint("Set it to a token, or unset it"));
    }
    if Url::parse(base_url).is_ok_and(|url| url.scheme() == "https" || is_loopback(&url)) {
        return Ok(Some(SecretText::new(token)));
    }
    let error = Error::new(Code::EnvInvalid, format!("{KTX_DAEMON_TOKEN} is not sent over plain HTTP"));
    Err(error.with_hint(format!("Set {decided_by} to an https URL, or unset the token")))
}

fn default_daemon_route(options: &RoutingOptions<'_>) -> Result<Route> {
    Ok(match url_route_from_env(KTX_DAEMON_URL, options.env)? {
        Some(route) => route,
        None if options.managed_daemon => Route::Managed,
        None => Route::Url { base_url: DEFAULT_DAEMON_URL.into(), decided_by: DEFAULT.into() },
    })
}

/// The route of a URL in an environment variable; an empty one counts as not set. Errors: [`Code::HttpUrlInvalid`].
fn url_route_from_env(name: &str, env: &Environment) -> Result<Option<Route>> {
    url_route(name, env.get(name).filter(|value| !value.is_empty()))
}

/// The route of an optional URL; `name` is that of its option or variable. Errors: [`Code::HttpUrlInvalid`].
pub(crate) fn url_route(name: &str, value: Option<&str>) -> Result<Option<Route>> {
    let Some(value) = value else { return Ok(None) };
    let usable = Url::parse(value).is_ok_and(|url| matches!(url.scheme(), "http" | "https") && url.has_host());
    if usable {
        return Ok(Some(Route::Url { base_url: value.to_owned(), decided_by: name.to_owned() }));
    }
    // The value is not quoted, as it may contain credentials.
    let reason = if value.trim().is_empty() { "is empty" } else { "is not an http or https URL" };
    let error = Error::new(Code::HttpUrlInvalid, format!("{name} {reason}"));
    Err(error.with_hint(format!("Set it to one such as {DEFAULT_DAEMON_URL}, or remove it")))
}

#[cfg(test)]
mod tests {
    use super::*;

    const A: &str = "http://a.example:1";
    const B: &str = "https://b.example/prefix";
    const C: &str = "http://c.example";

    fn env(analysis: Option<&str>, daemon: Option<&str>) -> Environment {
        let pairs = [(KTX_SQL_ANALYSIS_URL, analysis), (KTX_DAEMON_URL, daemon)];
        pairs.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?.to_owned()))).collect()
    }

    fn none(env: &Environment) -> RoutingOptions<'_> {
        RoutingOptions {
            looker_parser: false,
            looker_daemon_base_url: None,
            sql_analysis_url: None,
            database_introspection_url: None,
            introspection_request_json: false,
            managed_daemon: false,
            env,
        }
    }

    fn url(base_url: &str, decided_by: &str) -> Route {
        Route::Url { base_url: base_url.into(), decided_by: decided_by.into() }
    }

    /// All subsets of a number of options, by precedence: the first option that is set decides.
    fn every_combination(count: u32) -> impl Iterator<Item = Vec<bool>> {
        (0..1_u32 << count).map(move |bits| (0..count).map(|bit| bits & (1 << bit) != 0).collect())
    }

    #[test]
    fn looker_route_in_every_combination() {
        for is_set in every_combination(4) {
            let env = env(Some("http://not-for-looker"), is_set[2].then_some(B));
            let options = RoutingOptions {
                looker_parser: is_set[0],
                looker_daemon_base_url: is_set[1].then_some(A),
                managed_daemon: is_set[3],
                ..none(&env)
            };
            let routes = [
                Route::Injected,
                url(A, "looker.daemonBaseUrl"),
                url(B, "KTX_DAEMON_URL"),
                Route::Managed,
                url(DEFAULT_DAEMON_URL, "default"),
            ];
            let first = is_set.iter().position(|is_set| *is_set).unwrap_or(4);
            assert_eq!(looker_table_identifier_route(&options).unwrap(), routes[first], "{is_set:?}");
        }
    }

    #[test]
    fn sql_analysis_route_in_every_combination() {
        for is_set in every_combination(4) {
            let env = env(is_set[1].then_some(B), is_set[2].then_some(C));
            let options = RoutingOptions {
                looker_parser: true,
                looker_daemon_base_url: Some("http://not-for-sql"),
                sql_analysis_url: is_set[0].then_some(A),
                managed_daemon: is_set[3],
                ..none(&env)
            };
            let routes = [
                url(A, "sqlAnalysisUrl"),
                url(B, "KTX_SQL_ANALYSIS_URL"),
                url(C, "KTX_DAEMON_URL"),
                Route::Managed,
                url(DEFAULT_DAEMON_URL, "default"),
            ];
            let first = is_set.iter().position(|is_set| *is_set).unwrap_or(4);
            assert_eq!(sql_analysis_route(&options).unwrap(), routes[first], "{is_set:?}");
        }
    }

    #[test]
    fn introspection_route_in_every_combination() {
        for is_set in every_combination(3) {
            let env = env(Some(B), Some(C));
            let options = RoutingOptions {
                database_introspection_url: is_set[0].then_some(A),
                introspection_request_json: is_set[1],
                managed_daemon: is_set[2],
                ..none(&env)
            };
            let routes = [url(A, "databaseIntrospectionUrl"), Route::Injected, Route::Managed, Route::OneShot];
            let first = is_set.iter().position(|is_set| *is_set).unwrap_or(3);
            assert_eq!(database_introspection_route(&options).unwrap(), routes[first], "{is_set:?}");
        }
    }

    #[test]
    fn invalid_url_is_an_error_that_names_its_option_or_variable() {
        for bad in ["", " ", "127.0.0.1:8765", "ftp://x", "http://", "not a url hunter2", "http:///x y"] {
            let (analysis, daemon) = (env(Some(bad), None), env(None, Some(bad)));
            let nothing = Environment::default();
            let cases = [
                (
                    "looker.daemonBaseUrl",
                    looker_table_identifier_route(&RoutingOptions {
                        looker_daemon_base_url: Some(bad),
                        ..none(&nothing)
                    }),
                ),
                (
                    "sqlAnalysisUrl",
                    sql_analysis_route(&RoutingOptions { sql_analysis_url: Some(bad), ..none(&nothing) }),
                ),
                ("KTX_SQL_ANALYSIS_URL", sql_analysis_route(&none(&analysis))),
                ("KTX_DAEMON_URL", sql_analysis_route(&none(&daemon))),
                (
                    "KTX_DAEMON_URL",
                    looker_table_identifier_route(&RoutingOptions { managed_daemon: true, ..none(&daemon) }),
                ),
                (
                    "databaseIntrospectionUrl",
                    database_introspection_route(&RoutingOptions {
                        database_introspection_url: Some(bad),
                        ..none(&nothing)
                    }),
                ),
            ];
            for (name, result) in cases {
                // An empty variable counts as not set.
                if bad.is_empty() && name.starts_with("KTX_") {
                    assert!(result.is_ok(), "{name}");
                    continue;
                }
                let error = result.expect_err(bad);
                assert_eq!(error.code(), Code::HttpUrlInvalid);
                assert!(error.to_string().starts_with(&format!("{name} is ")), "{bad:?}: {error}");
                assert!(!error.to_string().contains("hunter2"));
            }
        }
    }

    #[test]
    fn token_is_sent_to_configured_daemons_only() {
        let env = Environment::default().with(KTX_DAEMON_TOKEN, "hunter2");
        let token =
            |route: &Route| configured_token(route, &env).map(|token| token.map(|token| token.expose().to_owned()));
        for base_url in ["https://daemon.example", "http://127.0.0.1:1", "http://localhost:2/x"] {
            assert_eq!(token(&url(base_url, "KTX_DAEMON_URL")).unwrap().as_deref(), Some("hunter2"), "{base_url}");
        }
        for route in [Route::Injected, Route::Managed, Route::OneShot, url(DEFAULT_DAEMON_URL, DEFAULT)] {
            assert_eq!(token(&route).unwrap(), None, "{route:?}");
        }
        let error = token(&url("http://daemon.example", "sqlAnalysisUrl")).unwrap_err();
        assert_eq!(error.code(), Code::EnvInvalid);
        assert_eq!(
            error.with_hint_text(),
            "KTX_DAEMON_TOKEN is not sent over plain HTTP. Set sqlAnalysisUrl to an https URL, or unset the token"
        );
        let blank = Environment::default().with(KTX_DAEMON_TOKEN, " ");
        assert_eq!(configured_token(&url("https://daemon.example", "x"), &blank).unwrap_err().code(), Code::EnvInvalid);
    }

    #[test]
    fn routes_serialise_to_the_json_of_the_api() {
        let json = |route: Route| serde_json::to_string(&route).unwrap();
        assert_eq!(json(Route::OneShot), r#"{"kind":"one-shot"}"#);
        assert_eq!(json(Route::Managed), r#"{"kind":"managed"}"#);
        assert_eq!(json(Route::Injected), r#"{"kind":"injected"}"#);
        assert_eq!(json(url(A, "x")), format!(r#"{{"kind":"url","baseUrl":"{A}","decidedBy":"x"}}"#));
    }
}
