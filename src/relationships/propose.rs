//! The first step: what has to be counted before anything is decided.

use super::{
    checked::checked_links,
    declared::declared_links,
    detection::{Signal, round},
    facts::{ColumnId, Facts, Uniqueness},
    input::{Answer, Input, LinkColumns, TableColumns},
    keys::{CompositeKey, SingleKey, composite_keys, single_keys},
    links::{Candidate, TargetKind, WrittenJoins, composite_links, single_links, targets},
    weights::{KEY_ACCEPT, KEY_REVIEW, MAX_COVERAGE, PRIOR, REFUTED_VALUES, Weights},
};
use std::collections::{BTreeMap, BTreeSet};

/// Most targets of the same columns that are counted.
const MAX_TARGETS: usize = 3;
/// Bits by which a target may be less probable than the best one to be counted as well: the counts change less.
const RIVAL: f64 = 4.0;

/// What the database counts, and what [`Proposal::conclude`] needs to decide with the counts.
#[derive(Debug)]
pub struct Proposal<'a> {
    pub(super) facts: Facts<'a>,
    pub(super) weights: Weights,
    /// Unique columns of each table, the most probable key first.
    pub(super) singles: Vec<Vec<SingleKey>>,
    /// Possible composite keys of each table.
    pub(super) composites: Vec<Vec<CompositeKey>>,
    /// Columns whose name refers to another table.
    pub(super) references: BTreeSet<ColumnId>,
    /// Keys to count.
    pub(super) counted_keys: Vec<Vec<ColumnId>>,
    /// Links to count.
    pub(super) counted_links: Vec<Candidate>,
    /// Links that are accepted without a proof; counted after the others.
    pub(super) checked_links: Vec<(Vec<ColumnId>, Vec<ColumnId>)>,
    /// Links that the samples refute, though the names speak for them.
    pub(super) refuted_links: Vec<Candidate>,
    pub(super) declared_links: Vec<(Vec<ColumnId>, Vec<ColumnId>)>,
    pub(super) decided_links: BTreeMap<(Vec<ColumnId>, Vec<ColumnId>), Answer>,
    pub(super) decided_keys: BTreeMap<Vec<ColumnId>, Answer>,
}

/// Finds possible keys and links, and selects those that are counted: what the samples do not refute, and what would
/// be at least worth a review.
pub fn propose(input: &Input, weights: Weights) -> Proposal<'_> {
    let facts = Facts::new(input);
    let decided_keys: BTreeMap<_, _> = input
        .decisions
        .keys
        .iter()
        .filter_map(|decision| Some((facts.find(&decision.key)?, decision.answer)))
        .collect();
    let decided_links: BTreeMap<_, _> = input
        .decisions
        .relationships
        .iter()
        .filter_map(|decision| {
            Some(((facts.find(&decision.link.from)?, facts.find(&decision.link.to)?), decision.answer))
        })
        .filter(|((from, to), _)| from != to && from.len() == to.len())
        .collect();
    let singles = decided_singles(&facts, &decided_keys);
    let mut proposal = Proposal {
        weights,
        declared_links: declared_links(&facts),
        composites: Vec::new(),
        references: BTreeSet::new(),
        counted_keys: Vec::new(),
        counted_links: Vec::new(),
        checked_links: checked_links(&facts, &decided_links),
        refuted_links: Vec::new(),
        decided_links,
        decided_keys,
        singles,
        facts,
    };
    proposal.propose_links(&WrittenJoins::new(&proposal.facts, &input.joins));
    proposal.check_keys();
    proposal
}

/// The unique columns of each table: those that the user has accepted first, and without those that were rejected.
fn decided_singles(facts: &Facts<'_>, decided: &BTreeMap<Vec<ColumnId>, Answer>) -> Vec<Vec<SingleKey>> {
    let mut singles = single_keys(facts);
    for (table, keys) in singles.iter_mut().enumerate() {
        let answer = |key: &SingleKey| decided.get(&[key.column][..]).copied();
        let primary_key = facts.primary_key(table);
        keys.retain(|key| primary_key == [key.column] || answer(key) != Some(Answer::Rejected));
        for key in keys.iter_mut() {
            if primary_key == [key.column] || answer(key) == Some(Answer::Accepted) {
                key.bits += DECIDED;
            }
        }
        keys.sort_by(|left, right| right.bits.total_cmp(&left.bits));
    }
    singles
}

/// Weight of a declaration or a decision: more than all signals of a key together.
const DECIDED: f64 = 100.0;

