//! Joins that people wrote, by pair of columns.

use crate::relationships::{
    detection::{Evidence, Signal},
    facts::{ColumnId, Facts},
    input::{JoinOrigin, WrittenJoin},
    weights::WRITTEN,
};
use std::collections::BTreeMap;

/// How often a join was written, by where it was found.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(in crate::relationships) struct Written(BTreeMap<JoinOrigin, u64>);

/// All joins, in both directions.
#[derive(Debug, Default)]
pub(in crate::relationships) struct WrittenJoins(BTreeMap<(Vec<ColumnId>, Vec<ColumnId>), Written>);

impl WrittenJoins {
    /// Collects joins; those of columns that the scan does not have are left out.
    pub(in crate::relationships) fn new(facts: &Facts<'_>, joins: &[WrittenJoin]) -> Self {
        let mut written = Self::default();
        for join in joins.iter().filter(|join| join.left.columns.len() == join.right.columns.len()) {
            let (Some(left), Some(right)) = (facts.find(&join.left), facts.find(&join.right)) else { continue };
            let mut pairs: Vec<_> = left.into_iter().zip(right).collect();
            for _ in 0..2 {
                pairs.sort_unstable();
                let counts = &mut written.0.entry(pairs.iter().copied().unzip()).or_default().0;
                *counts.entry(join.origin).or_default() += join.count;
                pairs = pairs.into_iter().map(|(near, far)| (far, near)).collect();
            }
        }
        // A join of a column with itself has one direction.
        written.0.retain(|(from, to), _| from != to);
        written
    }

    /// Returns the joins from some columns to others.
    pub(in crate::relationships) fn get(&self, from: &[ColumnId], to: &[ColumnId]) -> Written {
        let mut pairs: Vec<_> = from.iter().copied().zip(to.iter().copied()).collect();
        pairs.sort_unstable();
        self.0.get(&pairs.into_iter().unzip()).cloned().unwrap_or_default()
    }

    /// All joins of a number of columns, in both directions.
    pub(in crate::relationships) fn of_size(
        &self,
        columns: std::ops::RangeInclusive<usize>,
    ) -> Vec<(&[ColumnId], &[ColumnId])> {
        let joins = self.0.keys().filter(|(from, _)| columns.contains(&from.len()));
        joins.map(|(from, to)| (from.as_slice(), to.as_slice())).collect()
    }
}

impl Written {
    /// Whether there is such a join.
    pub(in crate::relationships) fn is_some(&self) -> bool {
        !self.0.is_empty()
    }

    /// The evidence; `None` without a join.
    pub(in crate::relationships) fn evidence(&self) -> Option<Evidence> {
        let describe = |(origin, count): (&JoinOrigin, &u64)| {
            let (one, several) = match origin {
                JoinOrigin::View => ("definition of a view", "definitions of views"),
                JoinOrigin::QueryHistory => ("statement of the query history", "statements of the query history"),
                JoinOrigin::Model => ("imported model", "imported models"),
            };
            format!("{count} {}", if *count == 1 { one } else { several })
        };
        let places: Vec<_> = self.0.iter().map(describe).collect();
        self.is_some().then(|| Evidence::new(Signal::Written, format!("Joined in {}", places.join(" and ")), WRITTEN))
    }
}
