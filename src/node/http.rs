//! The HTTP ports.

use super::{
    js::{JsRef, Outcome, argument, promise},
    managed::ManagedDaemon,
    options::Options,
    runner::{Runner, list_text, parse_object, payload_text, read_limits, text_argument, two_arguments},
    sync, until_aborted,
};
use crate::{
    http::Call,
    ports::{Resolver, analyze_batch, analyze_for_fingerprint, parse_table_identifiers},
};
use napi::Env;
use napi_derive::napi;
use std::rc::Rc;

#[napi(js_name = "postManagedDaemonJson")]
pub fn post_managed_daemon_json(
    env: Env,
    base_url: JsRef,
    path: JsRef,
    payload: JsRef,
    limits: JsRef,
) -> napi::Result<JsRef> {
    promise(&env, async move {
        let base_url = text_argument(&base_url, "baseUrl")?;
        let path = text_argument(&path, "path")?;
        let limits = if limits.is_nullish() { None } else { Some(Options::of(limits, "limits")?) };
        let signal = limits.as_ref().map(|limits| limits.signal()).transpose()?.flatten();
        let limits = limits.as_ref().map(read_limits).transpose()?.unwrap_or_default();
        let call = Call::post(&base_url, &path, payload_text(&payload)?.into(), limits)?;
        let text = until_aborted(signal, async { Ok(call.send().await?) }).await?;
        parse_object(&env, &path, &text)
    })
}

#[napi(catch_unwind, js_name = "createManagedPythonDaemonBaseUrlResolver")]
pub fn create_managed_python_daemon_base_url_resolver(env: Env, options: JsRef) -> napi::Result<JsRef> {
    sync(&env, || {
        let resolver = Rc::new(Resolver::new(ManagedDaemon::read(Options::of(options, "options")?)?));
        Ok(JsRef::function(&env, "resolveBaseUrl", move |context| {
            let (resolver, env) = (resolver.clone(), *context.env);
            promise(&env, async move { Ok(JsRef::string(&env, &resolver.resolve().await?)) })
        })?)
    })
}

#[napi(catch_unwind, js_name = "createManagedDaemonHttpJsonRunner")]
pub fn create_managed_daemon_http_json_runner(env: Env, options: JsRef) -> napi::Result<JsRef> {
    sync(&env, || Ok(Runner::read(Options::of(options, "options")?)?.into_function(&env)?))
}

#[napi(catch_unwind, js_name = "createManagedDaemonLookerTableIdentifierParser")]
pub fn create_managed_daemon_looker_table_identifier_parser(env: Env, options: JsRef) -> napi::Result<JsRef> {
    sync(&env, || looker_parser(&env, Runner::read(Options::of(options, "options")?)?))
}

/// `{ parse(items) }`
pub(super) fn looker_parser(env: &Env, runner: Runner) -> Outcome<JsRef> {
    let runner = Rc::new(runner);
    let parse = JsRef::function(env, "parse", move |context| {
        let (runner, env, items) = (runner.clone(), *context.env, super::js::argument(context, 0)?);
        promise(&env, async move {
            let items = list_text(&items, "items")?;
            JsRef::from_json(&env, &parse_table_identifiers(runner.as_ref(), &items).await?)
        })
    })?;
    JsRef::object(env, &[("parse", parse)])
}

#[napi(catch_unwind, js_name = "createManagedDaemonSqlAnalysisPort")]
pub fn create_managed_daemon_sql_analysis_port(env: Env, options: JsRef) -> napi::Result<JsRef> {
    sync(&env, || sql_analysis_port(&env, Runner::read(Options::of(options, "options")?)?))
}

/// `{ analyzeForFingerprint(sql, dialect), analyzeBatch(items, dialect, { catalog? }?) }`
pub(super) fn sql_analysis_port(env: &Env, runner: Runner) -> Outcome<JsRef> {
    let runner = Rc::new(runner);
    let batching = runner.clone();
    let one = JsRef::function(env, "analyzeForFingerprint", move |context| {
        let (runner, env) = (runner.clone(), *context.env);
        let (sql, dialect) = two_arguments(context)?;
        promise(&env, async move {
            let (sql, dialect) = (text_argument(&sql, "sql")?, text_argument(&dialect, "dialect")?);
            JsRef::encode(&env, &analyze_for_fingerprint(runner.as_ref(), &sql, &dialect).await?)
        })
    })?;
    let many = JsRef::function(env, "analyzeBatch", move |context| {
        let (runner, env) = (batching.clone(), *context.env);
        let ((items, dialect), options) = (two_arguments(context)?, argument(context, 2)?);
        promise(&env, async move {
            let (items, dialect) = (list_text(&items, "items")?, text_argument(&dialect, "dialect")?);
            let catalog = catalog_text(options)?;
            JsRef::encode(&env, &analyze_batch(runner.as_ref(), &items, &dialect, catalog.as_deref()).await?)
        })
    })?;
    JsRef::object(env, &[("analyzeForFingerprint", one), ("analyzeBatch", many)])
}

/// The JSON of `options.catalog`, where both are there.
fn catalog_text(options: JsRef) -> Outcome<Option<String>> {
    if options.is_nullish() {
        return Ok(None);
    }
    let options = Options::of(options, "options")?;
    let Some(catalog) = options.raw("catalog")? else { return Ok(None) };
    match catalog.to_json()?.filter(|text| text.starts_with('{')) {
        Some(text) => Ok(Some(text)),
        None => Err(options.wrong("catalog", "an object")),
    }
}

#[napi(catch_unwind, js_name = "managedDaemonDatabaseIntrospectionOptions")]
pub fn managed_daemon_database_introspection_options(env: Env, options: JsRef) -> napi::Result<JsRef> {
    sync(&env, || {
        let runner = Runner::read(Options::of(options, "options")?)?;
        JsRef::object(&env, &[("requestJson", runner.into_function(&env)?)])
    })
}
