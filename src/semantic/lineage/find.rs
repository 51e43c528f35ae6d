//! Finds the lineage of a table.

use super::{
    explores::{add_explores, add_queries},
    graph::{Graph, Step},
    names::{Named, Names, parts_of},
    statements::Statements,
};
use crate::{
    error::Result,
    ingest::{RunFailure, convert_error},
    offload,
    ports::JsonRunner,
    project::Project,
    semantic::{
        describe::find_table,
        files::SourceFolder,
        newest_scan::{self, ScannedTables},
        table::Table,
        used_by::users_in_sources,
    },
};
use serde::Serialize;
use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

/// Maximum names in a sentence.
const MAX_NAMES: usize = 8;

/// What a table is made of, and what is made of it (`KtxLineage`).
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Lineage {
    /// Id of the connection.
    pub connection_id: String,
    /// Name of the scan's folder in `raw-sources`.
    pub sync_id: String,
    /// Name of the table or view, with its schema.
    pub table: String,
    /// `table` or `view`; `None` in files of older versions.
    pub kind: Option<String>,
    /// Tables and views that the definition of a view reads, and those that these read.
    pub upstream: Vec<Step>,
    /// Views that read it, and those that read these.
    pub downstream: Vec<Step>,
    /// Sources, joins, measures and segments on it as in reports of scans, `explore model.name`, and
    /// `query FINGERPRINT (12 calls)` for at most 20 templates of the query history.
    pub used_by: Vec<String>,
    /// Number of templates that read it.
    pub query_total: usize,
    /// Sentences about what is not known.
    pub unknown: Vec<String>,
}

/// The newest scan of a connection, and the queries of its sources.
struct Known {
    connection_id: String,
    scan: ScannedTables,
    /// Names of the sources by query.
    queries: BTreeMap<String, String>,
    /// Index of the table.
    index: usize,
}

/// Finds the lineage of a table, whose name is as for [`crate::semantic::describe_table`].
///
/// Errors: those of [`crate::semantic::describe_table`], and those of the runner.
pub async fn find_lineage<R: JsonRunner<Error: RunFailure>>(
    project: &Arc<Project>,
    connection_id: &str,
    name: &str,
    runner: &R,
) -> Result<Lineage, R::Error> {
    let dialect = convert_error::<_, R::Error>(project.dialect(connection_id))?;
    let (owned, id, name) = (project.clone(), connection_id.to_owned(), name.to_owned());
    let reading = offload::spawn_blocking(move || Known::read(&owned, id, &name));
    let known = convert_error::<_, R::Error>(reading.await)?;
    let statements = Statements::parse(&known.texts(), &dialect, &known.scan.tables, runner).await?;
    let owned = project.clone();
    let finding = offload::spawn_blocking(move || known.lineage(&owned, &statements));
    convert_error::<_, R::Error>(finding.await)
}

impl Known {
    fn read(project: &Project, connection_id: String, name: &str) -> Result<Self> {
        let scan = newest_scan::read(project, &connection_id)?;
        let table = find_table(&scan.tables, name)?;
        let index = scan.tables.iter().position(|other| std::ptr::eq(other, table)).unwrap_or_default();
        let folder = SourceFolder::open(project, &connection_id)?;
        let sources = folder.entries.iter().filter_map(|entry| entry.source());
        let queries = sources.filter_map(|source| Some((source.sql.clone()?, source.name.clone()))).collect();
        Ok(Self { connection_id, scan, queries, index })
    }

    /// Returns all statements.
    fn texts(&self) -> BTreeSet<String> {
        let definitions = self.scan.tables.iter().filter_map(|table| table.definition.as_ref());
        definitions.chain(self.queries.keys()).cloned().collect()
    }

