//! Staged explores: their joins, their fields and their physical tables.

use super::{entities::LAYOUT, kinds::EXPLORES};
use crate::{
    error::Result,
    ingest::{
        adapters::staged::{StagedLayout, parse_files},
        find_newest_sync,
    },
    project::Adapter,
};
use serde::Deserialize;
use std::path::Path;

/// A staged explore. What the API user may not see is missing.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct StagedExplore {
    /// Its name in the model.
    pub name: Option<String>,
    /// Name of the model.
    pub model_name: Option<String>,
    /// What a person wrote about it.
    pub description: Option<String>,
    /// Its joins, in their order.
    pub joins: Vec<StagedJoin>,
    /// Its fields.
    pub fields: StagedFields,
    /// Tables of its views, that of the base view first.
    #[serde(rename = "physicalTables")]
    pub tables: Option<Vec<PhysicalTable>>,
}

/// A join of an explore.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct StagedJoin {
    /// Name of the joined view in the fields of the explore.
    pub name: String,
    /// The condition, in LookML.
    pub sql_on: Option<String>,
    /// A dimension that has the primary key of the joined view, in place of a condition.
    pub foreign_key: Option<String>,
}

/// Fields of an explore by kind.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct StagedFields {
    /// Dimensions, hidden ones included.
    pub dimensions: Vec<StagedDimension>,
}

/// A dimension of an explore.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct StagedDimension {
    /// View and name, with a dot between them.
    pub name: String,
    /// Looker's type, such as `string` or `date_month`.
    #[serde(rename = "type")]
    pub kind: Option<String>,
    /// The expression, in LookML.
    pub sql: Option<String>,
    /// What a person wrote about it.
    pub description: Option<String>,
    /// Whether it is the key of its view.
    pub primary_key: Option<bool>,
}

/// The table of a view of an explore.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct PhysicalTable {
    /// Name of the view in the model.
    pub view: String,
    /// Name of the view in the fields of the explore.
    pub alias: String,
    /// Whether the reference was resolved.
    pub ok: bool,
    /// Catalog or database.
    pub catalog: Option<String>,
    /// Schema.
    pub schema: Option<String>,
    /// Name of the table.
    pub name: Option<String>,
    /// Connection of the project.
    pub connection: Option<String>,
}

/// Reads the explores of the newest sync of a Looker connection; none without one. A file that is not an explore is an
/// error in its place. Blocks. Errors: those of the store and of the files.
pub fn read_explores(
    project_dir: &Path,
    connection_id: &str,
    environment: Option<&str>,
) -> Result<Vec<Result<StagedExplore>>> {
    let newest = find_newest_sync(project_dir, connection_id, Adapter::Looker.name(), environment)?;
    let Some(folder) = newest else { return Ok(Vec::new()) };
    parse_files(StagedLayout { folders: &[EXPLORES], ..LAYOUT }, &folder, |file| Ok(file.parse()))
}
