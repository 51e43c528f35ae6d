//! From what was found to the files of a sync, and back.

use super::{
    client::text_of,
    found::Found,
    kinds::{EXPLORES, KINDS, MODELS},
    queries,
    usage::USAGE,
};
use crate::{
    error::Result,
    http::authority,
    ingest::{
        adapters::staged::{Shape, StagedFolder},
        entity::{Attachment, Entity, Pulled, content_hash, staged_json},
    },
    project::looker::LookerInstance,
};
use serde_json::{Value, json};
use std::path::Path;

/// Folders of a sync.
pub(super) const FOLDERS: &[&str] =
    &[MODELS, EXPLORES, KINDS[0].plural, KINDS[1].plural, KINDS[2].plural, KINDS[3].plural];
/// What was read, and when.
pub(super) const CONNECTION_FILE: &str = "connection.json";

/// How a sync looks on disk.
pub(crate) const SHAPE: Shape = Shape { folders: FOLDERS, attachments: &[CONNECTION_FILE], entities: restaged };

/// The files of everything that was found.
pub(super) fn pulled(instance: &LookerInstance, project_dir: &Path, mut found: Found) -> Result<Pulled> {
    let kept = found.unread.kept(SHAPE, project_dir, &instance.connection_id)?;
    queries::add_places(&mut found, &kept);
    let connection = json!({
        "connection_id": instance.connection_id,
        "host": authority(&instance.base_url),
        "connections": found.connections,
        "extracted_at": jiff::Timestamp::now().to_string(),
    });
    let models = found.models.iter().map(|model| entity(MODELS, model));
    let explores = found.explores.iter().map(|explore| entity(EXPLORES, &explore.value()?));
    let others = found.lists.iter().flat_map(|(kind, items)| items.iter().map(|item| entity(kind.plural, item)));
    let mut entities: Vec<_> = models.chain(explores).chain(others).collect::<Result<_>>()?;
    found.unread.carry_over(kept, &mut entities);
    entities.sort_by(|left, right| left.name.cmp(&right.name));
    // A server that gives an entity twice must not stop the run.
    entities.dedup_by(|left, right| left.name == right.name);
    let attachments = vec![Attachment { file: CONNECTION_FILE, text: staged_json(&connection)? }];
    Ok(Pulled { entities, attachments, warnings: found.warnings, baseline: None })
}

/// Entities of files that were staged before.
pub(super) fn restaged(folder: &StagedFolder) -> Result<Vec<Entity>> {
    folder.files.iter().map(|file| entity(file.folder, &file.parse()?)).collect()
}

fn entity(folder: &'static str, value: &Value) -> Result<Entity> {
    let title = match folder {
        MODELS => text_of(&value["name"]),
        EXPLORES => format!("{}.{}", text_of(&value["model_name"]), text_of(&value["name"])),
        _ => text_of(&value["id"]),
    };
    let group = match folder {
        MODELS => format!("{MODELS}/{title}"),
        EXPLORES => format!("{MODELS}/{}", text_of(&value["model_name"])),
        other => other.to_owned(),
    };
    let name = format!("{folder}/{title}");
    // Usage changes without a change of what is used.
    let mut content = value.clone();
    content.as_object_mut().map(|object| object.shift_remove(USAGE));
    let (hash, text) = (content_hash(&content)?, staged_json(value)?);
    Ok(Entity { description: None, name, folder, title, group, hash, text })
}
