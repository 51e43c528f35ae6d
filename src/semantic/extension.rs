//! Extension of an edited file: new columns and joins are added, and generated joins that the schema no longer has are
//! removed. Does not access files.

use super::{
    insert::{Additions, insert_additions, remove_joins},
    manifest::ManifestEntry,
    merge,
    source::Source,
};
use crate::error::Result;

/// The changes of an edited file.
#[derive(Debug)]
pub(super) struct Extension {
    /// New text of the file; `None` if it does not change.
    pub(super) text: Option<String>,
    /// Columns and joins that the file lacks.
    pub(super) added: Additions,
    /// Whether they cannot be added.
    pub(super) is_blocked: bool,
    /// Conditions of the removed joins.
    pub(super) removed_joins: Vec<String>,
    /// Generated columns of the file that the table no longer has; they remain in the file.
    pub(super) removed_columns: Vec<String>,
}

/// Returns the changes that adapt an edited file to the generated source.
pub(super) fn extend(
    text: &str,
    edited: &Source,
    before: Option<&ManifestEntry>,
    generated: &Source,
) -> Result<Extension> {
    let indexes = merge::find_removed_joins(before, edited, generated);
    let remaining = if indexes.is_empty() { None } else { remove_joins(text, edited, &indexes) };
    let removed_joins = match &remaining {
        Some(_) => indexes.iter().rev().map(|index| edited.joins[*index].on.clone()).collect(),
        None => Vec::new(),
    };
    let (text, edited) = remaining.as_ref().map_or((text, edited), |(text, source)| (text.as_str(), source));
    let added = merge::find_additions(before, edited, generated);
    let removed_columns = merge::find_removed_columns(before, edited, generated);
    let extended = if added.is_empty() { None } else { insert_additions(text, edited, &added)? };
    let is_blocked = !added.is_empty() && extended.is_none();
    let text = extended.or_else(|| remaining.map(|(text, _)| text));
    Ok(Extension { text, added, is_blocked, removed_joins, removed_columns })
}
