//! Which way a daemon-backed helper of local ingest goes. The managed daemon never wins over something explicit.

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
/// What decided on it.
const DEFAULT: &str = "default";

/// A way to a daemon (`KtxDaemonRoute`).
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum Route {
    /// The host's own implementation.
    Injected,
    /// An external daemon.
    #[serde(rename_all = "camelCase")]
    Url {
        /// As it was given.
        base_url: String,
        /// The option or variable that names it, or `default`.
        decided_by: String,
    },
    /// The daemon that this package installs and starts.
    Managed,
    /// One process for one request.
    OneShot,
}

/// What decides the routes.
#[derive(Debug, Clone, Copy)]
pub struct RoutingOptions<'a> {
    /// The host gave its own Looker parser.
    pub looker_parser: bool,
    /// `looker.daemonBaseUrl`.
    pub looker_daemon_base_url: Option<&'a str>,
    /// `sqlAnalysisUrl`.
    pub sql_analysis_url: Option<&'a str>,
    /// `databaseIntrospectionUrl`.
    pub database_introspection_url: Option<&'a str>,
    /// The host gave `databaseIntrospection.requestJson`.
    pub introspection_request_json: bool,
    /// The host gave `managedDaemon`.
    pub managed_daemon: bool,
    /// Variables, as the host gave them.
    pub env: &'a Environment,
}

/// Route of Looker table identifiers: parser, `looker.daemonBaseUrl`, `KTX_DAEMON_URL`, managed, default URL.
///
/// Errors, here and below: [`Code::HttpUrlInvalid`] names the option or variable.
pub fn looker_table_identifier_route(options: &RoutingOptions<'_>) -> Result<Route> {
    if options.looker_parser {
        return Ok(Route::Injected);
    }
    let explicit = option("looker.daemonBaseUrl", options.looker_daemon_base_url)?;
    explicit.map_or_else(|| daemon_route(options), Ok)
}

/// Route of SQL analysis: `sqlAnalysisUrl`, `KTX_SQL_ANALYSIS_URL`, `KTX_DAEMON_URL`, managed, default URL.
pub fn sql_analysis_route(options: &RoutingOptions<'_>) -> Result<Route> {
    let explicit = match option("sqlAnalysisUrl", options.sql_analysis_url)? {
        None => variable(KTX_SQL_ANALYSIS_URL, options.env)?,
        given => given,
    };
    explicit.map_or_else(|| daemon_route(options), Ok)
}

/// Route of introspection: `databaseIntrospectionUrl`, an injected `requestJson`, managed, one-shot.
pub fn database_introspection_route(options: &RoutingOptions<'_>) -> Result<Route> {
    let explicit = option("databaseIntrospectionUrl", options.database_introspection_url)?;
    Ok(match explicit {
        Some(route) => route,
        None if options.introspection_request_json => Route::Injected,
        None if options.managed_daemon => Route::Managed,
        None => Route::OneShot,
    })
}

