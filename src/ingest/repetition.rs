//! Whether a sync has to be written.

use super::{
    adapters::live_database::{self, CONNECTION_FILE, read_facts},
    detection::{RELATIONSHIPS_FILE, is_same_outcome},
    diff::{BaseSync, is_same},
    entity::PullResult,
    layout::SourceLayout,
    profile::PROFILES_DIR,
};
use crate::{
    error::Result,
    project::{confined, file_names},
};

/// Whether the files of a pull would say the same as those of its base, so that none are written. Blocks.
///
/// Estimates, sizes and times are no difference. Profiles are one if they changed beyond their noise, detected
/// relationships if their outcome changed, and both if the base lacks them. Syncs of other sources than databases are
/// always written, as their numbers are what is read.
pub(super) fn repeats(layout: &SourceLayout, source: &str, base: &BaseSync, pulled: &PullResult) -> Result<bool> {
    if source != live_database::SOURCE
        || !pulled.profile_changes.is_empty()
        || !is_same(&base.entities, &pulled.entities)
    {
        return Ok(false);
    }
    let folder = layout.sync(&base.sync_id);
    if !confined::resolve(&layout.project, &folder)?.is_dir() {
        return Ok(false);
    }
    let before = confined::read_text(&layout.project, &folder.join(CONNECTION_FILE))?;
    let after = pulled.attachments.iter().find(|attachment| attachment.file == CONNECTION_FILE);
    if read_facts(before.as_deref()) != read_facts(after.map(|attachment| attachment.text.as_str())) {
        return Ok(false);
    }
    if let Some(detection) = pulled.attachments.iter().find(|attachment| attachment.file == RELATIONSHIPS_FILE) {
        let before = confined::read_text(&layout.project, &folder.join(RELATIONSHIPS_FILE))?;
        if !before.is_some_and(|before| is_same_outcome(&before, &detection.text)) {
            return Ok(false);
        }
    }
    let names = file_names::encode_distinct(pulled.entities.iter().map(|entity| entity.title.as_str()));
    let profiles = confined::resolve(&layout.project, &folder.join(PROFILES_DIR))?;
    Ok(pulled.companions.iter().all(|file| profiles.join(format!("{}.json", names[file.entity])).is_file()))
}
