//! Staging: writes the files of a sync to a hidden folder, which is renamed when it is complete.

use super::{
    entity::{Entity, PullResult},
    layout::SourceLayout,
};
use crate::{
    error::{Code, Error, Result},
    files::create_folder,
    parallel,
    project::{confined, file_names},
};
use std::{
    collections::BTreeMap,
    ffi::OsStr,
    fs::{self, OpenOptions},
    io::Write,
    ops::Range,
    path::{Path, PathBuf},
};

/// A sync that is being written. Dropping it before [`Staging::publish`] removes its folder.
#[derive(Debug)]
pub(super) struct Staging {
    partial: PathBuf,
    complete: PathBuf,
    /// Path of each entity's file, relative to the folder.
    files: Vec<PathBuf>,
}

impl Staging {
    /// Creates the hidden folder and writes the attachments.
    pub(super) fn begin(layout: &SourceLayout, sync_id: &str, pulled: &PullResult) -> Result<Self> {
        let files = assign_files(&pulled.entities);
        let syncs = confined::make_folder(&layout.project, &layout.syncs)?;
        let in_syncs = |path: PathBuf| syncs.join(path.file_name().unwrap_or_default());
        let staging =
            Self { partial: in_syncs(layout.partial(sync_id)), complete: in_syncs(layout.sync(sync_id)), files };
        create_folder(&staging.partial)?;
        let mut folders = Vec::new();
        let entity_folders = pulled.entities.iter().map(|entity| &entity.folder);
        for folder in entity_folders.chain(pulled.companions.iter().map(|companion| &companion.folder)) {
            if !folders.contains(folder) {
                create_folder(&staging.partial.join(folder))?;
                folders.push(*folder);
            }
        }
        for attachment in &pulled.attachments {
            write(staging.partial.join(attachment.file), &attachment.text)?;
        }
        Ok(staging)
    }

    /// Writes the entities of a range, and their companions.
    pub(super) fn write(&self, pulled: &PullResult, range: Range<usize>) -> Result<()> {
        let pairs = pulled.entities.iter().zip(&self.files).skip(range.start).take(range.len());
        let entities = pairs.map(|(entity, file)| (file.clone(), &entity.text));
        let companions = pulled.companions.iter().filter(|companion| range.contains(&companion.entity));
        let companions = companions.filter_map(|companion| {
            let name = self.files.get(companion.entity)?.file_name()?;
            Some((Path::new(companion.folder).join(name), &companion.text))
        });
        let files = entities.chain(companions).collect();
        parallel::map(files, |(file, text): (PathBuf, &String)| write(self.partial.join(file), text)).map(drop)
    }

    /// Renames the folder to that of the complete sync, and returns its path.
    pub(super) fn publish(self) -> Result<PathBuf> {
        fs::rename(&self.partial, &self.complete).map_err(|error| Error::io("rename", &self.partial, error))?;
        Ok(self.complete.clone())
    }
}

impl Drop for Staging {
    fn drop(&mut self) {
        // After `publish` the folder no longer exists. If the removal fails, the next run repeats it.
        let _ = fs::remove_dir_all(&self.partial);
    }
}

/// Returns the path of each entity's file, relative to the folder of the sync; all are distinct.
fn assign_files(entities: &[Entity]) -> Vec<PathBuf> {
    let mut files = vec![PathBuf::new(); entities.len()];
    let mut folders: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
    for (index, entity) in entities.iter().enumerate() {
        folders.entry(entity.folder).or_default().push(index);
    }
    for (folder, members) in folders {
        let names = file_names::encode_distinct(members.iter().map(|index| entities[*index].title.as_str()));
        for (index, name) in members.into_iter().zip(names) {
            files[index] = Path::new(folder).join(format!("{name}.json"));
        }
    }
    files
}

/// Writes a file that other users cannot write, regardless of the umask.
fn write(path: PathBuf, text: &str) -> Result<()> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o644);
    let written = options.open(&path).and_then(|mut file| file.write_all(text.as_bytes()));
    written.map_err(|error| Error::io("write", &path, error))
}

/// Lists the folders of complete syncs; their names sort by time.
pub(super) fn list_complete(layout: &SourceLayout) -> Result<Vec<PathBuf>> {
    let mut folders = confined::list(&layout.project, &layout.syncs)?;
    folders.retain(|folder| {
        let name = folder.file_name().and_then(OsStr::to_str);
        name.is_some_and(|name| !SourceLayout::is_partial(name)) && folder.is_dir()
    });
    folders.sort();
    Ok(folders)
}

