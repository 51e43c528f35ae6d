//! Exports that run a scan or an ingest.

use crate::{
    ingest::{IngestRequest, IngestResult, Progress, RunProgress, RunReport, ScanResult, ingest, scan},
    node::{
        abort::{abort_reason, until_aborted},
        embedder::LocalEmbedder,
        export::asynchronous,
        ingest::scan_request,
        js::{JsRef, Outcome},
        log,
        options::Options,
        ports::{Transport, ensure_driver},
        project::{confirm_trust, load, variables},
    },
    offload,
    project::{Adapter, Project},
    semantic::record_affected,
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
        let run = run_options(&options, adapter)?;
        let transport = Transport::for_adapter(adapter, &run)?;
        let source_dir = request.source_dir.clone();
        if source_dir.is_none() {
            confirm_trust(&project, &request.connection_id, &options).await?;
            if matches!(adapter, Adapter::LiveDatabase | Adapter::HistoricSql) {
                ensure_driver(&run, &project, &request.connection_id).await?;
            }
        }
        let on_progress = progress_callback(env, &options)?;
        let stop = abort_reason(options.signal()?)?;
        let report = ingest(&project, &request, &transport, Progress::new(&on_progress), stop).await;
        let report = with_affected(project.clone(), report).await;
        log::log_outcome(&options, "run.finished", &report, log_fields);
        let report = embed_changes(&options, project, report?, Progress::new(&on_progress)).await?;
        JsRef::encode(&env, &IngestResult::new(report, source_dir))
    })
}

#[napi(js_name = "runLocalScan")]
pub fn run_local_scan(env: Env, options: JsRef) -> napi::Result<JsRef> {
    asynchronous(&env, options, move |options| async move {
        let (project, request) = (Arc::new(load(&options).await?), scan_request(&options)?);
        confirm_trust(&project, &request.connection_id, &options).await?;
        let run = run_options(&options, Adapter::LiveDatabase)?;
        let transport = Transport::for_introspection(&run)?;
        ensure_driver(&run, &project, &request.connection_id).await?;
        let on_progress = progress_callback(env, &options)?;
        let stop = abort_reason(options.signal()?)?;
        let report = scan(&project, &request, &transport, Progress::new(&on_progress), stop).await;
        let report = with_affected(project.clone(), report).await;
        log::log_outcome(&options, "run.finished", &report, log_fields);
        let report = embed_changes(&options, project, report?, Progress::new(&on_progress)).await?;
        JsRef::encode(&env, &ScanResult::from(report))
    })
}

/// Adds what the changes of a successful run affect.
async fn with_affected<E>(project: Arc<Project>, report: Result<RunReport, E>) -> Result<RunReport, E> {
    let report = report?;
    Ok(offload::spawn_blocking(move || record_affected(&project, report)).await)
}

/// Computes the vectors of what a successful run has changed, for searches by meaning; the report that is returned, not the
/// recorded one, warns of a failure. Errors: the reason of the signal; the run is complete then, too.
async fn embed_changes(
    options: &Options,
    project: Arc<Project>,
    mut report: RunReport,
    progress: Progress<'_>,
) -> Outcome<RunReport> {
    if let Some(embedder) = LocalEmbedder::read(options).filter(|_| !report.dry_run) {
        let filling = async { Ok(embedder.fill_after_run(project, progress).await) };
        report.warnings.extend(until_aborted(options.signal()?, filling).await?);
    }
    Ok(report)
}

/// The log fields of a run, without names of tables or statements.
fn log_fields(report: &RunReport) -> Value {
    let RunReport { run_id, source, dry_run, diff_summary, .. } = report;
    json!({ "run_id": run_id, "source": source, "dry_run": dry_run, "diff": diff_summary })
}

fn ingest_request(options: &Options) -> Outcome<IngestRequest> {
    let source_dir = options.string("sourceDir")?.map(std::path::absolute).transpose();
    let source_dir: Option<PathBuf> = source_dir.map_err(|_| options.type_error("sourceDir", "a path"))?;
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

/// The options that determine the transport to the daemon: `pullConfigOptions`, or those that the adapter was created
/// with, or the options of the call.
fn run_options(options: &Options, adapter: Adapter) -> Outcome<Options> {
    if let Some(pull) = options.raw("pullConfigOptions")? {
        return with_call_options(options, pull, "options.pullConfigOptions");
    }
    if let Some(adapters) = options.raw("adapters")? {
        let count = adapters.to::<Array<'_>>().map_err(|_| options.type_error("adapters", "an array"))?.len();
        for index in 0..count {
            let entry = Options::new(adapters.get(&index.to_string())?, &format!("options.adapters[{index}]"))?;
            if entry.string("source")?.as_deref() == Some(adapter.name())
                && let Some(adapter_options) = entry.raw("options")?
            {
                return with_call_options(options, adapter_options, &format!("options.adapters[{index}].options"));
            }
        }
    }
    Ok(options.clone())
}

/// Adds `env`, `requestId`, `signal` and `trust` of the call to the options of an adapter, unless they are set there.
fn with_call_options(call: &Options, adapter_options: JsRef, name: &str) -> Outcome<Options> {
    let (env, options) = (call.env(), Options::new(adapter_options.clone(), name)?);
    let mut added = Vec::new();
    for key in ["env", "requestId", "signal", "trust"] {
        if let (Some(value), None) = (call.raw(key)?, options.raw(key)?) {
            added.push((key, value));
        }
    }
    if added.is_empty() {
        return Ok(options);
    }
    let parts = [JsRef::object(&env, &[])?, adapter_options, JsRef::object(&env, &added)?];
    Options::new(JsRef::global(&env)?.get("Object")?.method("assign", &parts)?, name)
}

/// Creates a function that calls `onProgress`, if it is set. Errors that the callback throws are ignored.
fn progress_callback(env: Env, options: &Options) -> Outcome<impl Fn(RunProgress)> {
    let on_progress = options.function("onProgress")?;
    Ok(move |progress: RunProgress| {
        if let Some(callback) = &on_progress {
            let _ = JsRef::encode(&env, &progress).and_then(|progress| callback.call(&[progress]));
        }
    })
}
