//! Comparison of columns.

use super::facts::{Changes, Known, labels_text};
use crate::ingest::{
    adapters::live_database::introspection::{Column, Table},
    changes::{Change, ChangeKind, ChangedObject, short},
};
use std::{
    borrow::Cow,
    collections::{HashMap, HashSet},
};

/// Compares the columns of a table, and proposes which may have been renamed.
pub(super) fn compare_columns(before: &Table<'_>, after: &Table<'_>, known: Known) -> Vec<Change> {
    let old: HashMap<_, _> = before.columns.iter().map(|column| (&*column.name, column)).collect();
    let new: HashSet<_> = after.columns.iter().map(|column| &*column.name).collect();
    let mut changes = Vec::new();
    for column in &after.columns {
        match old.get(&*column.name) {
            Some(previous) => changes.extend(compare_column(previous, column, known)),
            None => changes.push(whole(ChangeKind::Added, column)),
        }
    }
    changes.extend(
        before
            .columns
            .iter()
            .filter(|column| !new.contains(&*column.name))
            .map(|column| whole(ChangeKind::Removed, column)),
    );
    changes.extend(find_renames(before, after, &old, &new));
    let common = |table: &Table<'_>| -> Vec<String> {
        let names = table.columns.iter().map(|column| &*column.name);
        names.filter(|name| old.contains_key(name) && new.contains(name)).map(str::to_owned).collect()
    };
    if common(before) != common(after) {
        let order = |table| common(table).join(", ");
        let mut moved = Changes::new(known, ChangedObject::Table, None);
        moved.compare_text("order of columns", Some(&order(before)), Some(&order(after)));
        changes.extend(moved.found);
    }
    changes
}

fn whole(kind: ChangeKind, column: &Column<'_>) -> Change {
    let name = short(&column.name);
    let text = match kind {
        ChangeKind::Added => format!("{name} {}", short(&column.data_type)),
        _ => name,
    };
    let mut change = Change::of_object(kind, ChangedObject::Column, Some(&column.name), &text);
    match kind {
        ChangeKind::Added => change.after = Some(column.data_type.to_string()),
        _ => change.before = Some(column.data_type.to_string()),
    }
    change
}

/// Proposes a rename for each pair of a removed and an added column of the same type and position.
fn find_renames(
    before: &Table<'_>,
    after: &Table<'_>,
    old: &HashMap<&str, &Column<'_>>,
    new: &HashSet<&str>,
) -> Vec<Change> {
    let pairs = before.columns.iter().zip(&after.columns);
    let renamed = pairs.filter(|(from, to)| {
        !new.contains(&*from.name) && !old.contains_key(&*to.name) && from.data_type == to.data_type
    });
    let propose = |(from, to): (&Column<'_>, &Column<'_>)| {
        let text = format!("{} → {} (same type and position)", short(&from.name), short(&to.name));
        let change = Change::of_object(ChangeKind::Renamed, ChangedObject::Column, Some(&to.name), &text);
        change.with_values("name", Some(&from.name), Some(&to.name))
    };
    renamed.map(propose).collect()
}

fn compare_column(before: &Column<'_>, after: &Column<'_>, known: Known) -> Vec<Change> {
    let mut changes = Changes::new(known, ChangedObject::Column, Some(&after.name));
    if before.data_type != after.data_type {
        let text = format!("{} {} → {}", short(&after.name), short(&before.data_type), short(&after.data_type));
        let change = Change::of_object(ChangeKind::Changed, ChangedObject::Column, Some(&after.name), &text);
        changes.found.push(change.with_values("type", Some(&before.data_type), Some(&after.data_type)));
    }
    let null = |column: &Column<'_>| Some(if column.nullable { "yes" } else { "no" });
    changes.compare("nullable", null(before), null(after));
    let key = |column: &Column<'_>| Some(if column.primary_key { "yes" } else { "no" });
    changes.compare("primary key", key(before), key(after));
    changes.compare_known("default", before.default.as_deref(), after.default.as_deref());
    changes.compare_known("generated", before.generated.as_deref(), after.generated.as_deref());
    let tags = |column: &Column<'_>| labels_text(column.labels.as_ref());
    changes.compare_known("tags", tags(before).as_deref(), tags(after).as_deref());
    changes.compare_known("masking policy", before.masking_policy.as_deref(), after.masking_policy.as_deref());
    let may_read = |column: &Column<'_>| Some(if column.readable == Some(false) { "no" } else { "yes" });
    changes.compare("readable", may_read(before), may_read(after));
    changes.compare_text("comment", before.comment.as_deref(), after.comment.as_deref());
    let values = |column: &Column<'_>| column.enum_values.iter().map(Cow::to_string).collect();
    compare_lists(&mut changes, "labels", values(before), values(after));
    let fields = |column: &Column<'_>| column.fields.iter().map(ToString::to_string).collect();
    compare_lists(&mut changes, "fields", fields(before), fields(after));
    changes.found
}

/// Compares lists of values, which are empty where a column has none.
fn compare_lists(changes: &mut Changes<'_>, property: &str, before: Vec<String>, after: Vec<String>) {
    if before == after || !changes.known.compares(!before.is_empty(), !after.is_empty()) {
        return;
    }
    let only = |values: &[String], others: &[String], sign: &str| -> Vec<String> {
        let others: HashSet<_> = others.iter().collect();
        let only = values.iter().filter(|value| !others.contains(value));
        only.map(|value| format!("{sign} {}", short(value))).collect()
    };
    let mut parts = only(&after, &before, "+");
    parts.extend(only(&before, &after, "-"));
    if parts.is_empty() {
        parts.push("in another order".to_owned());
    }
    let text = format!("{property} {}", parts.join(" "));
    changes.push(property, Some(&before.join(", ")), Some(&after.join(", ")), &text);
}
