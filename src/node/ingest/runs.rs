//! Exports that list and read recorded runs, and remove the files of old scans.

use crate::{
    error::Result,
    ingest::{
        PruneRequest, apply_policies, prune_scans,
        store::{RunFilter, list_runs, read_run},
    },
    node::{
        export::asynchronous,
        js::JsRef,
        project::{load, variables},
    },
    offload, project,
};
use napi::Env;
use napi_derive::napi;

#[napi(js_name = "listKtxRuns")]
pub fn list_ktx_runs(env: Env, options: JsRef) -> napi::Result<JsRef> {
    asynchronous(&env, options, move |options| async move {
        let dir = options.required_path("projectDir")?;
        let limit = options.count("limit")?.map(|limit| limit as u32);
        let filter =
            RunFilter { connection_id: options.string("connectionId")?, source: options.string("source")?, limit };
        let variables = variables(&options)?;
        let listing = move || -> Result<_> {
            project::check_dir_owner(dir.as_ref(), &variables)?;
            let mut runs = list_runs(dir.as_ref(), &filter)?;
            apply_policies(dir.as_ref(), &mut runs)?;
            Ok(runs)
        };
        let runs = offload::spawn_blocking(listing).await?;
        JsRef::encode(&env, &runs)
    })
}

#[napi(js_name = "pruneKtxScans")]
pub fn prune_ktx_scans(env: Env, options: JsRef) -> napi::Result<JsRef> {
    asynchronous(&env, options, move |options| async move {
        let keep = options.count("keep")?.filter(|keep| *keep >= 1.0);
        let request = PruneRequest {
            connection_id: options.string("connectionId")?,
            keep: keep.ok_or_else(|| options.type_error("keep", "a number of at least 1"))? as usize,
            dry_run: options.boolean("dryRun")?.unwrap_or(false),
        };
        let project = load(&options).await?;
        JsRef::encode(&env, &offload::spawn_blocking(move || prune_scans(&project, &request)).await?)
    })
}

#[napi(js_name = "readKtxRun")]
pub fn read_ktx_run(env: Env, options: JsRef) -> napi::Result<JsRef> {
    asynchronous(&env, options, move |options| async move {
        let (dir, id) = (options.required_path("projectDir")?, options.required_string("runId")?);
        let (source, variables) = (options.string("source")?, variables(&options)?);
        let reading = move || -> Result<_> {
            project::check_dir_owner(dir.as_ref(), &variables)?;
            let mut run = read_run(dir.as_ref(), &id, source.as_deref())?;
            apply_policies(dir.as_ref(), std::slice::from_mut(&mut run))?;
            Ok(run)
        };
        JsRef::encode(&env, &offload::spawn_blocking(reading).await?)
    })
}
