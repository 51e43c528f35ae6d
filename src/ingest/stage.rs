//! Staged files: written into a hidden folder that becomes the sync's when it is complete.

use super::{
    entity::{Entity, Pulled},
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

/// A folder that is being written; dropping it before [`Staging::publish`] removes it.
#[derive(Debug)]
pub(super) struct Staging {
    partial: PathBuf,
    complete: PathBuf,
    /// Of each entity, below the folder.
    files: Vec<PathBuf>,
}

impl Staging {
    /// Makes the hidden folder, and the files beside the entities.
    pub(super) fn begin(layout: &SourceLayout, sync_id: &str, pulled: &Pulled) -> Result<Self> {
        let files = files_of(&pulled.entities);
        let syncs = confined::make_folder(&layout.project, &layout.syncs)?;
        let below = |path: PathBuf| syncs.join(path.file_name().unwrap_or_default());
        let staging = Self { partial: below(layout.partial(sync_id)), complete: below(layout.sync(sync_id)), files };
        create_folder(&staging.partial)?;
        let mut folders = Vec::new();
        for Entity { folder, .. } in &pulled.entities {
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

    /// Writes some of the entities.
    pub(super) fn write(&self, pulled: &Pulled, range: Range<usize>) -> Result<()> {
        let pairs = pulled.entities.iter().zip(&self.files);
        let chosen = pairs.skip(range.start).take(range.len()).collect();
        parallel::map(chosen, |(entity, file): (&Entity, &PathBuf)| write(self.partial.join(file), &entity.text))
            .map(drop)
    }

    /// Shows the complete folder under its name; gives its path.
    pub(super) fn publish(self) -> Result<PathBuf> {
        fs::rename(&self.partial, &self.complete).map_err(|error| Error::io("rename", &self.partial, error))?;
        Ok(self.complete.clone())
    }
}

impl Drop for Staging {
    fn drop(&mut self) {
        // After publishing there is nothing under this name; what cannot be removed now, the next run removes.
        let _ = fs::remove_dir_all(&self.partial);
    }
}

/// Where each entity goes; no two of a folder to the same file.
fn files_of(entities: &[Entity]) -> Vec<PathBuf> {
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

/// Others cannot write a staged file, also where the umask would let them.
fn write(path: PathBuf, text: &str) -> Result<()> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o644);
    let written = options.open(&path).and_then(|mut file| file.write_all(text.as_bytes()));
    written.map_err(|error| Error::io("write", &path, error))
}

/// Removes what runs that died left half-written. The caller holds the lock of the source.
pub(super) fn remove_leftovers(layout: &SourceLayout) -> Result<()> {
    let paths = match confined::list(&layout.project, &layout.syncs) {
        // What stands in the way of the folder, staging says.
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

    fn pulled(names: &[&str]) -> Pulled {
        let entity = |name: &&str| Entity {
            description: None,
            name: (*name).into(),
            folder: "tables",
            title: (*name).into(),
            group: "g".into(),
            hash: "h".into(),
            text: format!("{{\"name\":{name:?}}}\n"),
        };
        Pulled {
            entities: names.iter().map(entity).collect(),
            attachments: vec![Attachment { file: "connection.json", text: "{}\n".into() }],
            ..Pulled::default()
        }
    }

    fn names_in(path: &std::path::Path) -> Vec<String> {
        let mut names: Vec<_> =
            fs::read_dir(path).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    }

    #[test]
    fn nothing_is_seen_before_it_is_complete() {
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
    fn giving_up_leaves_nothing() {
        let dir = tempfile::tempdir().unwrap();
        let layout = SourceLayout::new(dir.path(), "c", "s");
        let pulled = pulled(&["a", "b"]);
        let staging = Staging::begin(&layout, "1", &pulled).unwrap();
        staging.write(&pulled, 0..1).unwrap();
        drop(staging);
        assert_eq!(names_in(&layout.syncs), Vec::<String>::new());
    }

    #[test]
    fn leftovers_of_the_dead_go_and_complete_syncs_stay() {
        let dir = tempfile::tempdir().unwrap();
        let layout = SourceLayout::new(dir.path(), "c", "s");
        remove_leftovers(&layout).unwrap();
        let pulled = pulled(&["a"]);
        std::mem::forget(Staging::begin(&layout, "1", &pulled).unwrap());
        Staging::begin(&layout, "2", &pulled).unwrap().publish().unwrap();
        remove_leftovers(&layout).unwrap();
        assert_eq!(names_in(&layout.syncs), ["2"]);
    }

    #[test]
    fn hostile_names_stay_in_their_folder() {
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
