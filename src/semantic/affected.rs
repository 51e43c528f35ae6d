//! Adds the semantic sources, joins, measures and segments that name what has changed to the report of a scan.

use super::{
    allowed::allowed_sources,
    files::SourceFolder,
    measure::Measure,
    references::references,
    source::{Join, Source},
};
use crate::{
    error::Result,
    ingest::{Change, ChangeKind, ChangedObject, RunReport, RunStatus, store::amend_run},
    project::{Adapter, Project, letter_case, table_reference::parse_reference},
};
use std::collections::BTreeSet;

/// Adds what each change of a database affects, and records the report again if it affects anything. Blocks.
///
/// A failure is a warning of the report, since the scan itself is done.
pub fn record_affected(project: &Project, mut report: RunReport) -> RunReport {
    if report.status != RunStatus::Done || report.source != Adapter::LiveDatabase.name() {
        return report;
    }
    let recorded = match add_affected(project, &mut report) {
        Ok(false) => Ok(()),
        Ok(true) => amend_run(&project.dir, &report),
        Err(error) => Err(error),
    };
    if let Err(error) = recorded {
        report.warnings.push(format!("What the changes affect is not known: {}", error.with_hint_text()));
    }
    report
}

/// Returns whether a change affects anything.
fn add_affected(project: &Project, report: &mut RunReport) -> Result<bool> {
    if report.details.is_empty() && report.changes.deleted.is_empty() {
        return Ok(false);
    }
    let folder = SourceFolder::open(project, &report.connection_id)?;
    let allowed = allowed_sources(&folder, &project.policy(&report.connection_id)?);
    let sources: Vec<_> = allowed.iter().collect();
    let mut affects_any = false;
    for (table, changes) in &mut report.details {
        for change in changes {
            change.affects = find_affected(&sources, table, change);
            affects_any |= !change.affects.is_empty();
        }
    }
    for table in &report.changes.deleted {
        let mut change = Change::removed_table(table);
        change.affects = find_affected(&sources, table, &change);
        if !change.affects.is_empty() {
            affects_any = true;
            report.details.entry(table.clone()).or_default().push(change);
        }
    }
    Ok(affects_any)
}

/// Returns what a change of a table affects, in a stable order.
fn find_affected(sources: &[&Source], table: &str, change: &Change) -> Vec<String> {
    let table = match (change.object, change.kind, &change.before) {
        (ChangedObject::Table, ChangeKind::Renamed, Some(before)) => before,
        _ => table,
    };
    let Some(parts) = parse_reference(table) else { return Vec::new() };
    let changed = match (change.object, change.kind) {
        (_, ChangeKind::Omitted) | (ChangedObject::Column, ChangeKind::Added) => return Vec::new(),
        (ChangedObject::Column, ChangeKind::Renamed) => Changed::Column(change.before.as_deref().unwrap_or_default()),
        (ChangedObject::Column, _) => Changed::Column(change.name.as_deref().unwrap_or_default()),
        (ChangedObject::Table, _) => Changed::Table,
        // Indexes and constraints have no place in sources.
        _ => return Vec::new(),
    };
    if change.property.as_deref() == Some("comment") {
        return Vec::new();
    }
    let found = find_users(sources.iter().copied(), sources, &parts, changed, |sql| query_names(sql, &parts, changed));
    found.into_iter().map(|(_, text)| text).collect()
}

/// Returns what sources have on a table, and the sources whose query reads it. `candidates` are those of them that may be
/// on the table or have a query.
pub(super) fn users_of_table<'a>(
    candidates: impl Iterator<Item = &'a Source>,
    sources: &[&Source],
    table: &[String],
    reads: impl Fn(&str) -> bool,
) -> Found {
    find_users(candidates, sources, table, Changed::Table, reads)
}

fn find_users<'a>(
    candidates: impl Iterator<Item = &'a Source>,
    sources: &[&Source],
    table: &[String],
    changed: Changed<'_>,
    reads: impl Fn(&str) -> bool,
) -> Found {
    let mut found = Found::new();
    for source in candidates {
        if source.table.as_deref().and_then(parse_reference).is_some_and(|reference| is_same(&reference, table)) {
            add_source(source, sources, changed, &mut found);
        } else if source.sql.as_deref().is_some_and(&reads) {
            found.insert((0, format!("source {}", source.name)));
        }
    }
    found
}

/// What has changed of a table.
#[derive(Clone, Copy)]
enum Changed<'a> {
    Table,
    Column(&'a str),
}

/// Texts with the rank of their kind.
pub(super) type Found = BTreeSet<(u8, String)>;

/// Whether two names of a table agree in the parts that both have, regardless of letter case.
pub(super) fn is_same(left: &[String], right: &[String]) -> bool {
    left.iter().rev().zip(right.iter().rev()).all(|(left, right)| letter_case::is_same(left, right))
}