impl Proposal<'_> {
    /// Keys to count, in the order of the counts that [`Self::conclude`] expects.
    pub fn keys(&self) -> Vec<TableColumns> {
        self.counted_keys.iter().map(|columns| self.facts.describe(columns)).collect()
    }

    /// Links to count, in the order of the counts that [`Self::conclude`] expects.
    pub fn links(&self) -> Vec<LinkColumns> {
        let proposed = self.counted_links.iter().map(|link| (&link.from, &link.to));
        let links = proposed.chain(self.checked_links.iter().map(|(from, to)| (from, to)));
        let describe = |columns: &[ColumnId]| self.facts.describe(columns);
        links.map(|(from, to)| LinkColumns { from: describe(from), to: describe(to) }).collect()
    }

    /// Adds the keys that the user has accepted to those that are counted.
    fn check_keys(&mut self) {
        let accepted = self.decided_keys.iter().filter(|(_, answer)| **answer == Answer::Accepted);
        let known: BTreeSet<_> = self.counted_keys.iter().cloned().collect();
        self.counted_keys.extend(accepted.map(|(key, _)| key).filter(|key| !known.contains(*key)).cloned());
    }

    fn propose_links(&mut self, written: &WrittenJoins) {
        let targets = targets(&self.facts, &self.singles);
        let mut candidates = single_links(&self.facts, &targets, written);
        self.propose_keys(&candidates);
        candidates.extend(composite_links(&self.facts, &self.composite_keys(), written));
        self.select_links(candidates);
    }

    /// Composite keys, declared, decided and possible ones.
    fn composite_keys(&self) -> Vec<Vec<ColumnId>> {
        let tables = 0..self.facts.tables.len();
        let declared = tables.flat_map(|table| {
            let unique = self.facts.unique_keys(table);
            unique.into_iter().chain([self.facts.primary_key(table)])
        });
        let decided = self.decided_keys.iter().filter(|(_, answer)| **answer == Answer::Accepted);
        let found = self.composites.iter().flatten().map(|key| &key.columns);
        let keys: BTreeSet<_> = declared.chain(decided.map(|(key, _)| key).chain(found).cloned()).collect();
        keys.into_iter().filter(|key| key.len() > 1).collect()
    }

    /// Selects the keys to count: of each table the most probable single one, or several composite ones.
    fn propose_keys(&mut self, links: &[Candidate]) {
        self.references = links.iter().filter(|link| link.name.is_some()).map(|link| link.from[0]).collect();
        for table in 0..self.facts.tables.len() {
            let mut composites = Vec::new();
            let best = self.singles[table].first().filter(|key| key.bits >= KEY_ACCEPT);
            if !self.facts.primary_key(table).is_empty() || self.facts.tables[table].is_view {
                // Declared keys are not counted; a view has the rows of tables.
            } else if let Some(key) = best {
                let is_uncertain = self.facts.columns[key.column].uniqueness == Uniqueness::Likely;
                self.counted_keys.extend(is_uncertain.then(|| vec![key.column]));
            } else if self.singles[table].iter().all(|key| key.bits < KEY_REVIEW) {
                composites = composite_keys(&self.facts, table, |id| self.references.contains(&id));
                composites.retain(|key| !self.decided_keys.contains_key(&key.columns));
                self.counted_keys.extend(self.likely_parts(&composites));
                self.counted_keys.extend(composites.iter().map(|key| key.columns.clone()));
            }
            self.composites.push(composites);
        }
    }

    /// Parts of composite keys that may be unique alone, so that the keys would not be minimal.
    fn likely_parts(&self, keys: &[CompositeKey]) -> BTreeSet<Vec<ColumnId>> {
        let is_likely = |id: &ColumnId| self.facts.columns[*id].uniqueness == Uniqueness::Likely;
        keys.iter().flat_map(|key| &key.columns).copied().filter(is_likely).map(|id| vec![id]).collect()
    }

    fn select_links(&mut self, candidates: Vec<Candidate>) {
        let declared: BTreeSet<_> = self.declared_links.iter().map(|(from, _)| from.clone()).collect();
        let mut by_columns: BTreeMap<Vec<ColumnId>, Vec<Candidate>> = BTreeMap::new();
        for candidate in candidates {
            let is_decided = self.decided_links.contains_key(&(candidate.from.clone(), candidate.to.clone()));
            if is_decided || declared.contains(&candidate.from) {
                continue;
            }
            if self.is_refuted(&candidate) {
                self.refuted_links.extend(Some(candidate).filter(is_named_alone));
            } else if self.bits(&candidate, 1.0) >= self.weights.review {
                by_columns.entry(candidate.from.clone()).or_default().push(candidate);
            }
        }
        for (_, mut candidates) in by_columns {
            candidates.sort_by(|left, right| self.bits(right, 1.0).total_cmp(&self.bits(left, 1.0)));
            let best = candidates.first().map_or(0.0, |best| self.bits(best, 1.0));
            candidates.retain(|other| best - self.bits(other, 1.0) < RIVAL);
            candidates.truncate(MAX_TARGETS);
            self.counted_links.extend(candidates);
        }
    }

    /// Whether many of the sampled values are not in the target.
    fn is_refuted(&self, candidate: &Candidate) -> bool {
        let is_sampled = self.facts.table_of(candidate.to[0]).is_sampled;
        !is_sampled && candidate.overlap.share().is_some_and(|share| share < 1.0 - REFUTED_VALUES)
    }

    /// Logarithm of the odds of a link which refers to a share of its target's rows.
    pub(super) fn bits(&self, candidate: &Candidate, coverage: f64) -> f64 {
        let evidence = candidate.evidence.iter().filter(|evidence| evidence.kind != Signal::Inclusion);
        round(PRIOR + evidence.map(|evidence| evidence.value).sum::<f64>() + MAX_COVERAGE * coverage)
    }
}

/// Whether only the name of a column says that it refers to a key, without a doubt.
fn is_named_alone(candidate: &Candidate) -> bool {
    let is_key = candidate.kind == TargetKind::Key;
    let has_doubts = candidate.evidence.iter().any(|evidence| evidence.value < 0.0);
    let is_named = candidate.name.is_some_and(|name| PRIOR + name.bits >= 0.0);
    is_key && is_named && !has_doubts || candidate.written.is_some()
}
