//! Exports for HTTP requests to a daemon: a single post, the base URL resolver and the JSON runner.

use crate::{
    http::Call,
    node::{
        abort::until_aborted,
        arguments::{parse_object, payload_text, text_argument},
        daemon::ManagedDaemon,
        export::sync,
        js::{JsRef, promise},
        options::Options,
        ports::{Runner, read_limits},
    },
    ports::Resolver,
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
        let limits = if limits.is_nullish() { None } else { Some(Options::new(limits, "limits")?) };
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
        let resolver = Rc::new(Resolver::new(ManagedDaemon::read(Options::new(options, "options")?)?));
        Ok(JsRef::function(&env, "resolveBaseUrl", move |context| {
            let (resolver, env) = (resolver.clone(), *context.env);
            promise(&env, async move { Ok(JsRef::string(&env, &resolver.resolve().await?)) })
        })?)
    })
}

#[napi(catch_unwind, js_name = "createManagedDaemonHttpJsonRunner")]
pub fn create_managed_daemon_http_json_runner(env: Env, options: JsRef) -> napi::Result<JsRef> {
    sync(&env, || Ok(Runner::read(Options::new(options, "options")?)?.into_function(&env)?))
}
