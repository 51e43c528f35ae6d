//! Exports that change and test connections of a project, and describe drivers.

use crate::{
    env::{Environment, KTX_TRUST},
    error::Error,
    ingest::{ConnectionTest, Depth, RunFailure, ScanRequest, correction, list_tables, test_connection},
    node::{
        abort::until_aborted,
        export::{asynchronous, sync},
        ingest::scan_request,
        js::{JsRef, Outcome},
        options::Options,
        ports::{Transport, ensure_driver, own_daemon},
        project::{confirm_trust, load, variables},
    },
    offload,
    project::{
        self, ChangeKind, ChangedProject, ConnectionChange, Project, ProjectView, dbt_profiles, drivers,
        parse_connection_keys,
    },
    redact::SecretText,
};
use napi::Env;
use napi_derive::napi;
use serde::Serialize;
use std::{collections::BTreeMap, path::PathBuf, sync::Arc};

#[napi(js_name = "describeKtxDrivers", catch_unwind)]
pub fn describe_ktx_drivers(env: Env) -> napi::Result<JsRef> {
    sync(&env, || JsRef::encode(&env, &drivers::describe()))
}

#[napi(js_name = "listKtxDbtProfiles")]
pub fn list_ktx_dbt_profiles(env: Env, options: JsRef) -> napi::Result<JsRef> {
    asynchronous(&env, options, move |options| async move {
        let variables = variables(&options)?;
        JsRef::encode(&env, &offload::spawn_blocking(move || dbt_profiles::list(&variables)).await?)
    })
}

#[napi(js_name = "addKtxConnection")]
pub fn add_ktx_connection(env: Env, options: JsRef) -> napi::Result<JsRef> {
    asynchronous(&env, options, move |options| change(env, options, ChangeKind::Add))
}

#[napi(js_name = "editKtxConnection")]
pub fn edit_ktx_connection(env: Env, options: JsRef) -> napi::Result<JsRef> {
    asynchronous(&env, options, move |options| change(env, options, ChangeKind::Edit))
}

#[napi(js_name = "removeKtxConnection")]
pub fn remove_ktx_connection(env: Env, options: JsRef) -> napi::Result<JsRef> {
    asynchronous(&env, options, move |options| async move {
        let (dir, id, variables) =
            (project_dir(&options)?, options.required_string("connectionId")?, variables(&options)?);
        let removing = move || {
            project::check_dir_owner(&dir, &variables)?;
            project::remove_connection(&dir, &id, &variables).map(|changed| Changed::new(id, changed, None))
        };
        JsRef::encode(&env, &offload::spawn_blocking(removing).await?)
    })
}

#[napi(js_name = "testKtxConnection")]
pub fn test_ktx_connection(env: Env, options: JsRef) -> napi::Result<JsRef> {
    asynchronous(&env, options, move |options| async move {
        let (project, request) = (Arc::new(load(&options).await?), scan_request(&options)?);
        JsRef::encode(&env, &test(&options, &project, &request).await?)
    })
}

#[napi(js_name = "listKtxDatabaseTables")]
pub fn list_ktx_database_tables(env: Env, options: JsRef) -> napi::Result<JsRef> {
    asynchronous(&env, options, move |options| async move {
        let (project, request) = (Arc::new(load(&options).await?), scan_request(&options)?);
        let runner = transport(&options, &project, &request).await?;
        let listing = list_tables(&project, &request, &runner);
        JsRef::encode(&env, &until_aborted(options.signal()?, listing).await?)
    })
}

/// Result of a change (`KtxConnectionChange`).
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Changed {
    connection_id: String,
    project: ProjectView,
    #[serde(skip_serializing_if = "Option::is_none")]
    test: Option<ConnectionTest>,
    stored_secrets: Vec<PathBuf>,
    removed_secrets: Vec<PathBuf>,
}

impl Changed {
    fn new(connection_id: String, changed: ChangedProject, test: Option<ConnectionTest>) -> Self {
        let ChangedProject { project, stored: stored_secrets, removed: removed_secrets } = changed;
        Self { connection_id, project: project.view(), test, stored_secrets, removed_secrets }
    }
}

