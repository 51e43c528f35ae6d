//! Columns of one name in several tables refer to the same target: its head.

use super::candidate::Candidate;
use crate::relationships::{
    detection::{Evidence, Signal},
    facts::{ColumnId, Facts, Uniqueness},
    weights::{FAMILY, REFUTED_VALUES},
};
use std::collections::BTreeMap;

/// Adds evidence to candidates whose family has another member that the target contains, and none that it does not.
pub(super) fn weigh_families(facts: &Facts<'_>, candidates: &mut [Candidate]) {
    let mut members: BTreeMap<(&str, ColumnId), (usize, usize)> = BTreeMap::new();
    for candidate in candidates.iter().filter(|candidate| !is_key(facts, candidate)) {
        let (contained, other) = members.entry(family(facts, candidate)).or_default();
        *(if is_contained(candidate) { contained } else { other }) += 1;
    }
    for candidate in candidates {
        let (contained, other) = members.get(&family(facts, candidate)).copied().unwrap_or_default();
        if contained > 1 && other == 0 && !is_key(facts, candidate) {
            let text = format!("{} columns of this name have values of the same target", contained);
            candidate.evidence.push(Evidence::new(Signal::Family, text, FAMILY));
        }
    }
}

/// The key of another table has the name by its own right.
fn is_key(facts: &Facts<'_>, candidate: &Candidate) -> bool {
    facts.columns[candidate.from[0]].uniqueness != Uniqueness::No
}

fn family<'a>(facts: &'a Facts<'_>, candidate: &Candidate) -> (&'a str, ColumnId) {
    (facts.columns[candidate.from[0]].names.family.as_str(), candidate.to[0])
}

fn is_contained(candidate: &Candidate) -> bool {
    candidate.overlap.share().is_none_or(|share| share >= 1.0 - REFUTED_VALUES)
}
