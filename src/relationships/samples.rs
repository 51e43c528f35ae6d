//! Compares columns by samples of the hashes of their values: the least ones, which both samples contain if both
//! columns contain the value.

use super::facts::{ColumnId, Facts};
use std::collections::BTreeMap;

/// Most hashes of a column that the daemon returns.
const MAX_HASHES: usize = 4096;
/// Hashes of all columns together: 64 MB.
const ALL_HASHES: usize = 8_000_000;

/// Returns the number of hashes of each column to ask the daemon for.
///
/// A column of few values meets the sample of a large table only if that has most of its values.
pub fn hashes_of_column(columns: usize) -> usize {
    (ALL_HASHES / columns.max(1)).min(MAX_HASHES)
}

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
    /// Hashes and the targets that have them, sorted.
    targets: Vec<(u64, ColumnId)>,
}

impl<'a> HashIndex<'a> {
    /// Indexes the hashes of columns.
    pub(super) fn new(facts: &'a Facts<'a>, columns: &[ColumnId]) -> Self {
        let hashes = |id: ColumnId| facts.columns[id].profile.and_then(|profile| profile.hashes.as_deref());
        let pairs = columns.iter().flat_map(|id| hashes(*id).unwrap_or_default().iter().map(|hash| (*hash, *id)));
        let mut targets: Vec<_> = pairs.collect();
        targets.sort_unstable();
        Self { facts, targets }
    }

    /// Returns the columns that have most of the least hashes of a column, except for itself.
    pub(super) fn find(&self, from: ColumnId) -> Vec<ColumnId> {
        let column = &self.facts.columns[from];
        let Some(hashes) = column.profile.and_then(|profile| profile.hashes.as_ref()) else { return Vec::new() };
        let probes = &hashes[..hashes.len().min(PROBES)];
        let mut found: BTreeMap<ColumnId, usize> = BTreeMap::new();
        for target in probes.iter().flat_map(|hash| self.columns_with(*hash)) {
            if self.facts.columns[target].class == column.class {
                *found.entry(target).or_default() += 1;
            }
        }
        let limit = |id: ColumnId| self.facts.columns[id].profile.and_then(|profile| profile.hash_limit);
        let is_contained = |(target, found): &(ColumnId, usize)| {
            let tested = probes.partition_point(|hash| *hash < limit(*target).unwrap_or(u64::MAX));
            *target != from && *found as f64 >= MIN_FOUND * tested as f64
        };
        found.into_iter().filter(is_contained).map(|(target, _)| target).collect()
    }

    fn columns_with(&self, hash: u64) -> impl Iterator<Item = ColumnId> {
        let start = self.targets.partition_point(|(other, _)| *other < hash);
        self.targets[start..].iter().take_while(move |(other, _)| *other == hash).map(|(_, column)| *column)
    }
}