/// Removes a complete sync. It is renamed to an incomplete one first, which the next run removes if this process dies.
/// The caller holds the lock of the source.
pub(super) fn remove_sync(layout: &SourceLayout, folder: &Path) -> Result<()> {
    let name = folder.file_name().and_then(OsStr::to_str).unwrap_or_default();
    let syncs = confined::resolve(&layout.project, &layout.syncs)?;
    let (complete, partial) = (syncs.join(name), syncs.join(SourceLayout::partial_name(name)));
    fs::rename(&complete, &partial).map_err(|error| Error::io("rename", &complete, error))?;
    confined::remove_folder(&layout.project, &layout.syncs.join(SourceLayout::partial_name(name)))
}

/// Removes the incomplete syncs of runs whose process has died. The caller holds the lock of the source.
pub(super) fn remove_partial_syncs(layout: &SourceLayout) -> Result<()> {
    let paths = match confined::list(&layout.project, &layout.syncs) {
        // If the folder cannot be listed, staging reports the error.
        Err(error) if error.code() == Code::FileIo => return Ok(()),
        listed => listed?,
    };
    for path in paths {
        if path.file_name().and_then(OsStr::to_str).is_some_and(SourceLayout::is_partial) {
            confined::remove_folder(&layout.project, &path)?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ingest::entity::Attachment;

    fn pulled(names: &[&str]) -> PullResult {
        let entity = |name: &&str| Entity {
            description: None,
            name: (*name).into(),
            folder: "tables",
            title: (*name).into(),
            group: "g".into(),
            hash: "h".into(),
            text: format!("{{\"name\":{name:?}}}\n"),
        };
        PullResult {
            entities: names.iter().map(entity).collect(),
            attachments: vec![Attachment { file: "connection.json", text: "{}\n".into() }],
            ..PullResult::default()
        }
    }

    fn names_in(path: &std::path::Path) -> Vec<String> {
        let mut names: Vec<_> =
            fs::read_dir(path).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    }

    #[test]
    fn sync_is_visible_only_when_complete() {
        let dir = tempfile::tempdir().unwrap();
        let layout = SourceLayout::new(dir.path(), "größe b", "s");
        let pulled = pulled(&["main.orders", "main.größe"]);
        let staging = Staging::begin(&layout, "1", &pulled).unwrap();
        staging.write(&pulled, 0..1).unwrap();
        staging.write(&pulled, 1..2).unwrap();
        assert!(!layout.sync("1").exists());
        let folder = staging.publish().unwrap();
        assert_eq!(names_in(&layout.syncs), ["1"]);
        assert_eq!(names_in(&folder), ["connection.json", "tables"]);
        assert_eq!(names_in(&folder.join("tables")), ["main.größe.json", "main.orders.json"]);
        assert_eq!(fs::read_to_string(folder.join("tables/main.orders.json")).unwrap(), "{\"name\":\"main.orders\"}\n");
    }

    #[test]
    fn dropped_staging_leaves_no_files() {
        let dir = tempfile::tempdir().unwrap();
        let layout = SourceLayout::new(dir.path(), "c", "s");
        let pulled = pulled(&["a", "b"]);
        let staging = Staging::begin(&layout, "1", &pulled).unwrap();
        staging.write(&pulled, 0..1).unwrap();
        drop(staging);
        assert_eq!(names_in(&layout.syncs), Vec::<String>::new());
    }

    #[test]
    fn partial_syncs_are_removed_and_complete_ones_kept() {
        let dir = tempfile::tempdir().unwrap();
        let layout = SourceLayout::new(dir.path(), "c", "s");
        remove_partial_syncs(&layout).unwrap();
        let pulled = pulled(&["a"]);
        std::mem::forget(Staging::begin(&layout, "1", &pulled).unwrap());
        Staging::begin(&layout, "2", &pulled).unwrap().publish().unwrap();
        remove_partial_syncs(&layout).unwrap();
        assert_eq!(names_in(&layout.syncs), ["2"]);
    }

    #[test]
    fn hostile_names_cannot_leave_the_folder() {
        let dir = tempfile::tempdir().unwrap();
        let layout = SourceLayout::new(dir.path(), "c", "s");
        let pulled = pulled(&["../../../evil", "/etc/evil", "Orders", "orders", "nul"]);
        let staging = Staging::begin(&layout, "1", &pulled).unwrap();
        staging.write(&pulled, 0..5).unwrap();
        let folder = staging.publish().unwrap();
        assert_eq!(names_in(&folder.join("tables")).len(), 5);
        assert_eq!(names_in(dir.path()), ["raw-sources"]);
    }
}
