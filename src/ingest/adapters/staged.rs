//! A staged folder as a source: the sync of another machine, or an earlier one of this project.
//!
//! The folder has the layout of `raw-sources/<connection>/<source>/<syncId>/`. Only its JSON files are read, and links
//! that lead out of it are rejected.

use super::SourceAdapter;
use crate::{
    error::{Code, Error, Result},
    ingest::{
        entity::{Attachment, Entity, PullResult},
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

/// Layout of the staged syncs of a source.
#[derive(Clone, Copy)]
pub(super) struct StagedLayout {
    /// Folders of entities.
    pub(super) folders: &'static [&'static str],
    /// Files of attachments.
    pub(super) attachments: &'static [&'static str],
    /// Parses the files of entities.
    pub(super) parse_entities: fn(&StagedFolder) -> Result<Vec<Entity>>,
}

/// The files of a staged folder.
pub(super) struct StagedFolder {
    root: PathBuf,
    /// Files of entities, in the order of their paths.
    pub(super) files: Vec<StagedFile>,
}

/// The file of an entity.
pub(super) struct StagedFile {
    path: PathBuf,
    /// Folder of the file.
    pub(super) folder: &'static str,
    text: String,
}

impl StagedFolder {
    /// Returns the error for an entity that is in two files.
    pub(super) fn duplicate_error(&self, name: &str) -> Error {
        invalid_dir(format!("Two files in the folder {} have the entity {name}", self.root.display()))
            .with_hint("Remove one of them")
    }
}

impl StagedFile {
    /// Parses the file, a JSON object. Errors: [`Code::SourceDirInvalid`] names the file and the reason.
    pub(super) fn parse<'a, T: Deserialize<'a>>(&'a self) -> Result<T> {
        // The fields of a type would be read from the items of an array, too.
        if self.text.trim_start().starts_with('[') {
            let text = format!("{} is not a staged file of this source: it is an array", self.path.display());
            return Err(invalid_dir(text).with_hint("Stage the folder again"));
        }
        serde_json::from_str(&self.text).map_err(|error| {
            invalid_dir(format!("{} is not a staged file of this source: {error}", self.path.display()))
                .caused_by(error)
        })
    }
}

/// A source that reads a staged folder.
pub struct StagedSource {
    adapter: Adapter,
    layout: StagedLayout,
    dir: PathBuf,
}

impl StagedSource {
    /// Opens a folder and checks its layout, before a run begins. Blocks.
    ///
    /// Errors: [`Code::SourceDirInvalid`] if it does not exist or has none of the folders of the layout.
    pub(super) fn open(adapter: Adapter, layout: StagedLayout, dir: &Path) -> Result<Self> {
        let root = fs::canonicalize(dir).map_err(|error| {
            let text = format!("The folder {} cannot be read: {error}", dir.display());
            invalid_dir(text).with_hint("Choose a folder that exists").caused_by(error)
        })?;
        let folders = layout.folders;
        if !folders.iter().any(|folder| root.join(folder).is_dir()) {
            return Err(invalid_dir(format!(
                "{} is not a staged folder of {}: it has none of the folders {}",
                dir.display(),
                adapter.name(),
                folders.join(", ")
            )));
        }
        Ok(Self { adapter, layout, dir: root })
    }
}

impl SourceAdapter for StagedSource {
    type Error = Error;

    fn source(&self) -> &'static str {
        self.adapter.name()
    }

    async fn fetch(&self, progress: Progress<'_>) -> Result<PullResult> {
        progress.report(Phase::Fetch, format!("Reading {}", self.dir.display()));
        let (layout, dir) = (self.layout, self.dir.clone());
        let pulled = offload::spawn_blocking(move || read(layout, dir)).await?;
        progress.report(Phase::Fetch, format!("Read {} files", pulled.entities.len()));
        Ok(pulled)
    }

    fn redact_error(&self, error: &Error) -> String {
        error.with_hint_text()
    }
}

