//! Proposes which tables may have been renamed.

use super::introspection::Table;
use crate::ingest::changes::{Change, ChangeKind, ChangedObject, short};
use std::collections::HashMap;

/// What a renamed table keeps: its schema, and its columns with their types in their order.
type Signature = (Option<String>, &'static str, Vec<(String, String)>);

/// Returns pairs of a removed and an added table of one schema that have the same columns, if no other table has them.
/// The texts are those of staged files; those that cannot be parsed are left out.
pub(in crate::ingest) fn find_renamed_tables<'a>(
    removed: &[(&'a str, String)],
    added: &[(&'a str, &str)],
) -> Vec<(&'a str, &'a str)> {
    let removed = by_signature(removed.iter().map(|(name, text)| (*name, text.as_str())));
    let added = by_signature(added.iter().copied());
    let mut pairs: Vec<_> = removed
        .iter()
        .filter_map(|(signature, names)| match (names.as_slice(), added.get(signature)?.as_slice()) {
            ([from], [to]) => Some((*from, *to)),
            _ => None,
        })
        .collect();
    pairs.sort_unstable();
    pairs
}

/// Returns the proposal that a table was renamed; `evidence` completes "same …".
pub(in crate::ingest) fn renamed_table(from: &str, to: &str, evidence: &str) -> Change {
    let text = format!("{} → {} (same {evidence})", short(from), short(to));
    Change::of_object(ChangeKind::Renamed, ChangedObject::Table, Some(to), &text).with_values(
        "name",
        Some(from),
        Some(to),
    )
}

fn by_signature<'a, 'b>(texts: impl Iterator<Item = (&'a str, &'b str)>) -> HashMap<Signature, Vec<&'a str>> {
    let mut found: HashMap<_, Vec<_>> = HashMap::new();
    for (name, text) in texts {
        if let Ok(table) = serde_json::from_str::<Table<'_>>(text)
            && !table.columns.is_empty()
        {
            found.entry(signature(&table)).or_default().push(name);
        }
    }
    found
}

fn signature(table: &Table<'_>) -> Signature {
    let columns = table.columns.iter().map(|column| (column.name.to_string(), column.data_type.to_string()));
    (table.db.clone(), table.kind.name(), columns.collect())
}
