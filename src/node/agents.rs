//! Connecting the clients of agents.

use crate::{
    agents::{self, Client, DEFAULT_SERVER_NAME, Request, Scope},
    node::{
        export::asynchronous,
        js::{JsRef, Outcome},
        options::Options,
        project::variables,
    },
    offload,
    project::{self, Project},
};
use napi::Env;
use napi_derive::napi;
use std::path::PathBuf;

#[napi(js_name = "installKtxAgents")]
pub fn install_ktx_agents(env: Env, options: JsRef) -> napi::Result<JsRef> {
    asynchronous(&env, options, move |options| async move {
        let (request, project) = request(&options).await?;
        let request = Request { variables: project.variables()?, ..request };
        let execute_queries = options.boolean("executeQueries")?.unwrap_or(false);
        let variables = variables(&options)?;
        let installing = move || agents::install(&request, execute_queries, &variables);
        JsRef::encode(&env, &offload::spawn_blocking(installing).await?)
    })
}

#[napi(js_name = "listKtxAgents")]
pub fn list_ktx_agents(env: Env, options: JsRef) -> napi::Result<JsRef> {
    asynchronous(&env, options, move |options| async move {
        let Target { project, workspace_dir, server_name } = target(&options).await?;
        let variables = variables(&options)?;
        let listing = move || agents::list(&project.dir, &workspace_dir, &server_name, &variables);
        JsRef::encode(&env, &offload::spawn_blocking(listing).await?)
    })
}

#[napi(js_name = "removeKtxAgents")]
pub fn remove_ktx_agents(env: Env, options: JsRef) -> napi::Result<JsRef> {
    asynchronous(&env, options, move |options| async move {
        let (request, _) = request(&options).await?;
        let variables = variables(&options)?;
        JsRef::encode(&env, &offload::spawn_blocking(move || agents::remove(&request, &variables)).await?)
    })
}

async fn request(options: &Options) -> Outcome<(Request, Project)> {
    let Target { project, workspace_dir, server_name } = target(options).await?;
    let request = Request {
        project_dir: project.dir.clone(),
        workspace_dir,
        clients: clients(options)?,
        scope: scope(options)?,
        server_name,
        environment: options.string("environment")?.filter(|name| !name.is_empty()),
        variables: Vec::new(),
        force: options.boolean("force")?.unwrap_or(false),
        dry_run: options.boolean("dryRun")?.unwrap_or(false),
    };
    Ok((request, project))
}

/// What every call names.
struct Target {
    project: Project,
    workspace_dir: PathBuf,
    server_name: String,
}

async fn target(options: &Options) -> Outcome<Target> {
    let dir = options.required_path("projectDir")?;
    let project = offload::spawn_blocking(move || project::load(&dir)).await?;
    let workspace_dir = match options.raw("workspaceDir")? {
        Some(_) => options.required_path("workspaceDir")?,
        None => agents::workspace_of(&project.dir),
    };
    let server_name = options.string("serverName")?.unwrap_or_else(|| DEFAULT_SERVER_NAME.to_owned());
    let is_plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_');
    if server_name.is_empty() || server_name.len() > 64 || !server_name.chars().all(is_plain) {
        return Err(options.type_error("serverName", "1 to 64 letters, digits, '_' or '-'"));
    }
    Ok(Target { project, workspace_dir, server_name })
}

fn clients(options: &Options) -> Outcome<Vec<Client>> {
    let known = || format!("an array of {}", Client::ALL.map(Client::name).join(", "));
    let names = options.strings("clients")?.ok_or_else(|| options.type_error("clients", &known()))?;
    let clients = names.iter().map(|name| Client::parse(name)).collect::<Option<Vec<_>>>();
    clients.ok_or_else(|| options.type_error("clients", &known()))
}

fn scope(options: &Options) -> Outcome<Scope> {
    match options.string("scope")?.as_deref() {
        None | Some("project") => Ok(Scope::Project),
        Some("global") => Ok(Scope::Global),
        Some(_) => Err(options.type_error("scope", "'project' or 'global'")),
    }
}
