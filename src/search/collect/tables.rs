//! Tables of the newest scan, their columns and frequent values.

use crate::{
    error::Result,
    project::{Project, policy::Policy},
    search::document::{Document, Entity, Kind},
    semantic::{SearchableColumn, SearchableTable, read_searchable_tables},
};

/// Reads one entity for each table.
pub(super) fn collect(project: &Project, connection_id: &str) -> Result<Vec<Entity>> {
    let policy = project.policy(connection_id)?;
    let tables = read_searchable_tables(project, connection_id)?;
    Ok(tables.into_iter().map(|table| entity(table, &policy)).collect())
}

fn entity(table: SearchableTable, policy: &Policy) -> Entity {
    // Comments of allowed tables may name denied ones.
    let is_shown = |text: &&String| !policy.denies() || !policy.hides_text(text);
    let texts = |column: &SearchableColumn| {
        column.texts.iter().filter(is_shown).map(String::as_str).collect::<Vec<_>>().join("; ")
    };
    let bare = table.name.rsplit('.').next().unwrap_or_default();
    let schema = table.name.strip_suffix(bare).unwrap_or_default();
    let comment = table.comment.as_ref().filter(is_shown).map_or("", String::as_str);
    let mut document = Document::new(Kind::Table, &table.name, bare, comment);
    document.columns = table.columns.iter().map(|column| column.name.clone()).collect();
    document.context = format!("{schema} {}", document.columns.join(" "));
    document.part_texts = table.columns.iter().map(texts).collect::<Vec<_>>().join(" ");
    document.tables.push(table.name.clone());
    let mut documents = vec![document];
    for column in table.columns {
        let name = format!("{}.{}", table.name, column.name);
        let mut document = Document::new(Kind::Column, &name, &column.name, &texts(&column));
        (document.context, document.values) = (table.name.clone(), column.values);
        document.tables.push(table.name.clone());
        documents.push(document);
    }
    let joins = table.references.into_iter().map(|other| (table.name.clone(), other)).collect();
    Entity { key: table.name, documents, joins }
}
