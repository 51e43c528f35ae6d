//! Which clients there are, and which of them are connected.

use super::{
    change::Change,
    client::Client,
    document,
    location::{Folders, Scope, server_file},
    manifest,
    place::Place,
};
use crate::{env::Environment, error::Result};
use serde::Serialize;
use std::path::{Path, PathBuf};

/// One client.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ClientStatus {
    /// Its name.
    pub client: Client,
    /// The name of the product.
    pub title: &'static str,
    /// Whether it seems to be installed: its folder or its executable is there.
    pub detected: bool,
    /// Where the server is written.
    pub installations: Vec<Installation>,
}

/// A server in a file of a client.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Installation {
    /// For one folder or for all.
    pub scope: Scope,
    /// The file.
    pub path: PathBuf,
    /// The name of the server.
    pub server_name: String,
    /// Every file that the installation wrote; the first one alone where there is no record of it.
    pub files: Vec<PathBuf>,
}

/// Every client. A file that cannot be read counts as one without the server.
pub fn list(project_dir: &Path, workspace: &Path, server_name: &str, env: &Environment) -> Result<Vec<ClientStatus>> {
    let folders = Folders::new(workspace, env)?;
    let mut found = Vec::new();
    for client in Client::ALL {
        let mut installations = Vec::new();
        for scope in [Scope::Project, Scope::Global] {
            let changes = manifest::changes(scope, project_dir, env)?;
            installations.extend(installation(client, scope, &folders, server_name, &changes));
        }
        let detected = is_detected(client, &folders, env);
        found.push(ClientStatus { client, title: client.title(), detected, installations });
    }
    Ok(found)
}

fn installation(
    client: Client,
    scope: Scope,
    folders: &Folders,
    server_name: &str,
    changes: &[Change],
) -> Option<Installation> {
    let file = server_file(client, scope, folders)?;
    let place = Place::new(&file.path, scope, &folders.workspace).ok()?;
    let text = place.read().ok()??;
    document::get(file.syntax, &text, file.key, server_name).ok()??;
    let of_server = changes.iter().filter(|change| change.belongs_to(client, server_name));
    let mut files: Vec<_> = of_server.map(|change| change.path.clone()).collect();
    if files.is_empty() {
        files.push(file.path.clone());
    }
    Some(Installation { scope, path: file.path, server_name: server_name.to_owned(), files })
}

fn is_detected(client: Client, folders: &Folders, env: &Environment) -> bool {
    let has_folder = folders.traces(client).iter().any(|folder| folder.is_dir());
    has_folder || client.executable().is_some_and(|name| is_on_path(name, env))
}

fn is_on_path(name: &str, env: &Environment) -> bool {
    let Some(path) = env.get("PATH") else { return false };
    which::which_in_global(name, Some(path)).is_ok_and(|mut found| found.next().is_some())
}
