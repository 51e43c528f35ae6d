//! What uses a table: the semantic sources, joins, measures and segments on it, and the views and queries that read it.

use super::{
    affected, allowed::allowed_sources, files::SourceFolder, references::references, source::Source, table::Table,
};
use crate::{
    error::Result,
    project::{Project, policy::Policy, table_reference::parse_reference},
};
use std::collections::{BTreeSet, HashMap};

/// What the tables of a scan are used by: texts of SQL are parsed once.
pub(super) struct Users<'a> {
    sources: Vec<&'a Source>,
    /// Sources by the name of their table in lower case, without its schema.
    by_table: HashMap<String, Vec<&'a Source>>,
    /// Sources that are a query.
    queries: Vec<&'a Source>,
    tables: &'a [Table],
    /// Number of tables by their names in lower case, without their schemas.
    counts: HashMap<String, usize>,
    /// Names after `FROM` or `JOIN`, by the text of a query or the definition of a view.
    read: HashMap<&'a str, Vec<Vec<String>>>,
    policy: Policy,
}

impl<'a> Users<'a> {
    /// Reads what uses the tables of a scan, among the allowed parts of sources.
    pub(super) fn new(sources: &'a [Source], tables: &'a [Table], policy: Policy) -> Self {
        let sources: Vec<_> = sources.iter().collect();
        let queries: Vec<_> = sources.iter().copied().filter(|source| source.sql.is_some()).collect();
        let texts = queries.iter().filter_map(|source| source.sql.as_deref());
        let texts = texts.chain(tables.iter().filter_map(|table| table.definition.as_deref()));
        let read = texts.map(|sql| (sql, read_names(sql))).collect();
        let mut by_table: HashMap<_, Vec<_>> = HashMap::new();
        for source in &sources {
            let name = source.table.as_deref().and_then(parse_reference).and_then(|mut parts| parts.pop());
            by_table.entry(name.unwrap_or_default().to_lowercase()).or_default().push(*source);
        }
        let mut counts = HashMap::new();
        for table in tables {
            *counts.entry(table.name.to_lowercase()).or_default() += 1;
        }
        Self { sources, by_table, queries, tables, counts, read, policy }
    }

    /// Returns what uses a table, in a stable order, as in the report of a scan (`measure orders.revenue`), and as
    /// `view sales.monthly`, without what names anything that the data policy denies.
    ///
    /// A view or a query that names the table without its schema counts only if no other table has the name.
    pub(super) fn of(&self, table: &Table) -> Vec<String> {
        let parts = table.parts();
        let folded = table.name.to_lowercase();
        let is_unique = self.counts.get(&folded) == Some(&1);
        let reads = |sql: &str| {
            let mut names = self.read.get(sql).into_iter().flatten();
            names.any(|name| (name.len() > 1 || is_unique) && affected::is_same(name, &parts))
        };
        let own_name = table.qualified_name();
        let views = self.tables.iter().filter(|view| view.definition.as_deref().is_some_and(reads));
        let views: BTreeSet<_> = views.map(Table::qualified_name).filter(|name| *name != own_name).collect();
        let candidates = self.by_table.get(&folded).into_iter().flatten().chain(&self.queries).copied();
        let in_sources = affected::users_of_table(candidates, &self.sources, &parts, reads);
        let in_sources = in_sources.into_iter().map(|(_, text)| text);
        let found = in_sources.chain(views.into_iter().map(|name| format!("view {name}")));
        found.filter(|text| !self.policy.denies_text(text)).collect()
    }
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
    let allowed = allowed_sources(&folder, &project.policy(connection_id)?);
    let sources: Vec<_> = allowed.iter().collect();
    let found = affected::users_of_table(sources.iter().copied(), &sources, table, reads);
    Ok(found.into_iter().map(|(_, text)| text).collect())
}

/// The names after `FROM` or `JOIN`. Tables after a comma are not recognized.
fn read_names(sql: &str) -> Vec<Vec<String>> {
    let found = references(sql);
    let introduces =
        |name: &[String]| matches!(name, [word] if ["from", "join"].contains(&word.to_lowercase().as_str()));
    found.windows(2).filter(|pair| introduces(&pair[0])).map(|pair| pair[1].clone()).collect()
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
        let project = project(dir.path());
        let policy = project.policy("shop").unwrap();
        let sources = allowed_sources(&SourceFolder::open(&project, "shop").unwrap(), &policy);
        Users::new(&sources, tables, policy).of(&tables[0])
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
