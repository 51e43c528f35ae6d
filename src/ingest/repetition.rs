//! Whether a sync has to be written.

use super::{
    adapters::live_database::{self, CONNECTION_FILE, TABLES_DIR, read_facts},
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
/// Estimates, sizes and times are no difference of tables. Profiles are one if any of their numbers or values changed,
/// also within the noise of the report, as readers use the newest ones; detected relationships if their outcome changed.
/// Syncs of other sources than databases are always written, as their numbers are what is read.
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
    for attachment in &pulled.attachments {
        let before = confined::read_text(&layout.project, &folder.join(attachment.file))?;
        let is_same = match attachment.file {
            // It has the time of the scan.
            CONNECTION_FILE => read_facts(before.as_deref()) == read_facts(Some(&attachment.text)),
            RELATIONSHIPS_FILE => before.is_some_and(|before| is_same_outcome(&before, &attachment.text)),
            _ => before.as_deref() == Some(&attachment.text),
        };
        if !is_same {
            return Ok(false);
        }
    }
    let names = file_names::encode_distinct(pulled.entities.iter().map(|entity| entity.title.as_str()));
    let tables = confined::resolve(&layout.project, &folder.join(TABLES_DIR))?;
    if !names.iter().all(|name| tables.join(format!("{name}.json")).is_file()) {
        return Ok(false);
    }
    let profiles = confined::resolve(&layout.project, &folder.join(PROFILES_DIR))?;
    for file in &pulled.companions {
        let before = confined::read_text(&layout.project, &profiles.join(format!("{}.json", names[file.entity])))?;
        if before.as_deref() != Some(&file.text) {
            return Ok(false);
        }
    }
    Ok(true)
}
