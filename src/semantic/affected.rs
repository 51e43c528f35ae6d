//! Adds the semantic sources, joins, measures and segments that name what has changed to the report of a scan.

use super::{
    files::SourceFolder,
    references::references,
    source::{Join, Source},
    source_names::parse_reference,
};
use crate::{
    error::Result,
    ingest::{Change, ChangeKind, ChangedObject, RunReport, RunStatus, store::amend_run},
    project::{Adapter, Project},
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
    let sources: Vec<_> = folder.entries.iter().filter_map(|entry| entry.source()).collect();
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
    let mut found = BTreeSet::new();
    for source in sources {
        if source.table.as_deref().and_then(parse_reference).is_some_and(|reference| is_same(&reference, &parts)) {
            add_source(source, sources, changed, &mut found);
        } else if source.sql.as_deref().is_some_and(|sql| query_names(sql, &parts, changed)) {
            found.insert((0, format!("source {}", source.name)));
        }
    }
    found.into_iter().map(|(_, text)| text).collect()
}

/// What has changed of a table.
#[derive(Clone, Copy)]
enum Changed<'a> {
    Table,
    Column(&'a str),
}

/// Texts with the rank of their kind.
type Found = BTreeSet<(u8, String)>;

/// Whether two names of a table agree in the parts that both have, regardless of letter case.
fn is_same(left: &[String], right: &[String]) -> bool {
    left.iter().rev().zip(right.iter().rev()).all(|(left, right)| left.to_lowercase() == right.to_lowercase())
}

/// Whether a query names a table, and the column.
fn query_names(sql: &str, table: &[String], changed: Changed<'_>) -> bool {
    let found = references(sql);
    found.iter().any(|reference| is_same(reference, table))
        && match changed {
            Changed::Table => true,
            Changed::Column(name) => found.iter().any(|reference| reference.last().is_some_and(|last| eq(last, name))),
        }
}

fn add_source(source: &Source, sources: &[&Source], changed: Changed<'_>, found: &mut Found) {
    let names = match changed {
        Changed::Table => None,
        Changed::Column(column) => Some(names_of(source, column)),
    };
    if names.as_ref().is_some_and(Vec::is_empty) {
        return;
    }
    let uses = |sql: &str| names.as_ref().is_none_or(|names| mentions(sql, &source.name, names));
    let mut affected = Found::new();
    for join in source.joins.iter().filter(|join| uses(&join.on)) {
        affected.insert((1, join_text(source, join)));
    }
    for other in sources.iter().filter(|other| other.name != source.name) {
        for join in other.joins.iter().filter(|join| join.to == source.name) {
            let label = join.alias.as_deref().unwrap_or(&join.to);
            if names.as_ref().is_none_or(|names| mentions_qualified(&join.on, label, names)) {
                affected.insert((1, join_text(other, join)));
            }
        }
    }
    let mut used: Vec<String> = Vec::new();
    for segment in source.segments.iter().filter(|segment| uses(&segment.expr)) {
        affected.insert((3, format!("segment {}.{}", source.name, segment.name)));
        used.push(segment.name.clone());
    }
    for measure in &source.measures {
        let by_segment = measure.segments.iter().any(|segment| used.contains(segment));
        if by_segment || uses(&measure.expr) || measure.filter.as_deref().is_some_and(uses) {
            affected.insert((2, format!("measure {}.{}", source.name, measure.name)));
        }
    }
    let declares = |names: &Vec<String>| {
        let columns = source.columns.iter().map(|column| &column.name);
        columns.chain(&source.grain).any(|column| names.iter().any(|name| eq(name, column)))
    };
    if !affected.is_empty() || names.as_ref().is_none_or(declares) {
        affected.insert((0, format!("source {}", source.name)));
    }
    found.extend(affected);
}

/// Returns the names by which expressions of a source may use a column of its table; none if it does not use it.
fn names_of(source: &Source, column: &str) -> Vec<String> {
    let own = [column.to_owned()];
    let mut names: Vec<_> = source
        .columns
        .iter()
        .filter(|declared| match &declared.expr {
            Some(expr) => mentions(expr, &source.name, &own),
            None => eq(&declared.name, column),
        })
        .map(|declared| declared.name.clone())
        .collect();
    let hidden = source.columns.iter().any(|declared| eq(&declared.name, column) && declared.expr.is_some());
    if !hidden && !names.iter().any(|name| eq(name, column)) {
        names.push(column.to_owned());
    }
    names
}

