//! Semantic sources, their measures, dimensions and segments.

use crate::{
    error::Result,
    project::Project,
    search::document::{Document, Entity, Kind},
    semantic::{Source, Visibility, read_searchable_source},
};
use std::path::Path;

/// Reads the source of a file; none if it is invalid.
pub(super) fn collect(project: &Project, connection_id: &str, path: &Path) -> Result<Vec<Entity>> {
    let source = read_searchable_source(project, connection_id, path)?;
    Ok(source.map(entity).into_iter().collect())
}

fn entity(source: Source) -> Entity {
    let text = |text: &Option<String>| text.clone().unwrap_or_default();
    let mut documents = vec![Document::new(Kind::Source, &source.name, &source.name, &text(&source.description))];
    let mut add = |kind, name: &str, description: &Option<String>, words: &str| {
        let mut document = Document::new(kind, &format!("{}.{name}", source.name), name, &text(description));
        document.context = format!("{} {words}", source.name);
        documents.push(document);
    };
    for measure in &source.measures {
        let words = format!("{} {}", measure.synonyms.join(" "), measure.expr);
        add(Kind::Measure, &measure.name, &measure.description, &words);
    }
    for column in source.columns.iter().filter(|column| column.visibility == Visibility::Public) {
        add(Kind::Dimension, &column.name, &column.description, column.expr.as_deref().unwrap_or_default());
    }
    for segment in &source.segments {
        add(Kind::Segment, &segment.name, &segment.description, &segment.expr);
    }
    let names = source.columns.iter().map(|column| &column.name);
    let names = names.chain(source.measures.iter().map(|measure| &measure.name));
    documents[0].context = names.map(String::as_str).collect::<Vec<_>>().join(" ");
    for document in &mut documents {
        document.tables.extend(source.table.clone());
    }
    Entity { key: source.name, documents, joins: Vec::new() }
}
