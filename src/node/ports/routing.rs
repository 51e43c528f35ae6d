//! Routes and runners by options.

use crate::{
    node::{js::Outcome, log, options::Options, ports::Runner, runtime::environment},
    ports::routing::{
        Route, RoutingOptions, configured_token, database_introspection_route as introspection,
        looker_table_identifier_route as looker, sql_analysis_route as analysis,
    },
};

/// The route of introspection.
pub(crate) fn introspection_route(options: &Options) -> Outcome<Route> {
    route(options, introspection)
}

/// The route of Looker's table identifiers.
pub(crate) fn looker_route(options: &Options) -> Outcome<Route> {
    route(options, looker)
}

/// The route of SQL analysis.
pub(crate) fn analysis_route(options: &Options) -> Outcome<Route> {
    route(options, analysis)
}

/// The runner of a route; `None` for an injected function and for one-shot commands.
pub(crate) fn runner_for_route(options: &Options, route: &Route) -> Outcome<Option<Runner>> {
    match route {
        Route::Url { base_url, .. } => {
            let token = configured_token(route, &environment(options)?)?;
            Ok(Some(Runner::for_url(base_url.clone(), token, log::trace(options)?)))
        }
        Route::Managed => match options.object("managedDaemon")? {
            Some(managed) => Ok(Some(Runner::read(managed)?.with_trace(log::trace(options)?))),
            None => Ok(None),
        },
        Route::Injected | Route::OneShot => Ok(None),
    }
}

fn route(options: &Options, decide: fn(&RoutingOptions<'_>) -> crate::error::Result<Route>) -> Outcome<Route> {
    let env = environment(options)?;
    let (looker, introspection) = (options.object("looker")?, options.object("databaseIntrospection")?);
    let property = |object: &Option<Options>, key: &str| match object {
        Some(object) => object.raw(key),
        None => Ok(None),
    };
    let looker_url = looker.as_ref().map(|looker| looker.string("daemonBaseUrl")).transpose()?.flatten();
    Ok(decide(&RoutingOptions {
        looker_parser: property(&looker, "parser")?.is_some(),
        looker_daemon_base_url: looker_url.as_deref(),
        sql_analysis_url: options.string("sqlAnalysisUrl")?.as_deref(),
        database_introspection_url: options.string("databaseIntrospectionUrl")?.as_deref(),
        introspection_request_json: property(&introspection, "requestJson")?.is_some(),
        managed_daemon: options.raw("managedDaemon")?.is_some(),
        env: &env,
    })?)
}