/// Reads the entities of a staged folder. Blocks.
pub(super) fn read_entities(layout: StagedLayout, dir: &Path) -> Result<Vec<Entity>> {
    let root = fs::canonicalize(dir).map_err(|error| Error::io("read", dir, error))?;
    Ok(read(layout, root)?.entities)
}

/// Parses each file of the entities of a staged folder, in the order of their paths. Blocks.
pub(super) fn parse_files<T>(
    layout: StagedLayout,
    dir: &Path,
    parse: impl Fn(&StagedFile) -> Result<T>,
) -> Result<Vec<T>> {
    let root = fs::canonicalize(dir).map_err(|error| Error::io("read", dir, error))?;
    read_all_files(layout, &root)?.iter().map(parse).collect()
}

fn read_all_files(layout: StagedLayout, root: &Path) -> Result<Vec<StagedFile>> {
    let mut files = Vec::new();
    for folder in layout.folders {
        files.extend(read_files(root, folder)?);
    }
    Ok(files)
}

fn read(layout: StagedLayout, root: PathBuf) -> Result<PullResult> {
    let files = read_all_files(layout, &root)?;
    let mut attachments = Vec::new();
    for file in layout.attachments {
        if root.join(file).exists() {
            attachments.push(Attachment { file, text: read_text(&root, &root.join(file))? });
        }
    }
    let folder = StagedFolder { root, files };
    let mut entities = (layout.parse_entities)(&folder)?;
    entities.sort_by(|left, right| left.name.cmp(&right.name));
    if let Some(pair) = entities.windows(2).find(|pair| pair[0].name == pair[1].name) {
        return Err(folder.duplicate_error(&pair[0].name));
    }
    let empty = format!("No entities were found in {}", folder.root.display());
    let warnings = if entities.is_empty() { vec![empty] } else { Vec::new() };
    Ok(PullResult { entities, attachments, warnings, ..PullResult::default() })
}

fn read_files(root: &Path, folder: &'static str) -> Result<Vec<StagedFile>> {
    let path = root.join(folder);
    if !path.exists() {
        return Ok(Vec::new());
    }
    check_inside(root, &path)?;
    let entries = fs::read_dir(&path).map_err(|error| Error::io("read", &path, error))?;
    let mut paths: Vec<_> = entries
        .map(|entry| entry.map(|entry| entry.path()))
        .collect::<Result<_, _>>()
        .map_err(|error| Error::io("read", &path, error))?;
    paths.retain(|path| path.extension().is_some_and(|extension| extension == "json"));
    paths.sort();
    paths.into_iter().map(|path| Ok(StagedFile { text: read_text(root, &path)?, folder, path })).collect()
}

fn read_text(root: &Path, path: &Path) -> Result<String> {
    check_inside(root, path)?;
    if !path.is_file() {
        return Err(invalid_dir(format!("{} is not a file", path.display())).with_hint("Remove it"));
    }
    let bytes = fs::read(path).map_err(|error| Error::io("read", path, error))?;
    let text = String::from_utf8(bytes).map_err(|_| invalid_dir(format!("{} is not UTF-8 text", path.display())))?;
    format::check_json(&path.display().to_string(), &text)?;
    Ok(text)
}

fn check_inside(root: &Path, path: &Path) -> Result<()> {
    match fs::canonicalize(path) {
        Ok(real) if real.starts_with(root) => Ok(()),
        Ok(_) => Err(invalid_dir(format!("{} is a link that leads out of the folder", path.display()))
            .with_hint("Replace it by its target")),
        Err(error) => {
            let message = format!("{} is a broken link: {error}", path.display());
            Err(invalid_dir(message).with_hint("Remove it").caused_by(error))
        }
    }
}

fn invalid_dir(message: String) -> Error {
    Error::new(Code::SourceDirInvalid, message)
}
