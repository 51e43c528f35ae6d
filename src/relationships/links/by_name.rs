//! Finds the targets that a column may name: an index by the last word of names, so that not every pair is compared.

use super::targets::Target;
use crate::relationships::{
    facts::{ColumnId, Facts},
    names::{Phrase, compare, is_person_role, is_self_reference},
};
use std::collections::{BTreeMap, BTreeSet};

/// Targets by the words that the name of a reference to them can end with.
pub(super) struct NameIndex<'a> {
    /// Targets by the words of their table and of their column, each a phrase with its last word.
    targets: BTreeMap<&'a [String], Vec<ColumnId>>,
    /// Targets of each word that was looked up.
    cache: BTreeMap<String, BTreeSet<ColumnId>>,
}

impl<'a> NameIndex<'a> {
    /// Indexes targets.
    pub(super) fn new(facts: &'a Facts<'_>, targets: &[Target]) -> Self {
        let mut index: BTreeMap<&[String], Vec<ColumnId>> = BTreeMap::new();
        for target in targets {
            let column = &facts.columns[target.column];
            let phrases = column.names.phrases.iter().map(|phrase| phrase.core.as_slice());
            for words in phrases.chain([facts.table_of(target.column).subject.as_slice()]) {
                index.entry(words).or_default().push(target.column);
            }
        }
        index.remove(&[][..]);
        Self { targets: index, cache: BTreeMap::new() }
    }

    /// Returns the targets that phrases can name. Relations to persons can name every table of persons.
    pub(super) fn find(&mut self, phrases: &[Phrase]) -> BTreeSet<ColumnId> {
        let last_words = phrases.iter().filter_map(|phrase| phrase.core.last()).collect::<BTreeSet<_>>();
        last_words.into_iter().flat_map(|word| self.lookup(word)).collect()
    }

    fn lookup(&mut self, word: &str) -> BTreeSet<ColumnId> {
        let targets = &self.targets;
        let found = self.cache.entry(word.to_owned()).or_insert_with(|| {
            let reference = Phrase { core: vec![word.to_owned()], suffix: None };
            let is_named = |words: &[String]| {
                // The last or the first words of the target, or a compound that ends with the word.
                let ends = (0..words.len()).any(|start| reference.tail(&words[start..]).is_some());
                ends || words.first().is_some_and(|first| compare(word, first).is_some())
                    || words.last().is_some_and(|last| last.ends_with(word))
            };
            let named = targets.iter().filter(|(words, _)| is_named(words));
            named.flat_map(|(_, columns)| columns).copied().collect()
        });
        found.clone()
    }
}

/// Whether the name says a relation to another row or a person, so that its target has another name.
pub(super) fn is_relation(phrases: &[Phrase]) -> bool {
    let is_relation = |word: &String| is_self_reference(word) || is_person_role(word);
    phrases.iter().any(|phrase| phrase.core.iter().any(is_relation))
}
