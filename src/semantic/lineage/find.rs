//! Finds the lineage of a table.

use super::{
    explores::{add_explores, add_queries},
    graph::{Graph, Step},
    names::{Named, Names},
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
        let mut used_by = users_in_sources(project, &self.connection_id, &table.parts(), reads)?;
        let unparsed = self.queries.iter().filter(|(sql, _)| statements.tables(sql).is_none());
        let unparsed: BTreeSet<_> = unparsed.map(|(_, name)| name.clone()).collect();
        if !unparsed.is_empty() {
            unknown.push(format!("Sources whose query cannot be parsed may read it, too: {}", listed(&unparsed)));
        }
        add_explores(project, &self.connection_id, table, &mut used_by, &mut unknown);
        let query_total = add_queries(project, &self.connection_id, table, &mut used_by)?;
        let policy = project.policy(&self.connection_id)?;
        used_by.retain(|text| !policy.denies_text(text));
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

/// Why what a view reads is not known.
pub(super) const WITHOUT: &str = "; their definitions are not in the scan, or cannot be parsed";

fn is_view(table: &Table) -> bool {
    table.definition.is_some() || table.kind.as_deref() == Some("view")
}

fn listed(names: &BTreeSet<String>) -> String {
    let shown: Vec<_> = names.iter().take(MAX_NAMES).map(String::as_str).collect();
    let hidden = names.len() - shown.len();
    format!("{}{}", shown.join(", "), if hidden > 0 { format!(" and {hidden} more") } else { String::new() })
}
