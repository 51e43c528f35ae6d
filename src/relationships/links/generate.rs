//! Finds possible links of single columns: by names, by hashes, and by joins that people wrote.

use super::{
    by_name::NameIndex,
    candidate::Candidate,
    family::weigh_families,
    heads::Heads,
    rivals::weigh_rivals,
    signals::{Containers, weigh},
    targets::{Target, TargetKind},
    written::WrittenJoins,
};
use crate::relationships::{
    facts::{ColumnId, Facts, Uniqueness},
    names::{self, Named, affinity},
    samples::{HashIndex, overlap},
    surprise::{bits_of_value, expected_surprise},
    type_class::TypeClass,
};
use std::collections::{BTreeMap, BTreeSet};

/// Returns all links that a name, the values or a person speaks for.
pub(in crate::relationships) fn single_links(
    facts: &Facts<'_>,
    targets: &[Target],
    written: &WrittenJoins,
) -> Vec<Candidate> {
    let mut search = Search::new(facts, targets, written);
    let keys: Vec<_> =
        targets.iter().filter(|target| target.kind == TargetKind::Key).map(|target| target.column).collect();
    let mut candidates = Vec::new();
    for from in 0..facts.columns.len() {
        let mut found = search.candidates(from);
        let containers = Containers::of(facts, &found);
        for candidate in &mut found {
            weigh(facts, candidate, &containers);
            weigh_rivals(facts, &keys, candidate);
        }
        candidates.extend(found);
    }
    weigh_families(facts, &mut candidates);
    candidates
}

/// Possible targets of a column beyond which they are copies of one table, such as one for each tenant.
const MAX_COPIES: usize = 32;

struct Search<'a> {
    facts: &'a Facts<'a>,
    kinds: BTreeMap<ColumnId, TargetKind>,
    names: NameIndex<'a>,
    hashes: HashIndex<'a>,
    heads: Heads<'a>,
    written: &'a WrittenJoins,
    /// Targets of joins that people wrote.
    joined: BTreeMap<ColumnId, BTreeSet<ColumnId>>,
}

impl<'a> Search<'a> {
    fn new(facts: &'a Facts<'a>, targets: &[Target], written: &'a WrittenJoins) -> Self {
        let mut joined: BTreeMap<_, BTreeSet<_>> = BTreeMap::new();
        for (from, to) in written.of_size(1..=1) {
            let column = &facts.columns[to[0]];
            if column.profile.is_none() || column.uniqueness != Uniqueness::No {
                joined.entry(from[0]).or_default().insert(to[0]);
            }
        }
        // Only values that can prove something are looked up.
        let proving: Vec<_> = targets.iter().map(|target| target.column).filter(|id| proves(facts, *id)).collect();
        Self {
            facts,
            kinds: targets.iter().map(|target| (target.column, target.kind)).collect(),
            names: NameIndex::new(facts, targets),
            hashes: HashIndex::new(facts, &proving),
            heads: Heads::new(facts, targets),
            written,
            joined,
        }
    }

    fn candidates(&mut self, from: ColumnId) -> Vec<Candidate> {
        let facts = self.facts;
        let column = &facts.columns[from];
        let mut targets = self.joined.get(&from).cloned().unwrap_or_default();
        if column.class.is_key() && column.distinct() > 0 {
            let (named, head) = (self.names.find(column), self.heads.find(from).map(|head| head.column));
            let hashed = if proves(facts, from) { self.hashes.find(from) } else { Vec::new() };
            let near = facts.near_copies(from);
            let is_near = |to: &ColumnId| near.has(facts.columns[*to].table);
            let [named, hashed] = [named, hashed].map(|found| found.into_iter().filter(is_near).collect());
            let others = head.filter(is_near).into_iter().chain(nearest(facts, from, hashed));
            targets.extend(nearest(facts, from, named).into_iter().chain(others));
        }
        targets.into_iter().filter_map(|to| self.candidate(from, to)).collect()
    }

    /// Whether the table of a target has a column of the same name: both refer to another table.
    fn is_sibling(&self, from: ColumnId, to: ColumnId) -> bool {
        let family = &self.facts.columns[from].names.family;
        self.facts.table_of(to).columns.clone().any(|id| id != to && self.facts.columns[id].names.family == *family)
    }

    fn candidate(&self, from: ColumnId, to: ColumnId) -> Option<Candidate> {
        let written = self.written.get(&[from], &[to]);
        let (near, far) = (&self.facts.columns[from], &self.facts.columns[to]);
        if from == to || near.class != far.class && !written.is_some() {
            return None;
        }
        let kind = self.kinds.get(&to).copied().unwrap_or(TargetKind::Attribute);
        let mut candidate = Candidate::new(vec![from], vec![to], kind);
        candidate.overlap = overlap(self.facts, from, to);
        candidate.surprise = expected_surprise(self.facts, from, to, candidate.overlap);
        candidate.name = affinity(
            &near.names,
            names::Target {
                subject: &self.facts.table_of(to).subject,
                column: &far.names,
                is_key: kind == TargetKind::Key,
                is_same_table: near.table == far.table,
            },
        );
        if candidate.name.is_some_and(|name| name.named == Named::PartOfTable) && self.is_sibling(from, to) {
            candidate.name = None;
        }
        candidate.head = self.heads.find(from).filter(|head| head.column == to);
        candidate.written = written;
        // Two attributes with common values do not refer to each other; neither do those of a view.
        let is_attribute = near.uniqueness != Uniqueness::No || self.facts.table_of(from).is_view;
        if kind == TargetKind::Attribute && is_attribute && !candidate.written.is_some() {
            return None;
        }
        // Days of a calendar contain all others: only its key is referred to by dates.
        if near.class == TypeClass::Date && kind != TargetKind::Key {
            return None;
        }
        let has_values = candidate.surprise > 0.0 || candidate.head.is_some();
        let is_supported = candidate.name.is_some() || has_values || candidate.written.is_some();
        is_supported.then_some(candidate)
    }
}

/// Targets to weigh: of many copies those in the schema and the layer of the column, or else the first ones.
fn nearest(facts: &Facts<'_>, from: ColumnId, mut targets: Vec<ColumnId>) -> Vec<ColumnId> {
    if targets.len() > MAX_COPIES {
        if targets.iter().any(|to| facts.is_same_place(from, *to)) {
            targets.retain(|to| facts.is_same_place(from, *to));
        }
        targets.truncate(MAX_COPIES);
    }
    targets
}

/// Whether inclusion of the values in themselves would prove something.
fn proves(facts: &Facts<'_>, id: ColumnId) -> bool {
    let column = &facts.columns[id];
    matches!(column.class, TypeClass::Integer | TypeClass::Text | TypeClass::Uuid)
        && bits_of_value(column, column) > 0.0
}
