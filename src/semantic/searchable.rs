//! What the search indexes of scans and sources, by the data policy of today. All functions block.

use super::{
    check_values::listed_values,
    files::{Entry, list_named_paths, list_paths},
    metrics::Metric,
    model_file::read_model,
    newest_scan,
    relationships::{ScannedColumns, read_all},
    source::Source,
    table::{Column, Table},
};
use crate::{
    error::{Code, Result},
    ingest::profile::{ColumnFacts, ProfiledSyncs, TableIdentity},
    project::Project,
};
use serde_json::Value;
use std::{
    collections::{BTreeMap, BTreeSet},
    path::{Path, PathBuf},
};

/// A table of the newest scan.
#[derive(Debug)]
pub(crate) struct SearchableTable {
    /// Name with the schema.
    pub(crate) name: String,
    /// Comment in the database.
    pub(crate) comment: Option<String>,
    /// Columns, in the order of the table.
    pub(crate) columns: Vec<SearchableColumn>,
    /// Tables that it refers to by a foreign key, declared or accepted, with their schemas.
    pub(crate) references: BTreeSet<String>,
}

/// A column of a table.
#[derive(Debug)]
pub(crate) struct SearchableColumn {
    /// Name.
    pub(crate) name: String,
    /// Comment in the database, and those of nested fields with their paths.
    pub(crate) texts: Vec<String>,
    /// Frequent or allowed values with their numbers of rows, if these are known; none if the column is masked.
    pub(crate) values: Vec<(String, Option<u64>)>,
}

/// Reads the tables of the newest scan; none if the connection has not been scanned. Errors: those of its files.
pub(crate) fn read_searchable_tables(project: &Project, connection_id: &str) -> Result<Vec<SearchableTable>> {
    let scan = match newest_scan::read(project, connection_id) {
        Err(error) if error.code() == Code::ScanMissing && !has_scan(project, connection_id)? => return Ok(Vec::new()),
        scan => scan?,
    };
    let syncs = ProfiledSyncs::of(project, connection_id)?;
    let mut references: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for link in &scan.links {
        references.entry(link.from_table.clone()).or_default().insert(link.to_table.clone());
    }
    let scanned = ScannedColumns::new(connection_id, &scan.tables);
    for link in read_all(project, connection_id, &scanned)?.into_iter().flat_map(|list| list.relationships) {
        if link.status == "accepted" {
            references.entry(link.from.table).or_default().insert(link.to.table);
        }
    }
    scan.tables
        .iter()
        .map(|table| {
            let profile = syncs.find(&TableIdentity::from(table))?.map(|found| found.profile);
            let facts = profile.into_iter().flat_map(|profile| profile.columns).map(|column| column.facts);
            let references = references.remove(&table.qualified_name()).unwrap_or_default();
            Ok(describe(table, facts, references))
        })
        .collect()
}

fn has_scan(project: &Project, connection_id: &str) -> Result<bool> {
    Ok(crate::ingest::find_newest_scan(project, connection_id)?.is_some())
}

fn describe(
    table: &Table,
    mut facts: impl Iterator<Item = ColumnFacts>,
    references: BTreeSet<String>,
) -> SearchableTable {
    let mut listed = listed_values(table);
    let mut describe = |column: &Column| {
        let allowed = column.enum_values.iter().cloned().chain(listed.remove(column.name.as_str()).unwrap_or_default());
        describe_column(column, facts.next(), allowed.collect())
    };
    let columns = table.columns.iter().map(&mut describe).collect();
    SearchableTable { name: table.qualified_name(), comment: table.comment.clone(), columns, references }
}

fn describe_column(column: &Column, facts: Option<ColumnFacts>, allowed: BTreeSet<String>) -> SearchableColumn {
    let fields = column.fields.iter().map(|field| {
        let path = field.path.join(".");
        field.comment.as_ref().map_or_else(|| path.clone(), |comment| format!("{path}: {comment}"))
    });
    let is_hidden = facts.as_ref().is_some_and(|facts| facts.hidden);
    let found = facts.and_then(|facts| facts.values).unwrap_or_default();
    let mut values: Vec<_> =
        found.into_iter().filter_map(|found| Some((text(found.value)?, Some(found.count)))).collect();
    let known: BTreeSet<_> = values.iter().map(|(value, _)| value.clone()).collect();
    let allowed = allowed.into_iter().filter(|value| !is_hidden && !known.contains(value));
    values.extend(allowed.map(|value| (value, None)));
    SearchableColumn {
        name: column.name.clone(),
        texts: column.comment.iter().cloned().chain(fields).collect(),
        values,
    }
}

fn text(value: Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text),
        Value::Number(number) => Some(number.to_string()),
        Value::Bool(_) | Value::Null | Value::Array(_) | Value::Object(_) => None,
    }
}

/// Returns the paths of the files of a connection's sources, sorted. Errors: [`Code::FileIo`].
pub(crate) fn list_source_files(project: &Project, connection_id: &str) -> Result<Vec<PathBuf>> {
    list_paths(&project.dir, connection_id)
}

/// Returns the paths like [`list_source_files`], and those of folders and broken links with such a name: it reads no more
/// than their folder. Errors: [`Code::FileIo`].
pub(crate) fn list_source_names(project: &Project, connection_id: &str) -> Result<Vec<PathBuf>> {
    list_named_paths(&project.dir, connection_id)
}

/// Reads the source of a file without what the data policy denies or masks; `None` if the file is missing or invalid, or
/// has a source of a denied table.
pub(crate) fn read_searchable_source(project: &Project, connection_id: &str, path: &Path) -> Result<Option<Source>> {
    let entry = Entry::read(&project.dir, path.to_owned())?;
    let Some(mut source) = entry.and_then(|entry| entry.read.ok()) else { return Ok(None) };
    let policy = project.policy(connection_id)?;
    if source.is_denied(&policy) {
        return Ok(None);
    }
    source.hide_values(&policy);
    source.remove_denied(&policy, &BTreeSet::new());
    Ok(Some(source))
}

/// Reads the metrics without those that name anything that a data policy denies or masks; none if their file is invalid.
pub(crate) fn read_searchable_metrics(project: &Project) -> Result<Vec<Metric>> {
    let Ok(model) = read_model(project) else { return Ok(Vec::new()) };
    let policies: Vec<_> = project.connections.keys().map(|id| project.policy(id)).collect::<Result<_>>()?;
    let hides = |text: &String| policies.iter().any(|policy| policy.denies() && policy.hides_text(text));
    let mut metrics = model.metrics;
    metrics.retain(|metric| !hides(&metric.name) && !hides(&metric.expr));
    for metric in &mut metrics {
        metric.description.take_if(|text| hides(text));
        metric.synonyms.retain(|text| !hides(text));
    }
    Ok(metrics)
}
