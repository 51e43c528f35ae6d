//! Reciprocal rank fusion of lanes (Cormack, Clarke and Büttcher, SIGIR 2009).

use std::collections::HashMap;

/// The constant of the formula: the greater it is, the less the first ranks differ.
const K: f64 = 60.0;

/// The weights of documents in all lanes.
#[derive(Debug, Default)]
pub(super) struct Fusion(HashMap<i64, f64>);

impl Fusion {
    /// Adds a lane: each document gets `weight / (K + rank)`. Equal scores have equal ranks, so that the result does not
    /// depend on the order of the index: that of the last of them, as what many have tells little about one. A document
    /// that a lane has twice counts once.
    pub(super) fn add(&mut self, weight: f64, lane: impl IntoIterator<Item = (i64, f64)>) {
        let mut best: HashMap<i64, f64> = HashMap::new();
        for (id, score) in lane {
            let known = best.entry(id).or_insert(score);
            *known = known.max(score);
        }
        let mut ranked: Vec<_> = best.into_iter().collect();
        ranked.sort_by(|left, right| right.1.total_cmp(&left.1).then(left.0.cmp(&right.0)));
        let mut rank = 0;
        for tied in ranked.chunk_by(|left, right| left.1.total_cmp(&right.1).is_eq()) {
            rank += tied.len();
            for (id, _) in tied {
                *self.0.entry(*id).or_default() += weight / (K + rank as f64);
            }
        }
    }

    /// Multiplies the weight of a document.
    pub(super) fn scale(&mut self, id: i64, factor: f64) {
        self.0.entry(id).and_modify(|weight| *weight *= factor);
    }

    /// Returns the documents with the greatest weights.
    pub(super) fn top(&self, limit: usize) -> Vec<(i64, f64)> {
        let mut all: Vec<_> = self.0.iter().map(|(id, weight)| (*id, *weight)).collect();
        all.sort_by(|left, right| right.1.total_cmp(&left.1).then(left.0.cmp(&right.0)));
        all.truncate(limit);
        all
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn documents_of_several_lanes_come_first_and_ties_are_equal() {
        let mut fusion = Fusion::default();
        fusion.add(1.0, [(1, 9.0), (2, 5.0), (3, 5.0), (4, 1.0)]);
        fusion.add(1.0, [(4, 2.0), (4, 1.0)]);
        assert_eq!(fusion.top(1)[0].0, 4);
        for tied in [2, 3] {
            assert!((fusion.0[&tied] - 1.0 / 63.0).abs() < 1e-12);
        }
        assert!((fusion.0[&4] - (1.0 / 64.0 + 1.0 / 61.0)).abs() < 1e-12);
    }
}
