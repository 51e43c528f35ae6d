//! Comparison of whole tables.

use super::{
    columns::compare_columns,
    facts::{Changes, Known, labels_text},
    keys::compare_keys,
};
use crate::ingest::{
    adapters::live_database::introspection::Table,
    changes::{Change, ChangedObject},
};

/// Compares the two staged files of a table; `None` if one cannot be parsed. Estimates, sizes and times are no difference.
pub(in crate::ingest) fn compare_files(before: &str, after: &str, known: Known) -> Option<Vec<Change>> {
    let (before, after) = (serde_json::from_str(before).ok()?, serde_json::from_str(after).ok()?);
    Some(compare(&before, &after, known))
}

fn compare(before: &Table<'_>, after: &Table<'_>, known: Known) -> Vec<Change> {
    let mut changes = compare_columns(before, after, known);
    changes.extend(compare_keys(before, after, known));
    changes.extend(compare_properties(before, after, known));
    changes
}

fn compare_properties(before: &Table<'_>, after: &Table<'_>, known: Known) -> Vec<Change> {
    let mut changes = Changes::new(known, ChangedObject::Table, None);
    changes.compare("kind", Some(before.kind.name()), Some(after.kind.name()));
    changes.compare_known("variant", before.variant.as_deref(), after.variant.as_deref());
    changes.compare_known("engine", before.engine.as_deref(), after.engine.as_deref());
    changes.compare_known("partition key", before.partition_key.as_deref(), after.partition_key.as_deref());
    changes.compare_known("sorting key", before.sorting_key.as_deref(), after.sorting_key.as_deref());
    let (required_before, required_after) = (before.partition_filter_required, after.partition_filter_required);
    changes.compare_mark("partition filter required", false, required_before, required_after);
    changes.compare_mark("primary key enforced", true, before.primary_key_enforced, after.primary_key_enforced);
    changes.compare_mark("unique keys enforced", true, before.unique_keys_enforced, after.unique_keys_enforced);
    changes.compare_mark("row security", false, before.row_security, after.row_security);
    changes.compare_mark("readable", true, before.readable, after.readable);
    changes.compare_known(
        "labels",
        labels_text(before.labels.as_ref()).as_deref(),
        labels_text(after.labels.as_ref()).as_deref(),
    );
    changes.compare_text("comment", before.comment.as_deref(), after.comment.as_deref());
    // Every view has a definition: one that is missing could not be read.
    if let (Some(old), Some(new)) = (&before.definition, &after.definition) {
        changes.compare_text("definition", Some(old), Some(new));
    }
    changes.found
}

#[cfg(test)]
mod tests;
