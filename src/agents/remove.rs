//! Disconnecting clients.

use super::{
    change::Change,
    client::Client,
    install::{FileChange, FileStatus},
    location::{Folders, Scope},
    manifest::Manifest,
    place::{Place, invalid},
    plan::Step,
    request::Request,
};
use crate::{env::Environment, error::Result};
use serde::Serialize;

/// The result of [`remove`].
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Removed {
    /// For one folder or for all.
    pub scope: Scope,
    /// Files that had something of ours.
    pub files: Vec<FileChange>,
}

/// Undoes what [`super::install`] wrote, to the byte where a file was not changed since. Without a record, as in another
/// clone of a repository, entries that are exactly ours are recognised.
///
/// Errors: those of installing.
pub fn remove(request: &Request, env: &Environment) -> Result<Removed> {
    let folders = Folders::new(&request.workspace_dir, env)?;
    let mut manifest = Manifest::open(request.scope, &request.project_dir, env)?;
    let mut files = Vec::new();
    for client in &request.clients {
        adopt(*client, request, &folders, &mut manifest)?;
        let mut rest = Vec::new();
        for mut change in std::mem::take(&mut manifest.changes) {
            if !is_requested(&change, *client, request) {
                rest.push(change);
                continue;
            }
            change.clients.remove(client);
            if !change.clients.is_empty() {
                rest.push(change);
            } else if let Some(file) = undo(&change, *client, request)? {
                if file.status == FileStatus::Kept {
                    change.clients.insert(*client);
                    rest.push(change);
                }
                files.push(file);
            }
        }
        manifest.changes = rest;
    }
    if !request.dry_run {
        manifest.write()?;
    }
    Ok(Removed { scope: request.scope, files })
}

fn is_requested(change: &Change, client: Client, request: &Request) -> bool {
    let is_here = request.scope == Scope::Global || change.path.starts_with(&request.workspace_dir);
    is_here && change.belongs_to(client, &request.server_name)
}

/// Records what is exactly as an installation writes it and that the manifest does not know.
fn adopt(client: Client, request: &Request, folders: &Folders, manifest: &mut Manifest) -> Result<()> {
    for execute_queries in [false, true] {
        for step in Step::all(client, request.scope, folders, request.server(execute_queries)) {
            if manifest.changes.iter().any(|change| step.is_made_by(change)) {
                continue;
            }
            let place = Place::new(&step.path, request.scope, &request.workspace_dir)?;
            let Some(text) = place.read()? else { continue };
            if step.applied(&text).is_ok_and(|applied| applied == text) {
                let mut change = Change::new(step.path.clone(), step.part.clone(), Some(&text), &text);
                change.adopted(client);
                manifest.changes.push(change);
            }
        }
    }
    Ok(())
}

/// `None` where the file has nothing of ours any more.
fn undo(change: &Change, client: Client, request: &Request) -> Result<Option<FileChange>> {
    let place = Place::new(&change.path, request.scope, &request.workspace_dir)?;
    let result = |status| Ok(Some(FileChange { client, path: change.path.clone(), status }));
    let Some(text) = place.read()? else {
        if !request.dry_run {
            place.remove_empty(&change.created_folders);
        }
        return Ok(None);
    };
    if change.is_edited(&text) && !request.force {
        return result(FileStatus::Kept);
    }
    match change.undone(&text).map_err(|reason| invalid(&change.path, &reason))? {
        Some(restored) if restored == text => Ok(None),
        Some(restored) => {
            if !request.dry_run {
                place.write(&restored)?;
            }
            result(FileStatus::Restored)
        }
        None => {
            if !request.dry_run {
                place.remove(&change.created_folders)?;
            }
            result(FileStatus::Removed)
        }
    }
}