/// `KTX_DAEMON_TOKEN`, for an external daemon that was configured: the managed daemon has a token of its own, and the
/// default address was not configured.
///
/// Errors: [`Code::EnvInvalid`] where it is empty or would cross a network in the clear.
pub fn explicit_token(route: &Route, env: &Environment) -> Result<Option<SecretText>> {
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

fn daemon_route(options: &RoutingOptions<'_>) -> Result<Route> {
    Ok(match variable(KTX_DAEMON_URL, options.env)? {
        Some(route) => route,
        None if options.managed_daemon => Route::Managed,
        None => Route::Url { base_url: DEFAULT_DAEMON_URL.into(), decided_by: DEFAULT.into() },
    })
}

/// The route of a URL in a variable; one that is empty counts as not set. Errors: [`Code::HttpUrlInvalid`].
fn variable(name: &str, env: &Environment) -> Result<Option<Route>> {
    option(name, env.get(name).filter(|value| !value.is_empty()))
}

/// The route of an optional URL, with the name of its option or variable. Errors: [`Code::HttpUrlInvalid`].
pub(crate) fn option(name: &str, value: Option<&str>) -> Result<Option<Route>> {
    let Some(value) = value else { return Ok(None) };
    let usable = Url::parse(value).is_ok_and(|url| matches!(url.scheme(), "http" | "https") && url.has_host());
    if usable {
        return Ok(Some(Route::Url { base_url: value.to_owned(), decided_by: name.to_owned() }));
    }
    // The value stays out: it may hold credentials.
    let what = if value.trim().is_empty() { "is empty" } else { "is not an http or https URL" };
    let error = Error::new(Code::HttpUrlInvalid, format!("{name} {what}"));
    Err(error.with_hint(format!("Set it to one such as {DEFAULT_DAEMON_URL}, or leave it out")))
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

    /// Every subset of what can be given, strongest first: the first one given decides.
    fn every_combination(count: u32) -> impl Iterator<Item = Vec<bool>> {
        (0..1_u32 << count).map(move |bits| (0..count).map(|bit| bits & (1 << bit) != 0).collect())
    }

    #[test]
    fn looker_in_every_combination() {
        for given in every_combination(4) {
            let env = env(Some("http://not-for-looker"), given[2].then_some(B));
            let options = RoutingOptions {
                looker_parser: given[0],
                looker_daemon_base_url: given[1].then_some(A),
                managed_daemon: given[3],
                ..none(&env)
            };
            let routes = [
                Route::Injected,
                url(A, "looker.daemonBaseUrl"),
                url(B, "KTX_DAEMON_URL"),
                Route::Managed,
                url(DEFAULT_DAEMON_URL, "default"),
            ];
            let first = given.iter().position(|given| *given).unwrap_or(4);
            assert_eq!(looker_table_identifier_route(&options).unwrap(), routes[first], "{given:?}");
        }
    }

    #[test]
    fn sql_analysis_in_every_combination() {
        for given in every_combination(4) {
            let env = env(given[1].then_some(B), given[2].then_some(C));
            let options = RoutingOptions {
                looker_parser: true,
                looker_daemon_base_url: Some("http://not-for-sql"),
                sql_analysis_url: given[0].then_some(A),
                managed_daemon: given[3],
                ..none(&env)
            };
            let routes = [
                url(A, "sqlAnalysisUrl"),
                url(B, "KTX_SQL_ANALYSIS_URL"),
                url(C, "KTX_DAEMON_URL"),
                Route::Managed,
                url(DEFAULT_DAEMON_URL, "default"),
            ];
            let first = given.iter().position(|given| *given).unwrap_or(4);
            assert_eq!(sql_analysis_route(&options).unwrap(), routes[first], "{given:?}");
        }
    }

    #[test]
    fn introspection_in_every_combination() {
        for given in every_combination(3) {
            let env = env(Some(B), Some(C));
            let options = RoutingOptions {
                database_introspection_url: given[0].then_some(A),
                introspection_request_json: given[1],
                managed_daemon: given[2],
                ..none(&env)
            };
            let routes = [url(A, "databaseIntrospectionUrl"), Route::Injected, Route::Managed, Route::OneShot];
            let first = given.iter().position(|given| *given).unwrap_or(3);
            assert_eq!(database_introspection_route(&options).unwrap(), routes[first], "{given:?}");
        }
    }

    #[test]
    fn what_is_no_url_is_an_error_that_names_where_it_came_from() {
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
    fn the_token_goes_to_named_daemons_alone() {
        let env = Environment::default().with(KTX_DAEMON_TOKEN, "hunter2");
        let token =
            |route: &Route| explicit_token(route, &env).map(|token| token.map(|token| token.expose().to_owned()));
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
        assert_eq!(explicit_token(&url("https://daemon.example", "x"), &blank).unwrap_err().code(), Code::EnvInvalid);
    }

    #[test]
    fn a_route_is_the_json_of_the_interface() {
        let json = |route: Route| serde_json::to_string(&route).unwrap();
        assert_eq!(json(Route::OneShot), r#"{"kind":"one-shot"}"#);
        assert_eq!(json(Route::Managed), r#"{"kind":"managed"}"#);
        assert_eq!(json(Route::Injected), r#"{"kind":"injected"}"#);
        assert_eq!(json(url(A, "x")), format!(r#"{{"kind":"url","baseUrl":"{A}","decidedBy":"x"}}"#));
    }
}
