//! What could not be read this time, taken from the newest sync: that it cannot be read is no deletion.

use crate::{
    error::Result,
    ingest::{
        adapters::staged::{self, Shape},
        entity::Entity,
        newest_sync_of,
    },
    project::Adapter,
};
use std::{
    collections::{BTreeSet, HashSet},
    path::Path,
};

/// Folders and entities that could not be read.
#[derive(Debug, Default)]
pub(super) struct Unread {
    /// Folders of lists.
    pub(super) folders: BTreeSet<&'static str>,
    /// Entities, by folder and title.
    pub(super) entities: BTreeSet<(&'static str, String)>,
    /// Those of them that are there in part.
    pub(super) partial: BTreeSet<(&'static str, String)>,
}

impl Unread {
    /// What the newest sync of the connection has of them. Blocks. Errors: a file of that sync cannot be read.
    pub(super) fn kept(&self, shape: Shape, project_dir: &Path, connection_id: &str) -> Result<Vec<Entity>> {
        if self.folders.is_empty() && self.entities.is_empty() {
            return Ok(Vec::new());
        }
        let Some(folder) = newest_sync_of(project_dir, connection_id, Adapter::Looker.name())? else {
            return Ok(Vec::new());
        };
        let mut kept = staged::entities_in(shape, &folder)?;
        kept.retain(|entity| {
            self.folders.contains(entity.folder) || self.entities.contains(&(entity.folder, entity.title.clone()))
        });
        Ok(kept)
    }

    /// Adds them; an entity that is there in part is replaced, and one that was read is not.
    pub(super) fn carry_over(&self, mut kept: Vec<Entity>, entities: &mut Vec<Entity>) {
        let partial = |entity: &Entity| self.partial.contains(&(entity.folder, entity.title.clone()));
        let read: HashSet<_> =
            entities.iter().filter(|entity| !partial(entity)).map(|entity| entity.name.clone()).collect();
        kept.retain(|entity| !read.contains(&entity.name));
        let replaced: HashSet<_> = kept.iter().map(|entity| entity.name.clone()).collect();
        entities.retain(|entity| !replaced.contains(&entity.name));
        entities.extend(kept);
    }
}
