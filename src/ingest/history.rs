//! Lists the templates of the newest query history of a connection.

use super::{
    adapters::{HistoryTemplate, read_templates},
    newest_sync::find_newest_sync,
};
use crate::{
    error::{Code, Error, Result},
    project::{Adapter, Project},
};
use serde::Serialize;
use std::collections::BTreeMap;

/// Which templates are listed.
#[derive(Debug, Clone, Default)]
pub struct HistoryFilter {
    /// Maximum number of templates.
    pub top: Option<usize>,
    /// A table, with or without its schema and its catalog, in any letter case.
    pub table: Option<String>,
    /// A kind of caller.
    pub by: Option<String>,
}

/// The templates of the newest query history (`KtxQueryHistory`).
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct HistoryList {
    /// Id of the connection.
    pub connection_id: String,
    /// Name of the sync's folder in `raw-sources`.
    pub sync_id: String,
    /// Number of templates that match, also of those beyond the maximum.
    pub template_count: usize,
    /// Most total time first.
    pub templates: Vec<ListedTemplate>,
}

/// Statements that differ in literals, lists, comments and aliases only (`KtxQueryTemplate`).
#[derive(Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ListedTemplate {
    /// Id of the template.
    pub fingerprint: String,
    /// The first of its statements, with `?` for each literal.
    pub sql: String,
    /// Tables in order of appearance, as `schema.name`.
    pub tables: Vec<String>,
    /// Number of executions.
    pub calls: i64,
    /// Mean time of a call, in milliseconds.
    pub mean_ms: f64,
    /// Total time, in milliseconds.
    pub total_ms: f64,
    /// Total number of rows.
    pub rows: i64,
    /// Calls by the kind of caller.
    pub callers: BTreeMap<String, i64>,
}

/// Lists the templates of the newest query history of a connection, without those that name what the data policy
/// denies. Blocks.
///
/// Errors: [`Code::ConnectionUnknown`]; [`Code::HistoryMissing`] if there is none.
pub fn list_history(project: &Project, connection_id: &str, filter: &HistoryFilter) -> Result<HistoryList> {
    project.connection(connection_id)?;
    let environment = project.environment.as_deref();
    let folder = find_newest_sync(&project.dir, connection_id, Adapter::HistoricSql.name(), environment)?
        .ok_or_else(|| missing(connection_id))?;
    let mut templates = read_templates(&folder)?;
    let policy = project.policy(connection_id)?;
    templates.retain(|template| !template.names_denied(&policy));
    if let Some(table) = &filter.table {
        let table = table.to_lowercase();
        templates.retain(|template| template.tables.iter().any(|name| name.is_called(&table)));
    }
    if let Some(kind) = &filter.by {
        templates.retain(|template| template.callers().contains_key(kind));
    }
    templates.sort_by(HistoryTemplate::by_total_time);
    let template_count = templates.len();
    templates.truncate(filter.top.unwrap_or(usize::MAX));
    Ok(HistoryList {
        connection_id: connection_id.to_owned(),
        sync_id: folder.file_name().unwrap_or_default().to_string_lossy().into_owned(),
        template_count,
        templates: templates.into_iter().map(ListedTemplate::from).collect(),
    })
}

fn missing(connection_id: &str) -> Error {
    Error::new(Code::HistoryMissing, format!("The query history of {connection_id} has not been read yet"))
        .with_hint(format!("Read it with: ktx ingest run --connection-id {connection_id} --adapter historic-sql"))
}

impl From<HistoryTemplate> for ListedTemplate {
    fn from(template: HistoryTemplate) -> Self {
        Self {
            callers: template.callers().clone(),
            fingerprint: template.fingerprint,
            sql: template.normalized_sql,
            tables: template.tables.iter().map(ToString::to_string).collect(),
            calls: template.calls,
            mean_ms: template.mean_ms,
            total_ms: template.total_ms,
            rows: template.rows,
        }
    }
}
