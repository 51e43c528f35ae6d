//! Finds the targets that a column may name: an index by the last word of names, so that not every pair is compared.

use super::targets::{Target, TargetKind};
use crate::relationships::{
    facts::{ColumnFacts, ColumnId, Facts},
    names::{self, Phrase, affinity, compare, is_person, is_person_role, is_self_reference},
    type_class::TypeClass,
    weights::NAME_OF_TABLE,
};
use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    rc::Rc,
};

/// Targets that share a word with a name beyond which it is a common word.
const MAX_WEAK: usize = 8;
/// Weight of a name that says the table or its key, also in a role and abbreviated.
const STRONG: f64 = NAME_OF_TABLE - 2.0;

/// Targets by the words that the name of a reference to them can end with.
pub(super) struct NameIndex<'a> {
    facts: &'a Facts<'a>,
    keys: BTreeSet<ColumnId>,
    /// Keys of tables of persons.
    persons: Vec<ColumnId>,
    /// Targets by the words of their table and of their column.
    targets: BTreeMap<&'a [String], Vec<ColumnId>>,
    /// Targets that share a word with a name.
    by_word: HashMap<&'a str, Rc<BTreeSet<ColumnId>>>,
    /// Targets of the names that were looked up.
    by_name: HashMap<(&'a [Phrase], TypeClass), Rc<[ColumnId]>>,
}

impl<'a> NameIndex<'a> {
    /// Indexes targets.
    pub(super) fn new(facts: &'a Facts<'a>, targets: &[Target]) -> Self {
        let mut index: BTreeMap<&[String], Vec<ColumnId>> = BTreeMap::new();
        let keys: BTreeSet<_> =
            targets.iter().filter(|target| target.kind == TargetKind::Key).map(|target| target.column).collect();
        for target in targets {
            let column = &facts.columns[target.column];
            let phrases = column.names.phrases.iter().map(|phrase| phrase.core.as_slice());
            for words in phrases.chain([facts.table_of(target.column).subject.as_slice()]) {
                index.entry(words).or_default().push(target.column);
            }
        }
        index.remove(&[][..]);
        let has_persons = |id: &ColumnId| facts.table_of(*id).subject.last().is_some_and(|word| is_person(word));
        let persons = keys.iter().copied().filter(has_persons).collect();
        Self { facts, keys, persons, targets: index, by_word: HashMap::new(), by_name: HashMap::new() }
    }

    /// Returns the targets that a column names. Weak matches, of a part of a name, are returned if there are few and no
    /// others.
    pub(super) fn find(&mut self, column: &'a ColumnFacts<'_>) -> Vec<ColumnId> {
        let name = (column.names.phrases.as_slice(), column.class);
        let named = match self.by_name.get(&name) {
            Some(found) => found.clone(),
            None => {
                let found: Rc<[ColumnId]> = self.compare(column).into();
                self.by_name.insert(name, found.clone());
                found
            }
        };
        named.iter().copied().chain(self.related(column)).collect()
    }

    fn compare(&mut self, column: &'a ColumnFacts<'_>) -> Vec<ColumnId> {
        let last_words: BTreeSet<_> = column.names.phrases.iter().filter_map(|phrase| phrase.core.last()).collect();
        let candidates: BTreeSet<_> =
            last_words.into_iter().flat_map(|word| self.lookup(word).iter().copied().collect::<Vec<_>>()).collect();
        let facts = self.facts;
        let matches: Vec<_> = candidates
            .into_iter()
            .filter(|target| facts.columns[*target].class == column.class)
            .filter_map(|target| Some((target, self.bits(column, target)?)))
            .collect();
        let best = matches.iter().map(|(_, bits)| *bits).fold(0.0, f64::max);
        let is_kept = |bits: f64| bits >= STRONG || best < STRONG && matches.len() <= MAX_WEAK;
        matches.iter().filter(|(_, bits)| is_kept(*bits)).map(|(target, _)| *target).collect()
    }

    fn bits(&self, column: &ColumnFacts<'_>, target: ColumnId) -> Option<f64> {
        let target = names::Target {
            subject: &self.facts.table_of(target).subject,
            column: &self.facts.columns[target].names,
            is_key: self.keys.contains(&target),
            is_same_table: false,
        };
        affinity(&column.names, target).map(|signal| signal.bits)
    }

    fn lookup(&mut self, word: &'a str) -> Rc<BTreeSet<ColumnId>> {
        let targets = &self.targets;
        let found = self.by_word.entry(word).or_insert_with(|| {
            let reference = Phrase { core: vec![word.to_owned()], suffix: None };
            let is_named = |words: &[String]| {
                // The last or the first words of the target, or a compound that ends with the word.
                let ends = (0..words.len()).any(|start| reference.tail(&words[start..]).is_some());
                ends || words.first().is_some_and(|first| compare(word, first).is_some())
                    || words.last().is_some_and(|last| last.ends_with(word))
            };
            let named = targets.iter().filter(|(words, _)| is_named(words));
            Rc::new(named.flat_map(|(_, columns)| columns).copied().collect())
        });
        found.clone()
    }

    /// Keys of the same table and of tables of persons, for names that say a relation.
    fn related(&self, column: &ColumnFacts<'_>) -> Vec<ColumnId> {
        let says = |matches: fn(&str) -> bool| {
            column.names.phrases.iter().any(|phrase| phrase.core.iter().any(|word| matches(word)))
        };
        let own = self.facts.tables[column.table].columns.clone();
        let own = self.keys.range(own).filter(|_| says(is_self_reference) || says(is_person_role));
        own.chain(self.persons.iter().filter(|_| says(is_person_role))).copied().collect()
    }
}
