//! Converts the inventory of an instance to entities, and staged files back to entities.

use super::{
    client::to_text,
    inventory::Inventory,
    kinds::{EXPLORES, KINDS, MODELS},
    queries,
    usage::USAGE_KEY,
};
use crate::{
    error::Result,
    http::authority,
    ingest::{
        adapters::staged::{StagedFolder, StagedLayout},
        entity::{Attachment, Entity, PullResult, content_hash, staged_json},
    },
    project::looker::LookerInstance,
    redact,
};
use serde_json::{Value, json};
use std::path::Path;

/// Folders of entities in a sync.
pub(super) const FOLDERS: &[&str] =
    &[MODELS, EXPLORES, KINDS[0].plural, KINDS[1].plural, KINDS[2].plural, KINDS[3].plural];
/// File with the instance, its connections and the time of the run.
pub(super) const CONNECTION_FILE: &str = "connection.json";

/// Layout of a staged sync.
pub(crate) const LAYOUT: StagedLayout =
    StagedLayout { folders: FOLDERS, attachments: &[CONNECTION_FILE], parse_entities };

/// Converts an inventory to entities and attachments, including those that are carried over.
pub(super) fn to_pull_result(
    instance: &LookerInstance,
    project_dir: &Path,
    mut inventory: Inventory,
) -> Result<PullResult> {
    let previous = inventory.failed_reads.load_previous(LAYOUT, project_dir, instance)?;
    queries::add_tables(&mut inventory, &previous);
    let connection = json!({
        "connection_id": instance.connection_id,
        "host": authority(&instance.base_url),
        "connections": inventory.connections,
        "extracted_at": jiff::Timestamp::now().to_string(),
    });
    let models = inventory.models.iter().map(|model| entity(MODELS, model));
    let explores = inventory.explores.iter().map(|explore| entity(EXPLORES, &explore.value()?));
    let others = inventory.lists.iter().flat_map(|(kind, items)| items.iter().map(|item| entity(kind.plural, item)));
    let mut entities: Vec<_> = models.chain(explores).chain(others).collect::<Result<_>>()?;
    inventory.failed_reads.carry_over(previous, &mut entities);
    entities.sort_by(|left, right| left.name.cmp(&right.name));
    // Duplicates in the answers of a server do not fail the run.
    entities.dedup_by(|left, right| left.name == right.name);
    let attachments = vec![Attachment { file: CONNECTION_FILE, text: staged_json(&connection)? }];
    Ok(PullResult { entities, attachments, warnings: inventory.warnings, ..PullResult::default() })
}

/// Parses the files of a staged sync.
pub(super) fn parse_entities(folder: &StagedFolder) -> Result<Vec<Entity>> {
    folder.files.iter().map(|file| entity(file.folder, &file.parse()?)).collect()
}

/// Masks the secrets that people wrote into texts: those of known forms everywhere, and named ones in descriptions.
fn without_secrets(key: &str, value: Value) -> Value {
    match value {
        Value::String(text) if key == "description" => redact::text(&text).into(),
        Value::String(text) => redact::known(&text).into(),
        Value::Array(items) => items.into_iter().map(|item| without_secrets(key, item)).collect(),
        Value::Object(fields) => fields
            .into_iter()
            .map(|(key, value)| {
                let clean = without_secrets(&key, value);
                (key, clean)
            })
            .collect(),
        other => other,
    }
}

fn entity(folder: &'static str, value: &Value) -> Result<Entity> {
    let value = &without_secrets("", value.clone());
    let title = match folder {
        MODELS => to_text(&value["name"]),
        EXPLORES => format!("{}.{}", to_text(&value["model_name"]), to_text(&value["name"])),
        _ => to_text(&value["id"]),
    };
    let group = match folder {
        MODELS => format!("{MODELS}/{title}"),
        EXPLORES => format!("{MODELS}/{}", to_text(&value["model_name"])),
        other => other.to_owned(),
    };
    let name = format!("{folder}/{title}");
    // Usage is staged, but not compared.
    let mut content = value.clone();
    content.as_object_mut().map(|object| object.shift_remove(USAGE_KEY));
    let (hash, text) = (content_hash(&content)?, staged_json(value)?);
    Ok(Entity { description: None, name, folder, title, group, hash, text })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_have_no_secrets() {
        let dimension = json!({ "name": "o.id", "sql": "${TABLE}.token = 'x'", "label": "AKIAIOSFODNN7EXAMPLE",
            "description": "with api_key=hunter2" });
        let explore =
            json!({ "name": "o", "description": "by AKIAIOSFODNN7EXAMPLE", "fields": { "dimensions": [dimension] } });
        let text = entity(EXPLORES, &explore).unwrap().text;
        assert!(!text.contains("AKIA") && !text.contains("hunter2"), "{text}");
        assert!(text.contains("by ***") && text.contains("${TABLE}.token = 'x'"), "{text}");
    }
}
