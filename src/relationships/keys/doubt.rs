//! What speaks against a unique column as the key: that it is unique may be an accident of the rows of today.

use super::single::SingleKey;
use crate::relationships::{
    detection::{Evidence, Signal},
    facts::Facts,
    type_class::TypeClass,
    weights::{MARGIN_OF_KEYS, MIN_ROWS},
};

/// Returns why a key is for review only; `is_reference` says that its name is that of another table or its key.
///
/// A name that says the key of its own table needs no proof by rows.
pub(in crate::relationships) fn doubt(facts: &Facts<'_>, key: &SingleKey, is_reference: bool) -> Option<Evidence> {
    let table = facts.table_of(key.column);
    let rows = table.rows.unwrap_or(0);
    let text = if key.has_own_name {
        return None;
    } else if rows < MIN_ROWS {
        format!("{rows} rows are distinct by accident")
    } else if is_reference && is_snapshot(facts, facts.columns[key.column].table) {
        "All rows are of one date, and its name refers to another table".to_owned()
    } else {
        return None;
    };
    Some(Evidence::new(Signal::FewRows, text, 0.0))
}

/// Returns that other unique columns of its table are as probable as a key.
pub(in crate::relationships) fn equals(key: &SingleKey, others: &[SingleKey]) -> Option<Evidence> {
    let is_equal = |other: &&SingleKey| other.column != key.column && (other.bits - key.bits).abs() < MARGIN_OF_KEYS;
    let count = others.iter().filter(is_equal).count();
    let text = format!("{count} other unique columns are as probable");
    (count > 0).then(|| Evidence::new(Signal::Ambiguous, text, 0.0))
}

/// Whether a table has dates, and each of its columns of dates has one value: the rows of other days may follow.
pub(in crate::relationships) fn is_snapshot(facts: &Facts<'_>, table: usize) -> bool {
    let columns = facts.columns[facts.tables[table].columns.clone()].iter();
    let mut dates = columns.filter(|column| matches!(column.class, TypeClass::Date | TypeClass::Time)).peekable();
    dates.peek().is_some() && dates.all(|column| column.distinct() == 1)
}
