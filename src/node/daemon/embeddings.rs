//! Exports for local embeddings: the daemon with that feature, and its configuration.

use crate::{
    http,
    node::{
        arguments::text_argument,
        daemon::{
            lifecycle,
            managed::{ManagedDaemon, ensure_with, start_with},
        },
        export::{asynchronous, sync},
        io,
        js::{JsRef, Outcome},
        options::Options,
    },
    runtime::Feature,
};
use napi::Env;
use napi_derive::napi;

const BASE_URL_VARIABLE: &str = "KTX_MANAGED_SENTENCE_TRANSFORMERS_BASE_URL";
const BACKEND: &str = "sentence-transformers";

#[napi]
pub fn ensure_managed_local_embeddings_daemon(env: Env, options: JsRef) -> napi::Result<JsRef> {
    asynchronous(&env, options, move |options| async move {
        let feature = Feature::LocalEmbeddings;
        let host = ManagedDaemon::read(options)?;
        ensure_with(host.options(), feature).await?;
        let daemon = start_with(&host, feature).await?;
        let verb = if daemon.is_new { "Started" } else { "Using" };
        io::write(host.io(), "stderr", &format!("{verb} KTX local embeddings daemon: {}\n", daemon.base_url))?;
        // Clients that take only a base URL cannot send a token, so it is a part of the URL.
        let base_url = JsRef::string(&env, &http::capability_url(&daemon.base_url));
        let variables = JsRef::object(&env, &[(BASE_URL_VARIABLE, base_url.clone())])?;
        JsRef::object(&env, &[("baseUrl", base_url), ("env", variables)])
    })
}

/// Returns the running daemon with the feature, or null. Does not start or install anything.
#[napi]
pub fn try_use_managed_local_embeddings_daemon(env: Env, options: JsRef) -> napi::Result<JsRef> {
    asynchronous(&env, options, move |options| async move {
        let version = [("cliVersion", JsRef::string(&env, &options.required_string("cliVersion")?))];
        let version = JsRef::object(&env, &version)?;
        let status = match options.function("readStatus")? {
            Some(read_status) => read_status.call_async(&[version]).await?,
            None => lifecycle::read_managed_python_daemon_status(env, version)?.wait().await?,
        };
        let (state, is_running) =
            (status.get("state")?, status.get("kind")?.text().is_ok_and(|kind| kind == "running"));
        if !is_running || state.is_nullish() || !has_embeddings(&state)? {
            return Ok(JsRef::null(&env));
        }
        let base_url = text_argument(&status.get("baseUrl")?, "The baseUrl of readStatus's result")?;
        let logs = [("stdoutLog", state.get("stdoutLog")?), ("stderrLog", state.get("stderrLog")?)];
        let base_url = ("baseUrl", JsRef::string(&env, &http::capability_url(&base_url)));
        JsRef::object(&env, &[&[base_url], &logs[..]].concat())
    })
}

fn has_embeddings(state: &JsRef) -> Outcome<bool> {
    let features = state.get("features")?.decode::<Vec<String>>()?.unwrap_or_default();
    Ok(features.iter().any(|name| name == Feature::LocalEmbeddings.as_str()))
}

#[napi(catch_unwind)]
pub fn managed_local_embedding_project_config(env: Env, options: JsRef) -> napi::Result<JsRef> {
    sync(&env, || {
        let location =
            [("base_url", JsRef::string(&env, "managed:local-embeddings")), ("pathPrefix", JsRef::string(&env, ""))];
        config(&Options::new(options, "options")?, &location)
    })
}

#[napi(catch_unwind)]
pub fn managed_local_embedding_health_config(env: Env, options: JsRef) -> napi::Result<JsRef> {
    sync(&env, || {
        let options = Options::new(options, "options")?;
        let base_url = JsRef::string(&env, &options.required_string("baseUrl")?);
        config(&options, &[("baseURL", base_url), ("pathPrefix", JsRef::string(&env, ""))])
    })
}

fn config(options: &Options, location: &[(&str, JsRef)]) -> Outcome<JsRef> {
    let env = options.env();
    let dimensions = options.count("dimensions")?.ok_or_else(|| options.type_error("dimensions", "a number"))?;
    let entries = [
        ("backend", JsRef::string(&env, BACKEND)),
        ("model", JsRef::string(&env, &options.required_string("model")?)),
        ("dimensions", JsRef::number(&env, dimensions)),
        ("sentenceTransformers", JsRef::object(&env, location)?),
    ];
    JsRef::object(&env, &entries)
}
