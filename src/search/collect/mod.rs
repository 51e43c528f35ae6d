//! Reads feeds as entities, by the data policy of today.

mod explores;
mod metrics;
mod notes;
mod sources;
mod tables;
mod templates;

use super::{
    document::Entity,
    feeds::{Content, Feed},
};
use crate::{error::Result, project::Project};

/// Reads the entities of a feed.
pub(super) fn collect(project: &Project, feed: &Feed) -> Result<Vec<Entity>> {
    let id = feed.connection_id.as_deref().unwrap_or_default();
    match &feed.content {
        Content::Tables => tables::collect(project, id),
        Content::History => templates::collect(project, id),
        Content::Looker(folder) => explores::collect(project, folder),
        Content::Source(path) => sources::collect(project, id, path),
        Content::Metrics => metrics::collect(project),
        Content::Page(path) => notes::collect(project, path),
    }
}
