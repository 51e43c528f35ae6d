//! Compares columns by samples of the hashes of their values: the least ones, which both samples contain if both
//! columns contain the value.

use super::{
    facts::{ColumnId, Facts},
    type_class::TypeClass,
};
use std::collections::{BTreeMap, HashMap};

/// Values of a column that were looked up in another one.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Overlap {
    /// Values of the referencing column below the limits of both samples.
    pub(super) tested: u64,
    /// Those that the other column has.
    pub(super) found: u64,
}

impl Overlap {
    /// Share of the tested values that were found; `None` if the samples do not meet.
    pub(super) fn share(self) -> Option<f64> {
        (self.tested > 0).then(|| self.found as f64 / self.tested as f64)
    }
}

/// Compares the samples of two columns.
pub(super) fn overlap(facts: &Facts<'_>, from: ColumnId, to: ColumnId) -> Overlap {
    let sample = |id: ColumnId| {
        let profile = facts.columns[id].profile?;
        Some((profile.hashes.as_deref()?, profile.hash_limit.unwrap_or(u64::MAX)))
    };
    let (Some((from, from_limit)), Some((to, to_limit))) = (sample(from), sample(to)) else {
        return Overlap::default();
    };
    let limit = from_limit.min(to_limit);
    let mut rest = to;
    let mut overlap = Overlap::default();
    for hash in from.iter().take_while(|hash| **hash < limit) {
        overlap.tested += 1;
        rest = &rest[rest.partition_point(|other| other < hash)..];
        overlap.found += u64::from(rest.first() == Some(hash));
    }
    overlap
}

/// Number of hashes of a column by which targets are found; a link whose values prove it has all of them.
const PROBES: usize = 24;
/// Share of the probes that a target must have.
const MIN_FOUND: f64 = 0.7;

/// Index of the hashes of possible targets.
pub(super) struct HashIndex<'a> {
    facts: &'a Facts<'a>,
    targets: HashMap<(TypeClass, u64), Vec<ColumnId>>,
    limits: BTreeMap<ColumnId, u64>,
}

impl<'a> HashIndex<'a> {
    /// Indexes the hashes of columns.
    pub(super) fn new(facts: &'a Facts<'a>, columns: &[ColumnId]) -> Self {
        let mut index = Self { facts, targets: HashMap::new(), limits: BTreeMap::new() };
        for id in columns {
            let column = &facts.columns[*id];
            let Some((profile, hashes)) = column.profile.and_then(|all| Some((all, all.hashes.as_ref()?))) else {
                continue;
            };
            index.limits.insert(*id, profile.hash_limit.unwrap_or(u64::MAX));
            for hash in hashes {
                index.targets.entry((column.class, *hash)).or_default().push(*id);
            }
        }
        index
    }

    /// Returns the columns that have most of the least hashes of a column, except for itself.
    pub(super) fn find(&self, from: ColumnId) -> Vec<ColumnId> {
        let column = &self.facts.columns[from];
        let Some(hashes) = column.profile.and_then(|profile| profile.hashes.as_ref()) else { return Vec::new() };
        let probes = &hashes[..hashes.len().min(PROBES)];
        let mut found: BTreeMap<ColumnId, usize> = BTreeMap::new();
        for target in probes.iter().filter_map(|hash| self.targets.get(&(column.class, *hash))).flatten() {
            *found.entry(*target).or_default() += 1;
        }
        let is_contained = |(target, found): &(ColumnId, usize)| {
            let tested = probes.partition_point(|hash| *hash < self.limits[target]);
            *target != from && *found as f64 >= MIN_FOUND * tested as f64
        };
        found.into_iter().filter(is_contained).map(|(target, _)| target).collect()
    }
}
