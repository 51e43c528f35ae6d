//! The words of a query with what the index knows of them.

use super::{
    lanes::{
        parts::{containing, similar},
        words::Words,
    },
    names::{Word, split},
    terms::Terms,
};
use rusqlite::{Connection, Result};
use std::collections::HashMap;

/// Enough rows to know that the index has a word.
const KNOWN: i64 = 1;

/// A word of the query.
#[derive(Debug)]
pub(super) struct AskedWord {
    /// Forms of the word, and of what it may be a misspelling of.
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
        let mut related = containing(database, forms.first().unwrap_or(&word.written))?;
        if !is_known && related.is_empty() {
            let near = similar(database, &word.written)?;
            if !near.is_empty() {
                self.notes.push(format!("No name has the word {}; searched for {}", word.written, near.join(", ")));
            }
            forms.extend(near);
            count = Words::Tables.count(database, &forms, i64::MAX)?;
        } else if !is_known {
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

    /// Returns the share of the query, by weight, that the name of something and the name of its table have, 0 to 1; 0 if
    /// its own name has no word of the query.
    pub(super) fn share(&self, own_name: &str, table: &str) -> f64 {
        let mut found: Vec<_> = split(own_name).iter().filter_map(|word| self.find(&word.canonical)).collect();
        if found.is_empty() {
            return 0.0;
        }
        found.extend(split(table).iter().filter_map(|word| self.find(&word.canonical)));
        found.sort_unstable();
        found.dedup();
        let weight: f64 = found.iter().filter_map(|index| self.words.get(*index)).map(|word| word.weight).sum();
        weight / self.total().max(f64::MIN_POSITIVE)
    }
}
