//! What uses a table: the semantic sources, joins, measures and segments on it, and the views and queries that read it.

use super::{affected, files::SourceFolder, references::references, table::Table};
use crate::{
    error::Result,
    project::{Project, letter_case},
};
use std::collections::BTreeSet;

/// Returns what uses a table of a scan, in a stable order, as in the report of a scan (`measure orders.revenue`), and as
/// `view sales.monthly`. Blocks. Errors: [`crate::error::Code::FileIo`].
///
/// A view or a query that names the table without its schema counts only if no other table has the name.
pub(super) fn find_users(
    project: &Project,
    connection_id: &str,
    table: &Table,
    tables: &[Table],
) -> Result<Vec<String>> {
    let parts = table.parts();
    let is_unique = tables.iter().filter(|other| letter_case::is_same(&other.name, &table.name)).count() == 1;
    let reads = |sql: &str| reads_table(sql, &parts, is_unique);
    let mut found = users_in_sources(project, connection_id, &parts, reads)?;
    let own_name = table.qualified_name();
    let views = tables.iter().filter(|view| view.definition.as_deref().is_some_and(reads));
    let views: BTreeSet<_> = views.map(Table::qualified_name).filter(|name| *name != own_name).collect();
    found.extend(views.into_iter().map(|name| format!("view {name}")));
    let policy = project.policy(connection_id)?;
    found.retain(|text| !policy.denies_text(text));
    Ok(found)
}

/// Returns the sources, joins, measures and segments on a table, and the sources whose query reads it, in a stable order.
/// Blocks. Errors: [`crate::error::Code::FileIo`].
pub(super) fn users_in_sources(
    project: &Project,
    connection_id: &str,
    table: &[String],
    reads: impl Fn(&str) -> bool,
) -> Result<Vec<String>> {
    let folder = SourceFolder::open(project, connection_id)?;
    let sources: Vec<_> = folder.entries.iter().filter_map(|entry| entry.source()).collect();
    Ok(affected::users_of_table(&sources, table, reads).into_iter().map(|(_, text)| text).collect())
}

/// Whether a query names the table after `FROM` or `JOIN`. Tables after a comma are not recognized.
fn reads_table(sql: &str, table: &[String], is_unique: bool) -> bool {
    let found = references(sql);
    found.windows(2).any(|pair| {
        let introduces =
            matches!(pair[0].as_slice(), [word] if ["from", "join"].contains(&word.to_lowercase().as_str()));
        introduces && (pair[1].len() > 1 || is_unique) && affected::is_same(&pair[1], table)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::semantic::files::tests::project;
    use std::fs;

    const ORDERS: &str = "name: orders\ntable: public.orders\ngrain: [id]\n\
        columns: [{ name: id, type: number }]\nmeasures: [{ name: total, expr: sum(cents) }]\n";
    const DAILY: &str = "name: daily\nsql: SELECT day FROM public.orders GROUP BY day\ngrain: [day]\n";

    fn table(db: &str, name: &str, definition: Option<&str>) -> Table {
        let fields = serde_json::json!({
            "name": name, "catalog": null, "db": db, "comment": null, "columns": [], "definition": definition,
        });
        serde_json::from_value(fields).unwrap()
    }

    fn users(tables: &[Table]) -> Vec<String> {
        let dir = tempfile::tempdir().unwrap();
        let folder = dir.path().join("semantic-layer/shop");
        fs::create_dir_all(&folder).unwrap();
        for (name, text) in [("orders", ORDERS), ("daily", DAILY)] {
            fs::write(folder.join(format!("{name}.yaml")), text).unwrap();
        }
        find_users(&project(dir.path()), "shop", &tables[0], tables).unwrap()
    }

    #[test]
    fn sources_measures_and_views_use_a_table() {
        let tables = [
            table("public", "orders", None),
            table("public", "monthly", Some("SELECT 1 FROM (\"orders\" o JOIN days d ON true)")),
            table("public", "named", Some("SELECT orders FROM days")),
        ];
        assert_eq!(users(&tables), ["source daily", "source orders", "measure orders.total", "view public.monthly"]);
    }

    #[test]
    fn unqualified_name_of_several_tables_is_no_use() {
        let tables = [
            table("public", "orders", None),
            table("old", "Orders", None),
            table("public", "a", Some("SELECT * FROM orders")),
            table("public", "b", Some("SELECT * FROM public.orders")),
            table("public", "c", Some("SELECT * FROM old.orders")),
        ];
        assert_eq!(users(&tables), ["source daily", "source orders", "measure orders.total", "view public.b"]);
    }
}