    fn lineage(&self, project: &Project, statements: &Statements) -> Result<Lineage> {
        let table = &self.scan.tables[self.index];
        let (own_name, names) = (table.qualified_name(), Names::new(&self.scan.tables));
        let (graph, mut unknown) = self.graph(project, statements, &names, &own_name)?;
        let is_own = |parts: &Vec<String>| matches!(names.find(parts), Named::Scanned(name) if name == own_name);
        let reads = |sql: &str| statements.tables(sql).is_some_and(|tables| tables.iter().any(is_own));
        let mut used_by = users_in_sources(project, &self.connection_id, &parts_of(table), reads)?;
        let unparsed = self.queries.iter().filter(|(sql, _)| statements.tables(sql).is_none());
        let unparsed: BTreeSet<_> = unparsed.map(|(_, name)| name.clone()).collect();
        if !unparsed.is_empty() {
            unknown.push(format!("Sources whose query cannot be parsed may read it, too: {}", listed(&unparsed)));
        }
        add_explores(project, &self.connection_id, table, &mut used_by, &mut unknown);
        let query_total = add_queries(project, &self.connection_id, table, &mut used_by)?;
        let scanned: BTreeSet<_> = self.scan.tables.iter().map(Table::qualified_name).collect();
        Ok(Lineage {
            connection_id: self.connection_id.clone(),
            sync_id: self.scan.sync_id.clone(),
            kind: table.kind.clone(),
            upstream: graph.upstream(&own_name, |name| scanned.contains(name)),
            downstream: graph.downstream(&own_name),
            table: own_name,
            used_by,
            query_total,
            unknown,
        })
    }

    /// Returns what views read, and sentences about those of which this is not known.
    fn graph(
        &self,
        project: &Project,
        statements: &Statements,
        names: &Names<'_>,
        own_name: &str,
    ) -> Result<(Graph, Vec<String>)> {
        let policy = project.policy(&self.connection_id)?;
        let (mut graph, mut unparsed, mut ambiguous) = (Graph::default(), BTreeSet::new(), BTreeSet::new());
        for view in self.scan.tables.iter().filter(|table| is_view(table)) {
            let name = view.qualified_name();
            let Some(tables) = view.definition.as_deref().and_then(|sql| statements.tables(sql)) else {
                unparsed.insert(name);
                continue;
            };
            for reference in tables {
                match names.find(reference) {
                    // The text of a definition may begin with the name of the view.
                    Named::Scanned(table) if table == name => {}
                    Named::Scanned(table) => graph.add(&name, &table),
                    Named::Other(table) if policy.denies_reference(&table) => {}
                    Named::Other(table) => graph.add(&name, &table),
                    Named::Ambiguous(table) => {
                        ambiguous.insert(format!("{table} in {name}"));
                    }
                }
            }
        }
        let mut unknown = Vec::new();
        let upstream = graph.upstream(own_name, |_| true).into_iter().map(|step| step.table);
        let own: BTreeSet<_> = upstream.chain([own_name.to_owned()]).filter(|name| unparsed.remove(name)).collect();
        if !own.is_empty() {
            unknown.push(format!("What these views read is not known: {}{WITHOUT}", listed(&own)));
        }
        if !unparsed.is_empty() {
            unknown.push(format!("These views may read it, too: {}{WITHOUT}", listed(&unparsed)));
        }
        if !ambiguous.is_empty() {
            unknown.push(format!("These names are those of several tables: {}", listed(&ambiguous)));
        }
        Ok((graph, unknown))
    }
}

const WITHOUT: &str = "; their definitions are not in the scan, or cannot be parsed";

fn is_view(table: &Table) -> bool {
    table.definition.is_some() || table.kind.as_deref() == Some("view")
}

