//! Runs: scans and ingests of any adapter.

use crate::{
    ingest::{IngestRequest, IngestResult, Progress, RunProgress, RunReport, ScanResult, ingest, scan},
    node::{
        abort::reason_of,
        export::asynchronous,
        ingest::scan_request,
        js::{JsRef, Outcome},
        log,
        options::Options,
        ports::{Transport, ensure_driver},
        project::{load, settle_trust, variables},
    },
    project::Adapter,
};
use napi::{Env, bindgen_prelude::Array};
use napi_derive::napi;
use serde_json::{Value, json};
use std::{path::PathBuf, sync::Arc};

#[napi(js_name = "runLocalIngest")]
pub fn run_local_ingest(env: Env, options: JsRef) -> napi::Result<JsRef> {
    asynchronous(&env, options, move |options| async move {
        let request = ingest_request(&options)?;
        let adapter = Adapter::from_name(&request.adapter)?;
        let project = Arc::new(load(&options).await?);
        let run = options_of_run(&options, adapter)?;
        let transport = Transport::of(adapter, &run)?;
        if matches!(adapter, Adapter::LiveDatabase) {
            ensure_driver(&run, &project, &request.connection_id).await?;
        }
        let source_dir = request.source_dir.clone();
        if source_dir.is_none() {
            settle_trust(&project, &request.connection_id, &options).await?;
        }
        let on_progress = progress_callback(env, &options)?;
        let stop = reason_of(options.signal()?)?;
        let report = ingest(&project, &request, &transport, Progress::new(&on_progress), stop).await;
        log::finished(&options, "run.finished", &report, summary);
        JsRef::encode(&env, &IngestResult::new(report?, source_dir))
    })
}

#[napi(js_name = "runLocalScan")]
pub fn run_local_scan(env: Env, options: JsRef) -> napi::Result<JsRef> {
    asynchronous(&env, options, move |options| async move {
        let (project, request) = (Arc::new(load(&options).await?), scan_request(&options)?);
        settle_trust(&project, &request.connection_id, &options).await?;
        let run = options_of_run(&options, Adapter::LiveDatabase)?;
        let transport = Transport::to_introspection(&run)?;
        ensure_driver(&run, &project, &request.connection_id).await?;
        let on_progress = progress_callback(env, &options)?;
        let stop = reason_of(options.signal()?)?;
        let report = scan(&project, &request, &transport, Progress::new(&on_progress), stop).await;
        log::finished(&options, "run.finished", &report, summary);
        JsRef::encode(&env, &ScanResult::from(report?))
    })
}

/// What the log says of a run: no name of a table or a statement.
fn summary(report: &RunReport) -> Value {
    let RunReport { run_id, source, dry_run, diff_summary, .. } = report;
    json!({ "run_id": run_id, "source": source, "dry_run": dry_run, "diff": diff_summary })
}

fn ingest_request(options: &Options) -> Outcome<IngestRequest> {
    let source_dir = options.string("sourceDir")?.map(std::path::absolute).transpose();
    let source_dir: Option<PathBuf> = source_dir.map_err(|_| options.wrong("sourceDir", "a path"))?;
    Ok(IngestRequest {
        connection_id: options.required_string("connectionId")?,
        adapter: options.required_string("adapter")?,
        source_dir,
        dry_run: options.boolean("dryRun")?.unwrap_or(false),
        job_id: options.string("jobId")?,
        trigger: options.string("trigger")?,
        env: variables(options)?,
    })
}

/// What decides the transport to the daemon: `pullConfigOptions`, else what the adapter was made with, else the options of
/// the run themselves.
fn options_of_run(options: &Options, adapter: Adapter) -> Outcome<Options> {
    if let Some(pull) = options.raw("pullConfigOptions")? {
        return for_run(options, pull, "options.pullConfigOptions");
    }
    if let Some(adapters) = options.raw("adapters")? {
        let count = adapters.to::<Array<'_>>().map_err(|_| options.wrong("adapters", "an array"))?.len();
        for index in 0..count {
            let made = Options::of(adapters.get(&index.to_string())?, &format!("options.adapters[{index}]"))?;
            if made.string("source")?.as_deref() == Some(adapter.name())
                && let Some(given) = made.raw("options")?
            {
                return for_run(options, given, &format!("options.adapters[{index}].options"));
            }
        }
    }
    Ok(options.clone())
}

/// The given options with what holds for the whole run: its variables, its request id and its signal.
fn for_run(options: &Options, given: JsRef, name: &str) -> Outcome<Options> {
    let (env, own) = (options.env(), Options::of(given.clone(), name)?);
    let mut of_run = Vec::new();
    for key in ["env", "requestId", "signal"] {
        if let (Some(value), None) = (options.raw(key)?, own.raw(key)?) {
            of_run.push((key, value));
        }
    }
    if of_run.is_empty() {
        return Ok(own);
    }
    let parts = [JsRef::object(&env, &[])?, given, JsRef::object(&env, &of_run)?];
    Options::of(JsRef::global(&env)?.get("Object")?.method("assign", &parts)?, name)
}

/// Calls `onProgress`, if there is one; what it throws must not end a run.
fn progress_callback(env: Env, options: &Options) -> Outcome<impl Fn(RunProgress)> {
    let on_progress = options.function("onProgress")?;
    Ok(move |progress: RunProgress| {
        if let Some(callback) = &on_progress {
            let _ = JsRef::encode(&env, &progress).and_then(|progress| callback.call(&[progress]));
        }
    })
}
