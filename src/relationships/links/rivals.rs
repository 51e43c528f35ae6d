//! Other keys that a name may mean as well, though it does not name them so well.

use super::candidate::Candidate;
use crate::relationships::{
    detection::{Evidence, Signal, Status},
    facts::{ColumnId, Facts},
    names::{NameSignal, Named, Phrase},
    samples::overlap,
    weights::{MIN_ROWS, PROVEN},
};

/// Share of values from which a column has those of another one.
const ALL: f64 = 0.95;
/// Rows from which an equal maximum is no accident.
const MIN_SERIES: u64 = 100;

/// Limits a link to a review if one of `keys` fits as well: for a self reference one whose values the column has, for the
/// name of a table one of a table whose name ends with it.
pub(super) fn weigh_rivals(facts: &Facts<'_>, keys: &[ColumnId], candidate: &mut Candidate) {
    let (from, to) = (candidate.from[0], candidate.to[0]);
    let is_proven = candidate.written.is_some() || candidate.surprise >= PROVEN;
    let Some(name) = candidate.name.filter(|_| !is_proven) else { return };
    let is_rival: fn(&Facts<'_>, ColumnId, ColumnId) -> bool = match name {
        NameSignal { named: Named::SelfReference, .. } if !fits(facts, from, to) => fits,
        NameSignal { named: Named::Table, says_key: false, .. } => ends_with_name,
        _ => return,
    };
    let others = keys.iter().copied().filter(|key| ![from, to].contains(key));
    let is_other = |key: &ColumnId| facts.columns[*key].table != facts.columns[from].table;
    let near = facts.near_copies(from);
    let mut rivals = others.filter(|key| is_other(key) && near.has(facts.columns[*key].table));
    if let Some(rival) = rivals.find(|key| is_rival(facts, from, *key) && contains(facts, from, *key)) {
        let (table, column) = (&facts.table_of(rival).label, facts.columns[rival].name);
        let text = format!("{table}.{column} has its values, too");
        candidate.limit_to(Status::Review, Evidence::new(Signal::Ambiguous, text, 0.0));
    }
}

/// Whether almost all sampled values are values of a key.
fn contains(facts: &Facts<'_>, from: ColumnId, key: ColumnId) -> bool {
    facts.columns[from].class == facts.columns[key].class
        && overlap(facts, from, key).share().is_some_and(|share| share >= ALL)
}

/// Whether a column refers to almost all rows of a key, or to the last one.
fn fits(facts: &Facts<'_>, from: ColumnId, key: ColumnId) -> bool {
    let (column, target) = (&facts.columns[from], &facts.columns[key]);
    let has_all = target.distinct() >= MIN_ROWS && column.distinct() as f64 >= ALL * target.distinct() as f64;
    let (end, last) = (column.range().map(|(_, high)| high), target.range().map(|(_, high)| high));
    has_all || target.distinct() >= MIN_SERIES && end.is_some() && end == last
}

/// As `order_status` does with `status`.
fn ends_with_name(facts: &Facts<'_>, from: ColumnId, key: ColumnId) -> bool {
    let subject = Phrase { core: facts.table_of(key).subject.clone(), suffix: None };
    let is_end = |phrase: &Phrase| subject.tail(&phrase.core).is_some_and(|tail| tail.roles > 0);
    facts.columns[from].names.phrases.iter().any(is_end)
}
