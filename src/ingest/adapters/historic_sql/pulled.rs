//! The files of a sync: one for each template, their order, and the use of columns.

use super::{
    baseline::Baseline,
    filter,
    template::Template,
    usage::{USAGE_FILE, UsageCounter},
};
use crate::{
    error::{Code, Error, Result},
    ingest::{
        adapters::staged::StagedFolder,
        entity::{Attachment, Entity, PullResult, content_hash, staged_json},
    },
    ports::TableName,
};
use indexmap::IndexMap;
use serde::Serialize;

/// Folder of the templates in a sync.
pub(super) const FOLDER: &str = "templates";
/// File with the templates in the order of their total time.
pub(super) const INDEX_FILE: &str = "templates.json";

/// The part of a template that is compared: not its statistics.
#[derive(Serialize)]
struct Content<'a> {
    fingerprint: &'a str,
    dialect: &'a str,
    tables: &'a [TableName],
    columns_by_clause: &'a IndexMap<String, Vec<String>>,
}

#[derive(Serialize)]
struct IndexEntry<'a> {
    rank: usize,
    fingerprint: &'a str,
    tables: &'a [TableName],
    calls: i64,
    total_ms: f64,
}

/// Converts templates to entities and attachments, without warnings.
///
/// Errors: [`Code::Internal`].
pub(super) fn pull_result(mut templates: Vec<Template>, baseline: &Baseline) -> Result<PullResult> {
    templates.sort_by(Template::by_total_time);
    let index: Vec<_> = templates.iter().enumerate().map(index_entry).collect();
    let mut usage = UsageCounter::default();
    templates.iter().for_each(|template| usage.add(&template.usage, template.calls));
    let attachments = vec![
        Attachment { file: INDEX_FILE, text: staged_json(&index)? },
        Attachment { file: USAGE_FILE, text: staged_json(&usage.into_summary())? },
    ];
    let baseline = serde_json::to_string(baseline)
        .map_err(|_| Error::new(Code::Internal, "The baseline cannot be written as JSON"))?;
    let mut entities = templates.iter().map(entity).collect::<Result<Vec<_>>>()?;
    entities.sort_by(|left, right| left.name.cmp(&right.name));
    Ok(PullResult { entities, attachments, baseline: Some(baseline), ..PullResult::default() })
}

/// Parses the files of a staged sync.
pub(super) fn parse_entities(folder: &StagedFolder) -> Result<Vec<Entity>> {
    folder.files.iter().map(|file| entity(&file.parse()?)).collect()
}

fn index_entry((position, template): (usize, &Template)) -> IndexEntry<'_> {
    IndexEntry {
        rank: position + 1,
        fingerprint: &template.fingerprint,
        tables: &template.tables,
        calls: template.calls,
        total_ms: template.total_ms,
    }
}

/// Returns a description, such as `1200 calls, 0.42 ms each: SELECT …`.
fn describe(template: &Template) -> String {
    format!("{} calls, {:.2} ms each: {}", template.calls, template.mean_ms, template.statement_line())
}

fn entity(template: &Template) -> Result<Entity> {
    let content = Content {
        fingerprint: &template.fingerprint,
        dialect: &template.dialect,
        tables: &template.tables,
        columns_by_clause: &template.columns_by_clause,
    };
    let first =
        template.tables.iter().find(|table| filter::uses_user_tables(std::slice::from_ref(table), &template.dialect));
    let group = first.map(|table| match &table.db {
        Some(schema) => format!("{schema}.{}", table.name),
        None => table.name.clone(),
    });
    Ok(Entity {
        name: template.fingerprint.clone(),
        description: Some(describe(template)),
        folder: FOLDER,
        title: template.fingerprint.clone(),
        group: group.unwrap_or_else(|| "default".into()),
        hash: content_hash(&content)?,
        text: staged_json(template)?,
    })
}
