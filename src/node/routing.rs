//! Routes of local ingest, the ports on them, and the options that runs hand to adapters.

use super::{
    ensure,
    http::{looker_parser, sql_analysis_port},
    js::{JsRef, Outcome},
    layout::environment,
    log,
    options::Options,
    runner::Runner,
    sync,
};
use crate::ingest::routing::{
    Route, RoutingOptions, database_introspection_route as introspection, explicit_token,
    looker_table_identifier_route as looker, sql_analysis_route as analysis,
};
use napi::Env;
use napi_derive::napi;

#[napi(catch_unwind)]
pub fn looker_table_identifier_route(env: Env, options: JsRef) -> napi::Result<JsRef> {
    sync(&env, || JsRef::encode(&env, &route(&Options::of(options, "options")?, looker)?))
}

#[napi(catch_unwind)]
pub fn sql_analysis_route(env: Env, options: JsRef) -> napi::Result<JsRef> {
    sync(&env, || JsRef::encode(&env, &route(&Options::of(options, "options")?, analysis)?))
}

#[napi(catch_unwind)]
pub fn database_introspection_route(env: Env, options: JsRef) -> napi::Result<JsRef> {
    sync(&env, || JsRef::encode(&env, &introspection_route(&Options::of(options, "options")?)?))
}

/// The way to introspection that options decide.
pub(super) fn introspection_route(options: &Options) -> Outcome<Route> {
    route(options, introspection)
}

/// The way to Looker's table identifiers that options decide.
pub(super) fn looker_route(options: &Options) -> Outcome<Route> {
    route(options, looker)
}

/// The way to SQL analysis that options decide.
pub(super) fn analysis_route(options: &Options) -> Outcome<Route> {
    route(options, analysis)
}

#[napi(catch_unwind)]
pub fn create_local_looker_table_identifier_parser(env: Env, options: JsRef) -> napi::Result<JsRef> {
    sync(&env, || {
        let options = Options::of(options, "options")?;
        match runner_on(&options, &route(&options, looker)?)? {
            Some(runner) => looker_parser(&env, runner),
            None => injected(&options, "looker", "parser"),
        }
    })
}

#[napi(catch_unwind, js_name = "createLocalSqlAnalysisPort")]
pub fn create_local_sql_analysis_port(env: Env, options: JsRef) -> napi::Result<JsRef> {
    sync(&env, || {
        let options = Options::of(options, "options")?;
        match runner_on(&options, &route(&options, analysis)?)? {
            Some(runner) => sql_analysis_port(&env, runner),
            None => Err(super::js::Fail::internal("SQL analysis has no injected port")),
        }
    })
}

/// The transport of a route; `None` for what the host injected.
pub(super) fn runner_on(options: &Options, route: &Route) -> Outcome<Option<Runner>> {
    match route {
        Route::Url { base_url, .. } => {
            let token = explicit_token(route, &environment(options)?)?;
            Ok(Some(Runner::to_url(base_url.clone(), token, log::trace(options)?)))
        }
        Route::Managed => match options.object("managedDaemon")? {
            Some(managed) => Ok(Some(Runner::read(managed)?.traced(log::trace(options)?))),
            None => Ok(None),
        },
        Route::Injected | Route::OneShot => Ok(None),
    }
}

fn injected(options: &Options, key: &str, part: &str) -> Outcome<JsRef> {
    options.raw(key)?.map_or_else(|| Ok(JsRef::undefined(&options.env())), |object| object.get(part))
}

fn route(options: &Options, decide: fn(&RoutingOptions<'_>) -> crate::error::Result<Route>) -> Outcome<Route> {
    let env = environment(options)?;
    let (looker, introspection) = (options.object("looker")?, options.object("databaseIntrospection")?);
    let below = |object: &Option<Options>, key: &str| match object {
        Some(object) => object.raw(key),
        None => Ok(None),
    };
    let looker_url = looker.as_ref().map(|looker| looker.string("daemonBaseUrl")).transpose()?.flatten();
    Ok(decide(&RoutingOptions {
        looker_parser: below(&looker, "parser")?.is_some(),
        looker_daemon_base_url: looker_url.as_deref(),
        sql_analysis_url: options.string("sqlAnalysisUrl")?.as_deref(),
        database_introspection_url: options.string("databaseIntrospectionUrl")?.as_deref(),
        introspection_request_json: below(&introspection, "requestJson")?.is_some(),
        managed_daemon: options.raw("managedDaemon")?.is_some(),
        env: &env,
    })?)
}

/// The managed daemon only without an explicit URL, and with version and policy known.
#[napi(catch_unwind)]
pub fn local_ingest_adapter_options(env: Env, args: JsRef, io: JsRef) -> napi::Result<JsRef> {
    sync(&env, || {
        let args = Options::of(args, "args")?;
        let mut entries = Vec::new();
        let url = args.string("databaseIntrospectionUrl")?.filter(|url| !url.is_empty());
        match (&url, args.string("cliVersion")?, args.string("runtimeInstallPolicy")?) {
            (Some(url), ..) => entries.push(("databaseIntrospectionUrl", JsRef::string(&env, url))),
            (None, Some(version), Some(policy)) => {
                let policy = ensure::known_policy(&args, "runtimeInstallPolicy", &policy)?;
                let managed = [
                    ("cliVersion", JsRef::string(&env, &version)),
                    ("installPolicy", JsRef::string(&env, policy.as_str())),
                    ("io", io),
                ];
                entries.push(("managedDaemon", JsRef::object(&env, &managed)?));
            }
            (None, ..) => {}
        }
        if let Some(connection) = args.string("historicSqlConnectionId")? {
            entries.push(("historicSqlConnectionId", JsRef::string(&env, &connection)));
        }
        JsRef::object(&env, &entries)
    })
}
