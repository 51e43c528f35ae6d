//! The explores of Looker, and the statements of the query history, that read a table.

use crate::{
    error::{Code, Result},
    ingest::{HistoryFilter, list_history, models::read_models},
    project::Project,
    semantic::{affected::is_same, table::Table},
};

/// Maximum statements of the query history that are named.
const MAX_QUERIES: usize = 20;

/// Adds the explores with the table, and what is not known of them.
pub(super) fn add_explores(
    project: &Project,
    connection_id: &str,
    table: &Table,
    used_by: &mut Vec<String>,
    unknown: &mut Vec<String>,
) {
    let models = read_models(&project.dir, &project.looker_connections(), project.environment.as_deref());
    let own = table.parts();
    for explore in models.explores {
        let reads = explore.tables.iter().flatten().any(|physical| {
            let parts = [&physical.catalog, &physical.schema, &physical.name].into_iter().flatten().cloned();
            let is_of_connection = physical.connection.as_deref() == Some(connection_id);
            is_of_connection && physical.name.is_some() && is_same(&parts.collect::<Vec<_>>(), &own)
        });
        if let (true, Some(model), Some(name)) = (reads, explore.model_name, explore.name) {
            used_by.push(format!("explore {model}.{name}"));
        }
    }
    unknown.extend(models.warnings);
}

/// Adds the statements of the query history that read the table, those with the most total time first, and returns how
/// many there are. A connection without a history has none.
pub(super) fn add_queries(
    project: &Project,
    connection_id: &str,
    table: &Table,
    used_by: &mut Vec<String>,
) -> Result<usize> {
    let filter = HistoryFilter { top: Some(MAX_QUERIES), table: Some(table.qualified_name()), by: None };
    let list = match list_history(project, connection_id, &filter) {
        Err(error) if error.code() == Code::HistoryMissing => return Ok(0),
        list => list?,
    };
    let text =
        |calls, fingerprint| format!("query {fingerprint} ({calls} {})", if calls == 1 { "call" } else { "calls" });
    used_by.extend(list.templates.iter().map(|template| text(template.calls, &template.fingerprint)));
    Ok(list.template_count)
}
