//! Columns that others can refer to.

use crate::relationships::{
    facts::{ColumnId, Facts},
    keys::SingleKey,
    surprise::is_code,
    type_class::TypeClass,
    weights::KEY_ACCEPT,
};

/// A column that others can refer to.
#[derive(Debug, Clone, Copy)]
pub(in crate::relationships) struct Target {
    pub(in crate::relationships) column: ColumnId,
    pub(in crate::relationships) kind: TargetKind,
}

/// What a unique column is in its table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::relationships) enum TargetKind {
    /// The key.
    Key,
    /// Another key, such as the code beside a number.
    Alternate,
    /// An attribute that happens to be unique, such as a name.
    Attribute,
}

/// Rows below which a unique column that is not the key is so by accident.
const MIN_OTHER_ROWS: u64 = 20;

/// Returns the unique columns of all tables but views.
pub(in crate::relationships) fn targets(facts: &Facts<'_>, keys: &[Vec<SingleKey>]) -> Vec<Target> {
    let tables = keys.iter().zip(&facts.tables).filter(|(_, table)| !table.is_view);
    let of_table = |keys: &Vec<SingleKey>| -> Vec<Target> {
        let describe = |(index, key): (usize, &SingleKey)| {
            let is_key = index == 0 && key.bits >= KEY_ACCEPT;
            let kind = if is_key { Some(TargetKind::Key) } else { kind_of_other(facts, key.column) };
            kind.map(|kind| Target { column: key.column, kind })
        };
        keys.iter().enumerate().filter_map(describe).collect()
    };
    tables.flat_map(|(keys, _)| of_table(keys)).collect()
}

/// `None` for columns of small tables and for dates, which are unique by accident.
fn kind_of_other(facts: &Facts<'_>, id: ColumnId) -> Option<TargetKind> {
    let column = &facts.columns[id];
    let has_key_name = column.names.phrases.iter().any(|phrase| phrase.suffix.is_some());
    let has_codes = column.class == TypeClass::Uuid || column.profile.is_some_and(is_code);
    let is_large = facts.table_of(id).rows.is_some_and(|rows| rows >= MIN_OTHER_ROWS);
    let is_declared = facts.unique_keys(column.table).contains(&vec![id]);
    let kind = if has_key_name || has_codes || is_declared { TargetKind::Alternate } else { TargetKind::Attribute };
    Some(kind).filter(|_| is_declared || is_large && column.class != TypeClass::Date)
}