/// Prepares a change, tests the connection if `test` is set, and writes the change.
async fn change(env: Env, options: Options, kind: ChangeKind) -> Outcome<JsRef> {
    let (dir, id, variables) = (project_dir(&options)?, options.required_string("connectionId")?, variables(&options)?);
    let (change, name, preparing) = (read_change(&options)?, id.clone(), variables.clone());
    let prepare = move || {
        project::check_dir_owner(&dir, &preparing)?;
        project::prepare(&dir, &name, kind, change, &preparing)
    };
    let prepared = offload::spawn_blocking(prepare).await?;
    let test = match options.boolean("test")? {
        Some(true) => Some(test_prepared(&options, &id, kind, &prepared.project).await?),
        _ => None,
    };
    let committing = move || prepared.commit(&variables).map(|changed| Changed::new(id, changed, test));
    JsRef::encode(&env, &offload::spawn_blocking(committing).await?)
}

async fn test_prepared(options: &Options, id: &str, kind: ChangeKind, project: &Project) -> Outcome<ConnectionTest> {
    let mut env = variables(options)?;
    // The caller names the references of a new connection, so that they need no further consent.
    if kind == ChangeKind::Add && env.get(KTX_TRUST) != Some("never") {
        env = env.with(KTX_TRUST, "1");
    }
    let request = ScanRequest { connection_id: id.to_owned(), env, ..ScanRequest::default() };
    let tested = Box::pin(test(options, &Arc::new(project.clone()), &request)).await;
    match kind {
        ChangeKind::Add => tested.map_err(|failure| failure.map_core_error(suggest_adding_again)),
        ChangeKind::Edit => tested,
    }
}

/// Replaces the hint to edit a connection, as a new one is not written after a failed test.
fn suggest_adding_again(error: Error) -> Error {
    match correction(&error) {
        Some(correction) => error.with_hint(format!("{correction}, then add the connection again")),
        None => error,
    }
}

async fn test(options: &Options, project: &Arc<Project>, request: &ScanRequest) -> Outcome<ConnectionTest> {
    let runner = transport(options, project, request).await?;
    // Another daemon may be of an earlier version.
    let depth = if own_daemon(options)?.is_some() { Depth::Names } else { Depth::Columns };
    until_aborted(options.signal()?, test_connection(project, request, depth, &runner)).await
}

/// Returns the transport to the database of a connection, after the consent to its references and the installation of its
/// driver.
async fn transport(options: &Options, project: &Arc<Project>, request: &ScanRequest) -> Outcome<Transport> {
    let runner = Transport::for_introspection(options)?;
    if needs_consent(&request.env) {
        confirm_trust(project, &request.connection_id, options).await?;
    }
    ensure_driver(options, project, &request.connection_id).await?;
    Ok(runner)
}

fn needs_consent(env: &Environment) -> bool {
    env.get(KTX_TRUST) != Some("1")
}

fn read_change(options: &Options) -> Outcome<ConnectionChange> {
    let set = match options.object("connection")? {
        Some(_) => parse_connection_keys("options.connection", &options.required_json("connection")?)?,
        None => Default::default(),
    };
    let wrong_secrets = || options.type_error("secrets", "an object of strings");
    let secrets = match options.raw("secrets")? {
        Some(secrets) => secrets.decode::<BTreeMap<String, String>>()?.map_err(|_| wrong_secrets())?,
        None => BTreeMap::new(),
    };
    Ok(ConnectionChange {
        set,
        unset: options.strings("unset")?.unwrap_or_default(),
        secrets: secrets.into_iter().map(|(key, secret)| (key, SecretText::new(secret))).collect(),
        store_secrets: options.boolean("storeSecrets")?.unwrap_or(false),
    })
}

fn project_dir(options: &Options) -> Outcome<PathBuf> {
    options.required_path("projectDir")
}
