//! The semantic layer of a project, and queries on its connections.

use super::{
    asynchronous,
    js::{JsRef, Outcome},
    options::Options,
    project::{load, settle_trust, variables},
    routing::runner_on,
    until_aborted,
    ways::{Way, ensure_driver},
};
use crate::{
    error::Result,
    hop,
    ingest::routing::option,
    project::Project,
    semantic::{self, ExecuteRequest, Limits, QueryRequest, Source},
};
use napi::Env;
use napi_derive::napi;
use serde::Serialize;
use std::sync::Arc;

#[napi(js_name = "listKtxSemanticSources")]
pub fn list_ktx_semantic_sources(env: Env, options: JsRef) -> napi::Result<JsRef> {
    asynchronous(&env, options, move |options| async move {
        let id = options.string("connectionId")?;
        on_disk(&options, move |project| semantic::list(&project, id.as_deref())).await
    })
}

#[napi(js_name = "readKtxSemanticSource")]
pub fn read_ktx_semantic_source(env: Env, options: JsRef) -> napi::Result<JsRef> {
    asynchronous(&env, options, move |options| async move {
        let (id, name) = (options.required_string("connectionId")?, options.required_string("name")?);
        on_disk(&options, move |project| semantic::read(&project, &id, &name)).await
    })
}

#[napi(js_name = "writeKtxSemanticSource")]
pub fn write_ktx_semantic_source(env: Env, options: JsRef) -> napi::Result<JsRef> {
    asynchronous(&env, options, move |options| async move {
        let (id, source) = (options.required_string("connectionId")?, json(&options, "source")?);
        if !names_daemon(&options)? {
            return on_disk(&options, move |project| semantic::write(&project, &id, &Source::from_json(&source)?))
                .await;
        }
        let (project, source) = (Arc::new(load(&options).await?), Source::from_json(&source)?);
        let ways = Ways::read(&options)?;
        let writing = semantic::write_validated(&project, &id, source, ways.compute());
        JsRef::encode(&env, &until_aborted(options.signal()?, writing).await?)
    })
}

#[napi(js_name = "generateKtxSemanticSources")]
pub fn generate_ktx_semantic_sources(env: Env, options: JsRef) -> napi::Result<JsRef> {
    asynchronous(&env, options, move |options| async move {
        let (project, id) = (Arc::new(load(&options).await?), options.required_string("connectionId")?);
        let ways = Ways::read(&options)?;
        let generating = semantic::generate(&project, &id, ways.compute());
        JsRef::encode(&env, &until_aborted(options.signal()?, generating).await?)
    })
}

#[napi(js_name = "validateKtxSemanticSources")]
pub fn validate_ktx_semantic_sources(env: Env, options: JsRef) -> napi::Result<JsRef> {
    asynchronous(&env, options, move |options| async move {
        let (project, id) = (Arc::new(load(&options).await?), options.required_string("connectionId")?);
        let names = options.strings("names")?.unwrap_or_default();
        let ways = Ways::read(&options)?;
        let validating = semantic::validate(&project, &id, names, ways.compute());
        JsRef::encode(&env, &until_aborted(options.signal()?, validating).await?)
    })
}

#[napi(js_name = "runKtxSemanticQuery")]
pub fn run_ktx_semantic_query(env: Env, options: JsRef) -> napi::Result<JsRef> {
    asynchronous(&env, options, move |options| async move {
        let project = Arc::new(load(&options).await?);
        let how = ExecuteRequest { limits: limits(&options)?, env: variables(&options)? };
        let request = QueryRequest {
            connection_id: options.required_string("connectionId")?,
            query: json(&options, "query")?,
            execute: options.boolean("execute")?.unwrap_or(false).then_some(how),
        };
        let ways = Ways::read(&options)?;
        if request.execute.is_some() {
            settle_trust(&project, &request.connection_id, &options).await?;
            ensure_driver(&options, &project, &request.connection_id).await?;
        }
        let asking = semantic::query(&project, &request, ways.compute(), &ways.database);
        JsRef::encode(&env, &until_aborted(options.signal()?, asking).await?)
    })
}

#[napi(js_name = "executeKtxSql")]
pub fn execute_ktx_sql(env: Env, options: JsRef) -> napi::Result<JsRef> {
    asynchronous(&env, options, move |options| async move {
        let (project, id) = (Arc::new(load(&options).await?), options.required_string("connectionId")?);
        let (sql, limits) = (options.required_string("sql")?, limits(&options)?);
        let (variables, way) = (variables(&options)?, Way::to_introspection(&options)?);
        settle_trust(&project, &id, &options).await?;
        ensure_driver(&options, &project, &id).await?;
        let executing = semantic::execute(&project, &id, &sql, limits, &variables, &way);
        JsRef::encode(&env, &until_aborted(options.signal()?, executing).await?)
    })
}

/// Whether the host says how the daemon is reached.
fn names_daemon(options: &Options) -> Outcome<bool> {
    let keys = ["semanticComputeUrl", "databaseIntrospectionUrl", "databaseIntrospection", "managedDaemon"];
    keys.iter().try_fold(false, |found, key| Ok(found || options.raw(key)?.is_some()))
}

async fn on_disk<T: Serialize + Send + 'static>(
    options: &Options,
    work: impl FnOnce(Project) -> Result<T> + Send + 'static,
) -> Outcome<JsRef> {
    let project = load(options).await?;
    JsRef::encode(&options.env(), &hop::blocking(move || work(project)).await?)
}

/// An object, as JSON.
fn json(options: &Options, key: &str) -> Outcome<String> {
    let text = options.raw(key)?.map(|value| value.to_json()).transpose()?.flatten();
    text.filter(|text| text.starts_with('{')).ok_or_else(|| options.wrong(key, "an object"))
}

fn limits(options: &Options) -> Outcome<Limits> {
    Ok(Limits { max_rows: whole(options, "maxRows")?, max_bytes: whole(options, "maxBytes")? })
}

fn whole(options: &Options, key: &'static str) -> Outcome<Option<u64>> {
    match options.count(key)? {
        Some(count) if count < 1.0 || count.fract() != 0.0 => Err(options.wrong(key, "a whole number, 1 or more")),
        count => Ok(count.map(|count| count as u64)),
    }
}

/// The ways to the daemon: planning may have a URL of its own.
struct Ways {
    compute: Option<Way>,
    database: Way,
}

impl Ways {
    fn read(options: &Options) -> Outcome<Self> {
        let url = options.string("semanticComputeUrl")?;
        let compute = match option("semanticComputeUrl", url.as_deref())? {
            Some(route) => runner_on(options, &route)?.map(Way::Port),
            None => None,
        };
        Ok(Self { compute, database: Way::to_introspection(options)? })
    }

    fn compute(&self) -> &Way {
        self.compute.as_ref().unwrap_or(&self.database)
    }
}
