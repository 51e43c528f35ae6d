//! Comparison of indexes, keys and checks.

use super::facts::Known;
use crate::ingest::{
    adapters::live_database::introspection::{ForeignKey, Table},
    changes::{Change, ChangeKind, ChangedObject, short},
};
use std::{borrow::Cow, collections::BTreeMap};

/// Name, and the description of its content, by a key that both tables have in common.
type Described = BTreeMap<String, (Option<String>, String)>;

/// Describes one kind of objects of a table.
type Describe = fn(&Table<'_>, Known) -> Described;

/// Compares the indexes, unique keys, foreign keys and checks of a table.
pub(super) fn compare_keys(before: &Table<'_>, after: &Table<'_>, known: Known) -> Vec<Change> {
    let mut changes = Vec::new();
    let parts: [(ChangedObject, &str, Describe, bool); 4] = [
        (ChangedObject::Index, "index", indexes, true),
        (ChangedObject::UniqueKey, "unique", unique_keys, true),
        (ChangedObject::ForeignKey, "foreign key", foreign_keys, false),
        (ChangedObject::Check, "check", checks, true),
    ];
    for (object, label, describe, is_recent) in parts {
        let (old, new) = (describe(before, known), describe(after, known));
        if !is_recent || known.compares(!old.is_empty(), !new.is_empty()) {
            changes.extend(compare_described(object, label, &old, &new));
        }
    }
    changes
}

fn compare_described(object: ChangedObject, label: &str, old: &Described, new: &Described) -> Vec<Change> {
    let line = |name: &Option<String>, text: &str| match name {
        Some(name) => format!("{label} {} {text}", short(name)),
        None => format!("{label} {text}"),
    };
    let mut changes = Vec::new();
    for (key, (name, text)) in new {
        let (kind, line, before) = match old.get(key) {
            None => (ChangeKind::Added, line(name, text), None),
            Some((_, previous)) if previous != text => {
                (ChangeKind::Changed, line(name, &format!("{previous} → {text}")), Some(previous))
            }
            Some(_) => continue,
        };
        let mut change = Change::of_object(kind, object, name.as_deref(), &line);
        (change.before, change.after) = (before.cloned(), Some(text.clone()));
        changes.push(change);
    }
    for (_, (name, text)) in old.iter().filter(|(key, _)| !new.contains_key(*key)) {
        let mut change = Change::of_object(ChangeKind::Removed, object, name.as_deref(), &line(name, text));
        change.before = Some(text.clone());
        changes.push(change);
    }
    changes
}

fn indexes(table: &Table<'_>, _: Known) -> Described {
    let describe =
        |columns: &[Cow<'_, str>], unique| format!("{}{}", list(columns), if unique { " unique" } else { "" });
    let indexes = table.indexes.iter();
    indexes
        .map(|index| (index.name.to_string(), (Some(index.name.to_string()), describe(&index.columns, index.unique))))
        .collect()
}

/// The unique keys that no index of the table has.
fn unique_keys(table: &Table<'_>, _: Known) -> Described {
    let is_indexed = |key: &&Vec<_>| table.indexes.iter().any(|index| index.unique && index.columns == **key);
    let keys = table.unique_keys.iter().filter(|key| !is_indexed(key));
    keys.map(|key| (list(key), (None, list(key)))).collect()
}

fn foreign_keys(table: &Table<'_>, known: Known) -> Described {
    let mut keys: Vec<Vec<&ForeignKey<'_>>> = Vec::new();
    for column in &table.foreign_keys {
        match keys.last_mut().filter(|key| column.continues(key[0])) {
            Some(key) => key.push(column),
            None => keys.push(vec![column]),
        }
    }
    keys.iter().map(|key| describe_foreign_key(key, known)).collect()
}

fn describe_foreign_key(key: &[&ForeignKey<'_>], known: Known) -> (String, (Option<String>, String)) {
    let first = key[0];
    let near: Vec<_> = key.iter().map(|column| column.from_column.clone()).collect();
    let far: Vec<_> = key.iter().filter_map(|column| column.to_column.as_deref().map(Cow::Borrowed)).collect();
    let schema = first.to_schema.as_ref().map_or_else(String::new, |schema| format!("{}.", short(schema)));
    let columns = if far.is_empty() { String::new() } else { format!(" {}", list(&far)) };
    // Files of earlier versions do not say whether a key is enforced.
    let mark = if known == Known::All && first.enforced == Some(false) { ", not enforced" } else { "" };
    let text = format!("{} → {schema}{}{columns}{mark}", list(&near), short(&first.to_table));
    (first.constraint_name.clone().unwrap_or_else(|| text.clone()), (first.constraint_name.clone(), text))
}

fn checks(table: &Table<'_>, _: Known) -> Described {
    let checks = table.checks.iter();
    checks
        .map(|check| {
            let key = check.name.clone().unwrap_or_else(|| check.expression.to_string());
            (key, (check.name.clone(), short(&check.expression)))
        })
        .collect()
}

fn list(columns: &[Cow<'_, str>]) -> String {
    format!("({})", columns.iter().map(|column| short(column)).collect::<Vec<_>>().join(", "))
}
