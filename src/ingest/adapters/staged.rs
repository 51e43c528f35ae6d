//! A source from a folder that was staged before: the sync of another machine, or an earlier one of this project.
//!
//! The folder looks like one below `raw-sources/<connection>/<source>/`. Only its JSON files are read, and nothing that
//! a link in it leads to elsewhere.

use super::SourceAdapter;
use crate::{
    error::{Code, Error, Result},
    ingest::{
        entity::{Attachment, Entity, Pulled},
        progress::{Phase, Progress},
    },
    offload,
    project::{Adapter, format},
};
use serde::Deserialize;
use std::{
    fs,
    path::{Path, PathBuf},
};

/// How the sync of a source looks on disk.
#[derive(Clone, Copy)]
pub(super) struct Shape {
    /// Folders of entities.
    pub(super) folders: &'static [&'static str],
    /// Files beside them.
    pub(super) attachments: &'static [&'static str],
    /// Makes entities of files.
    pub(super) entities: fn(&StagedFolder) -> Result<Vec<Entity>>,
}

/// What was read of the folder.
pub(super) struct StagedFolder {
    root: PathBuf,
    /// Its entities, in the order of their paths.
    pub(super) files: Vec<StagedFile>,
}

/// A file of an entity.
pub(super) struct StagedFile {
    path: PathBuf,
    /// Folder that it is in.
    pub(super) folder: &'static str,
    text: String,
}

impl StagedFolder {
    /// The error for an entity that two files hold.
    pub(super) fn twice(&self, name: &str) -> Error {
        invalid(format!("The folder {} holds {name} twice", self.root.display()))
            .with_hint("Remove one of the two files")
    }
}

impl StagedFile {
    /// The JSON of the file. Errors: [`Code::SourceDirInvalid`] names the file and what is wrong in it.
    pub(super) fn parse<'a, T: Deserialize<'a>>(&'a self) -> Result<T> {
        serde_json::from_str(&self.text).map_err(|error| {
            invalid(format!("{} is no file that this source stages: {error}", self.path.display())).caused_by(error)
        })
    }
}

/// The folder as a source.
pub struct Staged {
    adapter: Adapter,
    shape: Shape,
    dir: PathBuf,
}

impl Staged {
    /// Looks at the folder, before a run begins. Blocks.
    ///
    /// Errors: [`Code::SourceDirInvalid`] where it is not there or is none of the source's.
    pub(super) fn open(adapter: Adapter, shape: Shape, dir: &Path) -> Result<Self> {
        let root = fs::canonicalize(dir).map_err(|error| {
            let text = format!("The folder {} cannot be read: {error}", dir.display());
            invalid(text).with_hint("Choose a folder that exists").caused_by(error)
        })?;
        let folders = shape.folders;
        if !folders.iter().any(|folder| root.join(folder).is_dir()) {
            return Err(invalid(format!(
                "{} is no folder that {} stages: it has none of the folders {}",
                dir.display(),
                adapter.name(),
                folders.join(", ")
            )));
        }
        Ok(Self { adapter, shape, dir: root })
    }
}

impl SourceAdapter for Staged {
    type Error = Error;

    fn source(&self) -> &'static str {
        self.adapter.name()
    }

    async fn fetch(&self, progress: Progress<'_>) -> Result<Pulled> {
        progress.tell(Phase::Fetch, format!("Reading {}", self.dir.display()));
        let (shape, dir) = (self.shape, self.dir.clone());
        let pulled = offload::spawn_blocking(move || read(shape, dir)).await?;
        progress.tell(Phase::Fetch, format!("Read {} files", pulled.entities.len()));
        Ok(pulled)
    }

    fn scrubbed(&self, error: &Error) -> String {
        error.with_hint_text()
    }
}

/// The entities of a folder that was staged before. Blocks.
pub(super) fn entities_in(shape: Shape, dir: &Path) -> Result<Vec<Entity>> {
    let root = fs::canonicalize(dir).map_err(|error| Error::io("read", dir, error))?;
    Ok(read(shape, root)?.entities)
}

fn read(shape: Shape, root: PathBuf) -> Result<Pulled> {
    let mut files = Vec::new();
    for folder in shape.folders {
        files.extend(files_in(&root, folder)?);
    }
    let mut attachments = Vec::new();
    for file in shape.attachments {
        if root.join(file).exists() {
            attachments.push(Attachment { file, text: text_of(&root, &root.join(file))? });
        }
    }
    let folder = StagedFolder { root, files };
    let mut entities = (shape.entities)(&folder)?;
    entities.sort_by(|left, right| left.name.cmp(&right.name));
    if let Some(pair) = entities.windows(2).find(|pair| pair[0].name == pair[1].name) {
        return Err(folder.twice(&pair[0].name));
    }
    let empty = format!("No entities were found in {}", folder.root.display());
    let warnings = if entities.is_empty() { vec![empty] } else { Vec::new() };
    Ok(Pulled { entities, attachments, warnings, baseline: None })
}

fn files_in(root: &Path, folder: &'static str) -> Result<Vec<StagedFile>> {
    let path = root.join(folder);
    if !path.exists() {
        return Ok(Vec::new());
    }
    stays_inside(root, &path)?;
    let entries = fs::read_dir(&path).map_err(|error| Error::io("read", &path, error))?;
    let mut paths: Vec<_> = entries
        .map(|entry| entry.map(|entry| entry.path()))
        .collect::<Result<_, _>>()
        .map_err(|error| Error::io("read", &path, error))?;
    paths.retain(|path| path.extension().is_some_and(|extension| extension == "json"));
    paths.sort();
    paths.into_iter().map(|path| Ok(StagedFile { text: text_of(root, &path)?, folder, path })).collect()
}

fn text_of(root: &Path, path: &Path) -> Result<String> {
    stays_inside(root, path)?;
    if !path.is_file() {
        return Err(invalid(format!("{} is not a file", path.display())).with_hint("Remove it"));
    }
    let bytes = fs::read(path).map_err(|error| Error::io("read", path, error))?;
    let text = String::from_utf8(bytes).map_err(|_| invalid(format!("{} is not UTF-8 text", path.display())))?;
    format::check_json(&path.display().to_string(), &text)?;
    Ok(text)
}

fn stays_inside(root: &Path, path: &Path) -> Result<()> {
    match fs::canonicalize(path) {
        Ok(real) if real.starts_with(root) => Ok(()),
        Ok(_) => Err(invalid(format!("{} is a link that leads out of the folder", path.display()))
            .with_hint("Replace it by what it leads to")),
        Err(error) => {
            let message = format!("{} leads nowhere: {error}", path.display());
            Err(invalid(message).with_hint("Remove it").caused_by(error))
        }
    }
}

fn invalid(message: String) -> Error {
    Error::new(Code::SourceDirInvalid, message)
}
