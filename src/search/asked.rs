//! The words of a query with what the index knows of them.

use super::{
    lanes::{
        abbreviated::{abbreviated, abbreviations},
        parts::{containing, similar},
        words::Words,
    },
    names::{Word, split},
    terms::Terms,
};
use rusqlite::{Connection, Result};
use std::collections::{BTreeSet, HashMap};

/// Enough rows to know that the index has a word.
const KNOWN: i64 = 1;
/// What a word of the name of a table counts beside one of the own name.
const IN_TABLE: f64 = 0.7;

/// A word of the query.
#[derive(Debug)]
pub(super) struct AskedWord {
    /// Forms of the word, and of what it may be a misspelling or an abbreviation of.
    pub(super) forms: Vec<String>,
    /// Words of the index that contain it.
    pub(super) related: Vec<String>,
    /// Inverse document frequency among tables: how much the word tells.
    pub(super) weight: f64,
}

/// All words of a query.
#[derive(Debug, Default)]
pub(super) struct Asked {
    pub(super) words: Vec<AskedWord>,
    /// Corrections, as sentences.
    pub(super) notes: Vec<String>,
    /// Index in `words` by form.
    by_form: HashMap<String, usize>,
}

impl Asked {
    /// Looks up the words of a query.
    pub(super) fn new(database: &Connection, terms: &Terms) -> Result<Self> {
        let tables: i64 = database.query_row("SELECT count(*) FROM tables", [], |row| row.get(0))?;
        let mut asked = Self::default();
        for word in &terms.words {
            asked.add(database, word, tables)?;
        }
        Ok(asked)
    }

    fn add(&mut self, database: &Connection, word: &Word, tables: i64) -> Result<()> {
        let mut forms = word.forms();
        let mut count = Words::Tables.count(database, &forms, i64::MAX)?;
        let is_known = count > 0 || Words::Items.count(database, &forms, KNOWN)? > 0;
        let own = forms.first().unwrap_or(&word.written).clone();
        let mut related = containing(database, &own)?;
        let is_replaced = !is_known && related.is_empty();
        if is_replaced {
            related = similar(database, &word.written)?;
        }
        if !is_known {
            add_missing(&mut related, abbreviations(database, &own)?);
            add_missing(&mut related, abbreviated(database, &own)?);
            if is_replaced && !related.is_empty() {
                self.notes.push(format!("No name has the word {}; searched for {}", word.written, related.join(", ")));
            }
            forms.append(&mut related);
            count = Words::Tables.count(database, &forms, i64::MAX)?;
        }
        for form in &forms {
            self.by_form.entry(form.clone()).or_insert(self.words.len());
        }
        let (count, tables) = (count as f64, tables as f64);
        let weight = (1.0 + (tables - count + 0.5).max(0.0) / (count + 0.5)).ln();
        self.words.push(AskedWord { forms, related, weight });
        Ok(())
    }

    /// Returns the index of the word of the query that a canonical word of the index matches.
    pub(super) fn find(&self, canonical: &str) -> Option<usize> {
        self.by_form.get(canonical).copied()
    }

    /// Returns the weight of all words.
    pub(super) fn total(&self) -> f64 {
        self.words.iter().map(|word| word.weight).sum()
    }

    /// Returns the share of the query, by weight, that the name of something has, and in part that of its table, 0 to 1; 0
    /// if its own name has no word of the query.
    pub(super) fn share(&self, own_name: &str, table: &str) -> f64 {
        let found = |name: &str| -> BTreeSet<usize> {
            split(name).iter().filter_map(|word| self.find(&word.canonical)).collect()
        };
        let (own, of_table) = (found(own_name), found(table));
        if own.is_empty() {
            return 0.0;
        }
        let weight = |index: &usize| self.words.get(*index).map_or(0.0, |word| word.weight);
        let sum: f64 = own.iter().map(weight).sum();
        let rest: f64 = of_table.difference(&own).map(weight).sum();
        (sum + IN_TABLE * rest) / self.total().max(f64::MIN_POSITIVE)
    }
}

fn add_missing(words: &mut Vec<String>, others: Vec<String>) {
    for other in others {
        if !words.contains(&other) {
            words.push(other);
        }
    }
}
