//! Heads of families: series of numbers that end where the columns of one name end.
//!
//! A series of numbers is contained in every longer one, but only the one that it refers to ends at the same number,
//! since the newest rows are referred to as well.

use super::targets::{Target, TargetKind};
use crate::relationships::{
    facts::{ColumnFacts, ColumnId, Facts, Uniqueness},
    names::Suffix,
    surprise::is_series,
    type_class::TypeClass,
    weights::MAX_HEAD,
};
use std::collections::{BTreeMap, BTreeSet};

/// Rows below which equal maxima are accidental.
const MIN_ROWS: u64 = 100;

/// Families of columns and the series that they can end with.
pub(super) struct Heads<'a> {
    facts: &'a Facts<'a>,
    families: BTreeMap<&'a str, Family>,
    /// Series by their last number.
    series: BTreeMap<u64, Vec<ColumnId>>,
    count: usize,
}

/// Columns of one name.
#[derive(Default)]
struct Family {
    tables: BTreeSet<usize>,
    high: u64,
}

/// The series that a column and its family end with.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(in crate::relationships) struct Head {
    pub(in crate::relationships) column: ColumnId,
    /// The last number.
    pub(in crate::relationships) high: u64,
    /// Number of tables with a column of the name.
    pub(in crate::relationships) tables: usize,
    pub(in crate::relationships) bits: f64,
}

impl<'a> Heads<'a> {
    pub(super) fn new(facts: &'a Facts<'a>, targets: &[Target]) -> Self {
        let mut heads = Self { facts, families: BTreeMap::new(), series: BTreeMap::new(), count: 0 };
        for (column, high) in facts.columns.iter().filter_map(|column| Some((column, member_end(column)?))) {
            let family = heads.families.entry(column.names.family.as_str()).or_default();
            family.tables.insert(column.table);
            family.high = family.high.max(high);
        }
        for target in targets.iter().filter(|target| target.kind == TargetKind::Key) {
            let column = &facts.columns[target.column];
            let is_large = facts.table_of(target.column).rows.is_some_and(|rows| rows >= MIN_ROWS);
            if let Some((_, high)) = column.range().filter(|_| is_large && is_series(column)) {
                heads.series.entry(high as u64).or_default().push(target.column);
                heads.count += 1;
            }
        }
        heads
    }

    /// Returns the only series that ends where the family of a column ends.
    pub(super) fn find(&self, from: ColumnId) -> Option<Head> {
        let column = &self.facts.columns[from];
        member_end(column)?;
        let family = self.families.get(column.names.family.as_str())?;
        let [head] = self.series.get(&family.high)?[..] else { return None };
        let bits = (without_zeros(family.high) as f64 / self.count as f64).log2().clamp(0.0, MAX_HEAD);
        let is_other = self.facts.columns[head].table != column.table && bits > 0.0;
        is_other.then_some(Head { column: head, high: family.high, tables: family.tables.len(), bits })
    }
}

/// A number without its zeros at the end: several series end at a round number by accident.
fn without_zeros(mut number: u64) -> u64 {
    while number > 0 && number.is_multiple_of(10) {
        number /= 10;
    }
    number
}

/// The greatest number of a column whose name is that of an identifier and which is no key.
fn member_end(column: &ColumnFacts<'_>) -> Option<u64> {
    let has_name =
        column.names.phrases.iter().any(|phrase| phrase.suffix == Some(Suffix::Identifier) && !phrase.core.is_empty());
    let is_member = has_name && column.class == TypeClass::Integer && column.uniqueness == Uniqueness::No;
    column.range().filter(|(low, _)| is_member && *low >= 0.0).map(|(_, high)| high as u64)
}
