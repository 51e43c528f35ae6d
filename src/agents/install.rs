//! Connecting clients.

use super::{
    change::{Change, Part},
    client::Client,
    location::{Folders, Scope},
    manifest::Manifest,
    place::{Place, invalid},
    plan::Step,
    request::Request,
};
use crate::{
    env::Environment,
    error::{Code, Error, Result},
};
use serde::Serialize;
use std::path::{Path, PathBuf};

/// What was done to a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum FileStatus {
    /// The file is new.
    Created,
    /// Our part was added to it or replaced in it.
    Changed,
    /// It was as it should be.
    Unchanged,
    /// The file was removed.
    Removed,
    /// Our part was removed from it.
    Restored,
    /// It was edited since, and left as it is.
    Kept,
}

/// One file of a client.
#[derive(Debug, Clone, Serialize)]
pub struct FileChange {
    /// The client that reads it.
    pub client: Client,
    /// Its path.
    pub path: PathBuf,
    /// What was done.
    pub status: FileStatus,
}

/// The result of [`install`].
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Installed {
    /// The project that is served.
    pub project_dir: PathBuf,
    /// The folder that agents work in.
    pub workspace_dir: PathBuf,
    /// For one folder or for all.
    pub scope: Scope,
    /// The files of each client, in the order of the request.
    pub files: Vec<FileChange>,
}

/// Writes what each client reads; with `execute_queries`, the server may run queries. Nothing is written where one file
/// cannot be; a kill at any point leaves what the next call completes or removes.
///
/// Errors: [`Code::AgentUnsupported`] for a client that reads no servers in this scope, [`Code::AgentConflict`] for an
/// entry or a file of others, [`Code::AgentFileInvalid`], [`Code::ProjectUnsafe`], [`Code::FileIo`].
pub fn install(request: &Request, execute_queries: bool, env: &Environment) -> Result<Installed> {
    let folders = Folders::new(&request.workspace_dir, env)?;
    let mut manifest = Manifest::open(request.scope, &request.project_dir, env)?;
    let mut writes = Writes::default();
    for client in &request.clients {
        for step in steps(*client, request, execute_queries, &folders)? {
            writes.add(*client, &step, request, &manifest.changes)?;
        }
    }
    if !request.dry_run {
        writes.carry_out(&mut manifest)?;
    }
    Ok(Installed {
        project_dir: request.project_dir.clone(),
        workspace_dir: request.workspace_dir.clone(),
        scope: request.scope,
        files: writes.files,
    })
}

fn steps(client: Client, request: &Request, execute_queries: bool, folders: &Folders) -> Result<Vec<Step>> {
    let steps = Step::all(client, request.scope, folders, request.server(execute_queries));
    if steps.is_empty() {
        let message = format!("{} reads servers of the user alone, not of one folder", client.title());
        let command = format!("Run: ktx agents install --client {} --global", client.name());
        return Err(Error::new(Code::AgentUnsupported, message).with_hint(command));
    }
    Ok(steps)
}

/// The files that are going to be written; several clients may share one.
#[derive(Debug, Default)]
struct Writes {
    files: Vec<FileChange>,
    pending: Vec<Pending>,
}

#[derive(Debug)]
struct Pending {
    place: Place,
    change: Change,
    /// `None` where the file is right already.
    text: Option<String>,
}

impl Writes {
    fn add(&mut self, client: Client, step: &Step, request: &Request, known: &[Change]) -> Result<()> {
        if let Some(shared) = self.pending.iter_mut().find(|pending| step.is_made_by(&pending.change)) {
            shared.change.clients.insert(client);
            return Ok(());
        }
        let place = Place::new(&step.path, request.scope, &request.workspace_dir)?;
        let text = place.read()?;
        let earlier = known.iter().find(|change| step.is_made_by(change));
        let fail = |reason: String| invalid(&step.path, &reason);
        let original = match (earlier, &text) {
            (Some(change), Some(text)) if !change.is_edited(text) => change.undone(text).map_err(fail)?,
            _ => text.clone(),
        };
        let before = original.as_deref().unwrap_or_default();
        if !request.force && step.conflicts(before).map_err(fail)? {
            return Err(conflict(client, step));
        }
        let after = step.applied(before).map_err(fail)?;
        let mut change = Change::new(step.path.clone(), step.part.clone(), original.as_deref(), &after);
        change.clients = earlier.map(|earlier| earlier.clients.clone()).unwrap_or_default();
        change.clients.insert(client);
        change.created_folders =
            earlier.map_or_else(|| place.missing_folders(), |earlier| earlier.created_folders.clone());
        let is_written = text.as_deref() == Some(after.as_str());
        let status = match text {
            _ if is_written => FileStatus::Unchanged,
            None => FileStatus::Created,
            Some(_) => FileStatus::Changed,
        };
        self.files.push(FileChange { client, path: step.path.clone(), status });
        self.pending.push(Pending { place, change, text: (!is_written).then_some(after) });
        Ok(())
    }

    /// The manifest comes first: what it names and is not there is no error when it is removed.
    fn carry_out(&self, manifest: &mut Manifest) -> Result<()> {
        for Pending { change, .. } in &self.pending {
            manifest.changes.retain(|known| (&known.path, &known.part) != (&change.path, &change.part));
            manifest.changes.push(change.clone());
        }
        manifest.write()?;
        for Pending { place, text, .. } in &self.pending {
            if let Some(text) = text {
                place.write(text)?;
            }
        }
        Ok(())
    }
}

fn conflict(client: Client, step: &Step) -> Error {
    let path = step.path.display();
    let message = match &step.part {
        Part::Entry { name, .. } => format!("{path} has another server {name} already"),
        _ => format!("{path} is there already and says something else"),
    };
    let other = match step.part {
        Part::Entry { .. } => "choose another name with --name, ",
        _ => "",
    };
    let command = format!("ktx agents install --client {} --force", client.name());
    Error::new(Code::AgentConflict, message).with_hint(format!("Remove it, {other}or replace it with: {command}"))
}

/// The folder that agents work in where none is named: the nearest one from the project upwards that version control
/// has its root in, else the project.
pub fn workspace_of(project_dir: &Path) -> PathBuf {
    let root = project_dir.ancestors().find(|folder| folder.join(".git").exists());
    root.unwrap_or(project_dir).to_owned()
}
