//! Templates of the newest query history.

use crate::{
    error::{Code, Result},
    ingest::{HistoryFilter, list_history},
    project::Project,
    search::document::{Document, Entity, Kind},
};

/// Reads one entity for each template.
pub(super) fn collect(project: &Project, connection_id: &str) -> Result<Vec<Entity>> {
    let templates = match list_history(project, connection_id, &HistoryFilter::default()) {
        Err(error) if error.code() == Code::HistoryMissing => return Ok(Vec::new()),
        list => list?.templates,
    };
    let entity = |template: crate::ingest::ListedTemplate| {
        let mut document = Document::new(Kind::Query, &template.fingerprint, "", &template.sql);
        (document.tables, document.calls) = (template.tables, template.calls);
        Entity { key: template.fingerprint, documents: vec![document], joins: Vec::new() }
    };
    Ok(templates.into_iter().map(entity).collect())
}
