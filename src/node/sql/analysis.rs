//! Exports for the port of SQL analysis.

use crate::{
    node::{
        arguments::{list_text, text_argument, two_arguments},
        export::sync,
        js::{Fail, JsRef, Outcome, argument, promise},
        options::Options,
        ports::{Runner, analysis_route, runner_for_route},
    },
    ports::{analyze_batch, analyze_for_fingerprint},
};
use napi::Env;
use napi_derive::napi;
use std::rc::Rc;

#[napi(catch_unwind, js_name = "createManagedDaemonSqlAnalysisPort")]
pub fn create_managed_daemon_sql_analysis_port(env: Env, options: JsRef) -> napi::Result<JsRef> {
    sync(&env, || sql_analysis_port(&env, Runner::read(Options::new(options, "options")?)?))
}

/// `{ analyzeForFingerprint(sql, dialect), analyzeBatch(items, dialect, { catalog? }?) }`
pub(crate) fn sql_analysis_port(env: &Env, runner: Runner) -> Outcome<JsRef> {
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

/// The JSON of `options.catalog`; `None` if it is missing.
fn catalog_text(options: JsRef) -> Outcome<Option<String>> {
    if options.is_nullish() {
        return Ok(None);
    }
    let options = Options::new(options, "options")?;
    let Some(catalog) = options.raw("catalog")? else { return Ok(None) };
    match catalog.to_json()?.filter(|text| text.starts_with('{')) {
        Some(text) => Ok(Some(text)),
        None => Err(options.type_error("catalog", "an object")),
    }
}

#[napi(catch_unwind, js_name = "createLocalSqlAnalysisPort")]
pub fn create_local_sql_analysis_port(env: Env, options: JsRef) -> napi::Result<JsRef> {
    sync(&env, || {
        let options = Options::new(options, "options")?;
        match runner_for_route(&options, &analysis_route(&options)?)? {
            Some(runner) => sql_analysis_port(&env, runner),
            None => Err(Fail::internal("SQL analysis has no injected port")),
        }
    })
}
