//! Metrics, which belong to no source and no connection.

use crate::{
    error::Result,
    project::Project,
    search::document::{Document, Entity, Kind},
    semantic::{Metric, read_searchable_metrics},
};

/// Reads the metrics of the project; none if their file is invalid.
pub(super) fn collect(project: &Project) -> Result<Vec<Entity>> {
    Ok(read_searchable_metrics(project)?.into_iter().map(entity).collect())
}

fn entity(metric: Metric) -> Entity {
    let text = metric.description.unwrap_or_default();
    let mut document = Document::new(Kind::Metric, &metric.name, &metric.name, &text);
    document.context = format!("{} {}", metric.synonyms.join(" "), metric.expr);
    Entity { key: metric.name, documents: vec![document], joins: Vec::new() }
}