fn listed(names: &BTreeSet<String>) -> String {
    let shown: Vec<_> = names.iter().take(MAX_NAMES).map(String::as_str).collect();
    let hidden = names.len() - shown.len();
    format!("{}{}", shown.join(", "), if hidden > 0 { format!(" and {hidden} more") } else { String::new() })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{error::Error, semantic::files::tests::project};
    use serde_json::{Value, json};
    use std::{fs, path::Path};

    /// Answers with the tables that the statement lists after `reads`; one without it cannot be parsed.
    struct Parser;

    impl JsonRunner for Parser {
        type Error = Error;

        async fn request(&self, _: &str, payload: String) -> Result<String, Error> {
            let request: Value = serde_json::from_str(&payload).unwrap();
            let result = |item: &Value| {
                let tables = item["sql"].as_str().unwrap().strip_prefix("reads ");
                let table = |text: &str| match text.split_once('.') {
                    Some((db, name)) => json!({ "catalog": null, "db": db, "name": name }),
                    None => json!({ "catalog": null, "db": null, "name": text }),
                };
                let touched: Vec<_> = tables.iter().flat_map(|text| text.split(' ')).map(table).collect();
                let error = tables.is_none().then_some("no");
                let key = item["id"].as_str().unwrap().to_owned();
                (key, json!({ "tables_touched": touched, "columns_by_clause": {}, "error": error }))
            };
            let results: serde_json::Map<_, _> = request["items"].as_array().unwrap().iter().map(result).collect();
            Ok(json!({ "results": results }).to_string())
        }
    }

    fn write(dir: &Path, path: &str, text: &str) {
        fs::create_dir_all(dir.join(path).parent().unwrap()).unwrap();
        fs::write(dir.join(path), text).unwrap();
    }

    fn table(dir: &Path, db: &str, name: &str, definition: Option<&str>) {
        let kind = if definition.is_some() { "view" } else { "table" };
        let table = json!({ "name": name, "catalog": null, "db": db, "kind": kind, "comment": null, "columns": [],
            "definition": definition });
        write(dir, &format!("raw-sources/shop/live-database/1/tables/{db}.{name}.json"), &table.to_string());
    }

    async fn lineage(dir: &Path, name: &str) -> Value {
        let found = find_lineage(&Arc::new(project(dir)), "shop", name, &Parser).await.unwrap();
        serde_json::to_value(found).unwrap()
    }

    #[tokio::test]
    async fn views_are_followed_and_what_is_not_known_is_said() {
        let temporary = tempfile::tempdir().unwrap();
        let dir = temporary.path();
        for (db, name) in [("s", "orders"), ("s", "days"), ("old", "days")] {
            table(dir, db, name, None);
        }
        table(dir, "s", "monthly", Some("reads s.ORDERS s.monthly far.away"));
        table(dir, "s", "yearly", Some("reads s.monthly s.strange days"));
        table(dir, "s", "strange", Some("?"));
        write(dir, "semantic-layer/shop/daily.yaml", "name: daily\nsql: reads s.orders\ngrain: [day]\n");
        let orders = lineage(dir, "orders").await;
        assert_eq!(orders["upstream"], json!([]));
        assert_eq!(
            orders["downstream"],
            json!([{ "steps": 1, "table": "s.monthly" }, { "steps": 2, "table": "s.yearly" }])
        );
        assert_eq!(orders["usedBy"], json!(["source daily"]));
        assert_eq!(
            orders["unknown"],
            json!([
                format!("These views may read it, too: s.strange{WITHOUT}"),
                "These names are those of several tables: days in s.yearly",
            ])
        );
        let yearly = lineage(dir, "yearly").await;
        let direct = json!([{ "steps": 1, "table": "s.monthly" }, { "steps": 1, "table": "s.strange" },
            { "steps": 2, "table": "far.away", "scanned": false }, { "steps": 2, "table": "s.orders" }]);
        assert_eq!(yearly["upstream"], direct);
        assert_eq!(yearly["unknown"][0], format!("What these views read is not known: s.strange{WITHOUT}"));
    }

    #[tokio::test]
    async fn explores_and_the_query_history_use_a_table() {
        let temporary = tempfile::tempdir().unwrap();
        let dir = temporary.path();
        table(dir, "s", "orders", None);
        let physical = json!({ "view": "orders", "ok": true, "schema": "s", "name": "Orders", "connection": "shop" });
        let explore = json!({ "name": "sales", "model_name": "retail", "physicalTables": [physical] });
        write(dir, "raw-sources/lk/looker/1/explores/retail.sales.json", &explore.to_string());
        let config = "connections: { shop: { driver: postgres }, lk: { driver: looker } }";
        let project = Arc::new(Project::parsed(dir, config));
        let found = find_lineage(&project, "shop", "orders", &Parser).await.unwrap();
        assert_eq!(found.used_by, ["explore retail.sales"]);
    }
}
