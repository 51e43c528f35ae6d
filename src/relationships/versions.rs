//! Tables with versions of their rows (slowly changing dimensions of type 2): a number for each version, and a natural
//! key that repeats, to which others refer.

use super::{
    facts::{ColumnId, Uniqueness},
    links::Candidate,
    profile::LinkCount,
    propose::Proposal,
    samples::overlap,
    weights::MIN_ROWS,
};

/// Share of values from which two columns have the same ones.
const SAME: f64 = 0.95;

/// Returns a column beside the referenced one that repeats and has the values of the referencing column, of which the
/// referenced column has more: the rows may refer to all versions.
pub(super) fn natural_key(proposal: &Proposal<'_>, candidate: &Candidate, count: &LinkCount) -> Option<ColumnId> {
    let facts = &proposal.facts;
    let ([from], [to]) = (&candidate.from[..], &candidate.to[..]) else { return None };
    let has_part = (count.distinct as f64) < SAME * count.target_distinct as f64;
    if !has_part || count.distinct < MIN_ROWS || facts.columns[*from].table == facts.columns[*to].table {
        return None;
    }
    let is_natural_key = |id: &ColumnId| {
        let column = &facts.columns[*id];
        let has_key_name = column.names.phrases.iter().any(|phrase| phrase.suffix.is_some());
        let is_other = id != to && column.class == facts.columns[*from].class && !proposal.references.contains(id);
        let has_values = || overlap(facts, *from, *id).share().is_some_and(|share| share >= SAME);
        let is_covered = count.distinct as f64 >= SAME * column.distinct() as f64;
        has_key_name && is_other && column.uniqueness == Uniqueness::No && is_covered && has_values()
    };
    facts.table_of(*to).columns.clone().find(is_natural_key)
}