/// Whether an expression of a source names one of its columns.
fn mentions(sql: &str, source: &str, names: &[String]) -> bool {
    references(sql).iter().any(|reference| match reference.as_slice() {
        [name] => names.iter().any(|own| eq(own, name)),
        [.., qualifier, name] => eq(qualifier, source) && names.iter().any(|own| eq(own, name)),
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

fn eq(left: &str, right: &str) -> bool {
    left.to_lowercase() == right.to_lowercase()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{ingest::Details, semantic::files::tests::project};
    use serde_json::json;
    use std::fs;

    const ORDERS: &str = "name: orders
table: '\"public\".\"orders\"'
grain: [id]
columns:
  - { name: id, type: number }
  - { name: customer_id, type: number }
  - { name: cents, type: number, expr: amount * 100 }
joins:
  - { to: customers, on: customer_id = customers.id, relationship: many_to_one }
measures:
  - { name: revenue, expr: sum(cents) }
  - { name: big, expr: count(*), segments: [large] }
  - { name: plain, expr: count(*), filter: note <> 'amount' }
segments:
  - { name: large, expr: orders.amount > 100 }
";
    const CUSTOMERS: &str =
        "name: customers\ntable: public.customers\ngrain: [id]\ncolumns: [{ name: id, type: number }]\n";
    const QUERY: &str =
        "name: daily\nsql: SELECT day, sum(o.amount) AS total FROM public.orders AS o GROUP BY day\ngrain: [day]\n";

    /// What a change of a table affects.
    fn affected(table: &str, change: serde_json::Value) -> Vec<String> {
        let dir = tempfile::tempdir().unwrap();
        let project = project(dir.path());
        let folder = dir.path().join("semantic-layer/shop");
        fs::create_dir_all(&folder).unwrap();
        for (name, text) in [("orders", ORDERS), ("customers", CUSTOMERS), ("daily", QUERY), ("broken", "name: [")] {
            fs::write(folder.join(format!("{name}.yaml")), text).unwrap();
        }
        let source = SourceFolder::open(&project, "shop").unwrap();
        let sources: Vec<_> = source.entries.iter().filter_map(|entry| entry.source()).collect();
        assert_eq!(sources.len(), 3);
        let mut full = json!({ "text": "", "name": null });
        full.as_object_mut().unwrap().extend(change.as_object().unwrap().clone());
        find_affected(&sources, table, &serde_json::from_value(full).unwrap())
    }

    #[test]
    fn column_affects_what_names_it_by_any_name() {
        let removed =
            |name: &str| affected("public.orders", json!({ "kind": "removed", "object": "column", "name": name }));
        assert_eq!(
            removed("amount"),
            ["source daily", "source orders", "measure orders.big", "measure orders.revenue", "segment orders.large"]
        );
        assert_eq!(removed("CUSTOMER_ID"), ["source orders", "join orders.customer_id = customers.id"]);
        assert_eq!(removed("note"), ["source orders", "measure orders.plain"]);
        assert!(removed("unused").is_empty());
    }

    #[test]
    fn column_affects_the_joins_of_other_sources() {
        let change = json!({ "kind": "changed", "object": "column", "name": "id", "property": "type" });
        assert_eq!(
            affected("public.customers", change),
            ["source customers", "join orders.customer_id = customers.id"]
        );
        let comment = json!({ "kind": "changed", "object": "column", "name": "id", "property": "comment" });
        assert!(affected("public.customers", comment).is_empty());
    }

    #[test]
    fn table_affects_all_of_its_source() {
        let table = |name: &str, change| affected(name, change);
        let removed = json!({ "kind": "removed", "object": "table" });
        let found = table("shop.public.orders", removed.clone());
        assert_eq!(found.len(), 7, "{found:?}");
        assert!(table("other.orders", removed.clone()).is_empty());
        assert!(table("public.order", removed).is_empty());
        let renamed =
            json!({ "kind": "renamed", "object": "table", "name": "public.new", "before": "public.customers" });
        assert_eq!(table("public.new", renamed), ["source customers", "join orders.customer_id = customers.id"]);
    }

    #[test]
    fn added_columns_and_indexes_affect_nothing() {
        for object in ["column", "index"] {
            assert!(
                affected("public.orders", json!({ "kind": "added", "object": object, "name": "amount" })).is_empty()
            );
        }
    }

    #[test]
    fn report_of_a_failed_run_is_unchanged() {
        let dir = tempfile::tempdir().unwrap();
        let mut report: RunReport =
            serde_json::from_value(json!({ "runId": "r", "connectionId": "shop", "source": "live-database",
            "status": "failed", "dryRun": false, "syncId": "1", "startedAt": "", "finishedAt": null,
            "diffSummary": { "added": 0, "modified": 0, "deleted": 1, "unchanged": 0 },
            "changes": { "added": [], "modified": [], "deleted": ["public.orders"] }, "workUnits": [], "warnings": [],
            "error": "it broke" }))
            .unwrap();
        assert_eq!(record_affected(&project(dir.path()), report.clone()), report);
        report.status = RunStatus::Done;
        assert_eq!(record_affected(&project(dir.path()), report).details, Details::new());
    }
}
