//! Carries over entities that could not be read from the newest sync, so that they are not reported as deleted.

use crate::{
    error::Result,
    ingest::{
        adapters::staged::{self, StagedLayout},
        entity::Entity,
        find_newest_sync,
    },
    project::{Adapter, looker::LookerInstance},
};
use std::{
    collections::{BTreeSet, HashSet},
    path::Path,
};

/// Folders and entities that could not be read.
#[derive(Debug, Default)]
pub(super) struct FailedReads {
    /// Folders of lists that could not be read.
    pub(super) folders: BTreeSet<&'static str>,
    /// Entities that could not be read, by folder and title.
    pub(super) entities: BTreeSet<(&'static str, String)>,
    /// Those of the entities that have only the keys of their list.
    pub(super) partial: BTreeSet<(&'static str, String)>,
}

impl FailedReads {
    /// Loads these entities from the newest sync of the connection. Blocks. Errors: a file of that sync cannot be read.
    pub(super) fn load_previous(
        &self,
        layout: StagedLayout,
        project_dir: &Path,
        instance: &LookerInstance,
    ) -> Result<Vec<Entity>> {
        if self.folders.is_empty() && self.entities.is_empty() {
            return Ok(Vec::new());
        }
        let (id, environment) = (&instance.connection_id, instance.environment.as_deref());
        let newest = find_newest_sync(project_dir, id, Adapter::Looker.name(), environment)?;
        let Some(folder) = newest else { return Ok(Vec::new()) };
        let mut previous = staged::read_entities(layout, &folder)?;
        previous.retain(|entity| {
            self.folders.contains(entity.folder) || self.entities.contains(&(entity.folder, entity.title.clone()))
        });
        Ok(previous)
    }

    /// Adds the loaded entities. They replace partial entities, but not those that were read.
    pub(super) fn carry_over(&self, mut previous: Vec<Entity>, entities: &mut Vec<Entity>) {
        let partial = |entity: &Entity| self.partial.contains(&(entity.folder, entity.title.clone()));
        let read: HashSet<_> =
            entities.iter().filter(|entity| !partial(entity)).map(|entity| entity.name.clone()).collect();
        previous.retain(|entity| !read.contains(&entity.name));
        let replaced: HashSet<_> = previous.iter().map(|entity| entity.name.clone()).collect();
        entities.retain(|entity| !replaced.contains(&entity.name));
        entities.extend(previous);
    }
}
