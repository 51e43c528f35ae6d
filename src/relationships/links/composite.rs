//! Possible links of several columns: each column of a composite key has a column that names it.

use super::{candidate::Candidate, signals::weigh_copy, targets::TargetKind, written::WrittenJoins};
use crate::relationships::{
    detection::{Evidence, Signal},
    facts::{ColumnId, Facts},
    names::{self, NameSignal, Named, Phrase, affinity},
    samples::overlap,
    type_class::TypeClass,
    weights::REFUTED_VALUES,
};
use std::collections::{BTreeMap, BTreeSet};

/// Columns of each table that name a column of a key, the best one first.
type Matches = BTreeMap<usize, Vec<(ColumnId, NameSignal)>>;

/// Most links of a table to one key, as of matches with a winner and a loser.
const MAX_ROLES: usize = 4;

/// Returns links to composite keys: those that names speak for, and joins that people wrote.
///
/// Only a key that names its table, as that of `order_lines` by `order_id` and `line_no`, identifies something that
/// others refer to. Tables of one grain have the same columns, too, and do not refer to each other.
pub(in crate::relationships) fn composite_links(
    facts: &Facts<'_>,
    keys: &[Vec<ColumnId>],
    written: &WrittenJoins,
) -> Vec<Candidate> {
    let index = ColumnIndex::new(facts);
    let is_target = |key: &&Vec<ColumnId>| !facts.table_of(key[0]).is_view && names_its_table(facts, key);
    let mut candidates: Vec<_> = keys.iter().filter(is_target).flat_map(|key| index.links(key)).collect();
    let known: BTreeSet<_> = candidates.iter().map(|link| sorted_pairs(&link.from, &link.to)).collect();
    for (from, to) in written.of_size(2..=usize::MAX) {
        if !known.contains(&sorted_pairs(from, to)) {
            candidates.push(Candidate::new(from.to_vec(), to.to_vec(), TargetKind::Key));
        }
    }
    for candidate in &mut candidates {
        candidate.written = written.get(&candidate.from, &candidate.to);
        candidate.evidence.extend(candidate.written.evidence());
        weigh_copy(facts, candidate);
    }
    candidates.retain(|link| {
        let is_near = || facts.near_copies(link.from[0]).has(facts.columns[link.to[0]].table);
        link.written.is_some() || is_near()
    });
    candidates
}

fn sorted_pairs(from: &[ColumnId], to: &[ColumnId]) -> Vec<(ColumnId, ColumnId)> {
    let mut pairs: Vec<_> = from.iter().copied().zip(to.iter().copied()).collect();
    pairs.sort_unstable();
    pairs
}

/// Columns by the last word of their names.
struct ColumnIndex<'a> {
    facts: &'a Facts<'a>,
    columns: BTreeMap<(&'a str, TypeClass), Vec<ColumnId>>,
}

impl<'a> ColumnIndex<'a> {
    fn new(facts: &'a Facts<'a>) -> Self {
        let mut columns: BTreeMap<_, Vec<_>> = BTreeMap::new();
        for (id, column) in facts.columns.iter().enumerate() {
            let last = column.names.phrases.last().and_then(|phrase| phrase.core.last());
            if let Some(word) = last.filter(|_| !facts.table_of(id).is_view) {
                columns.entry((word.as_str(), column.class)).or_default().push(id);
            }
        }
        Self { facts, columns }
    }

    /// Matches each column of a key with the columns of other tables.
    fn links(&self, key: &[ColumnId]) -> Vec<Candidate> {
        let matches: Vec<_> = key.iter().map(|part| self.matches(*part)).collect();
        let Some((first, others)) = matches.split_first() else { return Vec::new() };
        let tables = first.keys().filter(|table| others.iter().all(|other| other.contains_key(table)));
        let link = |table: &usize, role: usize| {
            let parts: Vec<_> = matches.iter().map(|parts| parts[table].as_slice()).collect();
            let chosen = parts.iter().map(|part| part[role.min(part.len() - 1)]).collect();
            let roles = parts.iter().map(|part| part.len()).max().unwrap_or(0);
            if role < roles { self.link(key, chosen) } else { None }
        };
        tables.flat_map(|table| (0..MAX_ROLES).filter_map(move |role| link(table, role))).collect()
    }

    fn matches(&self, part: ColumnId) -> Matches {
        let far = &self.facts.columns[part];
        let last = far.names.phrases.last().and_then(|phrase| phrase.core.last());
        let columns = last.and_then(|word| self.columns.get(&(word.as_str(), far.class)));
        let mut matches = Matches::new();
        for id in columns.into_iter().flatten().filter(|id| self.facts.columns[**id].table != far.table) {
            let target = names::Target { subject: &[], column: &far.names, is_key: false, is_same_table: false };
            let signal = affinity(&self.facts.columns[*id].names, target);
            let share = overlap(self.facts, *id, part).share().filter(|_| !self.facts.table_of(part).is_sampled);
            let is_refuted = share.is_some_and(|share| share < 1.0 - REFUTED_VALUES);
            let Some(signal) = signal.filter(|signal| is_same_name(*signal) && !is_refuted) else { continue };
            matches.entry(self.facts.columns[*id].table).or_default().push((*id, signal));
        }
        for columns in matches.values_mut() {
            columns.sort_by(|(_, left), (_, right)| right.bits.total_cmp(&left.bits));
        }
        matches
    }

    fn link(&self, key: &[ColumnId], parts: Vec<(ColumnId, NameSignal)>) -> Option<Candidate> {
        let from: Vec<_> = parts.iter().map(|(column, _)| *column).collect();
        let is_distinct = (1..from.len()).all(|index| !from[..index].contains(&from[index]));
        let weakest = parts.into_iter().map(|(_, signal)| signal);
        let weakest = weakest.reduce(|least, other| if other.bits < least.bits { other } else { least })?;
        let label =
            |columns: &[ColumnId]| columns.iter().map(|id| self.facts.columns[*id].name).collect::<Vec<_>>().join(", ");
        let text = format!("{} name the columns of the key {}", label(&from), label(key));
        let mut candidate = Candidate::new(from, key.to_vec(), TargetKind::Key);
        candidate.name = Some(weakest);
        candidate.evidence.push(Evidence::new(Signal::Name, text, weakest.bits));
        is_distinct.then_some(candidate)
    }
}

fn is_same_name(signal: NameSignal) -> bool {
    matches!(signal.named, Named::Key | Named::SameName)
}

/// Whether a column names the table, as `team_id` does `teams`, or the columns name all words of the table.
fn names_its_table(facts: &Facts<'_>, key: &[ColumnId]) -> bool {
    let subject = &facts.table_of(key[0]).subject;
    let phrases = || key.iter().flat_map(|id| &facts.columns[*id].names.phrases);
    let is_named = |words: &[String]| phrases().any(|phrase| phrase.tail(words).is_some());
    let last_phrases = key.iter().filter_map(|id| facts.columns[*id].names.phrases.last());
    let words: Vec<_> = last_phrases.flat_map(|phrase| phrase.core.clone()).collect();
    let compound = Phrase { core: vec![subject.concat()], suffix: None };
    is_named(subject)
        || subject.iter().all(|word| is_named(std::slice::from_ref(word)))
        || compound.tail(&words).is_some()
}