/// Whether a query names a table, and the column.
fn query_names(sql: &str, table: &[String], changed: Changed<'_>) -> bool {
    let found = references(sql);
    found.iter().any(|reference| is_same(reference, table))
        && match changed {
            Changed::Table => true,
            Changed::Column(name) => {
                found.iter().any(|reference| reference.last().is_some_and(|last| letter_case::is_same(last, name)))
            }
        }
}

/// Adds what a source has of a change of its table, and the source itself if it has anything.
fn add_source(source: &Source, sources: &[&Source], changed: Changed<'_>, found: &mut Found) {
    let names = match changed {
        Changed::Table => None,
        Changed::Column(column) => Some(names_of(source, column)),
    };
    if names.as_ref().is_some_and(Vec::is_empty) {
        return;
    }
    let mut affected = affected_joins(source, sources, names.as_deref());
    affected.extend(affected_aggregates(source, names.as_deref()));
    let declares = |names: &Vec<String>| {
        let columns = source.columns.iter().map(|column| &column.name);
        columns.chain(&source.grain).any(|column| names.iter().any(|name| letter_case::is_same(name, column)))
    };
    if !affected.is_empty() || names.as_ref().is_none_or(declares) {
        found.insert((0, format!("source {}", source.name)));
    }
    found.extend(affected);
}

/// Returns the joins of a source, and those of others to it, that use one of the columns, or all of them.
fn affected_joins(source: &Source, sources: &[&Source], names: Option<&[String]>) -> Found {
    let own = source.joins.iter().filter(|join| names.is_none_or(|names| mentions(&join.on, &source.name, names)));
    let mut affected: Found = own.map(|join| (1, join_text(source, join))).collect();
    for other in sources.iter().filter(|other| other.name != source.name) {
        for join in other.joins.iter().filter(|join| join.to == source.name) {
            let label = join.alias.as_deref().unwrap_or(&join.to);
            if names.is_none_or(|names| mentions_qualified(&join.on, label, names)) {
                affected.insert((1, join_text(other, join)));
            }
        }
    }
    affected
}

/// Returns the measures and segments of a source that use one of the columns, or all of them.
fn affected_aggregates(source: &Source, names: Option<&[String]>) -> Found {
    let uses = |sql: &str| names.is_none_or(|names| mentions(sql, &source.name, names));
    let segments: Vec<_> = source.segments.iter().filter(|segment| uses(&segment.expr)).collect();
    let is_affected = |measure: &&Measure| {
        let by_segment = measure.segments.iter().any(|name| segments.iter().any(|segment| segment.name == *name));
        by_segment || measure.expressions().any(|text| uses(text))
    };
    let mut measures: Vec<_> = source.measures.iter().filter(is_affected).map(|measure| measure.name.clone()).collect();
    // Measures over other measures.
    let mut count = 0;
    while count < measures.len() {
        count = measures.len();
        let more = source.measures.iter().filter(|measure| !measures.contains(&measure.name));
        let more: Vec<_> = more.filter(|measure| mentions(&measure.expr, &source.name, &measures)).collect();
        measures.extend(more.into_iter().map(|measure| measure.name.clone()));
    }
    let measures = measures.iter().map(|measure| (2, format!("measure {}.{measure}", source.name)));
    let segments = segments.iter().map(|segment| (3, format!("segment {}.{}", source.name, segment.name)));
    measures.chain(segments).collect()
}

/// Returns the names by which expressions of a source may use a column of its table; none if it does not use it.
fn names_of(source: &Source, column: &str) -> Vec<String> {
    let own = [column.to_owned()];
    let mut names: Vec<_> = source
        .columns
        .iter()
        .filter(|declared| match &declared.expr {
            Some(expr) => mentions(expr, &source.name, &own),
            None => letter_case::is_same(&declared.name, column),
        })
        .map(|declared| declared.name.clone())
        .collect();
    let hidden =
        source.columns.iter().any(|declared| letter_case::is_same(&declared.name, column) && declared.expr.is_some());
    if !hidden && !names.iter().any(|name| letter_case::is_same(name, column)) {
        names.push(column.to_owned());
    }
    names
}

/// Whether an expression of a source names one of its columns.
fn mentions(sql: &str, source: &str, names: &[String]) -> bool {
    references(sql).iter().any(|reference| match reference.as_slice() {
        [name] => names.iter().any(|own| letter_case::is_same(own, name)),
        [.., qualifier, name] => {
            letter_case::is_same(qualifier, source) && names.iter().any(|own| letter_case::is_same(own, name))
        }
        [] => false,
    })
}

/// Whether the condition of another source's join names one of the columns by the name of the joined source.
fn mentions_qualified(sql: &str, label: &str, names: &[String]) -> bool {
    references(sql).iter().any(|reference| reference.len() > 1 && mentions(&reference.join("."), label, names))
}

fn join_text(source: &Source, join: &Join) -> String {
    let is_qualified = references(&join.on).first().is_some_and(|first| first.len() > 1);
    let prefix = if is_qualified { String::new() } else { format!("{}.", source.name) };
    format!("join {prefix}{}", join.on)
}

#[cfg(test)]
mod tests;
