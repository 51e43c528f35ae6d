//! Explores of the newest sync of Looker, with the views that they join.

use crate::{
    error::Result,
    project::{Project, confined, policy::Policy},
    search::document::{Document, Entity, Kind},
};
use serde::Deserialize;
use std::path::Path;

/// The keys of a staged explore that are indexed.
#[derive(Deserialize)]
struct Explore {
    name: Option<String>,
    model_name: Option<String>,
    label: Option<String>,
    description: Option<String>,
    #[serde(default)]
    joins: Option<Vec<Join>>,
    #[serde(default)]
    fields: Option<Fields>,
    #[serde(default, rename = "physicalTables")]
    physical_tables: Option<Vec<PhysicalTable>>,
}

#[derive(Deserialize)]
struct Join {
    name: Option<String>,
}

#[derive(Deserialize)]
struct Fields {
    dimensions: Option<Vec<Field>>,
    measures: Option<Vec<Field>>,
}

#[derive(Deserialize)]
struct Field {
    name: Option<String>,
    description: Option<String>,
}

#[derive(Deserialize)]
struct PhysicalTable {
    connection: Option<String>,
    canonical_table: Option<String>,
}

/// Reads one entity for each explore. Files that are not explores, and explores of a denied table, are left out.
pub(super) fn collect(project: &Project, folder: &Path) -> Result<Vec<Entity>> {
    // The tables of an explore may be those of any connection.
    let policies: Vec<_> = project.connections.keys().map(|id| project.policy(id)).collect::<Result<_>>()?;
    let mut paths = confined::list(&project.dir, &folder.join("explores"))?;
    paths.sort();
    let mut entities = Vec::new();
    for path in paths {
        let text = confined::read_text(&project.dir, &path)?.unwrap_or_default();
        let explore = serde_json::from_str::<Explore>(&text).ok();
        entities.extend(explore.and_then(|explore| entity(explore, &policies)));
    }
    Ok(entities)
}

fn entity(explore: Explore, policies: &[Policy]) -> Option<Entity> {
    let is_shown = |text: &String| !policies.iter().any(|policy| policy.denies() && policy.hides_text(text));
    let tables: Vec<_> = explore.physical_tables.into_iter().flatten().collect();
    // Nearly all explores have the tables of one connection.
    let connection = tables.iter().find_map(|table| table.connection.clone());
    let tables: Vec<_> = tables.into_iter().filter_map(|table| table.canonical_table).collect();
    if tables.iter().any(|table| policies.iter().any(|policy| policy.denies_reference(table))) {
        return None;
    }
    let own_name = explore.name?;
    let key = format!("{}.{own_name}", explore.model_name?);
    let text = [explore.label, explore.description].into_iter().flatten().filter(is_shown).collect::<Vec<_>>();
    let mut document = Document::new(Kind::View, &key, &own_name, &text.join(": "));
    let fields = explore.fields.into_iter().flat_map(|fields| [fields.dimensions, fields.measures]);
    let fields: Vec<_> = fields.flatten().flatten().collect();
    let views = explore.joins.into_iter().flatten().filter_map(|join| join.name);
    let names = views.chain(fields.iter().filter_map(|field| field.name.clone())).filter(is_shown);
    let descriptions = fields.iter().filter_map(|field| field.description.clone()).filter(is_shown);
    document.context = names.chain(descriptions).collect::<Vec<_>>().join(" ");
    (document.tables, document.tables_connection) = (tables, connection);
    Some(Entity { key, documents: vec![document], joins: Vec::new() })
}
